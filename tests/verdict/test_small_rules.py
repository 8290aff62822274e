"""Rules that decide at their edges, each by itself: answers from states, the floor, shares, columns, and numbers in words."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from conjugacy.results import Estimate, Floor, Gain
from conjugacy.verdict.controls import _status
from conjugacy.verdict.decisions.shares import Groups
from conjugacy.verdict.decisions.words import Words
from conjugacy.verdict.doubts import against_floor
from conjugacy.verdict.drop_in.targets import column_targets
from conjugacy.verdict.heads import deciding
from conjugacy.verdict.kinds import Told, guess_kind
from conjugacy.verdict.outputs import differ_by_row
from conjugacy.verdict.relation import ladder_answer
from conjugacy.verdict.sentences import of_gain, percent, times


def ladder(a_to_b: str, b_to_a: str, lows: tuple[float, float] = (0.5, 0.5), rung: str | None = None) -> Any:
    ways = SimpleNamespace(state=a_to_b, low=lows[0]), SimpleNamespace(state=b_to_a, low=lows[1])
    return SimpleNamespace(
        directions=ways,
        rung=rung,
        tolerance=0.05,
        up_to="smooth",
        determines=lambda way: way.state,
        estimate=lambda way, _: Estimate(way.low, way.low, 1.0),
    )


@pytest.mark.parametrize(
    ("states", "answer"),
    [
        (("holds", "fails"), "a_determines_b"),
        (("fails", "holds"), "b_determines_a"),
        (("holds", "undecided"), "undecided"),
        (("fails", "undecided"), "not_equivalent"),
        (("undecided", "fails"), "not_equivalent"),
        (("undecided", "holds"), "undecided"),
        (("undecided", "undecided"), "undecided"),
    ],
)
def test_an_answer_from_both_directions(states: tuple[str, str], answer: str) -> None:
    assert ladder_answer(ladder(*states)) == answer
    assert ladder_answer(ladder(*states, rung="affine")) == "equivalent"


def test_the_floor_of_both_networks_is_taken_off() -> None:
    floor = Floor(0.1, 0.05, 0.2, "repeats")  # (1 - .2)^2 = .64: with the tolerance .41 may be noise
    for low, answer in ((0.40, "undecided"), (0.42, "unrelated")):
        found, why = against_floor("unrelated", ladder("fails", "fails", (0.01, low)), floor)
        assert found == answer
        assert (why is None) == (answer == "unrelated")
    assert (
        against_floor("unrelated", ladder("fails", "holds", (0.3, 0.99)), floor)[0] == "undecided"
    )  # what fails alone counts
    assert against_floor("unrelated", ladder("fails", "fails"), Floor())[0] == "unrelated"
    assert against_floor("unrelated", ladder("fails", "fails"), Floor(0.9, 0.8, 1.5, "repeats"))[0] == "undecided"


@pytest.mark.parametrize(
    ("ends", "status"),
    [
        (((0.01, 0.02), (0.01, 0.03)), "holds"),
        (((0.01, 0.02), (0.01, 0.05)), "undecided"),
        (((0.06, 0.5), (0.01, 0.02)), "fails"),
        (((0.05, 0.5), (0.01, 0.02)), "undecided"),
        (((0.01, 0.02), None), "holds"),
        ((None, None), "fails"),
    ],
)
def test_the_status_of_a_control(ends: Any, status: str) -> None:
    both = [None if one is None else Estimate(one[0], *one) for one in ends]
    assert _status(both[0], both[1], 0.05) == status


def test_shares_without_an_interval_say_nothing() -> None:
    rows = Groups(np.arange(50))
    assert [rows.p_above(e, 0.1) for e in (Estimate(0.5, None, 0.6), Estimate(None, 0.4, 0.6))] == [1.0, 1.0]
    one = Groups(np.zeros(9, dtype=int)).mean(np.ones(9))
    assert (one.unexplained, one.low, one.high) == (1.0, -np.inf, np.inf)
    two = Groups(np.arange(10) // 5).mean(
        np.arange(10) // 5 * 1.0
    )  # t with one degree of freedom: 12.7 standard errors
    assert two.high - two.unexplained == pytest.approx(12.706 * 0.5, rel=1e-3)


def test_targets_of_columns_have_their_shape() -> None:
    for targets, shape in ((np.zeros((3, 2)), (2, 3)), (np.zeros(2), (2, 3)), (np.zeros((2, 2)), (2, 3))):
        found, said = column_targets(targets, shape)
        assert found is None
        assert "are left out" in said[0]
    assert column_targets(np.eye(2), (2, 2))[0].tolist() == [[True, False], [False, True]]


def test_which_output_decides() -> None:
    assert deciding(["equivalent", "equivalent"], ["rotation", "smooth"]) == 1  # the widest map
    assert deciding(["equivalent", "equivalent"], ["identity", None]) == 0
    assert deciding(["equivalent", "undecided", "not_tested"], ["identity", None, None]) == 1
    assert deciding(["a_determines_b", "unrelated", "undecided"], [None] * 3) == 1


def test_few_whole_numbers_are_labels_and_many_are_values() -> None:
    rows = np.arange(20)
    assert guess_kind((rows % 4)[:, None] * 1.0, Told())[0] == "labels"
    assert guess_kind((rows % 5)[:, None] * 1.0, Told())[0] == "regression"


def test_one_column_does_not_differ_by_rows() -> None:
    x = np.random.default_rng(0).normal(size=(30, 2))
    moved = x + np.arange(30.0)[:, None]
    assert differ_by_row(x, moved)
    assert not differ_by_row(x[:, :1], moved[:, :1])


@pytest.mark.parametrize(
    ("estimate", "said"),
    [
        (Estimate(0.004, 0.002, 0.007), "0.4 % [0.2, 0.7]"),
        (Estimate(0.02, 0.01, 0.1), "2 % [1, 10]"),
        (Estimate(1e-6, 1e-7, 1e-5), "under 0.001 % [0, 0.001]"),
        (Estimate(1e-7, 0.0, 9e-6), "under 0.001 %"),
        (Estimate(), "not measured"),
    ],
)
def test_estimates_in_words(estimate: Estimate, said: str) -> None:
    assert percent(estimate) == said


def test_gains_in_words() -> None:
    gain = Gain(0.5, 0.4, 0.3, "affine", 0.45, 0.55, None, None, "one_network")
    assert times(gain, "a_to_b") == "3.2 [2.8, 3.5]"
    assert times(gain, "b_to_a") == "2.5"
    assert "for one network only" in of_gain(gain)
    small = of_gain(Gain(0.1, 0.1, 0.3, "affine", state="small"))
    assert "at the affine rung, not clearly 2 times both ways" in small


def test_how_many_rows_would_decide() -> None:
    said = Words(Estimate(0.9, 0.8, 0.95), None, False, None)
    assert said.of_few(Estimate(-0.03, -0.07, 0.01), 0.05, 100).endswith("the limit is -5: about 400 rows would decide")
    assert said.of_few(Estimate(-0.05, -0.07, 0.01), 0.05, 100).endswith("it sits on the limit")
    assert said.of_few(Estimate(-0.03, -0.07, 0.01), 0.05, 100).startswith("that is -7 to +1 points beside")
