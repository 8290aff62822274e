"""Two networks' choices between classes, row by row, and under common names."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment

from conjugacy.transformations.folds import make_folds

MOST_RENAMED = 2000  # classes: an assignment is dense, and grows with their cube
HALVED = 0.5  # names are changed only where that at least halves the rows that differ


@dataclass(frozen=True, eq=False)
class Decided:
    """What two networks chose, and were to choose, on matched rows.

    Attributes
    ----------
    a, b : int array, (m,)
        The chosen classes, under each network's own names.
    wanted : (int array or None, int array or None)
        What each was to choose, under its own names.
    clusters : int array, (m,)
        Rows with one number depend on each other.
    tolerance : float
        Largest share of rows that counts as no difference.
    seed : int
    """

    a: np.ndarray
    b: np.ndarray
    wanted: tuple[np.ndarray | None, np.ndarray | None]
    clusters: np.ndarray
    tolerance: float
    seed: int


@dataclass(frozen=True, eq=False)
class Named:
    """The same under common names, those of B.

    Attributes
    ----------
    a, b : int array, (m,)
        The chosen classes; a class of A without a partner has a name of its own.
    wanted : (int array, int array) or None
        What each was to choose.
    renamed : bool
        Whether classes of A have other names than their own.
    """

    a: np.ndarray
    b: np.ndarray
    wanted: tuple[np.ndarray, np.ndarray] | None
    renamed: bool


def under_common_names(given: Decided) -> Named:
    """Return both under the names of B, by the targets where these are known, else by what is chosen (held out).

    Names stay as they are unless others at least halve the share of rows that differ.
    """
    a, b, (wanted_a, wanted_b) = given.a, given.b, given.wanted
    if wanted_a is None or wanted_b is None:
        renamed = renamed_held_out(a, b, given.clusters, given.seed)
        if (renamed != b).mean() <= HALVED * (a != b).mean() and (a != b).any():
            return Named(renamed, b, None, renamed=True)
        return Named(a, b, None, renamed=False)
    plain = (wanted_a != wanted_b).mean()
    names = partners(wanted_a, wanted_b) if plain > 0 else {}
    called = _called(wanted_a, names)
    if plain == 0 or (called != wanted_b).mean() > HALVED * plain:
        return Named(a, b, (wanted_a, wanted_b), renamed=False)
    return Named(_called(a, names), b, (called, wanted_b), renamed=True)


def partners(a: np.ndarray, b: np.ndarray) -> dict[int, int]:
    """Return which class of `b` every class of `a` goes with, one to one, so that most rows agree.

    Examples
    --------
    >>> partners(np.array([0, 0, 1, 2]), np.array([5, 5, 3, 4]))
    {0: 5, 1: 3, 2: 4}
    """
    names_a, names_b, table = counted(a, b)
    if max(table.shape) > MOST_RENAMED:
        return {}
    rows, columns = linear_sum_assignment(-table)
    return {int(names_a[i]): int(names_b[j]) for i, j in zip(rows, columns, strict=True) if table[i, j] > 0}


def merged(a: np.ndarray, b: np.ndarray) -> dict[int, int]:
    """Return the class of `b` that goes most often with every class of `a`; several may go with one."""
    names_a, names_b, table = counted(a, b)
    return {int(name): int(names_b[j]) for name, j in zip(names_a, table.argmax(axis=1), strict=True)}


def counted(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the classes of both and how often each pair of them occurs."""
    names_a, at_a = np.unique(a, return_inverse=True)
    names_b, at_b = np.unique(b, return_inverse=True)
    size = len(names_a) * len(names_b)
    table = np.bincount(at_a * len(names_b) + at_b, minlength=size).reshape(len(names_a), len(names_b))
    return names_a, names_b, table.astype(np.float64)


def renamed_held_out(a: np.ndarray, b: np.ndarray, clusters: np.ndarray, seed: int) -> np.ndarray:
    """Return the classes of `a` under names of `b`, one to one; the names for held-out rows come from the other rows."""
    return _held_out(a, b, clusters, seed, one_to_one=True)


def followed_held_out(a: np.ndarray, b: np.ndarray, clusters: np.ndarray, seed: int) -> np.ndarray:
    """Return the class of `b` that each class of `a` goes with most often; the rule for held-out rows comes from the others."""
    return _held_out(a, b, clusters, seed, one_to_one=False)


def _held_out(a: np.ndarray, b: np.ndarray, clusters: np.ndarray, seed: int, *, one_to_one: bool) -> np.ndarray:
    folds = make_folds(clusters, seed)
    found = np.empty(len(a), dtype=np.int64)
    for fold in range(int(folds.max()) + 1):
        test = folds == fold
        if one_to_one:
            found[test] = _called(a[test], partners(a[~test], b[~test]))
        else:
            found[test] = _called(a[test], merged(a[~test], b[~test]), _most_frequent(b[~test]))
    return found


def _most_frequent(classes: np.ndarray) -> int:
    names, counts = np.unique(classes, return_counts=True)
    return int(names[counts.argmax()])


def _called(classes: np.ndarray, names: dict[int, int], unknown: int | None = None) -> np.ndarray:
    """Return classes by other names; one without a name gets one that is nobody else's, or the one for the unknown."""
    own, at = np.unique(classes, return_inverse=True)
    lowest = min([0, *own.tolist(), *names.values()])
    new = [names.get(int(c), (lowest - 1 - i) if unknown is None else unknown) for i, c in enumerate(own)]
    return np.array(new, dtype=np.int64)[at]
