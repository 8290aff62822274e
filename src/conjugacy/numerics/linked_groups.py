"""Groups from pairs that hold and pairs that fail: merging along links, never across a failing pair."""

from __future__ import annotations

import numpy as np


def linked_groups(links: np.ndarray, fails: np.ndarray) -> np.ndarray:
    """Sort n things into groups that links join and in which no pair fails.

    Where a holds with b, and b with c, and a fails with c, more than one partition obeys this. Groups are merged one after the
    other, always the two whose mean link is the largest, the mean over all pairs between them, open pairs counting 0: average
    linkage with pairs that cannot be linked. Nothing is merged where the mean is 0. With ties the pair that comes first wins.

    A merged group is never nearer to a third than the nearer of its parts, so that merging mutual nearest groups as they are
    found gives the same partition as always looking for the nearest two of all, in O(n^2) (Murtagh 1983).

    Parameters
    ----------
    links : float array, (n, n)
        Strength of the pairs that hold, symmetric; 0 for pairs that are open.
    fails : bool array, (n, n)
        Pairs that must not stand in one group, symmetric.

    Returns
    -------
    int array, (n,)
        Groups, numbered in the order of their first members.

    Examples
    --------
    >>> links = np.array([[0, 1.0, 0], [1.0, 0, 0.5], [0, 0.5, 0]])
    >>> linked_groups(links, np.zeros((3, 3), bool)).tolist()
    [0, 0, 0]
    >>> fails = np.array([[0, 0, 1], [0, 0, 0], [1, 0, 0]], bool)
    >>> linked_groups(links, fails).tolist()
    [0, 0, 1]
    """
    n = len(links)
    sums = links.astype(np.float32)
    sums[fails] = -np.inf  # minus infinity plus anything stays: a failing pair is never forgotten
    np.fill_diagonal(sums, 0)
    sizes = np.ones(n)
    group = np.arange(n)
    open_ones = np.ones(n, bool)  # groups that may still be merged
    chain: list[int] = []  # each one's nearest is the next
    while chain or open_ones.any():
        if not chain:
            chain.append(int(open_ones.argmax()))
        last = chain[-1]
        means = sums[last] / (sizes * sizes[last])
        nearest = int(means.argmax())  # the first of equals
        if means[nearest] <= 0:
            open_ones[chain.pop()] = False
        elif len(chain) > 1 and nearest == chain[-2]:
            kept, dropped = sorted((chain.pop(), chain.pop()))
            _merge(sums, kept, dropped)
            sizes[kept] += sizes[dropped]
            group[group == dropped] = kept
            open_ones[dropped] = False
        else:
            chain.append(nearest)
    return np.unique(group, return_inverse=True)[1]


def _merge(sums: np.ndarray, kept: int, dropped: int) -> None:
    """Add the links of one group to those of another, in place."""
    sums[kept] += sums[dropped]
    sums[kept, [kept, dropped]] = 0
    sums[:, kept] = sums[kept]
    sums[dropped] = 0
    sums[:, dropped] = 0
