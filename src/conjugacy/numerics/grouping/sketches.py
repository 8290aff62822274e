"""Short sketches of many networks: which are near each other, before any two are compared."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from conjugacy.numerics.kernels import squared_distances

NEIGHBOURS = 10
NUMBERS = 256
MOST_ROWS = 500  # neighbours are looked for among so many rows


def neighbour_sketch(x: np.ndarray, seed: int = 0) -> np.ndarray:
    """Return 256 random sums, of length 1, of the table of which rows of x (m, n) are the ten nearest of each.

    The inner product of two sketches estimates how many neighbours two networks have in common, as a share. Signs and places
    are the same for all networks with as many rows (Charikar, Chen and Farach-Colton 2004).

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> x = rng.normal(size=(200, 3))
    >>> one, same, other = (neighbour_sketch(y) for y in (x, 2 * x[:, ::-1] + 1, rng.normal(size=(200, 3))))
    >>> bool(one @ same > 0.9 > 0.5 > one @ other)
    True
    """
    rows, signs, places = _drawn(len(x), seed)
    x = x[rows]
    spread = x.std(axis=0)
    z = (x[:, spread > 0] - x[:, spread > 0].mean(axis=0)) / spread[spread > 0]
    far = squared_distances(z, z)
    np.fill_diagonal(far, np.inf)
    count = min(NEIGHBOURS, len(z) - 1)
    near = np.argpartition(far, count - 1, axis=1)[:, :count]
    edges = (np.arange(len(z))[:, None] * len(z) + near).ravel()
    sums = np.bincount(places[edges], signs[edges], minlength=NUMBERS)
    return sums / max(float(np.linalg.norm(sums)), 1e-300)


def spread_out(sketches: np.ndarray, among: np.ndarray, known: np.ndarray, count: int) -> np.ndarray:
    """Return so many of the sketches (n, k) `among`, each time the one that is least like those `known` (r, k) and drawn before.

    Examples
    --------
    >>> x = np.array([[1.0, 0.0], [0.8, 0.6], [0.0, 1.0]])
    >>> spread_out(x, np.arange(3), x[:1], 2).tolist()
    [2, 1]
    """
    chosen = sketches[among]
    nearest = (chosen @ known.T).max(axis=1) if len(known) else chosen @ chosen.mean(axis=0) - 2.0
    drawn: list[int] = []
    for _ in range(min(count, len(among))):
        i = int(np.argmin(nearest))
        drawn.append(i)
        nearest = np.maximum(nearest, chosen @ chosen[i])
        nearest[drawn] = np.inf
    return among[drawn]


@lru_cache(maxsize=4)
def _drawn(m: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return which rows are looked at, and for every place in the table of pairs its sign and the sum that it goes to."""
    rng = np.random.default_rng([seed, m])
    rows = np.sort(rng.choice(m, min(m, MOST_ROWS), replace=False))
    return rows, rng.choice([-1.0, 1.0], len(rows) ** 2), rng.integers(0, NUMBERS, len(rows) ** 2)
