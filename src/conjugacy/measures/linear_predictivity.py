"""Cross-validated linear predictivity: how well a linear map from one network predicts the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

from conjugacy.data import Matching, Rows, match_rows
from conjugacy.errors import InputError
from conjugacy.measure import Measure, Traits, as_activations
from conjugacy.numerics.columns import centred_live
from conjugacy.numerics.regression import RidgeFactors, RidgeFolds, ridge_factors
from conjugacy.numerics.resample import cluster_sums, counts_together, draw_folds, ratio_interval
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
        return self.compare_all([a], [b])[0]

    def compare_all(self, a: Sequence[PreparedColumns], b: Sequence[PreparedColumns]) -> list[Score]:
        """Compare many pairs; folds, bootstrap and what a source alone decides are computed once for pairs that share them."""
        name = self.id
        drawn: dict[tuple[bytes, bytes], _Drawn | None] = {}
        sources: dict[tuple[int, bytes, bytes], RidgeFolds] = {}
        scores: list[Score] = []
        for x, y in zip(a, b, strict=True):
            key = x.rows.digest, y.rows.digest
            if key not in drawn:
                drawn[key] = self._draw(match_rows(x.rows, y.rows))
            draw = drawn[key]
            if x.factors is None or y.factors is None:
                scores.append(Score.missing(name, Status.DEGENERATE))
            elif draw is None:
                scores.append(Score.missing(name, Status.TOO_FEW_ROWS))
            else:
                first = (id(x), *key)
                if first not in sources:
                    sources[first] = _source(x.factors, draw.matching.rows_a, draw.folds)
                ways = [_errors(sources[first], y.z[draw.matching.rows_b])]
                if self.both:
                    back = _source(y.factors, draw.matching.rows_b, draw.folds)
                    ways.append(_errors(back, x.z[draw.matching.rows_a]))
                scores.append(_score(name, draw, ways))
        return scores

    def _draw(self, matching: Matching) -> _Drawn | None:
        if matching.n_clusters < max(3, self.folds):
            return None
        folds = draw_folds(matching.clusters, self.folds, self.seed)
        return _Drawn(matching, folds, *counts_together(matching.clusters, 500, self.seed + 1))


@dataclass(frozen=True, eq=False)
class _Drawn:
    """The rows of a pair, their folds, which rows are drawn together, and how often bootstrap samples hold them."""

    matching: Matching
    folds: np.ndarray
    together: np.ndarray
    counts: np.ndarray


def _source(factors: RidgeFactors, rows: np.ndarray, folds: np.ndarray) -> RidgeFolds:
    # reordering the rows reorders the left singular vectors and nothing else
    return RidgeFolds.of(replace(factors, u=factors.u[rows]), folds)


def _errors(source: RidgeFolds, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return squared held-out errors and squared values per row."""
    residuals = source.residuals(y, source.choose(y))
    return (residuals**2).sum(axis=1), (y**2).sum(axis=1)


def _score(name: str, draw: _Drawn, ways: list[tuple[np.ndarray, np.ndarray]]) -> Score:
    values = [float(1.0 - errors.sum() / totals.sum()) for errors, totals in ways]
    value = float(np.mean(values))
    # rows weigh alike in both ways: shares of each network's variance are added
    errors, totals = (np.sum([w[part] / w[1].sum() for w in ways], axis=0) for part in (0, 1))
    low, high = ratio_interval(draw.counts, cluster_sums(errors, draw.together), cluster_sums(totals, draw.together))
    details = {"a_to_b": values[0], "b_to_a": values[1]} if len(ways) > 1 else {}
    similarity = float(np.clip(value, 0.0, 1.0))
    return Score(name, value, 1.0 - value, similarity, interval=(1.0 - high, 1.0 - low), details=details)
