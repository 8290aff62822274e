"""Classes: churn, errors, and the classes and rows that carry them."""

import numpy as np
import pytest
from scipy.stats import binomtest

from conjugacy.verdict.drop_in import judge_drop_in


def test_a_close_copy_is_a_replacement(given, classifier, rng):
    scores, wanted = classifier
    found = judge_drop_in(given(scores, scores + 0.05 * rng.standard_normal(scores.shape), targets=wanted))
    assert found.answer == "yes"
    assert found.churn.state == found.error_change.state == "inside"
    assert {c.state for c in found.class_errors} == {"inside"}
    assert found.churn.value == found.n_changed / 2000
    low, high = binomtest(found.n_changed, 2000).proportion_ci(method="exact")
    assert (found.churn.low, found.churn.high) == pytest.approx((low, high))


def test_a_class_that_is_lost_is_named_with_its_rows(given, classifier):
    scores, wanted = classifier
    shifted = scores.copy()
    shifted[:, 3] -= 4
    found = judge_drop_in(given(scores, shifted, targets=wanted))
    assert found.answer == "no"
    worst = found.class_errors[0]
    assert (worst.name, worst.state) == ("3", "outside")
    assert worst.before == pytest.approx(np.mean(scores[wanted == 3].argmax(axis=1) != 3))
    assert worst.after == pytest.approx(np.mean(shifted[wanted == 3].argmax(axis=1) != 3))
    assert "class 3: recall" in found.reasons[0]
    assert all(row.a == row.target == "3" != row.b for row in found.rows)
    assert found.rows[0].position == int(found.rows[0].stimulus[1:]) + 100
    assert [r.size for r in found.rows] == sorted((r.size for r in found.rows), reverse=True)
    lost = (scores.argmax(axis=1) == wanted) & (shifted.argmax(axis=1) != wanted)
    assert found.right_to_wrong.unexplained == pytest.approx(lost.mean())


def test_without_targets_churn_decides_and_a_rare_class_does_not_vanish_unsaid(given):
    a = np.repeat([0, 1, 2], [1000, 992, 8])[:, None]
    b = np.where(a == 2, 0, a)
    found = judge_drop_in(given(a, b, "labels"))
    assert found.answer == "yes"
    assert any("class 2, 8 of 8" in w for w in found.warnings)
    assert found.error_change is None
    assert found.class_errors == ()


def test_few_rows_are_undecided_and_say_how_many_would_decide(given, classifier):
    scores, wanted = classifier
    found = judge_drop_in(given(scores[:200], scores[:200], targets=wanted[:200]))
    assert found.answer == "undecided"
    assert found.churn.state == "inside"
    assert found.error_change.state == "open"
    needed = found.error_change.rows_needed
    assert 0.99**needed <= 0.025 < 0.99 ** (needed - 20)
    assert f"about {needed} rows" in found.reasons[0]


def test_churn_on_few_rows_is_not_passed_over(given, classifier):
    scores, _ = classifier
    found = judge_drop_in(given(scores[:40], scores[:40] + 1e-9))
    assert found.answer == "undecided"
    assert found.churn.state == "open"


def test_a_class_of_few_rows_is_named_is_not_needed_and_can_refute(given):
    wanted = np.repeat([0, 1, 2], [1000, 960, 40])
    kept = judge_drop_in(given(wanted[:, None], wanted[:, None], "labels", wanted))
    assert kept.answer == "yes"
    assert kept.class_errors[-1].state == "not_testable"
    assert any("class 2 (40 rows)" in w for w in kept.warnings)
    lost = judge_drop_in(given(wanted[:, None], np.where(wanted == 2, 0, wanted)[:, None], "labels", wanted))
    assert lost.answer == "no"
    assert (lost.class_errors[0].name, lost.class_errors[0].state) == ("2", "outside")


def test_a_class_of_few_rows_that_looks_lost_holds_a_yes_back(given):
    wanted = np.repeat([0, 1, 2], [1000, 960, 40])
    b = wanted.copy()
    b[-6:] = 0
    found = judge_drop_in(given(wanted[:, None], b[:, None], "labels", wanted))
    assert found.answer == "undecided"
    first = found.class_errors[0]
    assert (first.name, first.state, first.leaning) == ("2", "open", True)
    assert "class 2: recall 100 % -> 85 %" in found.reasons[0]
    assert "only 40 rows, too few to test, which lean to the worse and so hold a yes back" in found.reasons[0]
    # one row of the forty leans nowhere; a class of enough rows that is open does not lean, it is tested
    b = wanted.copy()
    b[-1] = 0
    assert not any(c.leaning for c in judge_drop_in(given(wanted[:, None], b[:, None], "labels", wanted)).class_errors)
    b[:50] = 1
    tested = judge_drop_in(given(wanted[:, None], b[:, None], "labels", wanted)).class_errors[0]
    assert (tested.name, tested.state, tested.leaning) == ("0", "open", False)


def test_equal_to_the_last_bit_is_said_and_with_equal_weights_it_decides(given, classifier):
    scores, wanted = classifier
    few = judge_drop_in(given(scores[:30], scores[:30].copy(), targets=wanted[:30]))
    assert (few.answer, few.bit_equal) == ("undecided", True)
    same = judge_drop_in(given(scores[:30], scores[:30].copy(), targets=wanted[:30], equal_weights=True))
    assert (same.answer, same.bit_equal, same.equal_weights) == ("yes", True, True)
    assert "the weights" in same.reasons[0]
    other = judge_drop_in(given(scores, -scores, equal_weights=True))
    assert other.answer == "no"
    assert any("weights are equal" in r for r in other.reasons)


@pytest.mark.parametrize("change", ["shift", "temperature"])
def test_numbers_that_change_no_decision_are_said(given, classifier, rng, change):
    scores, _ = classifier
    other = scores + 3 * rng.standard_normal((2000, 1)) if change == "shift" else scores / 1.5
    found = judge_drop_in(given(scores.astype(np.float32), other.astype(np.float32)))
    assert found.answer == "yes"
    assert any(change in w or (change == "shift" and "shifted" in w) for w in found.warnings)


@pytest.mark.parametrize("ruled_out", [-np.inf, -1e4, -65504.0, -1e9])
def test_masks_on_one_side_are_a_changed_output_and_on_both_are_none(given, classifier, ruled_out):
    scores, _ = classifier
    masked = scores.copy()
    masked[:300, 4] = ruled_out
    one = judge_drop_in(given(scores, masked))
    assert any("300 cells" in w and "columns 4" in w for w in one.warnings)
    both = judge_drop_in(given(masked, masked + 0.0))
    assert both.answer == "yes"
    assert not any("cells" in w for w in both.warnings)
    assert both.evidence[0].value == 0


def test_other_kinds_and_other_columns_are_compared_by_decisions(given, classifier):
    scores, wanted = classifier
    labels = judge_drop_in(given(scores, scores.argmax(axis=1)[:, None], ("logits", "labels"), wanted))
    assert (labels.answer, labels.bit_equal) == ("yes", False)
    assert any("A returns logits and B labels" in w for w in labels.warnings)
    wider = judge_drop_in(given(scores, np.column_stack([scores, scores[:, 0] - 1])))
    assert wider.answer == "yes"
    assert any("column 10" in w for w in wider.warnings)
    halves = np.column_stack([1 - wanted % 2, wanted % 2]) * 0.8 + 0.1
    single = judge_drop_in(given(halves[:, 1:], halves, ("sigmoids", "probabilities")))
    assert (single.answer, single.kinds) == ("yes", ("labels", "probabilities"))


@pytest.mark.parametrize("targets", [np.zeros((2000, 2)), np.full(2000, 10), np.linspace(0, 1, 2000)])
def test_targets_of_another_form_are_left_out_and_said(given, classifier, targets):
    scores, _ = classifier
    found = judge_drop_in(given(scores, scores + 1e-9, targets=targets))
    assert found.answer == "yes"
    assert found.error_change is None
    assert any("the targets are left out" in w for w in found.warnings)


def test_rows_that_hang_together_count_for_less(given, classifier):
    scores, _ = classifier
    b = scores.copy()
    b[:60] = -b[:60]
    alone = judge_drop_in(given(scores, b))
    together = judge_drop_in(given(scores, b, clusters=np.arange(2000) // 20))
    assert alone.answer == "yes"
    assert together.answer == "undecided"
    assert any("in 100 groups" in r for r in together.reasons)
    assert together.churn.low < alone.churn.low < alone.churn.high < together.churn.high


def test_one_group_of_rows_decides_nothing_unless_the_weights_are_equal(given, classifier):
    scores, wanted = classifier
    one = np.zeros(2000, dtype=int)
    assert judge_drop_in(given(scores, scores, targets=wanted, clusters=one)).answer == "undecided"
    assert judge_drop_in(given(scores, scores, clusters=one, equal_weights=True)).answer == "yes"


def test_columns_of_numbers_against_classes_stay_open(given, classifier):
    scores, _ = classifier
    found = judge_drop_in(given(scores, scores, ("regression", "logits")))
    assert found.answer == "undecided"
    assert "output_kind" in found.reasons[0]


def test_no_rows_are_not_tested(given):
    assert judge_drop_in(given(np.zeros((0, 3)), np.zeros((0, 3)))).answer == "not_tested"
