"""How many independent rows clusters of dependent rows are worth, where rows are counted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri, stdtrit


@dataclass(frozen=True, eq=False)
class Worth:
    """What the rows of each of k counts are worth.

    Attributes
    ----------
    inflation : float array, (k,)
        Variance of the count over that of independent rows, at least 1.
    untouched : float array, (k,)
        The same where no row changed: the size of a cluster, as a row sees it, since clusters may change as a whole.
    freedom : float array, (k,)
        Degrees of freedom, from the number of clusters and how unequal they are; infinite where rows are independent.
    """

    inflation: np.ndarray
    untouched: np.ndarray
    freedom: np.ndarray

    def scale(self, level: float, *, changed: bool = True) -> np.ndarray:
        """Return effective over counted rows for a one-sided bound at `level` (Korn and Graubard 1998).

        Few clusters widen the bound as Student's quantile does.
        """
        with np.errstate(invalid="ignore"):
            wider = np.where(np.isinf(self.freedom), 1.0, ndtri(level) / stdtrit(self.freedom, level))
        return wider**2 / (self.inflation if changed else self.untouched)

    def of(self, chosen: np.ndarray) -> Worth:
        """Return what the chosen counts' rows are worth."""
        return Worth(self.inflation[chosen], self.untouched[chosen], self.freedom[chosen])


def independent(counts: int) -> Worth:
    """Return the worth of rows that do not depend on each other.

    Examples
    --------
    >>> independent(1).scale(0.025)
    array([1.])
    """
    return Worth(np.ones(counts), np.ones(counts), np.full(counts, np.inf))


def worth_of_rows(of: np.ndarray, net: np.ndarray, changed: np.ndarray, rows: np.ndarray, counts: int) -> Worth:
    """Return what rows are worth that depend on each other in clusters.

    Of few changes the variance between clusters is known badly, and of none not at all. One more cluster is therefore thought to
    have changed: as much of it as there are clusters whose rows all did or all did not, and at least as far from the mean as
    the farthest that was seen.

    Parameters
    ----------
    of : int array, (p,)
        To which of the counts 0 .. k - 1 a part, the rows of one cluster, belongs.
    net, changed, rows : float array, (p,)
        Per part: changes to the worse less those to the better; all changes; rows.
    counts : int
        k.

    Examples
    --------
    >>> parts = np.zeros(50, dtype=int), np.zeros(50), np.zeros(50), np.full(50, 20.0)
    >>> worth_of_rows(*parts, 1).inflation  # 50 clusters of 20 rows, none of which changed: as 50 rows
    array([20.])
    """
    total = np.maximum(np.bincount(of, rows, counts), 1)
    mean = np.bincount(of, net, counts) / total
    clusters = np.bincount(of, minlength=counts)
    between = np.bincount(of, (net - mean[of] * rows) ** 2, counts) * clusters / np.maximum(clusters - 1, 1)
    within = np.bincount(of, changed, counts) - total * mean**2
    size = np.maximum(np.bincount(of, rows**2, counts) / total, 1)
    alike = np.bincount(of, (changed == 0) | (changed == rows), counts) / np.maximum(clusters, 1)
    farthest = np.zeros(counts)
    np.maximum.at(farthest, of, np.abs(net - mean[of] * rows))
    thought = np.maximum(size * alike, farthest)
    inflation = np.maximum((between + thought**2) / (within + thought), 1)
    freedom = np.maximum(total / size - 1, 0.1)
    single = size <= 1
    return Worth(np.where(single, 1, inflation), size, np.where(single, np.inf, freedom))
