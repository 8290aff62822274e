"""What callers ask for by a number or a place: every wrong one ends in an error of ours that names it."""

import tempfile

import numpy as np
import pytest

import conjugacy as cj
from conjugacy.errors import ConjugacyError, InputError

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
     ("store", b"a"), ("measures", 5), ("measures", [None])],
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
