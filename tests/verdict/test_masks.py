"""Masked cells, columns that are never used, and a shift of whole rows: what is left of outputs."""

import numpy as np
import pytest

from conjugacy.verdict.kinds import Told, guess_kind
from conjugacy.verdict.masks import masked_cells
from conjugacy.verdict.outputs import pair_outputs

LOGITS = Told("logits")


@pytest.mark.parametrize("value", [-1e4, -65504.0, -1e9, -np.inf])
def test_cells_that_both_mask_are_left_out(rng, value):
    a, b = rng.standard_normal((200, 5)), rng.standard_normal((200, 5))
    hidden = np.zeros((200, 5), bool)
    hidden[::2, 3] = True
    masked = [np.where(hidden, value, x) for x in (a, b)]
    assert masked_cells(masked[0]).sum() == 100
    both = pair_outputs(*masked, LOGITS, LOGITS)
    assert np.isfinite(both.a).all()
    # rows are centred on the cells that are left, and what was masked does not vary
    rest = np.where(hidden, np.nan, a)
    np.testing.assert_allclose(both.a[~hidden], (rest - np.nanmean(rest, axis=1, keepdims=True))[~hidden])
    assert np.ptp(both.a[hidden]) == 0
    assert "100 cells are masked in both (column 3), and left out" in both.notes
    np.testing.assert_array_equal(both.classes[0], masked[0].argmax(axis=1))


def test_a_mask_in_one_alone_is_a_changed_output(rng):
    a = rng.standard_normal((200, 5))
    b = a.copy()
    b[:50, 2] = -np.inf
    both = pair_outputs(a, b, LOGITS, LOGITS)
    assert np.isfinite(both.b).all()
    assert np.abs(both.a - both.b).max() > 1
    assert any("50 cells are masked in B alone (column 2): a changed output" in note for note in both.notes)


def test_a_column_of_minus_infinity_is_a_mask(rng):
    a = rng.standard_normal((100, 4))
    a[:, 1] = -np.inf
    both = pair_outputs(a, a, LOGITS, LOGITS)
    np.testing.assert_allclose(both.a, both.b)
    assert np.isfinite(both.a).all()


def test_values_that_merely_repeat_are_no_mask(rng):
    assert not masked_cells(np.maximum(rng.standard_normal((100, 4)), 0)).any()
    alone = rng.standard_normal((100, 4))
    alone[3, 2] = -1e6  # one outlier is a value
    assert not masked_cells(alone).any()
    few = 5 * np.eye(4)[rng.integers(0, 4, 100)]  # two values are scores as well
    assert not masked_cells(few).any()
    assert not masked_cells(few + 0.01 * rng.standard_normal((100, 1)) - 2.5).any()


def test_classes_that_are_never_used_weigh_nothing(rng):
    logits = rng.standard_normal((300, 6))
    logits[:, 4] -= 40.0
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    both = pair_outputs(p, p[::-1], Told("probabilities"), Told("probabilities"))
    assert np.ptp(both.a[:, 4]) == np.ptp(both.b[:, 4]) == 0
    assert np.ptp(both.a[:, :4], axis=0).min() > 0
    assert any("column 4 hardly varies in both" in note and "left out" in note for note in both.notes)
    # of values, each in its own units, none is left out
    loud = rng.standard_normal((300, 6)) * [1, 1, 1, 1, 1e-6, 1]
    assert np.ptp(pair_outputs(loud, loud, Told("regression"), Told("regression")).a[:, 4]) > 0


@pytest.mark.parametrize("kind", ["probabilities", "sigmoids", "logits"])
def test_a_column_that_one_network_alone_lost_counts_in_the_other(rng, kind):
    a = rng.random((300, 6))
    a = a / a.sum(axis=1, keepdims=True) if kind == "probabilities" else a
    b = a.copy()
    b[:, 2] = b[:, 2].mean()
    b = b / b.sum(axis=1, keepdims=True) if kind == "probabilities" else b
    both = pair_outputs(a, b, Told(kind), Told(kind))
    assert np.ptp(both.a[:, 2]) > 0
    if kind == "sigmoids":  # of the others centring and sums move what was frozen
        assert np.ptp(both.b[:, 2]) == 0
        assert any("column 2 hardly varies in B alone" in note and "counts" in note for note in both.notes)


def test_at_the_limit_a_column_is_left_out_on_both_sides(rng):
    spread = np.array([1, 1, 1, 1.05e-3])
    a, b = (
        0.5 + 0.1 * rng.uniform(-1, 1, (400, 4)) * spread,
        0.5 + 0.1 * rng.uniform(-1, 1, (400, 4)) * spread * [1, 1, 1, 0.9],
    )
    both = pair_outputs(a, b, Told("sigmoids"), Told("sigmoids"))
    assert np.ptp(both.a[:, 3]) == np.ptp(both.b[:, 3]) == 0


def test_a_shift_of_whole_rows_gets_a_hint(rng):
    a = rng.standard_normal((100, 5))
    both = pair_outputs(a, a + rng.standard_normal((100, 1)), Told(), Told())
    assert both.kinds == ("regression", "regression")
    assert any("output_kind 'logits'" in note and "same amount" in note for note in both.notes)
    assert not any(
        "same amount" in note for note in pair_outputs(a, a + 0.1 * rng.standard_normal((100, 5)), Told(), Told()).notes
    )


def test_what_else_tells_a_kind(rng):
    logits = rng.standard_normal((200, 4))
    bins = 1 / (1 + np.exp(-30 * (rng.random((200, 360)) - 0.97)))
    assert guess_kind(bins, Told())[0] == "sigmoids"
    assert guess_kind(rng.random((200, 3)), Told())[0] == "regression"  # pixels, say
    assert guess_kind(rng.random((200, 3)), Told(hint=("sigmoids", "the last module is a Sigmoid")))[0] == "sigmoids"
    assert guess_kind(rng.random((200, 3)), Told(targets=rng.integers(0, 2, (200, 3))))[0] == "sigmoids"
    assert guess_kind(logits, Told(name="logits"))[0] == "logits"
    assert guess_kind(logits, Told(hint=("probabilities", "a Softmax")))[0] == "regression"  # they are none
    # what the other is said to be
    notes = pair_outputs(logits, logits, Told("logits"), Told()).notes
    assert "those of the other are" in notes[0]


def test_sigmoids_beside_classes_are_scores(rng):
    truth = rng.integers(0, 4, 200)
    a = np.clip(np.eye(4)[truth] + 0.2 * rng.standard_normal((200, 4)), 0, 1)
    both = pair_outputs(a, 5 * np.eye(4)[truth], Told("sigmoids"), LOGITS)
    np.testing.assert_array_equal(both.classes[0], a.argmax(axis=1))
