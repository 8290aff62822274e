"""Where the errors lie, on pairs that differ in one place by construction."""

import numpy as np
import pytest

from conjugacy.transformations import Layer, judge
from conjugacy.verdict.where import where_errors


@pytest.fixture
def found(rng):
    x = rng.standard_normal((200, 6))
    y = x.copy()
    y[:, 4] = rng.standard_normal(200)  # one unit that A does not have
    classes = np.repeat([0, 1, 2, 3], 50)
    y[classes == 2, :2] += rng.standard_normal((50, 2))  # one class in which two units are noisy
    y[117] += 3.0  # one row, of that class: elsewhere it would make another class as bad
    ladder = judge(Layer(x), Layer(y), np.arange(200), tolerance=0.05)
    names = [f"u{i}" for i in range(6)]
    return ladder, where_errors(ladder, np.array([f"s{i}" for i in range(200)]), classes, (names, names))


def test_the_unit_the_class_and_the_row_are_found(found):
    _, where = found
    assert where.units_b[0].unit == "u4"
    assert where.units_b[0].unexplained > 0.8 > 0.5 > where.units_b[1].unexplained
    assert where.stimuli[0].stimulus == "s117"
    worst = max(where.classes, key=lambda c: c.a_to_b.unexplained)
    assert (worst.label, worst.rows) == ("2", 50)
    assert all(c.a_to_b.unexplained < worst.a_to_b.low for c in where.classes if c is not worst)


def test_classes_add_up_to_the_whole(found):
    ladder, where = found
    total = sum(c.rows * c.a_to_b.unexplained for c in where.classes) / 200
    assert total == pytest.approx(ladder.a_to_b.unexplained(where.rung))
    assert all(c.a_to_b.low <= c.a_to_b.unexplained <= c.a_to_b.high for c in where.classes)


def test_repeats_of_a_stimulus_are_one_and_many_classes_none(rng):
    x = np.repeat(rng.standard_normal((40, 3)), 3, axis=0)
    ids = np.repeat(np.arange(40), 3)
    y = np.tanh(x) + 0.1 * rng.standard_normal(x.shape)
    ladder = judge(Layer(x), Layer(y), ids, tolerance=0.05)
    where = where_errors(ladder, ids, np.arange(120), ("abc", "abc"))
    assert len({s.stimulus for s in where.stimuli}) == len(where.stimuli)
    assert where.classes == ()
