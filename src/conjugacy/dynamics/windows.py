"""A state of so many time points in a row, where units show only a part of the state, or show it through noise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from conjugacy.numerics.spectral import principal_components
from conjugacy.numerics.state_map import COORDINATES, FLATTEN, whitening

TRIED = (0, 1, 3, 7, 12)  # earlier time points beside the present one
LONGER = (24,)  # where none of these is enough
MOST_ROWS = 4000  # from which coordinates are read off
KEPT = 1.0 - 1e-9  # share of the variance that coordinates hold: a hidden direction shows in a small difference only


def delays_tried(shortest: int, delays: int | None = None) -> tuple[int, ...]:
    """Return how many earlier time points are tried in trials of this length: at most a quarter of one; or those asked for.

    Examples
    --------
    >>> delays_tried(50), delays_tried(20), delays_tried(50, delays=4)
    ((0, 1, 3, 7, 12), (0, 1, 3), (3,))
    """
    if delays is not None:
        return (delays - 1,)
    return tuple(h for h in TRIED if h <= max(1, shortest // 4))


def longer_tried(shortest: int) -> tuple[int, ...]:
    """Return the same with windows of up to half a trial: through noise, few units show a state in a long past only.

    Examples
    --------
    >>> longer_tried(50), longer_tried(20)
    ((0, 1, 3, 7, 12, 24), (0, 1, 3, 7))
    """
    return tuple(h for h in (*TRIED, *LONGER) if h <= max(1, shortest // 2))


def reduced(trials: Sequence[np.ndarray], fitted: np.ndarray) -> tuple[np.ndarray, ...]:
    """Return trials in at most 30 principal coordinates of those for fitting, their mean off, at unit total variance."""
    rows = np.concatenate([trials[i] for i in fitted])
    mean = rows.mean(axis=0)
    rows = rows - mean
    vectors = np.eye(rows.shape[1])
    if rows.shape[1] > COORDINATES:
        vectors = principal_components(rows[:: max(1, len(rows) // MOST_ROWS)])[1][:, :COORDINATES]
    total = float(np.sqrt((rows**2).sum() / len(rows))) or 1.0
    return tuple((x - mean) @ vectors / total for x in trials)


@dataclass(frozen=True, eq=False)
class Places:
    """Time points of trials from which something later is predicted, and on which maps are fitted, chosen and judged.

    Attributes
    ----------
    trials, times : int array, (m,)
    fitted, kept, held : bool array, (m,)
        For fitting, for choosing between fits, and for judging.
    """

    trials: np.ndarray
    times: np.ndarray
    fitted: np.ndarray
    kept: np.ndarray
    held: np.ndarray

    @classmethod
    def of(cls, lengths: Sequence[int], span: tuple[int, int], roles: np.ndarray) -> Places:
        """Take the time points from span[0] on that have span[1] after them; `roles` is 0, 1 or 2 by trial."""
        first, ahead = span
        times = [np.arange(first, length - ahead) for length in lengths]
        trials = np.repeat(np.arange(len(lengths)), [len(t) for t in times])
        role = roles[trials]
        return cls(trials, np.concatenate(times), role == 0, role == 1, role == 2)

    def later(self, side: Sequence[np.ndarray], ahead: int) -> np.ndarray:
        """Return what was recorded `ahead` time points later, (m, n)."""
        starts = np.cumsum([0, *(len(x) for x in side)])[:-1]
        return np.concatenate(side)[starts[self.trials] + self.times + ahead]

    def windows(self, side: Sequence[np.ndarray], back: int, ahead: int = 0) -> np.ndarray:
        """Return the time points from `back` earlier to `ahead` later side by side, (m, (back + ahead + 1) n)."""
        return np.concatenate([self.later(side, i) for i in range(-back, ahead + 1)], axis=1)

    def per_trial(self, squared: np.ndarray) -> np.ndarray:
        """Return sums over the judged time points of every judged trial."""
        numbers = np.unique(self.trials[self.held], return_inverse=True)[1]
        return np.bincount(numbers, weights=squared[self.held])


def roles_of(courses: np.ndarray, trained: float, seed: int) -> np.ndarray:
    """Return 0 for trials to fit on, 1 to choose on, 2 to judge on; trials of one course share theirs."""
    order = np.random.default_rng(seed).permutation(int(courses.max()) + 1)
    train = order[: max(2, int(trained * len(order)))]
    kept = train[: max(1, len(train) // 4)]
    return np.where(np.isin(courses, kept), 1, np.where(np.isin(courses, train), 0, 2))


def white(rows: np.ndarray, known: np.ndarray, most: int = COORDINATES, flatten: float = FLATTEN) -> np.ndarray:
    """Return rows in principal coordinates of the known ones (a bool mask), about unit variance, hidden directions included."""
    mean = rows[known].mean(axis=0)
    return (rows - mean) @ whitening(rows[known] - mean, KEPT, most, flatten)
