"""Three at a time: what third ones say of a pair that holds, and where holding is not passed on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

BLOCK = 512  # rows of a product at a time


@dataclass(frozen=True, eq=False)
class Triples:
    """What third ones say of the pairs that hold, and where holding is not passed on.

    Attributes
    ----------
    agreement : float array, (n, n)
        Of the third ones that hold with a or b and are decided with the other, the share that hold with both, counting the pair
        itself as one; 0 for pairs that do not hold.
    intransitive : int
        Triples a, b, c where a holds with b, b with c, and a fails with c.
    examples : tuple of (int, int, int)
        Some of them, those first whose ends are joined by the most others.
    """

    agreement: np.ndarray
    intransitive: int
    examples: tuple[tuple[int, int, int], ...]


def triples(holds: np.ndarray, fails: np.ndarray, examples: int = 10) -> Triples:
    """Ask third ones about every pair, by two matrix products in single precision; counts are exact below 2^24 things.

    Parameters
    ----------
    holds, fails : bool array, (n, n)
        Symmetric.
    examples : int
        At most as many intransitive triples are named.

    Examples
    --------
    >>> holds = np.array([[0, 1, 0], [1, 0, 1], [0, 1, 0]], bool)
    >>> fails = np.array([[0, 0, 1], [0, 0, 0], [1, 0, 0]], bool)
    >>> found = triples(holds, fails)
    >>> found.intransitive, found.examples
    (1, ((0, 1, 2),))
    """
    n = len(holds)
    h, f = holds.astype(np.float32), fails.astype(np.float32)
    against = np.empty((n, n), np.float32)
    both = np.empty((n, n), np.float32)
    count = 0
    for start in range(0, n, BLOCK):
        rows = slice(start, start + BLOCK)
        np.matmul(h[rows], h, out=both[rows])
        np.matmul(h[rows], f, out=against[rows])
        count += int((both[rows] * f[rows]).sum(dtype=np.float64))
    named = _examples(both, holds, fails, examples)
    against += against.T.copy()
    both += 1
    np.divide(both, both + against, out=both)
    both[~holds] = 0
    return Triples(both, count // 2, named)


def _examples(both: np.ndarray, holds: np.ndarray, fails: np.ndarray, most: int) -> tuple[tuple[int, int, int], ...]:
    """Return one triple for each of the failing pairs that the most others join."""
    joined = np.where(np.triu(fails, 1), both, np.float32(0)).ravel()
    most = min(most, joined.size)
    if not most:
        return ()
    least = max(1.0, float(np.partition(joined, -most)[-most]))
    ends = np.flatnonzero(joined >= least)
    ends = ends[np.argsort(-joined[ends], kind="stable")][:most]
    pairs = [divmod(int(end), len(holds)) for end in ends]
    return tuple((a, int((holds[a] & holds[c]).argmax()), c) for a, c in pairs)
