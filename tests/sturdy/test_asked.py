"""What callers ask for by a number or a place: every wrong one ends in an error of ours that names it."""

import copy
import pickle
import tempfile

import numpy as np
import pytest

import conjugacy as cj
from conjugacy.activations import save
from conjugacy.errors import ConjugacyError, InputError
from conjugacy.told import telling

X = np.random.default_rng(0).normal(size=(30, 3))
TWO = {"a": X, "b": X[:, ::-1] + 1}

WRONG = {
    "seed": [1.5, "a", None, -1, True, float("nan"), [1], np.array([1, 2])],
    "tolerance": [0, 1, "x", None, float("nan"), float("inf"), [0.1], True],
    "delays": ["a", None, 0, 1.5, -3],
    "measures": [5, ["cka", 5], [None], [cj.Activations]],
    "margins": [5, "churn", {"churn": "a"}, {"churn": None}, {"churn": [1]}],
}


@pytest.mark.parametrize(("option", "wrong"), [(option, wrong) for option, many in WRONG.items() for wrong in many])
def test_compare_refuses_by_name(option, wrong):
    with pytest.raises(InputError, match="churn" if isinstance(wrong, dict) else option):
        cj.compare(X, X, **{option: wrong})


@pytest.mark.parametrize(
    ("option", "wrong"),
    [("seed", 1.5), ("seed", True), ("draws", "a"), ("draws", None), ("draws", -1), ("draws", 5), ("store", ""), ("store", 5),
     ("store", b"a"), ("measures", 5), ("measures", [None]),
     ("workers", "x"), ("workers", 0), ("executor", 3), ("executor", ["serial"])],
)  # fmt: skip
def test_pairwise_refuses_by_name(option, wrong):
    with pytest.raises(InputError, match=option):
        cj.pairwise(TWO, **{option: wrong})


def test_whole_numbers_of_any_type_are_taken():
    found = {cj.compare(X, X, seed=seed).to_json() for seed in (3, 3.0, np.int64(3), np.float32(3))}
    assert len(found) == 1


def test_measures_are_ids_or_measures():
    kept = cj.get_measure("cka", debiased=False)
    found = cj.compare(X, X, measures=["procrustes", kept]).measures
    assert [score.measure for score in found] == ["procrustes", kept.id]
    alone = cj.compare(X, X, measures="cka").measures
    assert [score.measure for score in alone] == ["cka"]
    with tempfile.TemporaryDirectory() as store:
        both = cj.pairwise(TWO, measures=kept, store=store + "/s")
        np.testing.assert_allclose(
            both.table(measure=kept.id), cj.pairwise(TWO, measures=kept.id).table(measure=kept.id)
        )


def test_masked_values_are_refused_and_a_mask_without_any_is_none():
    with pytest.raises(InputError, match=r"2 values of the array are masked; .*filled"):
        cj.Activations(np.ma.masked_array(X, np.arange(X.size).reshape(X.shape) < 2))
    np.testing.assert_array_equal(cj.Activations(np.ma.masked_array(X)).values, X)


def test_two_keys_of_one_name_are_refused():
    with pytest.raises(ConjugacyError, match="0, '0' are one name"):
        cj.Recording.from_arrays({0: X, "0": X + 1})


def test_a_pair_of_outputs_is_two():
    for wrong in ((), ("a",), ("a", "b", "c")):
        with pytest.raises(InputError, match=r"output: got .*, expected one name, or a pair"):
            cj.compare(X, X, output=wrong)


@pytest.mark.parametrize("wrong", [5, "a", ["a"], np.array([1, 2])])
def test_progress_is_called(wrong):
    for use in (lambda: cj.compare(X, X, progress=wrong), lambda: cj.pairwise(TWO, measures="cka", progress=wrong)):
        with pytest.raises(InputError, match="progress: got"):
            use()


def test_progress_is_not_called_after_the_answer_is_there():
    told = []
    layers = {"l1": X, "l2": X[:, ::-1] * 2, "outputs": X[:, :2]}
    result = cj.compare(layers, layers, progress=told.append)
    before = len(told)
    assert before
    result.to_dict()  # computes everything that waits
    assert len(told) == before
    with telling(told.append) as tell:
        tell("heard")
    tell("too late")
    assert told[before:] == ["heard"]


ODD = [5, 1.5, None, True, object(), b"a", [1], (), {}, np.array([1, 2]), lambda: 0, ..., "\0", 10**400, float("nan")]
MOVING = np.random.default_rng(0).normal(size=(3, 5, 2))
DOORS = {
    "load": cj.load,
    "open": cj.Study.open,
    "measure": cj.get_measure,
    "save to": lambda odd: save(cj.Recording.from_arrays(TWO), odd),
    "pairwise": lambda odd: cj.pairwise(odd, measures="cka"),
    "rows": lambda odd: cj.compare(X, X, rows=odd if odd is not None else 1),
    "match": lambda odd: cj.compare(X, X, match=odd),
    "controls": lambda odd: cj.compare(X, X, controls=odd),
    "dt": lambda odd: cj.Trajectories(MOVING, dt=odd if odd not in (5, 1.5) else "a"),
    "layers": cj.Recording,
    "arrays": cj.Recording.from_arrays,
    "reducer": lambda odd: cj.load("nothing.npz", reducer=odd),
    "jacobians": lambda odd: cj.Recording({"h": cj.Activations(X)}, jacobians=odd if odd != {} else 1),
    "provenance": lambda odd: cj.Recording({"h": cj.Activations(X)}, provenance=odd if odd not in (None, {}) else 1),
    "name": lambda odd: cj.Activations(X, name=odd if odd not in (None, "\0") else 1),
    "output_layer": lambda odd: cj.Recording({"h": cj.Activations(X)}, output_layer=odd if odd is not None else 1),
    "output_kind": lambda odd: cj.Recording({"h": cj.Activations(X)}, output_kind=odd if odd not in (None, {}) else 1),
    "units": lambda odd: cj.Activations(X, units=odd if odd is not None else 1),
    "recording": lambda odd: save(odd, "nothing.npz"),
}


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("odd", ODD, ids=[type(odd).__name__ for odd in ODD])
def test_what_is_of_another_kind_is_refused_at_every_door(door, odd, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    if isinstance(odd, np.ndarray) and door in ("dt", "jacobians", "provenance", "name", "output_kind"):
        odd = [1, 2]  # what asks `in` above knows no arrays
    with pytest.raises(ConjugacyError):
        DOORS[door](odd)
    assert not list(tmp_path.iterdir())


def test_arrays_stay_read_only_through_pickle_and_copy():
    layer = cj.Activations(X, stimuli=range(30), groups=[0] * 30, inputs=X)
    moving = cj.Trajectories(MOVING, trials=range(3), drive=MOVING)
    narrow = cj.Activations(X.astype(np.float32))
    for again in (lambda one: pickle.loads(pickle.dumps(one)), copy.deepcopy, copy.copy):
        found = again(layer), again(moving), again(narrow)
        arrays = [
            found[0].values,
            found[0].stimuli,
            found[0].groups,
            found[0].inputs,
            *found[1].values,
            *found[1].drive,
        ]
        assert not any(array.flags.writeable for array in (*arrays, found[1].trials, found[2].stored, found[2].values))
        np.testing.assert_array_equal(found[0].values, X)


@pytest.mark.parametrize("value", [1e300, -1e200])
def test_a_state_whose_square_is_no_number_is_named(value):
    huge = X.copy()
    huge[3, 2] = value
    with pytest.raises(ConjugacyError, match=r"value -?1e\+\d+ of unit 2 in row 3 is so large"):
        cj.compare(huge, X)
    outputs = cj.Recording.from_arrays({"h": X, "outputs": huge}, name="a")
    assert pickle.loads(pickle.dumps(outputs)).layers["outputs"].values[3, 2] == value


@pytest.mark.parametrize(
    ("door", "wrong", "near"),
    [(lambda **k: cj.compare(X, X, **k), "tolerence", "tolerance"), (lambda **k: cj.gate(X, X, **k), "requir", "require"),
     (lambda **k: cj.record(lambda x: x, X, **k), "token", "tokens"),
     (lambda **k: cj.Recording.from_arrays({"h": X}, **k), "target", "targets"),
     (lambda **k: cj.pairwise(TWO, measures=["cka"]).pair("a", "b", **k), "mesures", "measures")],
)  # fmt: skip
def test_an_unknown_keyword_names_the_nearest(door, wrong, near):
    with pytest.raises(TypeError, match=rf"'{wrong}'; did you mean '{near}'\? known: .*{near}"):
        door(**{wrong: 1})


@pytest.mark.parametrize(
    ("how", "said"),
    [({"output_layer": "zz"}, "^network 'a': there is no output layer 'zz'"),
     ({"shape": {"h": "ntd"}}, "^network 'a': layer 'h' has 2 dimensions")],
)  # fmt: skip
def test_a_study_of_arrays_names_the_network_not_its_copy(how, said):
    with pytest.raises(InputError, match=said):
        cj.pairwise({name: {"h": x} for name, x in TWO.items()}, measures=["cka"], **how)


def test_a_file_of_the_users_is_named_by_its_path(tmp_path):
    for name in "ab":
        save(cj.Recording.from_arrays({"h": X}), tmp_path / f"{name}.npz")
    with pytest.raises(InputError, match=r"a\.npz': there is no output layer 'zz'"):
        cj.pairwise(tmp_path, measures=["cka"], output_layer="zz")


def test_outputs_that_are_no_labels_are_refused_by_the_measure_too():
    wrong = cj.Recording.from_arrays({"outputs": X}, output_kind="labels", name="a")
    with pytest.raises(InputError, match=r"outputs of a: got shape \(30, 3\), expected one column of whole numbers"):
        cj.get_measure("verdict:axis=function").prepare(wrong)
