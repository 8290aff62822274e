"""What measures on centred columns of Frobenius norm 1 share: preparation, matched rows, angles, and what a cut can change."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from conjugacy.data import Rows, aligned_rows
from conjugacy.errors import InputError
from conjugacy.measure import Measure, as_activations
from conjugacy.numerics.alignment.procrustes import shape_angles
from conjugacy.numerics.columns import centred_live, compact, unit_norm
from conjugacy.numerics.device import product
from conjugacy.numerics.principal import Cut, cosine_range, leading_coordinates
from conjugacy.results import Score, Status


@dataclass(frozen=True, eq=False)
class PreparedShape:
    """Columns of Frobenius norm 1, (m, r), centred and perhaps whitened; empty where nothing varies.

    The columns of x lie one after the other in memory: products of pairs are a tenth faster then.
    `cut` tells what was left out where `x` are leading principal coordinates.
    """

    rows: Rows
    x: np.ndarray
    cut: Cut | None = None

    @cached_property
    def row_norms(self) -> np.ndarray:
        """Squared row norms, (m,)."""
        return np.einsum("ij,ij->i", self.x, self.x)

    @cached_property
    def square(self) -> float:
        """|x^T x|_F^2."""
        square = product(self.x.T, self.x)
        return float(np.vdot(square, square))

    def take(self, rows: np.ndarray | slice) -> PreparedShape:
        """Return the same columns with their rows in another order."""
        if isinstance(rows, slice):
            return self
        return PreparedShape(self.rows, self.x[rows], None if self.cut is None else self.cut.take(rows))


def check_variance(variance: float) -> None:
    """Refuse a share of the variance that is none."""
    if not 0 < variance <= 1:
        raise InputError(f"variance: got {variance}, expected a share above 0 and at most 1")


def shape_preparation(variance: float) -> str:
    """Return the name of what `prepare_shape` makes."""
    return "unit_columns" if variance == 1 else f"unit_columns:variance={variance}"


def prepare_shape(data: Any, variance: float = 1.0) -> PreparedShape:
    """Centre and scale; keep the leading principal coordinates where less than all of the variance is asked for."""
    layer = as_activations(data)
    x = centred_live(layer.values)
    if not x.size:
        return PreparedShape(layer.rows, x)
    x = compact(unit_norm(x))
    x, cut = leading_coordinates(x, variance) if variance < 1 else (x, None)
    prepared = PreparedShape(layer.rows, np.asfortranarray(x), cut)
    _ = prepared.row_norms, prepared.square  # now, so that a prepared network that is kept has them
    return prepared


def matched_shapes(a: PreparedShape, b: PreparedShape) -> tuple[PreparedShape, PreparedShape] | None:
    """Return both on the rows that they share; None where nothing varies in one."""
    rows_a, rows_b = aligned_rows(a.rows, b.rows)
    return (a.take(rows_a), b.take(rows_b)) if a.x.size and b.x.size else None


@dataclass(frozen=True, eq=False)
class PairOfShapes:
    """Two shapes on the same rows, the cosine and the angle between them after the best rotation."""

    x: PreparedShape
    y: PreparedShape
    cosine: float
    angle: float

    @property
    def widths(self) -> tuple[int, int]:
        """Numbers of columns."""
        return self.x.x.shape[1], self.y.x.shape[1]

    @property
    def rotation_status(self) -> Status:
        """Whether there are as many columns as rows or more: a rotation of so many finds what is not there."""
        return Status.TOO_FEW_ROWS if len(self.x.x) <= max(self.widths) else Status.OK

    @property
    def cosine_range(self) -> tuple[float, float] | None:
        """Between what the cosine of all columns lies, where leading coordinates were compared."""
        return cosine_range(self.x.cut, self.y.cut, self.cosine) if self.x.cut and self.y.cut else None


def pairs_of_shapes(a: Sequence[PreparedShape], b: Sequence[PreparedShape]) -> list[PairOfShapes | None]:
    """Return the angle of every pair; None where nothing varies in one of the two."""
    both = [matched_shapes(x, y) for x, y in zip(a, b, strict=True)]
    live = [pair for pair in both if pair is not None]
    angles = iter(shape_angles([x.x for x, _ in live], [y.x for _, y in live]))
    return [None if pair is None else PairOfShapes(*pair, *next(angles)) for pair in both]


@dataclass(frozen=True)
class ShapeMeasure(Measure):
    """A measure that reads the angle between two shapes after the best rotation."""

    variance: float = 1.0

    def __post_init__(self) -> None:
        check_variance(self.variance)

    @property
    def preparation(self) -> str:
        """Shared by all measures on these columns, linear CKA among them."""
        return shape_preparation(self.variance)

    def prepare(self, data: Any) -> PreparedShape:
        """Centre and scale."""
        return prepare_shape(data, self.variance)

    def compare(self, a: PreparedShape, b: PreparedShape) -> Score:
        """Compare two prepared networks."""
        return self.compare_all([a], [b])[0]

    def compare_all(self, a: Sequence[PreparedShape], b: Sequence[PreparedShape]) -> list[Score]:
        """Compare many pairs of prepared networks, a[i] with b[i]."""
        name = self.id
        pairs = pairs_of_shapes(a, b)
        return [Score.missing(name, Status.DEGENERATE) if pair is None else self.score(name, pair) for pair in pairs]

    @abstractmethod
    def score(self, name: str, pair: PairOfShapes) -> Score:
        """Return what the angle of a pair says, under the measure's id."""
