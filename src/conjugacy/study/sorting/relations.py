"""How groups determine each other: one-way answers between their members, counted, and what of it stands."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from conjugacy.study.sorting.answers import EQUIVALENT, FROM, ONTO, OTHER, Answers

MOST_AGAINST = 4  # for every pair against, at least so many for it


@dataclass(frozen=True, eq=False)
class Determines:
    """Between every two of G groups: pairs for, against, and open; which relations stand, and which of them are direct.

    Attributes
    ----------
    for_it, against, undecided : int array, (G, G)
        Pairs of members that say the row's group determines the column's, that say otherwise, and that are left open or were
        not compared.
    stands, direct : bool array, (G, G)
        Relations that are drawn, and those of them that no path of others implies.
    cycles : tuple of tuple of int
        Groups whose relations lead round in a circle; nothing is drawn among them.
    """

    for_it: np.ndarray
    against: np.ndarray
    undecided: np.ndarray
    stands: np.ndarray
    direct: np.ndarray
    cycles: tuple[tuple[int, ...], ...]


def determines(answers: Answers, group: np.ndarray) -> Determines:
    """Count one-way answers between groups and draw the relations that at least four of five decided pairs support.

    The one-way relation cannot lead round in a circle: what determines each other is the same. Where the counts do so
    nevertheless, some answers are wrong, it is not known which, and nothing is drawn among these groups.

    Parameters
    ----------
    answers : Answers
    group : int array, (N,)
        Group of every network, 0 to G - 1.
    """
    sizes = np.bincount(group)
    for_it = _between(answers.said == ONTO, group)
    against = _between((answers.said == EQUIVALENT) | (answers.said == FROM) | (answers.said == OTHER), group)
    undecided = np.outer(sizes, sizes) - for_it - against
    stands = (for_it > 0) & (for_it >= MOST_AGAINST * against)
    np.fill_diagonal(stands, False)
    cycles, where = _circles(stands)
    stands &= ~(where[:, None] == where[None, :])
    return Determines(for_it, against, undecided, stands, _direct(stands), cycles)


def _between(pairs: np.ndarray, group: np.ndarray) -> np.ndarray:
    """Count the marked pairs between every two groups, (G, G)."""
    order = np.argsort(group, kind="stable")
    starts = np.searchsorted(group[order], np.arange(group.max() + 1))
    rows = np.add.reduceat(pairs[order], starts, axis=0, dtype=np.int32)
    return np.add.reduceat(rows[:, order], starts, axis=1)


def _circles(stands: np.ndarray) -> tuple[tuple[tuple[int, ...], ...], np.ndarray]:
    """Return the strongly connected parts of more than one group, and the part of every group."""
    _, where = connected_components(csr_array(stands), connection="strong")
    parts = [np.flatnonzero(where == part) for part in np.flatnonzero(np.bincount(where) > 1)]
    return tuple(sorted(tuple(part.tolist()) for part in parts)), where


def _direct(stands: np.ndarray) -> np.ndarray:
    """Return the relations that no path of others implies (Aho, Garey and Ullman 1972); there are no circles."""
    reach = np.zeros((len(stands), (len(stands) + 7) // 8), np.uint8)  # one bit for every group that can be reached
    direct = stands.copy()
    for node in _last_first(stands):
        targets = np.flatnonzero(stands[node])
        if targets.size:
            further = np.bitwise_or.reduce(reach[targets], axis=0)
            direct[node] &= ~np.unpackbits(further, count=len(stands)).astype(bool)
            reach[node] = further | np.packbits(stands[node])
    return direct


def _last_first(stands: np.ndarray) -> list[int]:
    """Return the groups so that each comes after all that it determines."""
    left, order = stands.sum(axis=1), list[int]()
    ready = np.flatnonzero(left == 0).tolist()
    while ready:
        node = ready.pop()
        order.append(node)
        left -= stands[:, node]
        ready += [int(i) for i in np.flatnonzero(stands[:, node]) if left[i] == 0]
    return order
