"""Canonical correlation analysis: the mean correlation of two networks' best matched directions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from conjugacy.measure import Measure, Traits
from conjugacy.measures._canonical import (
    PreparedView,
    check_ridge_and_folds,
    mean_scores,
    prepare_view,
    view_preparation,
)
from conjugacy.results import Score

LINEAR = frozenset(
    {"permutation", "orthogonal", "isotropic_scaling", "unit_scaling", "translation", "invertible_linear"}
)
ROTATIONS = frozenset({"permutation", "orthogonal", "isotropic_scaling", "translation"})


@dataclass(frozen=True)
class CCA(Measure):
    """CCA: the mean canonical correlation, 1/k sum rho_i over the k = min(rank X, rank Y) pairs of directions.

    By QR and SVD: the rho_i are the singular values of U_x^T U_y, with U orthonormal bases of the centred columns. In sample
    it is near 1 for any two networks with about as many units as stimuli; the status says so, and `folds` gives the
    correlations on held-out rows instead. `similarity()` is the value clipped to [0, 1], `distance()` is 1 - value.

    Attributes
    ----------
    ridge : float
        Added to the variance of every direction, as a share of the largest one's; with it only rotations leave the value as
        it is.
    folds : int or None
        Number of folds; rows that depend on each other share one. None gives the value in sample.
    seed : int
        Seeds the folds.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.random.default_rng(0).normal(size=(80, 4))
    >>> round(CCA()(x, x @ np.diag([1.0, 2.0, 3.0, 4.0])).value, 6)
    1.0
    """

    ridge: float = 0.0
    folds: int | None = None
    seed: int = 0

    references: ClassVar[tuple[str, ...]] = (
        "H. Hotelling: Relations between two sets of variates. Biometrika 28 (1936)",
        "M. Raghu, J. Gilmer, J. Yosinski, J. Sohl-Dickstein: SVCCA: Singular vector canonical correlation analysis for deep "
        "learning dynamics and interpretability. NeurIPS 2017",
        "H. D. Vinod: Canonical ridge and econometrics of joint production. Journal of Econometrics 4 (1976)",
    )

    def __post_init__(self) -> None:
        check_ridge_and_folds(self.ridge, self.folds)

    @property
    def traits(self) -> Traits:  # pyright: ignore[reportIncompatibleVariableOverride] - depends on the ridge
        """What this measure promises with its ridge."""
        return Traits(True, False, True, 1.0, ROTATIONS if self.ridge else LINEAR)

    @property
    def preparation(self) -> str:
        """Shared by the measures on canonical correlations that keep as much of the variance."""
        return view_preparation()

    def prepare(self, data: Any) -> PreparedView:
        """Centre and factorise."""
        return prepare_view(data)

    def compare(self, a: PreparedView, b: PreparedView) -> Score:
        """Compare two prepared networks."""
        return self.compare_all([a], [b])[0]

    def compare_all(self, a: Sequence[PreparedView], b: Sequence[PreparedView]) -> list[Score]:
        """Compare many pairs of prepared networks, a[i] with b[i]."""
        return mean_scores(self.id, a, b, self.ridge, self.folds, self.seed)
