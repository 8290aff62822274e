"""Sigmoids: every column by itself."""

import numpy as np
import pytest

from conjugacy.results import Margins
from conjugacy.verdict.drop_in import judge_drop_in


@pytest.fixture
def pitches(rng):
    """Forty columns, the first lit on half of the rows, others on 15 %, the last on 20 rows."""
    values = rng.uniform(0, 0.4, (2000, 40))
    lit = rng.random((2000, 40)) < np.where(np.arange(40) == 0, 0.5, 0.15)
    lit[:, -1] = np.arange(2000) < 20
    return values + 0.55 * lit


def test_a_copy_is_a_replacement(given, pitches, rng):
    found = judge_drop_in(given(pitches, pitches + 0.001 * rng.standard_normal(pitches.shape), "sigmoids"))
    assert (found.answer, found.n_changed) == ("yes", 0)
    assert found.evidence[0].name == "rows_with_any_change"


def test_a_broken_column_is_named(given, pitches):
    b = pitches.copy()
    b[:, 0] = 0.1
    found = judge_drop_in(given(pitches, b, "sigmoids", names=tuple(f"bin{j}" for j in range(40))))
    assert found.answer == "no"
    assert found.churn.name == "churn, column bin0"
    assert found.reasons[0].startswith("column bin0: decisions change on")
    assert found.churn.value == np.mean(pitches[:, 0] >= 0.5)


def test_a_rare_column_does_not_go_out_unsaid(given, pitches):
    b = pitches.copy()
    b[:, -1] = 0.1
    silent = judge_drop_in(given(pitches, b, "sigmoids"))
    assert silent.answer == "yes"
    assert any("column 39, 20 of 20" in w for w in silent.warnings)
    told = judge_drop_in(given(pitches, b, "sigmoids", (pitches >= 0.5).astype(int)))
    assert told.answer == "no"
    assert (told.class_errors[0].name, told.class_errors[0].state) == ("39, lit", "outside")
    assert [row.target for row in told.rows] == ["yes"] * 20


def test_a_rare_column_that_leans_to_the_worse_holds_a_yes_back_and_is_named(given, pitches):
    b = pitches.copy()
    b[:3, -1] = 0.1
    found = judge_drop_in(given(pitches, b, "sigmoids", (pitches >= 0.5).astype(int)))
    assert found.answer == "undecided"
    assert [c.name for c in found.class_errors if c.leaning] == ["39, lit"]
    assert "column 39, lit: right on 100 % -> 85 %" in found.reasons[0]
    assert "only 20 rows, too few to test, which lean to the worse" in found.reasons[0]


def test_a_threshold_is_asked_for(given, pitches):
    b = np.where(pitches >= 0.5, 0.6, pitches)
    assert judge_drop_in(given(pitches, b, "sigmoids")).answer == "yes"
    assert judge_drop_in(given(pitches, b, "sigmoids", margins=Margins(threshold=0.7))).answer == "no"


def test_one_column_with_targets_in_a_row(given, rng):
    speech = rng.random((2000, 1))
    found = judge_drop_in(given(speech, speech, "sigmoids", (speech[:, 0] > 0.5).astype(float)))
    assert found.answer == "yes"
    assert found.error_change.value == 0
    assert {c.name for c in found.class_errors} == {"0, lit", "0, unlit"}


def test_targets_that_are_no_answers_are_left_out(given, pitches):
    found = judge_drop_in(given(pitches, pitches + 1e-9, "sigmoids", 2 * np.ones(pitches.shape)))
    assert found.error_change is None
    assert any("neither 0 nor 1" in w for w in found.warnings)


def test_frames_of_one_sound_hang_together(given, pitches):
    b = pitches.copy()
    b[:40] = 1 - b[:40]
    alone = judge_drop_in(given(pitches, b, "sigmoids", (pitches >= 0.5)))
    together = judge_drop_in(given(pitches, b, "sigmoids", (pitches >= 0.5), np.arange(2000) // 40))
    assert together.churn.high > alone.churn.high
    assert together.answer == "undecided"
