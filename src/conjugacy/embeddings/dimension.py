"""The number of coordinates that a layer's states need locally, from two estimators that must agree."""

from __future__ import annotations

import numpy as np

from conjugacy.errors import InputError
from conjugacy.numerics.columns import standardised_live
from conjugacy.numerics.neighbours.dimension import dimension_of_spectrum, distance_ratio_dimensions, local_spectra
from conjugacy.numerics.neighbours.of_rows import nearest
from conjugacy.numerics.resample import bootstrap_counts, ratio_interval
from conjugacy.results import Dimension, DimensionEstimate
from conjugacy.results.digits import digits

ANCHORS = 400  # around so many rows the neighbourhood is looked at
NEAR, FAR = 10, 20  # neighbours whose distances are set against each other
LOCAL = (10, 30)  # neighbours for local principal components, by the number of rows
FEWEST_ROWS = 3 * LOCAL[0]
DRAWS = 300
SPECTRUM = 12


def intrinsic_dimension(values: np.ndarray, clusters: np.ndarray | None = None, *, seed: int = 0) -> Dimension:
    """Return the number of coordinates d that the rows need locally, by two estimators.

    The first estimator is the maximum likelihood of ratios of nearest-neighbour distances (Levina and Bickel, NeurIPS
    2004); the second counts the local principal components before the mean local spectrum falls. Units are scaled to unit
    variance. The two agree where they differ by no more than half a coordinate and a tenth of d.

    Parameters
    ----------
    values : array, (m, n)
    clusters : int array, (m,), optional
        Rows with one number depend on each other; one of them is used.
    seed : int
        Seeds the choice of rows, and the bootstrap.

    Returns
    -------
    Dimension
        `value` is None if the estimators disagree.

    Raises
    ------
    InputError
        If there are fewer than 30 rows, or nothing varies.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> x = rng.uniform(-1, 1, (500, 2))
    >>> intrinsic_dimension(np.tanh(x @ rng.normal(size=(2, 20)))).value
    2
    """
    m, z = len(values), standardised_live(values)
    if m < FEWEST_ROWS:
        raise InputError(f"intrinsic dimension: got {m} rows, expected at least {FEWEST_ROWS}: record more stimuli")
    if not z.size:
        raise InputError("intrinsic dimension: no unit varies over these stimuli")
    rng = np.random.default_rng(seed)
    if clusters is not None:
        z = z[_one_of_each(clusters, rng)]  # the time points of one trial lie on a line, whatever lies around it
        m = len(z)
        if m < FEWEST_ROWS:
            return Dimension(None, (), 1.0, (), f"{m} independent groups of rows are too few")
    anchors = np.sort(rng.choice(m, min(ANCHORS, m), replace=False))
    k = int(np.clip(m // 10, *LOCAL))
    neighbours, distances = nearest(z, anchors, np.arange(m), min(max(k, FAR), m - 1))
    usable = distances[:, 0] > 1e-9 * np.sqrt(z.shape[1])  # a state that occurs twice is no neighbourhood
    if usable.sum() < 10:
        return Dimension(None, (), 1.0, (), "too few different states stand near enough to each other")
    ratio = _from_ratios(distances[usable, :FAR], seed)
    logs = local_spectra(z, neighbours[usable, :k]).mean(axis=0)
    count, gap = dimension_of_spectrum(logs, most=k // 2)
    spectrum = tuple(float(e) for e in np.exp(logs[:SPECTRUM] - logs[0]))
    both = (ratio, DimensionEstimate("local principal components", float(count)))
    if abs(ratio.value - count) <= 0.5 + 0.1 * count:
        return Dimension(count, both, gap, spectrum, f"both estimators agree; {_gap(count, gap, z.shape[1])}")
    reason = f"the estimators disagree ({digits(ratio.value)} and {count}): noise, too few rows, or no smooth manifold of states"
    return Dimension(None, both, gap, spectrum, reason)


def _one_of_each(clusters: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return one row of every cluster, drawn at random."""
    order = rng.permutation(len(clusters))
    _, first = np.unique(clusters[order], return_index=True)
    return np.sort(order[first])


def _gap(count: int, gap: float, units: int) -> str:
    return "as many as there are units" if count == units else f"the local spectrum falls by {digits(gap)} there"


def _from_ratios(distances: np.ndarray, seed: int) -> DimensionEstimate:
    inverse = distance_ratio_dimensions(distances, NEAR)
    counts = bootstrap_counts(len(inverse), DRAWS, seed)
    low, high = ratio_interval(counts, np.ones_like(inverse), inverse)
    return DimensionEstimate("ratios of distances", float(1.0 / inverse.mean()), low, high)
