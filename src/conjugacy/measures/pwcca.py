"""Projection weighted canonical correlation analysis: canonical correlations weighted by what they carry of the first network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from conjugacy.measure import Measure, Traits
from conjugacy.measures._canonical import PreparedView, check_ridge_and_folds, correlate, prepare_view, view_preparation
from conjugacy.results import Score, Status


@dataclass(frozen=True)
class PWCCA(Measure):
    """PWCCA: sum a_i rho_i / sum a_i with a_i = sum over units j of |<h_i, x_j>|, h_i the first network's canonical variates.

    Directional: compare(a, b) weights by the units of a. The h_i are the canonical variates of unit length, as in the paper;
    packages differ here. `similarity()` is the value clipped to [0, 1], `distance()` is 1 - value.

    Attributes
    ----------
    ridge, folds, seed
        As in `cca`; weights are those in sample.

    Examples
    --------
    >>> x = np.random.default_rng(0).normal(size=(80, 4))
    >>> round(PWCCA()(x, x @ np.diag([1.0, 2.0, 3.0, 4.0])).value, 6)
    1.0
    """

    ridge: float = 0.0
    folds: int | None = None
    seed: int = 0

    traits: ClassVar[Traits] = Traits(
        symmetric=False,
        metric=False,
        larger_is_more_similar=True,
        identity_value=1.0,
        invariances=frozenset({"permutation", "isotropic_scaling", "translation"}),
    )
    references: ClassVar[tuple[str, ...]] = (
        "A. Morcos, M. Raghu, S. Bengio: Insights on representational similarity in neural networks with canonical correlation. "
        "NeurIPS 2018",
    )

    def __post_init__(self) -> None:
        check_ridge_and_folds(self.ridge, self.folds)

    @property
    def preparation(self) -> str:
        """Shared by the measures on canonical correlations that keep as much of the variance."""
        return view_preparation()

    def prepare(self, data: Any) -> PreparedView:
        """Centre and factorise."""
        return prepare_view(data)

    def compare(self, a: PreparedView, b: PreparedView) -> Score:
        """Compare two prepared networks, weighted by the first."""
        found = correlate(a, b, self.ridge, self.folds, self.seed)
        if isinstance(found, Status) or a.view is None:
            return Score.missing(self.id, found if isinstance(found, Status) else Status.DEGENERATE)
        # X = u s vt: the variates' products with the units, whatever the order of rows
        weights = np.abs((found.in_sample.variates.T * a.view.s) @ a.view.vt).sum(axis=1)
        value = float(weights @ found.correlations / weights.sum())
        return Score(self.id, value, 1.0 - value, float(np.clip(value, 0.0, 1.0)), found.status)
