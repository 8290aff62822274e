"""A measure beside what chance gives: a permutation null, the value calibrated by it, an interval from halves of the rows."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from conjugacy.data import as_activations, match_rows
from conjugacy.errors import InputError
from conjugacy.numerics.resample import half_sample_interval, half_samples, shuffle_clusters
from conjugacy.results import Score

if TYPE_CHECKING:
    from conjugacy.measure.interface import Measure

FEWEST_CLUSTERS = 8  # independent rows below which half of them say nothing of the spread


def judged(measure: Measure, x: Any, y: Any, draws: int, seed: int) -> Score:
    """Compare two networks beside what chance gives, as `Measure.judge` says."""
    if measure.traits.data not in ("activations", "outputs"):
        raise InputError(f"measure {measure.id!r} compares trajectories; its null needs rows that belong together")
    if draws < 20:
        raise InputError(f"draws: got {draws}, expected at least 20")
    masks = measure.traits.data == "outputs"
    a, b = as_activations(x, masks=masks), as_activations(y, masks=masks)
    matching = match_rows(a, b)
    a, b, clusters = a.take(matching.rows_a), b.take(matching.rows_b), matching.clusters
    first = measure.prepare(a)
    score = measure.compare(first, measure.prepare(b))
    if not np.isfinite(score.value) or matching.n_clusters < FEWEST_CLUSTERS:
        return score
    rng = np.random.default_rng(seed)
    shuffles = (shuffle_clusters(clusters, rng) for _ in range(draws))
    null = np.array([measure.compare(first, measure.prepare(replace(b, values=b.values[s]))).value for s in shuffles])
    same = score.details.get("ceiling", measure.traits.identity_value)
    same = measure.compare(first, first).value if same is None else same
    interval = score.interval  # some measures have one of their own
    if interval is None:
        halves = half_samples(clusters, draws, seed + 1)
        on_halves = measure.for_halves()
        values = np.array([on_halves(a.take(rows), b.take(rows)).value for rows in halves])
        interval = None if _stuck(score.value, values, null) else half_sample_interval(score.value, values)
    more = _against_null(score.value, null, same, measure.traits.larger_is_more_similar)
    return replace(score, interval=interval, details={**score.details, **more})


def _stuck(value: float, halves: np.ndarray, null: np.ndarray) -> bool:
    """Say whether most halves have one value that all rows have not, while shuffled rows vary."""
    finite, shuffled = halves[np.isfinite(halves)], null[np.isfinite(null)]
    if not (finite.size and shuffled.size):
        return False
    middle = float(np.median(finite))
    alike = float((np.abs(finite - middle) < 1e-12).mean())
    return alike > 0.5 and abs(value - middle) > 1e-9 and float(np.ptp(shuffled)) > 1e-9


def _against_null(value: float, null: np.ndarray, same: float, larger: bool) -> dict[str, float | None]:
    """Return where the value lies against shuffled rows."""
    null = null[np.isfinite(null)]
    if not null.size:
        return {"null_mean": None, "null_limit": None, "p": None, "calibrated": None}
    sign = 1.0 if larger else -1.0
    mean, limit = float(null.mean()), float(sign * np.quantile(sign * null, 0.95))
    # values that differ by rounding only are equal
    alike = int((sign * null >= sign * value - 1e-12).sum())
    calibrated = (value - mean) / (same - mean) if abs(same - mean) > 1e-12 else None
    return {"null_mean": mean, "null_limit": limit, "p": (1 + alike) / (1 + null.size), "calibrated": calibrated}
