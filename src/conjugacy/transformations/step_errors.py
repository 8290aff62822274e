"""The direct test over the time in a trial: what each past leaves of the other system's next point."""

from __future__ import annotations

import numpy as np

from conjugacy.numerics.resample import bootstrap_counts, drawn_sums
from conjugacy.results import StepErrors
from conjugacy.transformations.next_point import NextPoint
from conjugacy.transformations.split import Split

MOST_TIMES = 100  # of the picture; more time points are averaged in runs
DRAWS = 400
LEVELS = (2.5, 97.5)


def step_errors(test: NextPoint, dt: float) -> StepErrors:
    """Return the errors of the test's first division over the time in its held-out trials."""
    split = test.splits[0]
    held = split.places.held
    run = -(-int(split.places.times[held].max() + 1) // MOST_TIMES)
    numbers, at = np.unique(split.places.times[held] // run, return_inverse=True)
    first = np.array([split.places.times[held][at == i].mean() for i in range(len(numbers))])
    b, a = (_of_target(split, target, at, len(numbers), test.seed) for target in (1, 0))
    return StepErrors(dt * (first + 1.0), b, a, len(split.judged))


def _of_target(split: Split, target: int, at: np.ndarray, count: int, seed: int) -> np.ndarray:
    """Return what the other's past, the better of its own and both, and the drive alone leave of one system's next point."""
    places, y = split.places, split.targets[target]
    own, both = (split.told[i][target].squared(y) for i in (target, 2))
    least = own if own[places.held].sum() <= both[places.held].sum() else both
    alone = ((y - split.alone[target]) ** 2).sum(axis=1)
    mean = y[places.fitted | places.kept].mean(axis=0)
    variance = float(((y - mean) ** 2).sum(axis=1)[places.held].mean()) or 1.0
    left = [x[places.held] / variance for x in (split.told[1 - target][target].squared(y), least, alone)]
    return np.stack([_over_time(x, at, count, split.courses[places.trials[places.held]], seed) for x in left])


def _over_time(x: np.ndarray, at: np.ndarray, count: int, courses: np.ndarray, seed: int) -> np.ndarray:
    """Return the mean at every time and its 95 % interval over courses, (3, count)."""
    _, course = np.unique(courses, return_inverse=True)
    shape = (int(course.max()) + 1, count)
    sums, rows = np.zeros(shape), np.zeros(shape)
    np.add.at(sums, (course, at), x)
    np.add.at(rows, (course, at), 1.0)
    drawn = bootstrap_counts(shape[0], DRAWS, seed)
    with np.errstate(invalid="ignore", divide="ignore"):
        again = drawn_sums(drawn, sums) / drawn_sums(drawn, rows)
        mean = sums.sum(axis=0) / rows.sum(axis=0)
    # at a time that some draws hold no trial of, the interval is that of the others
    low, high = np.nanpercentile(again, LEVELS, axis=0)
    return np.stack([mean, low, high])
