"""Recurrence curves as they are drawn: a system's own, what its halves differ by, and what instruments do to them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from conjugacy.dynamics.recurrence import WEIGHTS, Recurrence, at_times, common_times
from conjugacy.dynamics.unmatched import Halves
from conjugacy.results import CurveBand, RecurrenceCurves

DRAWN = ("mean", "climb")  # how far states lie apart, and which way time runs; the others follow these
ENDS = (2.5, 97.5)  # per cent of the halves


def recurrence_curves(a: Halves, b: Halves) -> RecurrenceCurves:
    """Return both systems' curves at the times at which they are compared.

    Examples
    --------
    >>> from conjugacy.data import Trajectories
    >>> t = 0.2 * np.arange(60)
    >>> turns = Trajectories([np.stack([np.cos(t + p), np.sin(t + p)], axis=1) for p in range(6)], dt=0.2)
    >>> halves = Halves.of(turns, halvings=1)
    >>> found = recurrence_curves(halves, halves)
    >>> bool((found.a.floor[0] <= found.a.own).all() and (found.a.own <= found.a.floor[1]).all())
    True
    """
    times = common_times([x for halves in (a, b) for draw in (*halves.plain, *halves.viewed) for x in draw])
    one, other = (CurveBand(*_plain(halves.plain, times), _ends(halves.viewed, times)) for halves in (a, b))
    return RecurrenceCurves(times, DRAWN, one, other)


def _plain(draws: Sequence[tuple[Recurrence, Recurrence]], times: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return np.median(_curves(draws, times), axis=0), _ends(draws, times)


def _ends(draws: Sequence[tuple[Recurrence, Recurrence]], times: np.ndarray) -> np.ndarray:
    return np.percentile(_curves(draws, times), ENDS, axis=0)


def _curves(draws: Sequence[tuple[Recurrence, Recurrence]], times: np.ndarray) -> np.ndarray:
    """Return the curves that are drawn of every half, (halves, curves, times)."""
    rows = [list(WEIGHTS).index(name) for name in DRAWN]
    return np.stack([at_times(half.mean, half.times, times)[rows] for draw in draws for half in draw])
