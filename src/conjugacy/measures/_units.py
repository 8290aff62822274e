"""What measures that pair single units share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from conjugacy.data import Rows
from conjugacy.measure import as_activations
from conjugacy.numerics.columns import centred_live

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
