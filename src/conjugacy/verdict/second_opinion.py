"""Evidence that fits no map, or looks at the map itself: continuity, gradients, condition, errors against the floor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from conjugacy.errors import InputError
from conjugacy.numerics.neighbours.continuity import NEIGHBOURS, continuity_radii
from conjugacy.numerics.neighbours.of_rows import nearest
from conjugacy.numerics.resample import bootstrap_counts, cluster_sums, ratio_interval
from conjugacy.results import Estimate, Evidence, Floor
from conjugacy.results.axis import WAYS
from conjugacy.results.digits import digits, interval
from conjugacy.transformations import Layer, Transformation
from conjugacy.transformations.stretches import stretch_range

ANCHORS = 400
DRAWS = 300
SPREAD = (0.05, 0.95)
BEYOND = 2.0  # times the floor, from which an error is called a difference of the tasks


def continuity_both_ways(a: Layer, b: Layer, clusters: np.ndarray, seed: int) -> tuple[Evidence, ...]:
    """Return how far neighbours in one layer stay neighbours in the other: the mean radius against that of random rows.

    The floor is the same for a map that is continuous by construction, the target onto itself; 1 is chance. Nothing where too
    few rows are independent, or where states repeat, so that neighbours cannot be told apart.
    """
    k = NEIGHBOURS[1]
    anchors = np.sort(np.random.default_rng(seed).choice(a.m, min(ANCHORS, a.m), replace=False))
    if a.m <= k + 1:
        return ()
    states = [network.z[:, network.judged] for network in (a, b)]
    found = [nearest(states[0], anchors, clusters, k)]
    found.append(found[0] if np.array_equal(states[0], states[1]) else nearest(states[1], anchors, clusters, k))
    usable = np.all([np.isfinite(far[:, -1]) & (far[:, 0] > 0) for _, far in found], axis=0)
    if usable.mean() < 0.5 or usable.sum() < 20:
        return ()
    anchors, near = anchors[usable], [rows[usable] for rows, _ in found]
    random = np.random.default_rng(seed + 1).integers(0, a.m, near[0].shape)
    _, groups = np.unique(clusters[anchors], return_inverse=True)
    counts = bootstrap_counts(int(groups.max()) + 1, DRAWS, seed)
    evidence: list[Evidence] = []
    same = found[0] is found[1]
    for way, source, target in ((WAYS[0], 0, 1), (WAYS[1], 1, 0)):
        if same and evidence:
            evidence.append(replace(evidence[0], name=f"continuity_{way}"))
            continue
        own, chance = (continuity_radii(states[target], anchors, rows) for rows in (near[target], random))
        radii = own if same else continuity_radii(states[target], anchors, near[source])
        low, high = ratio_interval(counts, cluster_sums(radii, groups), cluster_sums(chance, groups))
        whole = float(chance.sum())
        value, floor = float(radii.sum()) / whole, float(own.sum()) / whole
        evidence.append(Evidence(f"continuity_{way}", value, low, high, floor, 1.0, "radius over chance radius"))
    return tuple(evidence)


def gradient_sines(source: np.ndarray, target: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return, per row, which share of the target's derivatives lies outside the span of the source's, and that span's rank.

    sine = |J_t (I - P)|_F / |J_t|_F, with P the projection onto the row space of J_s. It is 0 at every row where the target is a
    function of the source nearby; two gradients of scalars: the sine of the angle between them.

    Parameters
    ----------
    source, target : array, (m, n, d) and (m, q, d)
        Derivatives with respect to the same inputs.
    """
    _, s, vt = np.linalg.svd(source, full_matrices=False)
    kept = s > 1e-8 * s[:, :1]
    inside = np.einsum("mqd,mrd->mqr", target, vt * kept[:, :, None])
    total = (target**2).sum(axis=(1, 2))
    outside = np.maximum(total - (inside**2).sum(axis=(1, 2)), 0.0)
    return np.sqrt(outside / np.where(total > 0, total, 1.0)), kept.sum(axis=1)


def gradients_both_ways(a: np.ndarray, b: np.ndarray) -> tuple[Evidence, ...]:
    """Return the row-space test in both directions: median and 5-95 % of rows; without a value where it cannot fail."""
    d = a.shape[2]
    found: list[Evidence] = []
    for way, source, target in ((WAYS[0], a, b), (WAYS[1], b, a)):
        sines, ranks = gradient_sines(source, target)
        if np.median(ranks) >= d:
            vacuous = "sine; without a value: these outputs show every direction of the input, and the test cannot fail"
            found.append(Evidence(f"gradients_outside_{way}", None, unit=vacuous))
            continue
        low, middle, high = np.quantile(sines, [SPREAD[0], 0.5, SPREAD[1]])
        null = float(np.sqrt(1.0 - np.median(ranks) / d))
        found.append(
            Evidence(
                f"gradients_outside_{way}",
                float(middle),
                float(low),
                float(high),
                null=null,
                unit="sine, 5-95 % of rows",
            )
        )
    return tuple(found)


def condition(
    found: Transformation, source: Layer, target: Layer, dimension: int, clusters: np.ndarray, seed: int
) -> float | None:
    """Return the map's condition: its strongest stretch over its weakest, anywhere and in any direction of the states.

    As `stretch_range`, all units scaled to unit variance. 1 for a rotation; large where the map nearly folds or collapses.
    None where there are too few neighbours.
    """
    scales = [np.where(network.live, network.std, 0.0) for network in (source, target)]
    try:
        weakest, strongest = stretch_range(
            found, source.values, dimension, clusters=clusters, scale_in=scales[0], scale_out=scales[1], seed=seed
        )
    except InputError:
        return None
    return strongest / max(weakest, 1e-300)


def condition_both_ways(
    found: Transformation,
    ends: tuple[Layer, Layer],
    dimensions: Sequence[int | None],
    clusters: np.ndarray,
    seed: int,
) -> tuple[Evidence, ...]:
    """Return the condition of a map and of the map back, where the dimension of their sources is settled."""
    a, b = ends
    rows, same = list[Evidence](), np.array_equal(a.values, b.values)
    for way, t, source, target, d in (
        (WAYS[0], found, a, b, dimensions[0]),
        (WAYS[1], found.inverse, b, a, dimensions[1]),
    ):
        if d is None:
            continue
        if rows and same:
            rows.append(replace(rows[0], name=f"condition_{way}"))
            continue
        value = condition(t, source, target, d, clusters, seed)
        if value is not None:
            rows.append(Evidence(f"condition_{way}", value, unit="strongest over weakest stretch"))
    return tuple(rows)


def errors_over_floor(estimates: tuple[Estimate, Estimate], floor: Floor) -> tuple[Evidence, ...]:
    """Return the root-mean-square error of the map over that of the two networks themselves; above 1 they differ beyond it."""
    if not floor.value:
        return ()
    rows: list[Evidence] = []
    for way, e in zip(WAYS, estimates, strict=True):
        if e.unexplained is None or e.low is None or e.high is None:
            continue
        value, low, high = (float(np.sqrt(max(x, 0.0) / floor.value)) for x in (e.unexplained, e.low, e.high))
        rows.append(Evidence(f"error_over_floor_{way}", value, low, high, floor=1.0, unit="ratio of rms errors"))
    return tuple(rows)


def beyond_floor(answer: str, evidence: Sequence[Evidence]) -> tuple[str, ...]:
    """Return a sentence where two networks answer alike within tolerance and still differ beyond their own errors."""
    ratios = [e for e in evidence if e.name.startswith("error_over_floor")]
    if answer != "equivalent" or not ratios or min(e.low or 0.0 for e in ratios) <= BEYOND:
        return ()
    least = min(ratios, key=lambda e: e.value or 0.0)
    times = f"{digits(least.value)} times{interval(least.value, least.low, least.high)}"
    return (
        f"alike within tolerance, but not the same: the map errs {times} "
        f"as much as the networks' own errors allow (a difference is reported from {BEYOND:g} times up)",
    )
