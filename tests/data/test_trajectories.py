"""Trajectories: trials of equal or unequal length."""

from __future__ import annotations

import numpy as np
import pytest

import conjugacy as cj
from conjugacy.errors import InputError, NotFiniteError, ShapeError


@pytest.mark.parametrize(
    ("values", "settings", "kind", "words"),
    [
        (np.zeros((5, 2)), {}, ShapeError, "3 dimensions"),
        ([], {}, ShapeError, "non-empty list"),
        ("abc", {}, ShapeError, "expected an array"),
        ([np.zeros((5, 2)), np.zeros((5, 3))], {}, ShapeError, r"\[2, 3\]"),
        ([np.zeros((0, 2))], {}, ShapeError, "at least one time point"),
        ([np.zeros((4, 2)), np.full((3, 2), np.nan)], {}, NotFiniteError, "in 1 of 2 trials: 1"),
        (np.zeros((2, 5, 3)), {"dt": 0.0}, InputError, "positive"),
        (np.zeros((2, 5, 3)), {"dt": np.nan}, InputError, "positive"),
        (np.zeros((2, 5, 3)), {"trials": ["a", "a"]}, InputError, "repeat"),
        (np.zeros((2, 5, 3)), {"trials": ["a"]}, ShapeError, "each of the 2 trials"),
        (np.zeros((2, 5, 3)), {"drive": np.zeros((2, 4, 1))}, ShapeError, "same trials and time points"),
    ],
)
def test_bad_input(values: object, settings: dict, kind: type[Exception], words: str) -> None:
    with pytest.raises(kind, match=words):
        cj.Trajectories(values, **settings)  # type: ignore[arg-type]


def test_an_array_and_a_list_of_its_trials_are_the_same(rng: np.random.Generator) -> None:
    values = rng.standard_normal((3, 5, 2))
    one, two = cj.Trajectories(values), cj.Trajectories(list(values))
    assert one.lengths == two.lengths == (5, 5, 5)
    assert one.n_units == two.n_units == 2
    assert all(np.array_equal(x, y) for x, y in zip(one.values, two.values, strict=True))
    values[0] = 0.0
    assert one.values[0].any()


def test_take_keeps_labels(rng: np.random.Generator) -> None:
    t = cj.Trajectories(
        [rng.standard_normal((n, 2)) for n in (3, 4, 5)],
        trials=["a", "b", "c"],
        conditions=[0, 1, 0],
        drive=[np.full((n, 1), n) for n in (3, 4, 5)],
    )
    part = t.take([2, 0])
    assert part.lengths == (5, 3)
    assert part.trials is not None
    assert part.conditions is not None
    assert part.drive is not None
    assert part.trials.tolist() == ["c", "a"]
    assert part.conditions.tolist() == [0, 0]
    assert part.drive[0][0, 0] == 5


def test_flatten_makes_a_trial_a_group() -> None:
    flat = cj.Trajectories([np.zeros((2, 1)), np.ones((3, 1))], trials=["a", "b"], name="n", layer="l").flatten()
    assert flat.stimuli is not None
    assert flat.groups is not None
    assert flat.stimuli.tolist() == ["a@0", "a@1", "b@0", "b@1", "b@2"]
    assert flat.groups.tolist() == ["a", "a", "b", "b", "b"]
    assert (flat.name, flat.layer) == ("n", "l")
    assert flat.values.ravel().tolist() == [0, 0, 1, 1, 1]
