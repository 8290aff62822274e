"""Cross-validated linear predictivity: how well a linear map from one network predicts the other."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

from conjugacy.data import Rows, match_rows
from conjugacy.errors import InputError
from conjugacy.measure import Measure, Traits, as_activations
from conjugacy.numerics.columns import centred_live
from conjugacy.numerics.regression import RidgeFactors, ridge_choose, ridge_factors, ridge_fold_residuals
from conjugacy.numerics.resample import bootstrap_counts, cluster_sums, draw_folds, ratio_interval
from conjugacy.results import Score, Status


@dataclass(frozen=True, eq=False)
class PreparedColumns:
    """Columns of unit variance and their thin SVD."""

    rows: Rows
    z: np.ndarray
    factors: RidgeFactors | None


@dataclass(frozen=True)
class LinearPredictivity(Measure):
    """Held-out R^2 of ridge regression from the first network to the second, mean over the second's units.

    R^2 = 1 - sum e^2 / sum y^2 with every unit scaled to unit variance, so that it is the mean over units. Directional:
    compare(a, b) predicts b from a; with `both`, the value is the mean of both ways, which stand in `details`. The ridge
    strength is the one with the smallest error over the folds.
    `similarity()` is the value clipped to [0, 1]; `distance()` is 1 - value.

    Attributes
    ----------
    folds : int
        Number of folds; rows that depend on each other share one.
    seed : int
        Seeds folds and bootstrap.
    both : bool
        Also predict the first network from the second.

    Examples
    --------
    >>> x = np.random.default_rng(0).normal(size=(80, 4))
    >>> bool(LinearPredictivity()(x, x @ np.diag([1, 2, 3, 4])).value > 0.999)
    True
    """

    folds: int = 10
    seed: int = 0
    both: bool = False

    references: ClassVar[tuple[str, ...]] = (
        "D. Yamins, H. Hong, C. Cadieu, E. Solomon, D. Seibert, J. DiCarlo: Performance-optimized hierarchical models predict "
        "neural responses in higher visual cortex. PNAS 111 (2014)",
    )

    def __post_init__(self) -> None:
        if self.folds < 2:
            raise InputError(f"folds: got {self.folds}, expected at least 2")

    @property
    def traits(self) -> Traits:  # pyright: ignore[reportIncompatibleVariableOverride] - depends on `both`
        """What this measure promises, one way or both."""
        blind_to = frozenset({"permutation", "isotropic_scaling", "unit_scaling", "translation"})
        return Traits(self.both, False, True, 1.0, blind_to)

    def prepare(self, data: Any) -> PreparedColumns:
        """Scale units to unit variance and factorise."""
        layer = as_activations(data)
        z = centred_live(layer.values)
        if not z.size:
            return PreparedColumns(layer.rows, z, None)
        z = z / np.sqrt((z**2).mean(axis=0))
        return PreparedColumns(layer.rows, z, ridge_factors(z))

    def compare(self, a: PreparedColumns, b: PreparedColumns) -> Score:
        """Predict the second network from the first, and the first from the second where both ways are asked for."""
        matching = match_rows(a.rows, b.rows)
        if a.factors is None or b.factors is None:
            return Score.missing(self.id, Status.DEGENERATE)
        if matching.n_clusters < max(3, self.folds):
            return Score.missing(self.id, Status.TOO_FEW_ROWS)
        clusters = matching.clusters
        folds = draw_folds(clusters, self.folds, self.seed)
        x, y = (_Side(p.factors, p.z, rows) for p, rows in ((a, matching.rows_a), (b, matching.rows_b)) if p.factors)
        ways = [_errors(x, y, folds)] + ([_errors(y, x, folds)] if self.both else [])
        values = [float(1.0 - errors.sum() / totals.sum()) for errors, totals in ways]
        value = float(np.mean(values))
        # rows weigh alike in both ways: shares of each network's variance are added
        errors, totals = (np.sum([w[part] / w[1].sum() for w in ways], axis=0) for part in (0, 1))
        counts = bootstrap_counts(matching.n_clusters, 500, self.seed + 1)
        low, high = ratio_interval(counts, cluster_sums(errors, clusters), cluster_sums(totals, clusters))
        details = {"a_to_b": values[0], "b_to_a": values[1]} if self.both else {}
        similarity = float(np.clip(value, 0.0, 1.0))
        return Score(self.id, value, 1.0 - value, similarity, interval=(1.0 - high, 1.0 - low), details=details)


@dataclass(frozen=True, eq=False)
class _Side:
    factors: RidgeFactors
    z: np.ndarray
    rows: np.ndarray


def _errors(source: _Side, target: _Side, folds: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return squared held-out errors and squared values per row."""
    # reordering the rows reorders the left singular vectors and nothing else
    factors = replace(source.factors, u=source.factors.u[source.rows])
    y = target.z[target.rows]
    residuals = ridge_fold_residuals(factors, y, folds, ridge_choose(factors, y, folds))
    return (residuals**2).sum(axis=1), (y**2).sum(axis=1)
