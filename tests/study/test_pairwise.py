"""Many networks: values of pairs, rows in any order, layers, outputs, what goes wrong, more networks, settings."""

import json

import numpy as np
import pytest
from many_networks import networks, same, save_all

import conjugacy as cj
from conjugacy.activations import save
from conjugacy.errors import InputError
from conjugacy.results import CODES, STATES
from conjugacy.study import plan


def words(study, **which):
    return [[STATES[code] for code in row] for row in study.table("status", **which)]


@pytest.mark.parametrize("measure", ["cka", "procrustes", "cca", "rsa", "linear_predictivity", "mutual_knn"])
def test_every_cell_is_the_measure_of_two_networks(measure):
    nets = networks()
    study = cj.pairwise(nets, measures=[measure])
    direct = np.array([[cj.get_measure(measure)(a, b).value for b in nets.values()] for a in nets.values()])
    np.testing.assert_allclose(study.table(), direct, atol=1e-12)


def test_the_verdict_of_many_is_the_verdict_of_two(short_curves):
    rng = np.random.default_rng(1)
    z = rng.normal(size=(240, 3))
    nets = {
        "a": z,
        "rotated": 2 * z @ np.linalg.qr(rng.normal(size=(3, 3)))[0],
        "part": z[:, :1],
        "other": rng.normal(size=(240, 3)),
    }
    found = words(cj.pairwise(nets))
    for i, a in enumerate(nets.values()):
        for j, b in enumerate(nets.values()):
            assert found[i][j] == cj.compare(a, b).verdict.representation.answer
    assert found[0] == ["equivalent", "equivalent", "a_determines_b", "unrelated"]
    assert found[2][0] == "b_determines_a"


def test_rows_in_another_order_and_another_file_type_are_the_same_network(tmp_path):
    values = networks()["n0"]
    turn = np.random.default_rng(2).permutation(len(values))
    np.savez(tmp_path / "a.npz", hidden=values, stimuli=np.arange(len(values)))
    save(cj.Recording.from_arrays({"hidden": values[turn]}, stimuli=turn), tmp_path / "b.zarr")
    save(
        cj.Recording.from_arrays({"hidden": -3 * values[:, ::-1]}, stimuli=np.arange(len(values))),
        tmp_path / "c.safetensors",
    )
    study = cj.pairwise(tmp_path, measures=["procrustes", "verdict"])
    assert study.networks[0] == ("a", "b", "c")
    assert study.table("value", "procrustes").max() < 1e-6
    assert (study.table("status", "verdict") == CODES["equivalent"]).all()


def test_what_cannot_be_read_or_matched_is_told_and_stops_nothing(tmp_path):
    folder = save_all(tmp_path / "runs", networks(3))
    whole = (folder / "n1.npz").read_bytes()
    (folder / "cut.npz").write_bytes(whole[: len(whole) // 2])
    np.savez(folder / "elsewhere.npz", hidden=np.random.default_rng(0).normal(size=(60, 4)), stimuli=np.arange(60) + 5)
    np.savez(folder / "nan.npz", hidden=np.full((60, 4), np.nan), stimuli=np.arange(60))
    np.savez(folder / "dead.npz", hidden=np.ones((60, 4)), stimuli=np.arange(60))
    study = cj.pairwise(folder, measures=["cka", "verdict"])
    names = study.networks[0]
    assert set(study.unread) == {"cut", "elsewhere", "nan"}
    assert "different stimuli" in study.unread["elsewhere"]
    found = words(study, measure="cka")
    i = {name: names.index(name) for name in names}
    assert found[i["cut"]] == found[i["nan"]] != found[i["n0"]]
    assert set(found[i["cut"]]) == {"unreadable", "mismatched"} or found[i["cut"]][i["n0"]] == "unreadable"
    assert found[i["elsewhere"]][i["n0"]] == "mismatched"
    assert found[i["dead"]][i["n0"]] == "degenerate"
    assert words(study, measure="verdict")[i["dead"]][i["n0"]] == "failed"
    assert any("dead" in note and "no unit varies" in note for note in study.notes)
    good = [i[n] for n in ("n0", "n1", "n2")]
    assert np.isfinite(study.table("value", "cka")[np.ix_(good, good)]).all()


def test_the_stimuli_of_most_count_even_where_the_first_saw_others(tmp_path):
    folder = save_all(tmp_path / "runs", networks(3))
    np.savez(folder / "a_first.npz", hidden=np.ones((60, 4)), stimuli=np.arange(60) + 5)
    assert set(cj.pairwise(folder, measures=["cka"]).unread) == {"a_first"}


def test_more_networks_and_more_measures_are_added_and_the_rest_is_left(tmp_path):
    nets = networks(12)
    first = dict(list(nets.items())[:9])
    cj.pairwise(first, measures=["cka"], store=tmp_path / "s")
    said = []
    grown = cj.pairwise(nets, measures=["cka"], store=tmp_path / "s", progress=said.append)
    assert any("30 comparisons are missing, of 66" in line for line in said)  # 3 x 9 and 3 among the new
    assert same(grown, cj.pairwise(nets, measures=["cka"]))
    said.clear()
    both = cj.pairwise(nets, measures=["procrustes"], store=tmp_path / "s", progress=said.append)
    assert both.measures == ("cka", "procrustes")
    assert any("66 comparisons are missing, of 132" in line for line in said)
    fewer = cj.pairwise(first, measures=["cka"], store=tmp_path / "s")
    assert same(fewer, both)
    assert any("3 networks of the store were not given" in note for note in fewer.notes)


def test_a_recording_that_changes_is_compared_again_and_one_that_breaks_is_kept(tmp_path):
    folder = save_all(tmp_path / "runs", networks(4))
    before = cj.pairwise(folder, measures=["cka"], store=tmp_path / "s")
    save_all(folder, {"n2": networks(4, seed=9)["n2"]})
    after = cj.pairwise(folder, measures=["cka"], store=tmp_path / "s")
    assert same(after, cj.pairwise(folder, measures=["cka"]))
    changed = before.table() != after.table()
    assert changed[2, [0, 1, 3]].all()
    assert not changed[np.ix_([0, 1, 3], [0, 1, 3])].any()
    (folder / "n0.npz").write_bytes(b"gone")
    kept = cj.pairwise(folder, measures=["cka"], store=tmp_path / "s")
    assert same(kept, after)
    assert any("n0 is unreadable now" in note for note in kept.notes)


def test_a_measure_added_with_fewer_networks_waits_for_the_others(tmp_path):
    nets = networks(3)
    fewer = {name: nets[name] for name in ("n0", "n1")}
    cj.pairwise(nets, measures=["cka"], store=tmp_path / "s")
    between = cj.pairwise(fewer, measures=["rsa"], store=tmp_path / "s")
    assert words(between, measure="rsa")[2] == ["missing"] * 3
    whole = cj.pairwise(nets, measures=["rsa"], store=tmp_path / "s")
    np.testing.assert_allclose(whole.table("value", "rsa"), cj.pairwise(nets, measures=["rsa"]).table())


def test_a_network_that_could_not_be_prepared_is_tried_again_when_it_is_mended(tmp_path):
    folder = save_all(tmp_path / "runs", networks(3))
    save_all(folder, {"n2": np.ones((60, 4))})
    broken = cj.pairwise(folder, measures=["verdict"], store=tmp_path / "s")
    assert words(broken)[2] == ["failed"] * 3
    save_all(folder, networks(3))
    mended = cj.pairwise(folder, measures=["verdict"], store=tmp_path / "s")
    assert same(mended, cj.pairwise(folder, measures=["verdict"]))
    assert mended.notes == ("layers compared: the deepest hidden layer of each network: hidden in 3 networks",)


def test_arrays_under_other_layer_names_are_another_network(tmp_path):
    rng = np.random.default_rng(7)
    x, y = rng.normal(size=(50, 4)), rng.normal(size=(50, 4))
    crossed = {"a": {"h1": x, "h2": y}, "b": {"h2": x, "h1": y}}
    found = cj.pairwise(crossed, measures=["cka"], layers=["h1"], store=tmp_path / "s").table()
    assert found[0, 1] == pytest.approx(cj.get_measure("cka")(x, y).value, abs=1e-12)
    turned = {"a": crossed["a"], "b": {"h1": x, "h2": y}}
    assert cj.pairwise(turned, measures=["cka"], layers=["h1"], store=tmp_path / "s").table()[0, 1] == pytest.approx(1)


def test_a_layer_called_outputs_is_a_layer_like_others():
    rng = np.random.default_rng(8)
    nets = {name: {"h": rng.normal(size=(40, 3)), "outputs": rng.normal(size=(40, 2))} for name in "ab"}
    study = cj.pairwise(nets, measures=["cka"], layers=["outputs", "h", ("h", "h")])
    assert study.layer_pairs == ("outputs", "h")
    direct = cj.get_measure("cka")(nets["a"]["outputs"], nets["b"]["outputs"]).value
    assert study.table("value", layer_pair="outputs")[0, 1] == pytest.approx(direct, abs=1e-12)


def test_what_a_run_that_came_to_nothing_left_is_not_trusted(tmp_path):
    wrong = save_all(tmp_path / "wrong", networks(2, rows=30))
    right = save_all(tmp_path / "right", networks(2))
    with pytest.raises(InputError):
        cj.pairwise(wrong, measures=["cka"], layers=["nowhere"], store=tmp_path / "s")
    assert not cj.pairwise(right, measures=["cka"], store=tmp_path / "s").unread
    with pytest.raises(InputError, match="a folder of its own"):
        cj.pairwise(right, measures=["cka"], store=right)


def test_one_against_many_and_two_lists(tmp_path):
    nets = networks(5)
    folder = save_all(tmp_path / "runs", nets)
    square = cj.pairwise(folder, measures=["cka"])
    one = cj.pairwise([folder / "n3.npz"], against=folder, measures=["cka"], store=tmp_path / "s")
    np.testing.assert_allclose(one.table()[0], square.table()[3], atol=1e-14)
    assert not one.is_square
    assert one.networks == (("n3",), tuple(nets))
    with pytest.raises(InputError, match="against"):
        cj.pairwise(folder, measures=["cka"], store=tmp_path / "s")


def test_two_lists_with_their_own_pairs_are_tested(tmp_path):
    rng = np.random.default_rng(6)
    z = rng.normal(size=(80, 6))
    lists = [
        {f"{name}{i}": np.tanh(z[:, seen] @ rng.normal(size=(3, 8))) for i in range(6)}
        for name, seen in (("a", slice(0, 3)), ("b", slice(3, 6)))
    ]
    study = cj.pairwise(lists[0], against=lists[1], within=True, measures=["procrustes"], store=tmp_path / "s")
    assert study.is_square
    found = cj.Study.open(tmp_path / "s").contrast(draws=200)
    assert found == study.contrast(list(lists[0]), list(lists[1]), draws=200)
    assert found.difference.low > 0
    assert found.p < 0.02
    assert "6 networks against 6" in str(found)
    alike = {f"c{i}": np.tanh(z[:, :3] @ rng.normal(size=(3, 8))) for i in range(6)}
    same_kind = cj.pairwise(lists[0], against=alike, within=True, measures=["procrustes"]).contrast(draws=200)
    assert same_kind.p > 0.02
    with pytest.raises(InputError, match="in both lists"):
        cj.pairwise(lists[0], against=lists[0], within=True, measures=["cka"])
    with pytest.raises(InputError, match="give the other list"):
        cj.pairwise(lists[0], within=True, measures=["cka"])


def test_classes_by_outputs_on_request():
    rng = np.random.default_rng(5)
    z = rng.uniform(-1, 1, size=(120, 2))
    nets = {f"n{i}": {"hidden": np.tanh(z @ rng.normal(size=(2, 9))), "outputs": z[:, [i % 2]] ** 3} for i in range(4)}
    study = cj.pairwise(nets, measures=["verdict", "verdict:axis=function"], output_kind="regression")
    assert len(set(study.classes().values())) == 1
    by_output = study.classes(axis="function")
    assert by_output["n0"] == by_output["n2"] != by_output["n1"] == by_output["n3"]
    with pytest.raises(InputError, match="there is no axis"):
        study.classes(axis="outputs")


def test_pairs_of_layers_and_outputs():
    rng = np.random.default_rng(3)
    logits = rng.normal(size=(50, 3))
    nets = {
        name: {"first": rng.normal(size=(50, 4)), "second": rng.normal(size=(50, 5)), "logits": logits + k}
        for k, name in enumerate("ab")
    }
    study = cj.pairwise(
        nets,
        measures=["cka", "disagreement", "verdict:axis=function"],
        layers=["second", ("first", "second")],
        output_kind="logits",
    )
    assert study.layer_pairs == ("second", "first ~ second", "output layer")
    crossed = study.table("value", "cka", "first ~ second")
    direct = cj.get_measure("cka")(nets["a"]["first"], nets["b"]["second"]).value
    assert crossed[0, 1] == pytest.approx(direct, abs=1e-12)
    assert crossed[0, 1] != crossed[1, 0]
    assert study.table("value", "disagreement")[0, 1] == 0
    assert words(study, measure="verdict:axis=function")[0][1] == "equivalent"
    assert (study.table("status", "cka", "output layer") == CODES["missing"]).all()
    with pytest.raises(InputError, match="compares classes, and the outputs are taken for regression"):
        cj.pairwise({name: {"outputs": layers["logits"]} for name, layers in nets.items()}, measures=["disagreement"])


def test_trajectories_go_to_measures_of_trajectories():
    rng = np.random.default_rng(4)
    nets = {name: cj.Trajectories(np.cumsum(rng.normal(size=(8, 40, 3)), axis=1)) for name in "abc"}
    study = cj.pairwise(nets, measures=["dsa:rank=3", "cka"])
    assert study.table("value", "dsa:rank=3")[0, 0] == pytest.approx(0, abs=1e-6)
    direct = cj.get_measure("dsa:rank=3")(nets["a"], nets["b"]).value
    assert study.table("value", "dsa:rank=3")[0, 1] == pytest.approx(direct, abs=1e-9)
    assert study.table("value", "cka")[1, 1] == pytest.approx(1)


def test_intervals_where_asked():
    nets = networks(3)
    study = cj.pairwise(nets, measures=["cka"], draws=40)
    judged = cj.get_measure("cka").judge(nets["n0"], nets["n1"], draws=40, seed=0)
    assert study.table("low")[0, 1] == pytest.approx(judged.interval[0])
    assert study.table("p")[0, 1] == pytest.approx(judged.details["p"])
    assert np.isnan(cj.pairwise(nets, measures=["cka"]).table("low")).all()


def test_the_store_can_be_read_by_xarray_and_opened_again(tmp_path):
    import xarray as xr

    study = cj.pairwise(networks(3), measures=["cka", "procrustes"], store=tmp_path / "s")
    assert same(cj.Study.open(tmp_path / "s"), study)
    with xr.open_zarr(tmp_path / "s" / "results.zarr", consolidated=False) as dataset:
        np.testing.assert_array_equal(dataset.value.values, study.dataset.value.values)
        assert dataset.network_a.values.tolist() == ["n0", "n1", "n2"]
        assert dataset.hash_a.values.tolist() == study.dataset.hash_a.values.tolist()
    assert json.loads(json.dumps(study.to_dict()))["counts"]["cka"]["deepest hidden layer"] == {"ok": 3}


def test_a_dry_run_says_what_it_would_take_and_leaves_nothing(tmp_path):
    folder = save_all(tmp_path / "runs", networks(6))
    budget = plan(folder, measures=["cka", "linear_predictivity"])
    assert (budget.networks, budget.pairs, budget.comparisons) == (6, 15, 15 + 30)
    assert budget.cpu_seconds > 0
    assert budget.memory > 0
    assert sorted(p.name for p in tmp_path.iterdir()) == ["runs"]
    assert "15 pairs, 45 comparisons" in str(budget)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"measures": []}, "measures: got none"),
        ({"measures": ["cka", "cka"]}, "requested twice"),
        ({"measures": ["ckaa"]}, "did you mean 'cka'"),
        ({"executor": "ray"}, "there is no executor 'ray'"),
        ({"memory": "lots"}, "expected an amount such as '4 GB'"),
        ({"memory": "1 MB"}, "are needed"),
        ({"draws": 3}, "draws: got 3"),
        ({"layers": [("a", "b", "c")]}, "expected a name, a pair"),
        ({"scheduler": "tcp://x"}, "is for executor='dask'"),
        ({"measures": ["dsa"]}, "compares trajectories"),
        ({"measures": ["disagreement"]}, "no output layer"),
    ],
)
def test_what_cannot_be_used_is_refused(given, words):
    with pytest.raises(InputError) as caught:
        cj.pairwise(networks(2), **{"measures": ["cka"], **given})
    assert words in str(caught.value)


def test_networks_that_cannot_be_told_apart_or_found_are_refused(tmp_path):
    with pytest.raises(InputError, match="2 networks are called 'x'"):
        cj.pairwise([tmp_path / "1" / "x.npz", tmp_path / "2" / "x.npz"])
    with pytest.raises(InputError, match="holds no recordings"):
        cj.pairwise(tmp_path)
    with pytest.raises(InputError, match="none of 1 recordings can be read"):
        cj.pairwise([tmp_path / "x.npz"])
    cj.pairwise(networks(2), measures=["cka"], store=tmp_path / "s")
    with pytest.raises(InputError, match="made with 0, got 1"):
        cj.pairwise(networks(2), measures=["cka"], store=tmp_path / "s", seed=1)


def test_inputs_are_not_changed():
    nets = networks(3)
    copies = {name: values.copy() for name, values in nets.items()}
    cj.pairwise(nets, measures=["cka", "verdict"])
    assert all(np.array_equal(nets[name], copies[name]) for name in nets)


def test_arrays_that_lie_beside_recordings_are_named(tmp_path):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(40, 3))
    (tmp_path / "more").mkdir()
    np.savez(tmp_path / "a.npz", hidden=x)
    np.savez(tmp_path / "b.npz", hidden=2 * x)
    study = cj.pairwise(tmp_path, measures=["cka"], store=tmp_path.parent / f"{tmp_path.name}-store")
    assert not [note for note in study.notes if "not read" in note]
    np.save(tmp_path / "more" / "c.npy", x)
    study = cj.pairwise(tmp_path, measures=["cka"], store=tmp_path.parent / f"{tmp_path.name}-store")
    assert study.networks[0] == ("a", "b")
    assert any(note.startswith("more/c.npy was not read") for note in study.notes)


def test_what_a_study_has_no_option_for_is_not_advised(tmp_path):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(40, 3))
    ids = np.arange(40)
    given = {"a": cj.Activations(x, stimuli=ids), "b": cj.Activations(2 * x, stimuli=ids)}
    given["c"] = cj.Activations(x[5:], stimuli=ids[5:])
    study = cj.pairwise(given, measures=["cka"], store=tmp_path)
    (reason,) = study.unread.values()
    assert "compare() with missing='intersect'" in reason
    assert reason.endswith(("...", ".", "'", "s"))
