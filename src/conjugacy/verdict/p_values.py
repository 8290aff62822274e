"""How often a pair at the limit would look as clearly the same, or as clearly not, as this one does."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtr

from conjugacy.results import Estimate
from conjugacy.transformations import Direction, Ladder, rung_named
from conjugacy.transformations.folds import FOLDS

TAIL = 1.959963984540054  # an end of a 95 % interval in standard deviations


def p_same(ladder: Ladder, rung: str) -> float:
    """Return the p-value of the claim that a rung leaves less than the tolerance unexplained, both ways.

    The larger of both directions' p = Phi((log u - log tolerance) / s), s the bootstrap's spread of log u towards the
    tolerance: (log high - log u) / 1.96, or (log u - log low) / 1.96 where u is above it. So p < .025 where the upper end of the
    interval is under the tolerance.
    """
    if ladder.places is None and ladder.too_few(rung) is not None:
        return 1.0  # of a series the upper end allows for it
    estimates = [ladder.standard.estimate(direction, rung) for direction in ladder.directions]
    return max(_tail(_distance(e, ladder.tolerance)) for e in estimates)


def p_different(ladder: Ladder, most: float = 1.0) -> float:
    """Return the p-value of the claim that the last rung that counts leaves more than its limit unexplained, one way at least.

    Twice the smaller of both directions' p = Phi((log limit - log u) / s), s = (log u - log low) / 1.96. The limit is what a
    pair at the tolerance may leave at these rows: for the smooth rung the tolerance with the upper end of the power checks
    added, and p is 1 where more rows or another map would come closer; for the others, which fit k numbers per unit on n
    rows, the tolerance times 1 + k / (n - k - 1), the expected error of least squares on fresh rows. At 100 rows this p is
    still too small, by a factor of about two (`benchmarks/study/p_values.txt`). Whether more rows would bring a map closer is
    not asked where p is `most` or more without it: then any number from `most` on is returned.
    """
    standard, rung = ladder.standard, ladder.up_to
    if any(rung not in direction.errors for direction in ladder.directions):
        return 0.0  # no such map between these widths
    if ladder.too_few(rung) is not None:
        own = 1.0
    else:
        tails = [(_tail(-_distance(standard.estimate(d, rung), _limit(ladder, d))), d) for d in ladder.directions]
        own = 2.0 * min(
            (tail for tail, d in tails if 2.0 * tail < most and standard.is_settled(d, rung)),
            default=1.0,
        )
    return min(1.0, own if ladder.near is None else min(own, p_different(ladder.near, most)))


def _limit(ladder: Ladder, direction: Direction) -> float:
    rung = rung_named(ladder.up_to)
    limit = ladder.standard.limit(direction, rung.name)
    if rung.power_check:
        return limit
    k, rows = rung.numbers_fitted(direction.fits), ladder.a.m * (1.0 - 1.0 / FOLDS)
    return limit * (1.0 + k / (rows - k - 1.0)) if rows > k + 1.0 else np.inf


def _tail(z: float) -> float:
    return 1.0 if np.isnan(z) else float(ndtr(z))


def _distance(estimate: Estimate, limit: float) -> float:
    """Return (log u - log limit) / s: far under 0 where u is clearly under the limit; NaN where nothing is known."""
    u, low, high = (np.nan if x is None else x for x in (estimate.unexplained, estimate.low, estimate.high))
    if not np.isfinite([u, low, high]).all():
        return float("nan")
    if u <= 0.0:
        return -np.inf
    end = high if u < limit else low
    spread = abs(np.log(max(end, 1e-300)) - np.log(u)) / TAIL
    distance = float(np.log(u) - np.log(limit))
    return distance / spread if spread > 0.0 else float(np.copysign(np.inf, distance))
