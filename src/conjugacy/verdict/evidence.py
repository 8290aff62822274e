"""Numbers beside the ladder: the networks' own errors, replicas, outlier rows, weights."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from conjugacy.numerics.ratio_interval import carried_by, influences
from conjugacy.numerics.resample import cluster_means, cluster_sums, counts_together, ratio_interval
from conjugacy.results import Evidence, Floor, SkippedUnit
from conjugacy.results.axis import WAYS
from conjugacy.results.digits import per_cent
from conjugacy.transformations import Ladder, Layer
from conjugacy.transformations.standard import BOOTSTRAP_DRAWS

FEW_ROWS = 5.0
NEGLIGIBLE = 0.1  # of the tolerance: below it nothing hangs on the interval


def ladder_evidence(ladder: Ladder) -> tuple[Evidence, ...]:
    """Return the power checks, the variance-weighted values and the share of units within tolerance."""
    rows: list[Evidence] = []
    for name, direction in zip(WAYS, ladder.directions if ladder.same is None else (), strict=False):
        power = ladder.standard.power(direction)
        rows.append(Evidence(f"power_{name}", power.unexplained, power.low, power.high, unit="unexplained fraction"))
    rung = ladder.told_rung
    for name, direction, target in zip(WAYS, ladder.directions, (ladder.b, ladder.a), strict=True):
        errors = direction.errors[rung]
        rows.append(Evidence(f"{rung}_weighted_by_variance_{name}", errors.by_variance, unit="unexplained fraction"))
        within = float((errors.units[target.judged] / target.m < ladder.tolerance).mean())
        rows.append(Evidence(f"{rung}_units_within_tolerance_{name}", within, unit="share of units"))
    return tuple(rows)


def weighting_warnings(ladder: Ladder) -> tuple[str, ...]:
    """Return a sentence where loud units say something else than units of equal weight."""
    found: list[str] = []
    rung = ladder.told_rung
    for name, direction in zip(("A to B", "B to A"), ladder.directions, strict=True):
        equal, loud = direction.unexplained(rung), direction.errors[rung].by_variance
        apart = (equal > ladder.tolerance) != (loud > ladder.tolerance)  # both far over it say the same
        if apart and abs(equal - loud) > ladder.tolerance:
            found.append(
                f"{name}: the loud units say otherwise: {per_cent(loud)} unexplained when weighted by variance, "
                f"{per_cent(equal)} with equal weights"
            )
    return tuple(found)


def few_rows_warnings(ladder: Ladder, stimuli: np.ndarray) -> tuple[str, ...]:
    """Return a sentence that names the rows where fewer than five of them carry the variance of an error that counts."""
    found: list[str] = []
    rung = ladder.told_rung
    for name, direction in zip(("A to B", "B to A"), ladder.directions, strict=True):
        high = ladder.standard.estimate(direction, rung).high
        if high is None or not high > NEGLIGIBLE * ladder.tolerance:
            continue
        errors, totals = direction.errors[rung].rows, direction.totals
        drawn = ladder.standard.drawn(errors, totals)
        sums = [cluster_sums(x, drawn) for x in (errors, totals)]
        carried = carried_by(sums[0], sums[1])
        if carried < FEW_ROWS:
            order = np.argsort(-np.abs(influences(sums[0], sums[1])), kind="stable")[: int(np.ceil(carried))]
            heaviest = [rows[errors[rows].argmax()] for rows in (np.flatnonzero(drawn == c) for c in order)]
            shown = ", ".join(str(stimuli[i]) for i in heaviest)
            found.append(
                f"{name}: about {len(order)} of {len(sums[0])} independent rows or groups carry the variance of the error "
                f"({shown}): the interval rests on them; look at them, or compare again without them"
            )
    return tuple(found)


def skipped_units(network: Layer, names: tuple[str, ...], who: str, layer: str) -> tuple[SkippedUnit, ...]:
    """Return the units that were not judged as targets, and why."""
    said = np.where(network.std > 0, "it varies no more than rounding does", "constant over these stimuli")
    skipped = [SkippedUnit(who, layer, names[i], str(said[i])) for i in np.flatnonzero(~network.live)]
    live = np.flatnonzero(network.live)
    for j in np.flatnonzero(~network.judged):
        rows = float(network.effective_rows[j])
        skipped.append(SkippedUnit(who, layer, names[live[j]], f"its variance rests on about {rows:.0f} rows", rows))
    return tuple(skipped)


def regression_floor(
    outputs: tuple[np.ndarray, np.ndarray],
    targets: tuple[np.ndarray | None, np.ndarray | None],
    clusters: np.ndarray,
    seed: int,
) -> Floor | None:
    """Return the sum of both networks' own unexplained fractions of their targets, or None where these are not known."""
    errors, totals = np.zeros(len(clusters)), np.zeros(len(clusters))
    for output, own in zip(outputs, targets, strict=True):
        wanted = None if own is None else own.reshape(len(own), -1).astype(np.float64)
        if wanted is None or output.shape != wanted.shape or not (wanted.std(axis=0) > 0).all():
            return None
        errors += (((output - wanted) / wanted.std(axis=0)) ** 2).mean(axis=1)
        totals += (((wanted - wanted.mean(axis=0)) / wanted.std(axis=0)) ** 2).mean(axis=1) / 2.0
    clusters, counts = counts_together(clusters, BOOTSTRAP_DRAWS, seed + 5)
    low, high = ratio_interval(counts, cluster_sums(errors, clusters), cluster_sums(totals, clusters))
    value = float(errors.sum() / totals.sum())
    return Floor(value, low, high, "the two networks' own held-out errors against the targets, added")


def repeat_floor(a: Layer, b: Layer, stimuli: np.ndarray, clusters: np.ndarray, seed: int) -> Floor | None:
    """Return the larger of both networks' own spread over repeats of a stimulus, or None without repeats."""
    _, stimulus = np.unique(stimuli, return_inverse=True)
    repeats = np.bincount(stimulus)
    if (repeats > 1).sum() < 2:
        return None
    often = repeats[stimulus] > 1
    clusters, counts = counts_together(clusters, BOOTSTRAP_DRAWS, seed + 6)
    floors: list[Floor] = []
    for network in (a, b):
        z = network.z[:, network.judged]
        spread = ((z - cluster_means(z, stimulus)[stimulus]) ** 2).sum(axis=1)
        spread *= np.where(often, repeats[stimulus] / np.maximum(repeats[stimulus] - 1, 1), 0.0)
        totals = np.where(often, (z**2).sum(axis=1), 0.0)
        low, high = ratio_interval(counts, cluster_sums(spread, clusters), cluster_sums(totals, clusters))
        floors.append(
            Floor(float(spread.sum() / totals.sum()), low, high, "the networks' own spread over repeats of a stimulus")
        )
    return max(floors, key=lambda floor: floor.value or 0.0)


def decisive_rows(ladder: Ladder, answer_of: Callable[[Ladder], str]) -> np.ndarray:
    """Return the rows (at most 1 % per direction, at least one) without which the answer would be another, else none."""
    share = max(1, ladder.a.m // 100)
    rung = ladder.told_rung
    worst = [np.argsort(-direction.errors[rung].rows)[:share] for direction in ladder.directions]
    rows = np.unique(np.concatenate(worst))
    return rows if answer_of(ladder.without(rows)) != answer_of(ladder) else np.empty(0, dtype=np.int64)
