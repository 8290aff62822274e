"""The cell of a table, the page behind it, the measure and `compare` say one thing of one pair of layers."""

from __future__ import annotations

import copy
import gc
import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from scipy.special import expit, log_softmax, softmax

import conjugacy as cj
from conjugacy.results import AxisVerdict

pytestmark = pytest.mark.usefixtures("short_curves")
M = 90
RNG = np.random.default_rng(7)
X = RNG.normal(size=(M, 3))
TURN = np.linalg.qr(RNG.normal(size=(6, 6)))[0]
H1 = np.tanh(X @ RNG.normal(size=(3, 6)))
H2 = np.tanh(H1 @ RNG.normal(size=(6, 6)))
H3 = np.tanh(1.5 * H2 @ RNG.normal(size=(6, 5)))
LOGITS = 2.0 * H3 @ RNG.normal(size=(5, 3))
MORE = {"stimuli": np.arange(M), "inputs": X}

Arrays = Mapping[str, np.ndarray]
THREE = {"h1": H1, "h2": H2, "h3": H3, "outputs": LOGITS}
OTHER = {"h1": H1, "h2": H2 @ TURN + 1, "outputs": LOGITS + 0.1 * RNG.normal(size=LOGITS.shape)}

CASES: dict[str, tuple[Arrays, Arrays, tuple[str, str]]] = {
    "equal names": ({"h1": H1, "h2": H2, "outputs": LOGITS}, OTHER, ("h2", "h2")),
    "other names": ({"stem": H1, "body": H2, "outputs": LOGITS}, OTHER, ("body", "h2")),
    "one network deeper": (THREE, OTHER, ("h3", "h2")),
    "last layer equal to the outputs": ({**THREE, "fc": LOGITS, "outputs": LOGITS}, OTHER, ("h3", "h2")),
    "last layer equal up to rounding": ({**THREE, "fc": LOGITS.astype(np.float16)}, OTHER, ("h3", "h2")),
    "last layers equal before softmax": (
        {"h3": H3, "fc": LOGITS, "outputs": softmax(LOGITS, axis=1)},
        {"h2": H2, "head": LOGITS, "logp": log_softmax(LOGITS, axis=1), "outputs": LOGITS + RNG.normal(size=(M, 1))},
        ("h3", "h2"),
    ),
    "last layer equal before a sigmoid": ({"h2": H2, "fc": LOGITS, "outputs": expit(LOGITS)}, OTHER, ("h2", "h2")),
    "a layer that repeats another": ({**THREE, "copy": H2}, {**OTHER, "copy": H1}, ("copy", "copy")),
    "a layer as wide as the outputs and not they": ({"h2": H2, "h": np.tanh(LOGITS)}, {"k": H1}, ("h", "k")),
    "one layer each": ({"only": H2}, {"alone": H2 @ TURN}, ("only", "alone")),
}


def recording(arrays: Arrays, name: str) -> cj.Recording:
    ordered = {
        **{k: v for k, v in arrays.items() if k != "outputs"},
        **{k: arrays[k] for k in ("outputs",) if k in arrays},
    }
    return cj.Recording.from_arrays(ordered, name=name, **MORE)


def has_outputs(case: str) -> bool:
    return all("outputs" in arrays for arrays in CASES[case][:2])


def told(study: cj.Study, axis: str) -> dict[str, object]:
    measure = "verdict" if axis == "representation" else "verdict:axis=function"
    at = {"measure": measure, "layer_pair": study.layer_pairs[0 if axis == "representation" else -1]}
    numbers = {name: study.table(name, **at)[0, 1] for name in ("value", "low", "high")}
    return {"answer": study.dataset.attrs["states"][study.table("status", **at)[0, 1]], **numbers}


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES)
def test_table_page_measure_and_comparison_agree(case: str) -> None:
    first, second, layers = CASES[case]
    a, b = recording(first, "a"), recording(second, "b")
    measures = {"representation": "verdict", **({"function": "verdict:axis=function"} if has_outputs(case) else {})}
    study = cj.pairwise([a, b], measures=list(measures.values()))
    whole, page = cj.compare(a, b, controls="none"), study.pair("a", "b")
    for axis, name in measures.items():
        cell, score = told(study, axis), cj.get_measure(name)(a, b)
        for found in (whole, page):
            say_the_same(getattr(found.verdict, axis), score)
        assert cell["answer"] == score.details["answer"]
        numbers = [cell[k] for k in ("value", "low", "high")]
        assert numbers == pytest.approx([score.value, *score.interval], rel=1e-9, abs=1e-15)
    for found in (whole, page):
        assert found.verdict.representation.layers == layers
        assert "the deepest hidden layer of each network" in found.verdict.representation.layer_choice


def say_the_same(verdict: AxisVerdict, score: cj.Score) -> None:
    assert (verdict.answer, verdict.rung) == (score.details["answer"], score.details["rung"])
    at = verdict.rung_result(score.details["valued"])
    worse = max(at.a_to_b, at.b_to_a, key=lambda e: e.unexplained)
    assert worse.unexplained == pytest.approx(score.value, rel=1e-9, abs=1e-15)
    assert (worse.low, worse.high) == pytest.approx(score.interval, rel=1e-9, abs=1e-15)


def test_the_choice_stands_wherever_the_answer_does(tmp_path: Path) -> None:
    first, second, _ = CASES["last layer equal to the outputs"]
    a, b = recording(first, "a"), recording(second, "b")
    found = cj.compare(a, b, controls="none")
    words = "layers h3 (A) and h2 (B), the deepest hidden layer of each network; fc of A repeats the outputs"
    assert words.replace(";", "") in " ".join(str(found).split())  # a line for each statement
    assert words in found._repr_html_()
    assert words in found.report(tmp_path / "page.html").read_text("utf-8")
    record = found.to_dict()["representation"]
    assert (record["layers"], record["layer_choice"]) == (
        ["h3", "h2"],
        "the deepest hidden layer of each network (fc of A repeats the outputs)",
    )
    study = cj.pairwise([a, b])
    said = "h3 (fc of it repeats the outputs) in a"
    assert any(said in note and "h2 in b" in note for note in study.notes)
    assert said in " ".join(str(study).split())


@pytest.mark.parametrize("ending", [".npz", ".safetensors", ".zarr", ".h5"])
def test_layers_of_a_file_that_says_no_order_stand_in_natural_order_and_that_is_told(
    tmp_path: Path, ending: str
) -> None:
    arrays = {"h1": H1, "h10": H3, "h2": H2, "outputs": LOGITS}
    path = tmp_path / f"a{ending}"
    save_plainly(arrays, path)
    loaded = cj.load(path)
    assert loaded.hidden_layers == ("h1", "h2", "h10")
    verdict = cj.compare(loaded, recording(OTHER, "b"), controls="none").verdict.representation
    assert verdict.layers == ("h10", "h2")
    assert "the order of A's layers is guessed from their names" in verdict.layer_choice
    # what was guessed stays a guess after it was saved again
    from conjugacy.activations import save

    again = cj.load(save(loaded, tmp_path / f"again{ending}"))
    assert again.hidden_layers == loaded.hidden_layers
    assert "guess" in again.provenance["layer_order"]


def save_plainly(arrays: Arrays, path: Path) -> None:
    """Write arrays as a stranger would, without `meta.layers`."""
    if path.suffix == ".npz":
        np.savez(path, **arrays)
    elif path.suffix == ".safetensors":
        from safetensors.numpy import save_file

        save_file({k: np.ascontiguousarray(v) for k, v in arrays.items()}, path)
    elif path.suffix == ".zarr":
        import zarr

        group = zarr.open_group(path, mode="w")
        for name, values in arrays.items():
            group[name] = values
    else:
        import h5py

        with h5py.File(path, "w") as file:
            for name, values in arrays.items():
                file[name] = values


def test_an_order_that_the_file_gives_is_no_guess(tmp_path: Path) -> None:
    meta = json.dumps({"layers": ["h2", "h1", "outputs"]})
    np.savez(tmp_path / "a.npz", h1=H1, h2=H2, outputs=LOGITS, meta=meta)
    verdict = cj.compare(tmp_path / "a.npz", recording(OTHER, "b"), controls="none").verdict.representation
    assert verdict.layers == ("h1", "h2")
    assert verdict.layer_choice == "the deepest hidden layer of each network"


def test_noise_in_both_deep_layers_is_not_passed_over_for_layers_that_agree() -> None:
    noise = [RNG.normal(size=(M, 6)) for _ in range(2)]
    a, b = recording({"x1": H1, "x2": noise[0]}, "a"), recording({"y1": H1, "y2": noise[1]}, "b")
    verdict = cj.compare(a, b, controls="none").verdict.representation
    assert verdict.layers == ("x2", "y2")
    assert verdict.answer != "equivalent"


def test_only_repeats_of_the_outputs_leave_no_layer() -> None:
    a, b = (recording({"fc": LOGITS, "outputs": softmax(LOGITS, axis=1)}, name) for name in "ab")
    whole = cj.compare(a, b, controls="none").verdict.representation
    assert whole.answer == "not_tested"
    with pytest.raises(cj.ConjugacyError, match=r"fc repeat the outputs"):
        cj.get_measure("verdict")(a, b)
    with pytest.raises(cj.ConjugacyError, match="no layer besides its output"):
        cj.pairwise([a, b])


def test_the_pair_of_a_study_without_a_store_lasts_as_long_as_the_study() -> None:
    def kept() -> Path:
        study = cj.pairwise({"a": {"h": H1}, "b": {"h": H2}, "c": {"h": H3}})
        page, record = study.pair("a", "c"), json.dumps(study.to_dict())
        assert page.networks == ("a", "c")
        assert str(study.scratch.path) not in record
        return study.scratch.path

    folder = kept()
    gc.collect()
    assert not folder.exists()


def test_the_pair_takes_the_layers_tolerance_and_seed_of_the_table() -> None:
    a, b = recording(THREE, "a"), recording(OTHER, "b")
    study = cj.pairwise([a, b], measures=["verdict:tolerance=0.2,seed=3"], layers=["h1", ("h3", "h2")])
    assert study.layer_pairs == ("h1", "h3 ~ h2")
    page = study.pair("a", "b", layer_pair="h3 ~ h2")
    assert (page.verdict.representation.layers, page.tolerance, page.seed) == (("h3", "h2"), 0.2, 3)
    score = cj.get_measure("verdict:tolerance=0.2,seed=3")(a.layer("h3"), b.layer("h2"))
    assert page.verdict.representation.answer == score.details["answer"]
    with pytest.raises(cj.ConjugacyError, match="h9"):
        study.pair("a", "b", layer_pair="h9")


def moving(arrays: Arrays, name: str) -> cj.Recording:
    trials = {k: cj.Trajectories(v.reshape(18, 5, -1), trials=np.arange(18), name=name) for k, v in arrays.items()}
    return cj.Recording(trials, name=name)


def test_of_trajectories_too() -> None:
    first = {"r1": H1, "r2": H2, "readout": LOGITS, "outputs": softmax(LOGITS, axis=1)}
    a, b = moving(first, "a"), moving({"k1": H1, "k2": H2 @ TURN, "outputs": LOGITS}, "b")
    study = cj.pairwise([a, b], measures=["verdict", "dsa:delays=1"])
    whole, page = cj.compare(a, b, controls="none"), study.pair("a", "b")
    score = cj.get_measure("verdict")(a, b)
    for found in (whole, page):
        units, dynamics = found.verdict.representation, found.verdict.dynamics
        assert units.layers == dynamics.layers == ("r2", "k2")
        assert "readout of A repeats the outputs" in units.layer_choice
        assert units.layer_choice == dynamics.layer_choice
        assert (units.answer, units.rung) == (score.details["answer"], score.details["rung"])
    assert study.table("value", "verdict")[0, 1] == pytest.approx(score.value, rel=1e-9, abs=1e-15)
    dsa = cj.get_measure("dsa:delays=1")
    assert study.table("value", "dsa:delays=1")[0, 1] == pytest.approx(
        dsa(a.layer("r2"), b.layer("k2")).value, rel=1e-9
    )


def test_outputs_alone_move_and_that_is_told() -> None:
    a, b = moving({"outputs": H2}, "a"), moving({"outputs": H3}, "b")
    found = cj.compare(a, b, controls="none").verdict
    assert found.representation.answer == "not_tested"
    assert found.dynamics.layers == ("outputs", "outputs")
    assert "A has no other layer than its outputs" in found.dynamics.layer_choice
    study = cj.pairwise([a, b], measures=["dsa:delays=1"])
    assert np.isfinite(study.table()[0, 1])
    assert any("it has no other layer than its outputs" in note for note in study.notes)


def test_rows_that_hang_together_and_repeats_are_the_same_on_every_road() -> None:
    groups, ids = np.arange(M) // 3, np.arange(M) // 2
    a = cj.Recording.from_arrays({"h": np.round(H1, 1), "outputs": LOGITS}, name="a", stimuli=ids, groups=groups)
    order = np.argsort(RNG.permutation(M // 2)[ids], kind="stable")
    b = cj.Recording.from_arrays(
        {"k": np.round(H2, 1)[order], "outputs": LOGITS[order]}, name="b", stimuli=ids[order], groups=groups[order]
    )
    study, score = cj.pairwise([a, b]), cj.get_measure("verdict")(a, b)
    for found in (cj.compare(a, b, controls="none"), study.pair("a", "b")):
        units = found.verdict.representation
        assert (units.answer, units.rung) == (score.details["answer"], score.details["rung"])
        at = units.rung_result(score.details["valued"])
        assert max(at.a_to_b.unexplained, at.b_to_a.unexplained) == pytest.approx(score.value, rel=1e-9, abs=1e-15)
    assert study.table()[0, 1] == pytest.approx(score.value, rel=1e-9, abs=1e-15)


def test_what_depends_on_each_other_in_one_network_only_counts_for_its_pairs() -> None:
    groups = np.arange(M) // 30
    a, c = recording({"h": H1}, "a"), recording({"h": H1 @ TURN}, "c")
    b = cj.Recording.from_arrays({"h": H1 @ TURN}, name="b", **MORE, groups=groups)
    for order in ([a, b, c], [b, a, c], [c, a, b]):
        study = cj.pairwise(order)
        names, answers = list(study.networks[0]), study.table("status")
        for x, y in ((a, b), (b, c), (a, c)):
            told = study.dataset.attrs["states"][answers[names.index(x.name), names.index(y.name)]]
            assert told == cj.compare(x, y, controls="none").verdict.representation.answer
    assert cj.compare(a, b, controls="none").verdict.representation.answer != "equivalent"


def test_groups_added_to_a_recording_are_a_change(tmp_path: Path) -> None:
    from conjugacy.activations import save

    folder = tmp_path / "runs"
    folder.mkdir()
    for name, values in (("a", H1), ("b", H1 @ TURN)):
        save(recording({"h": values}, name), folder / f"{name}.npz")
    cj.pairwise(folder, store=tmp_path / "s")
    for name, values in (("a", H1), ("b", H1 @ TURN)):
        grouped = cj.Recording.from_arrays({"h": values}, name=name, **MORE, groups=np.arange(M) // 30)
        save(grouped, folder / f"{name}.npz", overwrite=True)
    study = cj.pairwise(folder, store=tmp_path / "s")
    page = study.pair("a", "b").verdict.representation
    assert study.dataset.attrs["states"][study.table("status")[0, 1]] == page.answer == "undecided"


def test_time_points_at_other_times_do_not_belong_together() -> None:
    values = H1.reshape(9, 10, -1)
    a, b = cj.Trajectories(values, dt=0.1, trials=np.arange(9)), cj.Trajectories(values, dt=0.2, trials=np.arange(9))
    with pytest.raises(cj.ConjugacyError, match=r"steps of 0.1 and 0.2"):
        cj.get_measure("verdict")(a, b)
    study = cj.pairwise({"a": a, "b": b, "c": a})
    assert "steps of 0.2" in study.unread["b"]
    with pytest.raises(cj.ConjugacyError, match="like with like"):
        cj.get_measure("verdict")(a, H1)


SCORES, NOISE = 2.0 * RNG.normal(size=(M, 4)), RNG.normal(size=(M, 4))
LOUD = 1e3 * X[:, 0]
ONE_HOT = np.eye(4)[SCORES.argmax(axis=1)]
OTHERS = {
    "noise beside one loud column": (np.column_stack([LOUD, SCORES]), np.column_stack([LOUD, NOISE])),
    "saturated probabilities of like choice": (softmax(1e4 * SCORES, axis=1), 1e4 * np.abs(RNG.normal(size=(M, 4))) * ONE_HOT),
    "the choice alone": (ONE_HOT, 3000 * SCORES),
    "saturated sigmoids of like sign": (expit(1e4 * SCORES), 1e4 * np.abs(RNG.normal(size=(M, 4))) * np.sign(SCORES)),
    "relu": (SCORES, np.maximum(SCORES, 0)),
    "another choice of units": (SCORES, SCORES[:, ::-1]),
    "rescaled": (SCORES, 1.1 * SCORES),
}  # fmt: skip
REPEATS = {
    "softmax": (SCORES, softmax(SCORES, axis=1)),
    "softmax in single precision, sure of most": (20 * SCORES, softmax(20 * SCORES, axis=1).astype(np.float32).astype(float)),
    "log softmax of a softmax": (softmax(SCORES, axis=1), log_softmax(SCORES, axis=1)),
    "sigmoid": (SCORES, expit(SCORES)),
    "logarithm of a sigmoid": (SCORES, np.log(expit(SCORES))),
    "sigmoid and its logarithm": (expit(SCORES), np.log(expit(SCORES))),
    "half precision": (SCORES, SCORES.astype(np.float16).astype(float)),
    "a column at rest": (np.column_stack([SCORES, np.ones(M)]), np.column_stack([SCORES, np.ones(M)])),
    "one column": (SCORES[:, :1], expit(SCORES[:, :1])),
}  # fmt: skip


@pytest.mark.parametrize("case", OTHERS)
def test_layers_that_are_not_the_outputs_are_not_passed_over(case: str) -> None:
    outputs, last = OTHERS[case]
    assert recording({"h": H1, "last": last, "outputs": outputs}, "a").deepest.name == "last"
    assert recording({"h": H1, "last": outputs, "outputs": last}, "a").deepest.name == "last"


@pytest.mark.parametrize("case", REPEATS)
def test_the_outputs_in_another_form_are_passed_over(case: str) -> None:
    outputs, last = REPEATS[case]
    assert recording({"h": H1, "last": last, "outputs": outputs}, "a").deepest.name == "h"
    assert recording({"h": H1, "last": outputs, "outputs": last}, "a").deepest.name == "h"


def test_a_page_says_what_differs_from_its_cell_or_asks_which_is_meant(tmp_path: Path) -> None:
    from conjugacy.activations import save

    for name, arrays in (("a", THREE), ("b", OTHER)):
        save(recording(arrays, name), tmp_path / f"{name}.npz")
    paths = [tmp_path / "a.npz", tmp_path / "b.npz"]
    study = cj.pairwise(paths, measures=["verdict:tolerance=0.2", "verdict:axis=function,tolerance=0.6"])
    with pytest.raises(cj.ConjugacyError, match=r"tolerance: .* 0.2 and 0.6; say whose page"):
        study.pair("a", "b")
    assert study.pair("a", "b", measure="verdict:tolerance=0.2").tolerance == 0.2
    assert study.pair("a", "b", tolerance=0.3).tolerance == 0.3
    affine = cj.pairwise(paths, measures=["verdict:rung=affine"])
    assert any("maps up to affine; here all maps count" in note for note in affine.pair("a", "b").notes)
    several = cj.pairwise(paths, measures=["cka"], layers=["h1", "h2"])
    with pytest.raises(cj.ConjugacyError, match=r"layer_pair: there are 2 \(h1, h2\); name one"):
        several.pair("a", "b")
    save(recording({**THREE, "h3": H1}, "a"), tmp_path / "a.npz", overwrite=True)
    assert any("a has changed since" in note for note in affine.pair("a", "b").notes)


def test_pages_of_a_study_are_of_the_layers_that_were_sorted(tmp_path: Path) -> None:
    nets = {name: {"h1": H1 if i % 2 else H3, "h2": H2} for i, name in enumerate(("a", "b", "c", "d"))}
    study = cj.pairwise(nets, layers=["h1", "h2"])
    study.report(tmp_path / "s.html", classes=study.classes(layer_pair="h1"), pages=1)
    (page,) = (tmp_path / "s_pairs").iterdir()
    assert "layer h1, as asked" in page.read_text("utf-8")


def test_a_store_of_arrays_may_move_and_a_fork_leaves_what_a_study_keeps(tmp_path: Path) -> None:
    cj.pairwise({"a": {"h": H1}, "b": {"h": H2}}, store=tmp_path / "s")
    (tmp_path / "s").rename(tmp_path / "moved")
    assert cj.Study.open(tmp_path / "moved").pair("a", "b").n_samples == M
    study = cj.pairwise({"a": {"h": H1}, "b": {"h": H2}})
    again = copy.deepcopy(study)
    study.scratch._gone.peek()[1](study.scratch.path, -1)  # as a forked child would
    del study
    gc.collect()
    assert again.pair("a", "b").n_samples == M


def test_layers_beside_measures_of_outputs_alone_are_refused() -> None:
    a, b = recording(THREE, "a"), recording(OTHER, "b")
    with pytest.raises(cj.ConjugacyError, match="every measure asked for compares outputs"):
        cj.pairwise([a, b], measures=["verdict:axis=function"], layers="nonsense")
