"""Numbers: every output in its own units, and rows that are far off."""

import numpy as np
import pytest

from conjugacy.verdict.drop_in import judge_drop_in


@pytest.fixture
def values(rng):
    return rng.standard_normal((400, 3)) * [1, 3e6, 1e-3] + [0, 1e7, 5]


def test_a_close_copy_is_a_replacement_whatever_the_units(given, values, rng):
    b = values + 0.05 * values.std(axis=0) * rng.standard_normal(values.shape)
    found = judge_drop_in(given(values, b, "regression"))
    assert found.answer == "yes"
    assert [c.value for c in found.identity] == pytest.approx([0.0025] * 3, rel=0.3)


@pytest.mark.parametrize("column", [0, 1, 2])
def test_one_unrelated_output_of_any_scale_does_not_vanish(given, values, rng, column):
    b = values.copy()
    b[:, column] = rng.permutation(b[:, column])
    found = judge_drop_in(given(values, b, "regression", names=("x", "y", "z")))
    assert found.answer == "no"
    assert [c.name for c in found.identity if c.state == "outside"] == ["xyz"[column]]
    assert f"output {'xyz'[column]}" in found.reasons[0]


def test_four_bad_rows_of_400_are_named(given, values):
    b = values.copy()
    b[[7, 90, 200, 399], 0] += 1.1
    found = judge_drop_in(given(values, b, "regression"))
    assert found.n_changed == 4
    assert {row.stimulus for row in found.rows} == {"s7", "s90", "s200", "s399"}
    assert found.rows_beyond.value == 0.01
    assert any("4 of 400 rows are far off" in w for w in found.warnings)


def test_constant_outputs_have_to_be_the_same(given, values):
    whole = np.column_stack([values, np.full(400, 2.0)])
    same = judge_drop_in(given(whole, whole.copy(), "regression"))
    assert (same.answer, same.bit_equal) == ("yes", True)
    other = whole.copy()
    other[5, 3] += 1e-9
    found = judge_drop_in(given(whole, other, "regression"))
    assert found.answer == "no"
    assert (found.identity[0].name, found.identity[0].state, found.identity[0].value) == ("3", "outside", None)
    assert any("constant in A" in w for w in found.warnings)


def test_only_constant_outputs(given):
    whole = np.full((400, 2), 3.0)
    assert judge_drop_in(given(whole, whole, "regression")).answer == "yes"


def test_other_widths_are_other_outputs(given, values):
    found = judge_drop_in(given(values, values[:, :2], "regression"))
    assert found.answer == "no"
    assert "3 regression columns, B with 2" in found.reasons[0]


def test_errors_that_hang_together_count_for_less(given, rng):
    clusters = np.arange(400) // 40
    a = rng.standard_normal((400, 1))
    b = a + 0.15 * rng.standard_normal((10, 1))[clusters]
    alone, together = (judge_drop_in(given(a, b, "regression", clusters=c)) for c in (None, clusters))
    assert alone.answer == "yes"
    assert together.answer == "undecided"
    assert together.identity[0].high > alone.identity[0].high


def test_huge_numbers_stay_finite(given, rng):
    a = rng.standard_normal((400, 2)) * 1e200
    found = judge_drop_in(given(a, a * 1.01, "regression"))
    assert found.answer == "yes"
    assert found.identity[0].value == pytest.approx(1e-4, rel=1e-2)


def test_columns_cut_into_pieces_say_the_same(given, values, rng, monkeypatch):
    b = values + 0.1 * values.std(axis=0) * rng.standard_normal(values.shape)
    whole = judge_drop_in(given(values, b, "regression"))
    monkeypatch.setattr("conjugacy.verdict.drop_in.numbers.CELLS", 400)
    cut = judge_drop_in(given(values, b, "regression"))
    assert [(c.name, c.state) for c in cut.identity] == [(c.name, c.state) for c in whole.identity]
    assert [c.high for c in cut.identity] == pytest.approx([c.high for c in whole.identity])
    assert cut.rows_beyond == whole.rows_beyond


def masked(values, rows, column=1):
    found = values.copy()
    found[rows, column] = -np.inf
    return found


def test_a_cell_that_both_mask_hides_no_broken_output(given, values, rng):
    broken = values + [0, 1, 0] * rng.standard_normal(values.shape) * values.std(axis=0)
    assert judge_drop_in(given(masked(values, [5]), masked(broken, [5]), "regression")).answer == "no"
    assert judge_drop_in(given(masked(values, [5]), masked(values + 1e-9, [5]), "regression")).answer == "yes"
    alone = judge_drop_in(given(values[:, :1], broken[:, :1], "regression")).identity[0]
    beside = judge_drop_in(given(masked(values, [5]), masked(broken, [5]), "regression")).identity
    assert next(c for c in beside if c.name == "0").value == pytest.approx(alone.value)


@pytest.mark.parametrize("rows", [[5], range(100)])
@pytest.mark.parametrize("whose", [0, 1])
def test_a_cell_that_one_masks_alone_is_no_replacement(given, values, rows, whose):
    sides = [values, values.copy()]
    sides[whose] = masked(values, rows)
    found = judge_drop_in(given(*sides, "regression"))
    assert found.answer == "no"
    assert any("masked in one of the two alone: output 1" in w for w in found.warnings)
    assert "output 1" in found.reasons[0]
    assert found.rows[0].stimulus == "s5" or len(rows) > 1


def test_an_output_that_both_mask_everywhere_is_the_same(given, values):
    off = masked(values, slice(None))
    assert judge_drop_in(given(off, off.copy(), "regression")).answer == "yes"
