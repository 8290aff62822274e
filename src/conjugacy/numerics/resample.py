"""Folds, bootstrap and permutations that move dependent rows together."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

REMEMBERED = 6_000_000  # numbers of a bootstrap that are kept, of a byte each
AT_ONCE = 100_000  # and that are drawn at a time
MOST_DRAWN = 5000  # clusters that are drawn one by one


def draw_folds(clusters: np.ndarray, n_folds: int, seed: int) -> np.ndarray:
    """Return a fold number per row; the rows of one cluster share a fold, folds are of about equal size.

    Parameters
    ----------
    clusters : int array, (m,)
        Cluster numbers 0 .. c - 1.
    n_folds : int
        At most the number of clusters is used.
    seed : int
        Same seed, same folds.
    """
    sizes = np.bincount(clusters)
    folds = min(n_folds, len(sizes))
    order = np.random.default_rng(seed).permutation(len(sizes))
    order = order[np.argsort(-sizes[order], kind="stable")] if sizes.max() > 1 else order
    fold_of = np.empty(len(sizes), dtype=np.int64)
    if sizes.max() == 1:
        fold_of[order] = np.arange(len(sizes)) % folds
        return fold_of[clusters]
    load = np.zeros(folds)
    for cluster in order:  # largest first, each to the emptiest fold
        fold = int(np.argmin(load))
        fold_of[cluster] = fold
        load[fold] += sizes[cluster]
    return fold_of[clusters]


def remembered_folds(clusters: np.ndarray, n_folds: int, seed: int) -> np.ndarray:
    """Return what `draw_folds` does, read-only; of few rows it is kept for all who hold out the same ones."""
    if len(clusters) > MOST_DRAWN:
        return draw_folds(clusters, n_folds, seed)
    return _folds(np.ascontiguousarray(clusters, dtype=np.int64).tobytes(), n_folds, seed)


@lru_cache(maxsize=8)
def _folds(clusters: bytes, n_folds: int, seed: int) -> np.ndarray:
    folds = draw_folds(np.frombuffer(clusters, dtype=np.int64), n_folds, seed)
    folds.setflags(write=False)
    return folds


def cluster_sums(values: np.ndarray, clusters: np.ndarray) -> np.ndarray:
    """Return the sum of `values` over the rows of every cluster, (c,)."""
    return np.bincount(clusters, weights=values)


def cluster_means(rows: np.ndarray, clusters: np.ndarray) -> np.ndarray:
    """Return the mean of the rows (m, p) of every cluster, (c, p).

    Examples
    --------
    >>> cluster_means(np.array([[1.0], [3.0], [5.0]]), np.array([0, 0, 1])).tolist()
    [[2.0], [5.0]]
    """
    sizes = np.bincount(clusters)
    sums = np.zeros((len(sizes), rows.shape[1]))
    np.add.at(sums, clusters, rows)
    return sums / sizes[:, None]


def drawn_together(clusters: np.ndarray, seed: int) -> np.ndarray:
    """Return cluster numbers for a bootstrap: of more than 5000 clusters, random ones are put together into 5000.

    The variance of sums stays what it was, up to one part in 5000; time and memory no longer grow with the rows.

    Examples
    --------
    >>> drawn_together(np.array([0, 0, 1]), 0).tolist()
    [0, 0, 1]
    >>> int(drawn_together(np.arange(20_000), 0).max())
    4999
    """
    count = int(clusters.max()) + 1
    if count <= MOST_DRAWN:
        return clusters
    return (np.random.default_rng(seed).permutation(count) % MOST_DRAWN)[clusters]


def bootstrap_counts(n: int, draws: int, seed: int) -> np.ndarray:
    """Return how often each of n clusters is drawn, (draws, n), in small integers; rows are samples with replacement."""
    rng, counts = np.random.default_rng(seed), np.empty((draws, n), dtype=np.uint8)
    step = max(1, AT_ONCE // max(1, n))
    for start in range(0, draws, step):
        part = counts[start : start + step]
        picks = rng.integers(0, n, size=part.shape) + n * np.arange(len(part))[:, None]
        found = np.bincount(picks.ravel(), minlength=part.size).reshape(part.shape)
        if found.max(initial=0) > np.iinfo(counts.dtype).max:
            counts = counts.astype(np.uint32)
        counts[start : start + step] = found
    return counts


def remembered_counts(n: int, draws: int, seed: int) -> np.ndarray:
    """Return the same, read-only, and kept for the next sum on the same rows."""
    return _remembered(n, draws, seed) if n * draws <= REMEMBERED else bootstrap_counts(n, draws, seed)


@lru_cache(maxsize=2)
def _remembered(n: int, draws: int, seed: int) -> np.ndarray:
    counts = bootstrap_counts(n, draws, seed)
    counts.setflags(write=False)
    return counts


def drawn_sums(counts: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Return the sums of columns (c, k) over the clusters that are drawn, (draws, k), in single precision where these are.

    Examples
    --------
    >>> drawn_sums(np.array([[2, 0], [1, 1]], dtype=np.uint8), np.array([[1.0], [3.0]])).tolist()
    [[2.0], [4.0]]
    """
    step = max(1, AT_ONCE // max(1, counts.shape[1]))  # integers are made numbers a few at a time
    number = np.float32 if columns.dtype == np.float32 else np.float64
    parts = (counts[start : start + step].astype(number) for start in range(0, len(counts), step))
    return np.concatenate([part @ columns for part in parts])


def counts_together(clusters: np.ndarray, draws: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the cluster numbers that are drawn, `drawn_together`, (m,), and how often each is, (draws, c)."""
    drawn = drawn_together(clusters, seed)
    return drawn, remembered_counts(int(drawn.max()) + 1, draws, seed)


def ratio_interval(
    counts: np.ndarray, numerator: np.ndarray, denominator: np.ndarray, level: float = 0.95
) -> tuple[float, float]:
    """Return the percentile bootstrap interval of sum(numerator) / sum(denominator) over clusters."""
    above, below = drawn_sums(counts, np.column_stack([numerator, denominator])).T
    ratios = above[below > 0] / below[below > 0]
    if not ratios.size:
        return float("nan"), float("nan")
    low, high = np.quantile(ratios, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def half_samples(clusters: np.ndarray, draws: int, seed: int) -> list[np.ndarray]:
    """Return the rows of `draws` random halves of the clusters, drawn without replacement."""
    rng, count = np.random.default_rng(seed), int(clusters.max()) + 1
    kept = np.zeros((draws, count), dtype=bool)
    for row in kept:
        row[rng.permutation(count)[: count // 2]] = True
    return [np.flatnonzero(row[clusters]) for row in kept]


def half_sample_interval(value: float, halves: np.ndarray, level: float = 0.95) -> tuple[float, float] | None:
    """Return the interval of `value` from the same statistic on random halves; None where it is often not defined.

    A mean over half of the rows varies around the mean over all with variance s^2 (2 / m - 1 / m) = s^2 / m, as the mean over
    all does around the truth. Deviations are taken from the halves' own median, since most statistics depend on
    the number of rows.

    Examples
    --------
    >>> x = np.random.default_rng(0).normal(size=400)
    >>> halves = [x[rows].mean() for rows in half_samples(np.arange(400), 500, 0)]
    >>> low, high = half_sample_interval(x.mean(), np.array(halves))
    >>> bool(abs((high - low) - 2 * 1.96 / 20) < 0.02)
    True
    """
    finite = halves[np.isfinite(halves)]
    if finite.size < 0.9 * halves.size:
        return None
    low, high = np.quantile(finite - np.median(finite), [(1 - level) / 2, (1 + level) / 2])
    return value + float(low), value + float(high)


def shuffle_clusters(clusters: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return another pairing of the rows, cluster by cluster: row i of one network goes with row `result[i]` of the other.

    Every cluster of one network meets a cluster of the other drawn without replacement, neighbours stay neighbours; where sizes
    differ, rows of the shorter one are taken more than once, those of the longer one are passed over at even steps. Cut
    otherwise, clusters would shift against each other, and pairs would look related by nothing but where clusters begin.
    With equal sizes this is a permutation, with clusters of one row a plain one.

    Examples
    --------
    >>> shuffle_clusters(np.array([0, 0, 0, 0, 1, 1]), np.random.default_rng(3)).tolist()
    [4, 4, 5, 5, 1, 3]
    """
    order = np.argsort(clusters, kind="stable")
    sizes = np.bincount(clusters)
    starts, rank = np.cumsum(sizes) - sizes, rng.permutation(len(sizes))
    if sizes.max() == sizes.min():  # the same orders as ever
        rank = np.argsort(rank)
    own = clusters[order]
    within = np.arange(len(clusters)) - starts[own]
    met = rank[own]
    result = np.empty(len(clusters), dtype=np.int64)
    result[order] = order[starts[met] + (2 * within + 1) * sizes[met] // (2 * sizes[own])]
    return result


def even_rows(clusters: np.ndarray, most: int, seed: int, fewest: int = 10) -> np.ndarray | None:
    """Return rows with as many of every cluster, or None where all rows are such and no more than `most`.

    Of every cluster that has them k rows are taken, at even steps; the others are left out. k makes k c^2 largest, c being the
    number of clusters that are left: rows of one cluster tell less than rows of two. At least `fewest` clusters are left, where
    there are so many. Where they are more than `most`, fewer rows of each are taken, then fewer clusters.

    Examples
    --------
    >>> even_rows(np.array([0, 0, 0, 1, 2, 2, 3, 3]), 100, 0, fewest=2).tolist()
    [0, 2, 4, 5, 6, 7]
    """
    sizes = np.bincount(clusters)
    if sizes.max() == sizes.min() and len(clusters) <= most:
        return None
    each = np.unique(sizes)
    left = len(sizes) - np.searchsorted(np.sort(sizes), each)
    enough = left >= min(fewest, len(sizes))
    k = int(each[np.argmax(np.where(enough, each * left.astype(np.float64) ** 2, -1.0))])
    kept = np.flatnonzero(sizes >= k)
    if len(kept) > most:
        kept = np.sort(np.random.default_rng(seed).choice(kept, most, replace=False))
    k = max(1, min(k, most // len(kept)))
    order, starts = np.argsort(clusters, kind="stable"), np.cumsum(sizes) - sizes
    steps = (2 * np.arange(k) + 1) * sizes[kept][:, None] // (2 * k)
    return order[(starts[kept][:, None] + steps).ravel()]


def remembered_shuffles(clusters: np.ndarray, draws: int, seed: int) -> np.ndarray:
    """Return such permutations side by side, (m, draws), read-only; kept for the next pair of networks on the same rows."""
    return _remembered_shuffles(clusters.astype(np.int64).tobytes(), draws, seed)


@lru_cache(maxsize=2)
def _remembered_shuffles(clusters: bytes, draws: int, seed: int) -> np.ndarray:
    labels, rng = np.frombuffer(clusters, dtype=np.int64), np.random.default_rng(seed)
    found = np.column_stack([shuffle_clusters(labels, rng) for _ in range(draws)])
    found.setflags(write=False)
    return found
