"""Rows of one network as the kernel estimator sees them: how it is best fitted to some targets, and how well it does."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field

import numpy as np

from conjugacy.numerics.device import product
from conjugacy.numerics.generalised import along_eigenvectors, generalised_losses, one_by_one_loss
from conjugacy.numerics.kept import Kept
from conjugacy.numerics.kernel_folds import (
    inverse_factor,
    packed,
    packed_bytes,
    residual_operator,
    residuals_with,
    unpacked,
)
from conjugacy.numerics.kernels import matern52, squared_distances
from conjugacy.numerics.regression import (
    NEARLY,
    STRENGTHS,
    KernelFactors,
    factored_fold_residuals,
    kernel_factors,
    kernel_losses,
)
from conjugacy.transformations.kernel import BANDWIDTHS, FEW_BANDWIDTHS, FREE_INTERCEPT, kernel_matrix

CHOICE_ROWS = (
    500  # bandwidth and strength are chosen on at most so many rows; above it rows are factored for one choice alone
)


SINGLE_ROWS, SINGLE_STRENGTH = 2000, 0.01  # of more rows, single precision does for so large strengths
FEW_STRENGTHS = STRENGTHS[3:10:2]  # among which a quick choice is made
FEW_COLUMNS, FEW_ROWS = 12, 250  # of the sketch; and of so many rows leaving out each costs little
QUICK_STRENGTH = 1e-4  # from it on residuals in single precision move what is left unexplained by 1e-6 of itself


@dataclass(frozen=True, eq=False)
class Half:
    """Half of a network's rows, as plain data that is kept on it: which, their folds, and the rest as in `Part`."""

    rows: np.ndarray
    folds: np.ndarray
    left_out: np.ndarray
    eigen: dict[float, KernelFactors] = field(default_factory=dict[float, KernelFactors])


@dataclass(frozen=True, eq=False)
class Part:
    """Some rows of one network.

    Attributes
    ----------
    rows : int array, (k,)
        Which rows of the network.
    places : function of int array to array, (k, r)
        Where rows of the network lie.
    median : float
        Median squared distance of the network's rows.
    folds : int array, (k,)
        Their fold numbers.
    left_out : int array, (k,)
        What is left out at a time where bandwidth and strength are chosen: a fold, or a row where all are independent.
    eigen : dict of float to KernelFactors
        Eigendecompositions of their kernels by bandwidth, as far as they were asked for.
    kept : Kept
        Factors of their kernels, which several questions ask for.
    name : Hashable
        What tells these rows, and their folds, from others whose factors are kept.
    """

    rows: np.ndarray
    places: Callable[[np.ndarray], np.ndarray]
    median: float
    folds: np.ndarray
    left_out: np.ndarray
    eigen: dict[float, KernelFactors] = field(default_factory=dict[float, KernelFactors])
    kept: Kept = field(default_factory=lambda: Kept(most=0))
    name: Hashable = None

    def factors(self, bandwidth: float) -> KernelFactors:
        """Return the eigendecomposition of the kernel of a bandwidth."""
        if bandwidth not in self.eigen:
            scale2 = self.median * bandwidth**2
            points = self.places(self.rows)
            self.eigen[bandwidth] = kernel_factors(kernel_matrix(points, points, scale2))
        return self.eigen[bandwidth]

    def choice(self, sketch: np.ndarray, bandwidths: Iterable[float] = BANDWIDTHS) -> tuple[float, float]:
        """Return bandwidth and strength for targets that few columns stand for, (m, k)."""
        return choose(self.factors, sketch[self.rows], self.left_out, bandwidths)[:2]

    def missed(self, targets: np.ndarray, choice: tuple[float, float]) -> float:
        """Return the sum of squared held-out residuals of targets (m, q) at a bandwidth and a strength."""
        residuals = self.residuals(targets, choice)
        return float(np.einsum("ij,ij->", residuals, residuals))

    def residuals(self, targets: np.ndarray, choice: tuple[float, float]) -> np.ndarray:
        """Return held-out residuals of targets (m, q) on these rows, (k, q), every fold left out in turn."""
        if self.is_quick(choice):
            chosen = targets if len(self.rows) == len(targets) else targets[self.rows]
            return product(self._operator(choice), chosen.astype(np.float32)).astype(np.float64)
        if len(self.rows) > CHOICE_ROWS:
            return self.solved(targets, choice)[0]
        factors = self.factors(choice[0])
        return factored_fold_residuals(factors, targets[self.rows], self.folds, choice[1])

    def is_quick(self, choice: tuple[float, float]) -> bool:
        """Whether one product with what is kept gives the residuals: of many rows, where single precision does."""
        return is_quick(len(self.rows), choice[1]) and self.kept.takes(4 * len(self.rows) ** 2)

    def _operator(self, choice: tuple[float, float]) -> np.ndarray:
        """Return what turns targets on these rows into their held-out residuals; it is kept."""

        def made() -> np.ndarray:
            order = np.argsort(self.folds, kind="stable")
            found = residual_operator(self._new_factor(choice, order), np.bincount(self.folds), FREE_INTERCEPT)
            as_rows_stand = np.empty_like(found)
            as_rows_stand[np.ix_(order, order)] = found
            return as_rows_stand

        return self.kept.get((self.name, choice, "operator"), made)

    def solved(self, targets: np.ndarray, choice: tuple[float, float]) -> tuple[np.ndarray, np.ndarray]:
        """Return the same, and the coefficients of the map that is fitted to all of these rows, (k, q)."""
        chosen = targets if len(self.rows) == len(targets) else targets[self.rows]
        w, order = self.factor(choice)
        return residuals_with(w, chosen, order, np.bincount(self.folds), FREE_INTERCEPT)

    def factor(self, choice: tuple[float, float]) -> tuple[np.ndarray, np.ndarray]:
        """Return the inverse factor of the kernel of these rows, without its intercept, and their order, fold by fold.

        Of few rows it is kept.
        """
        order = np.argsort(self.folds, kind="stable")
        if not self.kept.takes(packed_bytes(len(order))):
            return self._new_factor(choice, order), order
        return unpacked(self.kept.get((self.name, choice), lambda: packed(self._new_factor(choice, order)))), order

    def _new_factor(self, choice: tuple[float, float], order: np.ndarray) -> np.ndarray:
        bandwidth, strength = choice
        return factor_of(self.places(self.rows[order]), self.median * bandwidth**2, strength, SINGLE_ROWS)


def factor_of(points: np.ndarray, scale2: float, strength: float, single_above: int) -> np.ndarray:
    """Return the inverse factor of the kernel of points (k, r), without its intercept.

    It is in single precision above so many points, where the strength is large enough for that.
    """
    if len(points) > single_above and strength >= SINGLE_STRENGTH * NEARLY:
        points = points.astype(np.float32)
    kernel = squared_distances(points, points)
    return inverse_factor(matern52(kernel, scale2, out=kernel), strength)


def is_quick(rows: int, strength: float) -> bool:
    """Return whether one product in single precision does for the residuals of so many rows, where its matrix can be kept."""
    return rows > CHOICE_ROWS and strength >= QUICK_STRENGTH * NEARLY


def choose(
    factors: Callable[[float], KernelFactors],
    sketch: np.ndarray,
    left_out: np.ndarray,
    bandwidths: Iterable[float] = BANDWIDTHS,
    strengths: tuple[float, ...] = STRENGTHS,
) -> tuple[float, float, float]:
    """Return bandwidth and strength with the smallest held-out error of the sketch (k, q), and that error."""
    targets = sketch - sketch.mean(axis=0)
    tried, best_loss = tuple(bandwidths), float(np.inf)
    best = tried[-1], strengths[-1]
    for bandwidth in tried:
        losses = kernel_losses(factors(bandwidth), targets, left_out, strengths)
        i = int(np.argmin(losses))
        if losses[i] < best_loss * NEARLY:
            best, best_loss = (bandwidth, strengths[i]), float(losses[i])
    return *best, best_loss


def choose_quickly(
    factors: Callable[[float], KernelFactors], sketch: np.ndarray, left_out: np.ndarray, *, dependent: bool
) -> tuple[float, float, float]:
    """Return the same of few bandwidths and strengths, for the leading columns of the sketch.

    Of many independent rows generalised cross-validation costs less. But it likes weak strengths too much: the weakest is
    taken, of the wider kernel too, only where leaving out one row at a time says so as well.
    """
    few = sketch[:, :FEW_COLUMNS]
    if dependent or len(few) <= FEW_ROWS:
        return choose(factors, few, left_out, FEW_BANDWIDTHS, FEW_STRENGTHS)
    targets, (narrow, wide) = few - few.mean(axis=0), FEW_BANDWIDTHS
    told = {narrow: along_eigenvectors(factors(narrow), targets)}
    losses = generalised_losses(factors(narrow), told[narrow], FEW_STRENGTHS)
    at = int(np.argmin(losses))
    if at > 0:
        return narrow, FEW_STRENGTHS[at], float(losses[at])
    weakest, other = FEW_STRENGTHS[0], FEW_STRENGTHS[1 + int(np.argmin(losses[1:]))]
    told[wide] = along_eigenvectors(factors(wide), targets)
    tried = (narrow, other), (narrow, weakest), (wide, weakest)
    least, *best = min((one_by_one_loss(factors(b), told[b], s), b, s) for b, s in tried)
    return best[0], best[1], least


def rougher(bandwidth: float, strength: float) -> tuple[tuple[float, float], ...]:
    """Return a bandwidth and a strength, and those of maps that may be rougher: the next smaller of either, and of both.

    Examples
    --------
    >>> rougher(1.4, 1e-3)
    ((1.4, 0.001), (1.4, 0.0001), (0.7, 0.001), (0.7, 0.0001))
    """
    smaller = BANDWIDTHS[max(0, BANDWIDTHS.index(bandwidth) - 1)]
    weaker = STRENGTHS[max(0, STRENGTHS.index(strength) - 1)]
    return tuple(dict.fromkeys((b, s) for b in (bandwidth, smaller) for s in (strength, weaker)))
