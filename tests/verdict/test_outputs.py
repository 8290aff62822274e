"""Kinds of outputs: guessed, converted, checked."""

import numpy as np
import pytest

from conjugacy.errors import InputError, ShapeError
from conjugacy.verdict.kinds import Told, guess_kind
from conjugacy.verdict.outputs import pair_outputs


@pytest.fixture
def logits(rng):
    return rng.standard_normal((60, 4))


def softmax(x):
    e = np.exp(x - x.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def test_kinds_are_guessed_from_what_the_numbers_are(logits, rng):
    assert guess_kind(softmax(logits), Told())[0] == "probabilities"
    assert guess_kind(np.log(softmax(logits)), Told())[0] == "logits"
    assert guess_kind(logits, Told(targets=rng.integers(0, 4, 60)))[0] == "logits"
    assert guess_kind(logits, Told())[0] == "regression"
    assert guess_kind(rng.integers(0, 4, (60, 1)).astype(float), Told())[0] == "labels"


def test_logits_are_centred_per_row(logits):
    shifted = logits + np.arange(60)[:, None]
    both = pair_outputs(logits, shifted, Told("logits"), Told("logits"))
    np.testing.assert_allclose(both.a, both.b, atol=1e-12)
    np.testing.assert_array_equal(both.classes[0], logits.argmax(axis=1))
    assert both.notes == ()


def test_a_finer_form_is_brought_to_the_coarser_and_said(logits):
    both = pair_outputs(logits, softmax(logits), Told("logits"), Told("probabilities"))
    np.testing.assert_allclose(both.a, both.b, atol=1e-12)
    assert both.kinds == ("probabilities", "probabilities")
    assert "compared as probabilities" in both.notes[0]
    labels = logits.argmax(axis=1)[:, None].astype(float)
    both = pair_outputs(labels, softmax(logits), Told("labels"), Told("probabilities"))
    np.testing.assert_array_equal(both.a, both.b)


def test_decisions_among_unlike_numbers_of_classes(logits):
    a, b = pair_outputs(logits, logits[:, :2], Told("logits"), Told("logits")).classes
    assert (set(a), set(b)) == ({0, 1, 2, 3}, {0, 1})


def test_outputs_that_are_not_what_they_claim(logits):
    with pytest.raises(InputError, match="no probabilities"):
        pair_outputs(logits, logits, Told("probabilities"), Told("logits"))
    with pytest.raises(ShapeError, match="one column of whole numbers"):
        pair_outputs(logits, logits, Told("labels"), Told("logits"))
    with pytest.raises(ShapeError, match="one per class"):
        pair_outputs(logits[:, :1], logits, Told("logits"), Told("logits"))


@pytest.mark.parametrize("spoilt", [np.zeros_like, np.round, lambda x: (x > 0).astype(float)])
def test_a_broken_output_is_of_the_kind_of_the_one_it_stands_for(rng, spoilt):
    one = rng.standard_normal((300, 1))
    for sides in ((one, spoilt(one)), (spoilt(one), one)):
        assert pair_outputs(*sides, Told(), Told()).given == ("regression", "regression")
    assert pair_outputs(one, spoilt(one), Told(), Told("labels")).given == ("regression", "labels")
    sure = np.round(rng.random((300, 4))) * 0.98 + 0.01
    assert pair_outputs(sure, np.zeros_like(sure), Told(), Told()).given == ("sigmoids", "sigmoids")
    assert pair_outputs(sure[:, :1], np.zeros((300, 1)), Told(), Told()).given == ("sigmoids", "sigmoids")
    assert pair_outputs(sure, 2 * sure, Told(), Told()).given == ("sigmoids", "regression")
