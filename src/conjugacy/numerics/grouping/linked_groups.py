"""Groups from pairs that hold and pairs that fail: merging along links, never across a failing pair."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components


def linked_groups(links: np.ndarray, fails: np.ndarray) -> np.ndarray:
    """Sort n things into groups that links join and in which no pair fails.

    Where a holds with b, and b with c, and a fails with c, more than one partition obeys this. Groups are merged one after the
    other, always the two whose mean link is the largest, the mean over all pairs between them, open pairs counting 0: average
    linkage with pairs that cannot be linked. Nothing is merged where the mean is 0. Then each thing in turn moves to the group
    with which no pair fails and to which its links are strongest in sum, and groups are merged again, until nothing changes.
    With ties the one that comes first wins.

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
    links = links.astype(np.float32)
    np.fill_diagonal(links, 0)
    links[fails] = 0
    group = merged(links, fails, np.arange(len(links)))
    while len(links):
        before = group
        group = merged(links, fails, _connected(links, _moved(links, fails, group)))
        if _inside(links, group) <= _inside(links, before):
            return before
    return group


def merged(links: np.ndarray, fails: np.ndarray, group: np.ndarray) -> np.ndarray:
    """Merge groups by average linkage, never across a failing pair.

    A merged group is never nearer to a third than the nearer of its parts, so that merging mutual nearest groups as they are
    found gives the same partition as always looking for the nearest two of all, in O(n^2) (Murtagh 1983).
    """
    sizes = np.bincount(group).astype(float)
    sums = _between(links, group).astype(np.float32)
    sums[_between(fails, group) > 0] = -np.inf  # minus infinity plus anything stays: a failing pair is never forgotten
    np.fill_diagonal(sums, 0)
    joined = np.arange(len(sums))
    open_ones = np.ones(len(sums), bool)  # groups that may still be merged
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
            joined[joined == dropped] = kept
            open_ones[dropped] = False
        else:
            chain.append(nearest)
    return _numbered(joined[group])


def _merge(sums: np.ndarray, kept: int, dropped: int) -> None:
    """Add the links of one group to those of another, in place."""
    sums[kept] += sums[dropped]
    sums[kept, [kept, dropped]] = 0
    sums[:, kept] = sums[kept]
    sums[dropped] = 0
    sums[:, dropped] = 0


def _moved(links: np.ndarray, fails: np.ndarray, group: np.ndarray) -> np.ndarray:
    """Move things one by one to where their links are strongest in sum and nothing fails, until none moves."""
    group, number = group.copy(), int(group.max()) + 1
    moving = True
    while moving:
        moving = False
        for one in range(len(group)):
            towards = np.bincount(group, links[one], number)
            towards[group[fails[one]]] = -1
            best = int(towards.argmax())
            # sums are rounded: a move must gain more than that
            if towards[best] > towards[group[one]] * (1 + 1e-6):
                group[one] = best
                moving = True
    return _numbered(group)


def _connected(links: np.ndarray, group: np.ndarray) -> np.ndarray:
    """Take groups apart that no links join any more."""
    joined = np.where(group[:, None] == group, links, 0)
    return _numbered(connected_components(csr_array(joined), directed=False)[1])


def _inside(links: np.ndarray, group: np.ndarray) -> float:
    """Sum the links within groups; what merging and moving raise."""
    return float(sum(links[np.ix_(at, at)].sum(dtype=float) for at in _members(group)))


def _members(group: np.ndarray) -> list[np.ndarray]:
    return np.split(np.argsort(group, kind="stable"), np.cumsum(np.bincount(group))[:-1])


def _between(pairs: np.ndarray, group: np.ndarray) -> np.ndarray:
    """Sum a table over every two groups."""
    if len(pairs) == int(group.max(initial=-1)) + 1:
        return pairs  # each its own group, numbered in order
    order = np.argsort(group, kind="stable")
    starts = np.concatenate([[0], np.cumsum(np.bincount(group))[:-1]])
    rows = np.add.reduceat(pairs[order], starts, axis=0, dtype=np.float32)
    return np.add.reduceat(rows[:, order], starts, axis=1)


def _numbered(group: np.ndarray) -> np.ndarray:
    """Give groups numbers in the order of their first members."""
    _, first, where = np.unique(group, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first))[where]
