"""One way from a layer to another, as a rung sees it, before anything is fitted."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from conjugacy.numerics.device import product
from conjugacy.numerics.generalised import ridge_generalised
from conjugacy.numerics.kept import Kept
from conjugacy.numerics.regression import ridge_choose
from conjugacy.transformations.compact import WIDE
from conjugacy.transformations.division import Division, kept_factors
from conjugacy.transformations.folds import depend, make_folds
from conjugacy.transformations.kernel_regression import KernelRegression
from conjugacy.transformations.layer import Layer


@dataclass(frozen=True, eq=False)
class Way:
    """Two layers with matched rows, and what all rungs share; computed when it is asked for.

    Attributes
    ----------
    source, target : Layer
        Rows matched.
    clusters : int array, (m,)
        Rows with one number depend on each other and are held out together.
    seed : int
        Draws the folds and the re-pairings.
    second : str or None
        Which second fit the smooth rung takes (`second`); its own where None.
    first_alone : bool
        Whether no more than a first fit of each rung is asked for, chosen at the least cost.
    kept : Kept
        Factors of kernels, of both directions.
    alike : dict
        What one direction computed for the other too, by its source.
    """

    source: Layer
    target: Layer
    clusters: np.ndarray
    seed: int
    second: str | None = field(default=None, kw_only=True)
    first_alone: bool = field(default=False, kw_only=True)
    kept: Kept = field(default_factory=kept_factors, kw_only=True)
    alike: dict[Layer, np.ndarray] = field(default_factory=dict[Layer, np.ndarray], kw_only=True)

    @cached_property
    def folds(self) -> np.ndarray:
        """The folds that all rungs share."""
        return make_folds(self.clusters, self.seed)

    def folds_for(self, width: int) -> np.ndarray:
        """Return the same folds, two at a time where a fit to so many coordinates costs too much to be made for each."""
        return self.folds if width <= WIDE else self.folds // 2

    @cached_property
    def totals(self) -> np.ndarray:
        """What errors are fractions of, per row."""
        totals = self.target.judged_squares
        return totals if self.weights is None else totals * self.weights

    @cached_property
    def weights(self) -> np.ndarray | None:
        """What rows weigh, (m,): those that repeat one state in both networks weigh one together; None where none do."""
        if not depend(self.clusters):
            return None
        both = self.source.states * (int(self.target.states.max()) + 1) + self.target.states
        _, at, counts = np.unique(both, return_inverse=True, return_counts=True)
        return None if counts.max() == counts.min() else 1.0 / counts[at.ravel()]

    @cached_property
    def least_linear(self) -> float:
        """What linear maps leave at least of held-out rows: the fraction that least squares leaves of all rows, fitted to them.

        Left out, a fold has residuals (I - H_FF)^-1 r_F, which are no smaller than r_F. It is 0 where rows have weights.
        """
        if self.weights is not None:
            return 0.0
        if self.target.judged.all():
            told = self._axes_alike() * self.target.ridge.s
        else:
            told = product(self.source.ridge.u.T, self.target.z[:, self.target.judged])
        return float(1.0 - (told**2).sum() / self.totals.sum())

    def _axes_alike(self) -> np.ndarray:
        """Return U_a^T U_b of the left singular vectors of source and target, (r_a, r_b); kept until the other direction asks."""
        if self.target in self.alike:
            return self.alike.pop(self.target).T
        self.alike[self.source] = product(self.source.ridge.u.T, self.target.ridge.u)
        return self.alike[self.source]

    @cached_property
    def strength(self) -> float:
        """The ridge strength of the affine map."""
        if self.first_alone and not depend(self.clusters):
            return ridge_generalised(self.source.ridge, self.target.sketch)
        return ridge_choose(self.source.ridge, self.target.sketch, self.folds)

    @cached_property
    def regression(self) -> KernelRegression:
        """The kernel estimator."""
        return KernelRegression(self.division, self.target.sketch, quick=self.first_alone)

    @cached_property
    def division(self) -> Division:
        """The source's rows, and the factors of its kernels."""
        return Division(self.source, self.folds, self.clusters, self.kept)

    def map_of(self, rung: str) -> str:
        """Return the rung whose map a rung takes: its own, where nothing was judged."""
        return rung
