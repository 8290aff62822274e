"""What agreement two networks with these errors would show if they erred independently of each other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from conjugacy.results import Estimate
from conjugacy.verdict.decisions.shares import Groups


@dataclass(frozen=True)
class AgainstIndependent:
    """Agreement compared with that of independent errors.

    Attributes
    ----------
    agreement, expected : float
        Share of rows on which both choose alike; what independent errors would give.
    difference : Estimate
        The first less the second.
    """

    agreement: float
    expected: float
    difference: Estimate


def against_independent(a: np.ndarray, b: np.ndarray, wanted: np.ndarray, rows: Groups) -> AgainstIndependent:
    """Hold agreement against what both confusion matrices give, class by class.

    With P_a(k | c) and P_b(k | c) the shares of the rows of class c that each network takes for k, independent errors agree on
    e_c = sum_k P_a(k | c) P_b(k | c). The two shares come from the same rows, so that pairs of dependent rows are left out of the
    product; a class with one group of rows tells nothing and counts as expected. The interval of the difference is that of the
    mean of 1[a = b] - P_b(a | c) - P_a(b | c) + e_c over rows, its first-order term.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> truth = rng.integers(0, 4, 4000)
    >>> a, b = (np.where(rng.random(4000) < 0.2, (truth + 1) % 4, truth) for _ in range(2))
    >>> found = against_independent(a, b, truth, Groups(np.arange(4000)))
    >>> abs(found.expected - (0.8**2 + 0.2**2)) < 0.02, abs(found.difference.unexplained) < 0.02
    (True, True)
    """
    _, at = np.unique(np.concatenate([a, b]), return_inverse=True)
    at_a, at_b, width = at[: len(a)], at[len(a) :], int(at.max()) + 1
    _, c = np.unique(wanted, return_inverse=True)
    size = np.bincount(c).astype(np.float64)
    of_a, of_b = _table(c, at_a, width), _table(c, at_b, width)
    together = np.asarray(of_a.multiply(of_b).sum(axis=1)).ravel()
    own, pairs = _dependent(c, at_a, at_b, rows, width)
    apart = size**2 - pairs  # pairs of rows that do not depend on each other
    same = (a == b).astype(np.float64)
    agree = np.bincount(c, weights=same) / size
    told = apart > 0
    expected = np.where(told, (together - own) / np.where(told, apart, 1.0), agree)
    plug_in = together / size**2
    moves = (
        same - np.asarray(of_b[c, at_a]).ravel() / size[c] - np.asarray(of_a[c, at_b]).ravel() / size[c] + plug_in[c]
    )
    around = rows.mean(np.where(told[c], moves, 0.0))
    value = float(size @ (agree - expected) / size.sum())
    half = ((around.high or 0.0) - (around.low or 0.0)) / 2.0
    return AgainstIndependent(
        float(same.mean()), float(size @ expected / size.sum()), Estimate(value, value - half, value + half)
    )


def _table(c: np.ndarray, chosen: np.ndarray, width: int) -> csr_array:
    return csr_array((np.ones(len(c)), (c, chosen)), shape=(int(c.max()) + 1, width))


def _dependent(
    c: np.ndarray, at_a: np.ndarray, at_b: np.ndarray, rows: Groups, width: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return, per class, how often both choose alike in pairs of dependent rows, and how many such pairs there are."""
    count = int(c.max()) + 1
    if rows.single:
        return np.bincount(c, weights=at_a == at_b, minlength=count), np.bincount(c, minlength=count).astype(np.float64)
    _, group = np.unique(rows.clusters * np.int64(count) + c, return_inverse=True)
    class_of = np.zeros(int(group.max()) + 1, dtype=np.int64)
    class_of[group] = c
    alike = np.asarray(_table(group, at_a, width).multiply(_table(group, at_b, width)).sum(axis=1)).ravel()
    pairs = np.bincount(group).astype(np.float64) ** 2
    return np.bincount(class_of, weights=alike, minlength=count), np.bincount(class_of, weights=pairs, minlength=count)
