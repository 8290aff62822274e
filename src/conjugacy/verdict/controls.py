"""Controls: the same ladder from networks that cannot have learned the task, and the gain over them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from conjugacy.results import Control, Estimate, Gain, RungResult
from conjugacy.transformations import LADDER, RUNGS, Ladder, Layer, judge_direction

GAIN_THRESHOLD = 0.3
_SMALLEST = 1e-6  # unexplained fractions below it are taken as equal: a log of rounding errors is no gain


def untrained_control(
    ladder: Ladder, copies_a: Sequence[np.ndarray], copies_b: Sequence[np.ndarray], source: str
) -> Control | None:
    """Judge the maps from untrained copies of A to B, and from untrained copies of B to A.

    Parameters
    ----------
    ladder : Ladder
        The pair itself; rows, clusters, seed and tolerance are taken from it.
    copies_a, copies_b : sequence of array, (m, n)
        Activations of untrained copies of each network, rows matched; either may be empty.
    source : str
        How the copies came about.
    """
    if not copies_a and not copies_b:
        return None
    forward = _mean_errors(ladder, copies_a, ladder.b)
    backward = _mean_errors(ladder, copies_b, ladder.a)
    rungs = tuple(
        RungResult(
            rung,
            _status(forward.get(rung), backward.get(rung), ladder.tolerance),
            forward.get(rung, Estimate()),
            backward.get(rung, Estimate()),
            n_train=ladder.results[0].n_train,
            n_test=ladder.results[0].n_test,
        )
        for rung in RUNGS
    )
    return Control("untrained", source, max(len(copies_a), len(copies_b)), rungs)


def _mean_errors(ladder: Ladder, copies: Sequence[np.ndarray], target: Layer) -> dict[str, Estimate]:
    """Return the mean over copies of the unexplained fraction per rung; low and high are the copies' range."""
    per_rung: dict[str, list[float]] = {}
    for values in copies:
        source = Layer(values, ladder.seed)
        direction = judge_direction(source, target, ladder.clusters, seed=ladder.seed, with_nulls=False)
        for rung in direction.errors:
            per_rung.setdefault(rung, []).append(direction.unexplained(rung))
    return {rung: Estimate(float(np.mean(u)), min(u), max(u)) for rung, u in per_rung.items()}


def _status(forward: Estimate | None, backward: Estimate | None, tolerance: float) -> str:
    highs = [e.high for e in (forward, backward) if e is not None and e.high is not None]
    lows = [e.low for e in (forward, backward) if e is not None and e.low is not None]
    if not highs or any(low > tolerance for low in lows):
        return "fails"
    return "holds" if all(high < tolerance for high in highs) else "undecided"


def gain_over(control: Control | None, ladder: Ladder) -> Gain:
    """Return log10(u of the control / u of the pair) at the rung where the smaller of both directions is largest."""
    best = Gain(threshold=GAIN_THRESHOLD)
    if control is None:
        return best
    by_name = {result.rung: result for result in control.rungs}
    for rung in (r.name for r in LADDER if r.graded):
        values = [
            _log_ratio(estimate.unexplained, direction.unexplained(rung))
            for estimate, direction in zip((by_name[rung].a_to_b, by_name[rung].b_to_a), ladder.directions, strict=True)
        ]
        found = Gain(values[0], values[1], GAIN_THRESHOLD, rung)
        if best.rung is None or _smaller(found) > _smaller(best):
            best = found
    return best


def _log_ratio(control: float | None, pair: float) -> float | None:
    if control is None:
        return None
    return float(np.log10(max(control, _SMALLEST) / max(pair, _SMALLEST)))


def _smaller(gain: Gain) -> float:
    return min((g for g in (gain.a_to_b, gain.b_to_a) if g is not None), default=-np.inf)
