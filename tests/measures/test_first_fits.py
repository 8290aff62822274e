"""First fits alone: they show what holds, and deny nothing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import conjugacy as cj
import conjugacy.transformations.part as parts
from conjugacy.results import Estimate
from conjugacy.transformations import Layer, judge, judge_series
from conjugacy.transformations.fits import Fits
from conjugacy.transformations.standard import Rested

M = 300
RNG = np.random.default_rng(3)
X = RNG.normal(size=(M, 3))
HIDDEN = np.tanh(X @ RNG.normal(size=(3, 8)))
TURN = np.linalg.qr(RNG.normal(size=(8, 8)))[0]
MIX = RNG.normal(size=(8, 8)) + 2.0 * np.eye(8)
OTHER = RNG.normal(size=(M, 3))

FIRST, WHOLE = cj.get_measure("verdict:fits=first"), cj.get_measure("verdict")
SHOWN = {
    "identity": HIDDEN + 1e-6 * RNG.normal(size=HIDDEN.shape),
    "permutation": 2.0 * HIDDEN[:, ::-1] + 1.0,
    "rotation": HIDDEN @ TURN,
    "affine": HIDDEN @ MIX,
    "smooth": np.tanh(1.5 * X @ RNG.normal(size=(3, 20))),
}


@pytest.mark.parametrize("rung", list(SHOWN))
def test_shows_what_the_whole_measure_shows_at_the_same_rung(rung: str) -> None:
    first, whole = (measure(HIDDEN, SHOWN[rung]) for measure in (FIRST, WHOLE))
    assert first.details["answer"] == whole.details["answer"] == "equivalent"
    assert first.details["rung"] == whole.details["rung"] == rung
    assert (first.details["fits"], whole.details["fits"]) == ("first", "all")
    assert first.interval is not None
    assert first.interval[0] <= first.value <= first.interval[1] < 0.05
    assert first.value < max(2.0 * whole.value, 0.01)
    assert 0.0 <= first.details["p"] < 0.025


def test_prepares_less_and_either_takes_what_the_other_prepared() -> None:
    x, y = HIDDEN, SHOWN["smooth"]
    few, all_of_it = FIRST.prepare(x).ready.layer, WHOLE.prepare(x).ready.layer
    assert len(few.eigen) < len(all_of_it.eigen)
    assert {"factors", "power_target"} <= set(vars(all_of_it)) - set(vars(few))
    for measure, other in ((FIRST, WHOLE), (WHOLE, FIRST)):
        assert measure.preparation != other.preparation
        assert repr(measure.compare(other.prepare(x), other.prepare(y))) == repr(measure(x, y))


def hard_pairs() -> dict[str, tuple[np.ndarray, np.ndarray, str]]:
    """Return pairs that a narrow family carries onto each other and a wider one, as it is fitted, does not, or hardly."""
    rng = np.random.default_rng(0)
    x = np.maximum(rng.normal(size=(600, 30)) @ rng.normal(size=(30, 30)) / 5, 0)
    loud, silent, bursts = x.copy(), x.copy(), rng.normal(size=(1000, 60))
    loud[:, 0] *= 20
    silent[:, 3] = 0
    bursts[rng.permutation(1000)[:50]] *= 30
    louder, fires = loud.copy(), silent.copy()
    louder[:, 0] *= 1.5
    fires[7, 3] = 1
    others = bursts[:, rng.permutation(60)]
    noisy = others + 0.1 * others.std(axis=0) * rng.normal(size=others.shape)
    return {
        "the loudest unit is louder": (loud, louder, "identity"),
        "a silent unit fires once": (silent, fires, "identity"),
        "bursts": (bursts, noisy, "permutation"),
    }


@pytest.mark.parametrize("name", hard_pairs())
def test_a_narrow_family_counts_whatever_wider_ones_leave(name: str) -> None:
    a, b, rung = hard_pairs()[name]
    for measure in (FIRST, WHOLE):
        details = measure(a, b).details
        assert (details["answer"], details["rung"]) == ("equivalent", rung)


@pytest.mark.parametrize("rows", ["independent", "series"])
@pytest.mark.parametrize("width", [3, 30])
def test_denies_nothing(rows: str, width: int) -> None:
    measure = cj.get_measure(f"verdict:fits=first,rows={rows}")
    others = {
        "unrelated": np.tanh(OTHER @ RNG.normal(size=(3, width))),
        "a part": np.tanh(np.column_stack([X[:, :2], OTHER]) @ RNG.normal(size=(5, width))),
        "one way": np.tanh(X[:, :2] @ RNG.normal(size=(2, width))),
        "noise": HIDDEN[:, :3] + 3.0 * RNG.normal(size=(M, 3)),
    }
    for name, other in others.items():
        score = measure(HIDDEN, other)
        assert score.details["answer"] == "undecided", name
        assert score.status is cj.Status.UNDECIDED
        assert "fails" not in (score.details["a_to_b"], score.details["b_to_a"])
        assert score.details["p"] == 1.0
        assert score.interval is not None
        assert score.interval[0] <= score.value <= score.interval[1]


def test_tells_which_way_holds() -> None:
    part = np.tanh(X[:, :2] @ RNG.normal(size=(2, 8)))
    there, back = FIRST(HIDDEN, part), FIRST(part, HIDDEN)
    assert (there.details["a_to_b"], there.details["b_to_a"]) == ("holds", "undecided")
    assert (back.details["a_to_b"], back.details["b_to_a"]) == ("undecided", "holds")
    assert there.value == pytest.approx(back.value)
    assert WHOLE(HIDDEN, part).details["answer"] == "a_determines_b"


def test_nothing_else_denies_either() -> None:
    widths = cj.get_measure("verdict:rung=permutation,fits=first")(HIDDEN, X)
    assert (widths.details["answer"], widths.details["p"]) == ("undecided", 1.0)
    first = cj.get_measure("verdict:axis=function,fits=first")
    scores = [np.random.default_rng(i).normal(size=(M, 3)) for i in range(2)]
    probabilities = [np.exp(x) / np.exp(x).sum(axis=1, keepdims=True) for x in scores]
    constant = np.ones((M, 1)), X[:, :1]
    for a, b in (probabilities, constant):
        pair = [cj.Recording.from_arrays({"h": HIDDEN, "outputs": x}) for x in (a, b)]
        whole = cj.get_measure("verdict:axis=function")(*pair)
        assert whole.details["answer"] not in ("equivalent", "undecided")
        score = first(*pair)
        assert (score.details["answer"], score.details["p"]) == ("undecided", 1.0)
        assert score.status is cj.Status.UNDECIDED


def test_many_rows_of_few_groups_still_show_a_permutation() -> None:
    rng = np.random.default_rng(0)
    groups = np.repeat(np.arange(14), 50)
    states = rng.normal(size=(14, 60))[groups]
    x, y = (states + 0.01 * rng.normal(size=states.shape) for _ in range(2))
    pair = [cj.Activations(values, groups=groups) for values in (x, 2.0 * y[:, ::-1] + 1.0)]
    assert [measure(*pair).details["rung"] for measure in (FIRST, WHOLE)] == ["permutation", "permutation"]


def test_outputs_that_give_the_inputs_away_are_asked_for_as_ever() -> None:
    inputs = RNG.normal(size=(M, 2))
    outputs = np.tanh(inputs @ RNG.normal(size=(2, 6)))
    scalar = (inputs[:, :1] + inputs[:, 1:]) ** 3
    for a, b in ((outputs, np.tanh(inputs @ RNG.normal(size=(2, 6)))), (scalar, 2.0 * scalar + 1.0)):
        pair = [cj.Recording.from_arrays({"h": inputs, "outputs": x}, inputs=inputs) for x in (a, b)]
        answers = [
            cj.get_measure(f"verdict:axis=function{more}")(*pair).details["answer"] for more in (",fits=first", "")
        ]
        assert answers[0] == answers[1]


def test_a_series_that_row_by_row_is_refuted_does_not_hold() -> None:
    clusters = np.arange(M)
    apart, near = (
        judge(Layer(HIDDEN), Layer(SHOWN["affine"]), clusters, tolerance=0.05, first_alone=True) for _ in range(2)
    )
    ladder = judge_series(apart, near, clusters)
    assert ladder.near is not None
    assert ladder.holds("affine")
    refuted = judge_series(apart, near, clusters)
    assert refuted.near is not None
    found = Rested(Estimate(0.2, 0.15, 0.3), M)
    refuted.near.standard.estimates.update({(d, "affine"): found for d in refuted.near.directions})
    assert [refuted.state(d, "affine") for d in refuted.directions] == ["undecided", "undecided"]


def test_few_rows_for_many_units_still_show_a_permutation() -> None:
    x = RNG.normal(size=(60, 40))
    score = FIRST(x, x[:, ::-1] + 0.02 * RNG.normal(size=x.shape))
    assert (score.details["answer"], score.details["rung"]) == ("equivalent", "permutation")


@pytest.mark.parametrize("noise", [0.0, 0.3])
def test_least_squares_bounds_the_affine_map_from_below(noise: float) -> None:
    x = RNG.normal(size=(120, 15))
    y = x @ RNG.normal(size=(15, 6)) + noise * RNG.normal(size=(120, 6))
    fits = Fits(Layer(x), Layer(y), np.arange(120), 0, with_nulls=False)
    z, centred = fits.target.z, x - x.mean(axis=0)
    left = z - centred @ np.linalg.lstsq(centred, z, rcond=None)[0]
    assert fits.least_linear == pytest.approx((left**2).sum() / (z**2).sum(), abs=1e-9)
    assert fits.least_linear <= fits.errors("affine").rows.sum() / fits.totals.sum() + 1e-12


def test_rows_with_weights_have_no_bound() -> None:
    x = np.repeat(RNG.normal(size=(40, 3)), np.arange(1, 41) % 3 + 1, axis=0)
    fits = Fits(
        Layer(x), Layer(x @ RNG.normal(size=(3, 3))), np.unique(x, axis=0, return_inverse=True)[1].ravel(), 0, False
    )
    assert fits.weights is not None
    assert fits.least_linear == 0.0


def test_a_study_says_that_it_denies_nothing_and_sorts_by_what_is_shown(tmp_path: Path) -> None:
    networks = {
        f"{task}{i}": np.tanh(X[:, seen] @ np.random.default_rng(i).normal(size=(len(seen), 12)))
        for task, seen in (("left", [0, 1]), ("right", [1, 2]))
        for i in range(3)
    }
    study = cj.pairwise(networks, measures=["verdict:fits=first"], store=tmp_path / "study")
    assert set(study.summary()["status"]) == {"equivalent", "undecided"}
    assert any("deny nothing" in note for note in study.notes)
    page = study.report(tmp_path / "study.html").read_text()
    assert "deny nothing" in page
    assert "First fits say of no class that it determines another" in page
    assert "first fits show no map, and deny none" in page
    assert "First fits alone were made, and none was denied." in page
    classes = dict(study.classes())
    assert len({classes[f"left{i}"] for i in range(3)}) == 1
    assert len(set(classes.values())) == 2
    alone = FIRST(networks["left0"], networks["right1"])
    cell = study.summary().set_index(["network_a", "network_b"]).loc[("left0", "right1")]
    assert cell["value"] == alone.value
    assert study.pair("left0", "right0").verdict.representation.answer != "undecided"


def test_factors_of_kernels_outlast_a_tile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = list[int]()
    original = parts.inverse_factor

    def counting(kernel: np.ndarray, strength: float) -> np.ndarray:
        made.append(1)
        return original(kernel, strength)

    monkeypatch.setattr(parts, "inverse_factor", counting)
    latents = np.random.default_rng(0).normal(size=(520, 2))
    networks = {
        f"n{i:02d}": np.tanh(latents @ np.random.default_rng(i).normal(size=(2, 4))) for i in range(10)
    }  # two tiles of eight a side
    cj.pairwise(networks, measures=["verdict:fits=first"], store=tmp_path, executor="serial", memory="3 GB")
    assert 0 < len(made) <= 2 * len(networks)


def turning(count: int, m: int = 300) -> dict[str, np.ndarray]:
    """Return networks of one number each, which turns from one to another: neighbours are the same, the ends share nothing."""
    rng = np.random.default_rng(0)
    u, v, weights = rng.normal(size=(m, 1)), rng.normal(size=(m, 1)), rng.normal(size=(1, 12))
    at = np.linspace(0.0, np.pi / 2, count)
    return {f"mix{i:02d}": np.tanh((np.cos(t) * u + np.sin(t) * v) @ weights) for i, t in enumerate(at)}


def test_a_chain_is_no_class(tmp_path: Path) -> None:
    study = cj.pairwise(turning(13), measures=["verdict:fits=first"], store=tmp_path, executor="serial")
    classes = study.classes()
    far = study.table("low") > 0.2
    for group in classes.groups:
        at = [study.networks[0].index(name) for name in group.members]
        assert not far[np.ix_(at, at)].any()
    assert classes["mix00"] != classes["mix12"]
    assert "more than 20 %" in classes.rule
    assert (
        "a class may hold networks that a whole comparison tells apart"
        in study.report(tmp_path / "page.html").read_text()
    )


def test_representatives_ask_members_that_were_not_compared_how_far_they_are(tmp_path: Path) -> None:
    study = cj.pairwise(
        turning(40, 200), measures=["verdict:fits=first"], store=tmp_path, executor="serial", representatives=3
    )
    told = " ".join(study.classes().notes)
    assert "leave more than 20 %" in told
    assert "are not equivalent" not in told
    assert study.classes()["mix00"] != study.classes()["mix39"]
