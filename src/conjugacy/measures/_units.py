"""What measures that pair single units share."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any

import numpy as np

from conjugacy.data import Rows, aligned_rows
from conjugacy.measure import Measure, as_activations
from conjugacy.numerics.columns import centred_live
from conjugacy.numerics.products import products
from conjugacy.results import Score, Status

UNIT_INVARIANCES = frozenset({"permutation", "isotropic_scaling", "unit_scaling", "translation"})


@dataclass(frozen=True, eq=False)
class PreparedUnits:
    """Units that vary, centred and of norm 1, (m, n)."""

    rows: Rows
    z: np.ndarray


def prepare_units(data: Any) -> PreparedUnits:
    """Centre units and scale each to norm 1; silent ones are left out."""
    layer = as_activations(data)
    x = centred_live(layer.values)
    return PreparedUnits(layer.rows, x / np.linalg.norm(x, axis=0) if x.size else x)


def unit_correlations(a: PreparedUnits, b: PreparedUnits) -> np.ndarray | None:
    """Return the correlations of the units of one network with those of the other, (n, p); None where one has no unit."""
    rows_a, rows_b = aligned_rows(a.rows, b.rows)
    if not a.z.size or not b.z.size:
        return None
    x, y = (p.z if isinstance(rows, slice) else p.z[rows] for p, rows in ((a, rows_a), (b, rows_b)))
    return products([x], [y])[0]


@dataclass(frozen=True)
class UnitMatching(Measure):
    """A measure of how well units of one network can be paired with units of another, from their correlations."""

    @property
    def preparation(self) -> str:
        """Shared by the measures that pair units."""
        return "unit_norm_units"

    @abstractmethod
    def score(self, correlations: np.ndarray) -> Score:
        """Return the score of a pair of networks, given the correlations of their units, (n, p)."""

    def prepare(self, data: Any) -> PreparedUnits:
        """Centre units and scale each to norm 1."""
        return prepare_units(data)

    def compare(self, a: PreparedUnits, b: PreparedUnits) -> Score:
        """Compare two prepared networks."""
        correlations = unit_correlations(a, b)
        return Score.missing(self.id, Status.DEGENERATE) if correlations is None else self.score(correlations)
