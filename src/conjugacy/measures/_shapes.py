"""What measures of shape share: centred columns of Frobenius norm 1, on the rows of both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from conjugacy.data import Activations, aligned_rows
from conjugacy.measure import as_activations
from conjugacy.numerics.columns import centred_live, compact, unit_norm
from conjugacy.results import Status


@dataclass(frozen=True, eq=False)
class PreparedShape:
    """Columns of Frobenius norm 1, (m, r), centred and perhaps whitened; empty where nothing varies."""

    layer: Activations
    x: np.ndarray


def prepare_shape(data: Any) -> PreparedShape:
    """Centre and scale."""
    layer = as_activations(data)
    x = centred_live(layer.values)
    return PreparedShape(layer, compact(unit_norm(x)) if x.size else x)


def matched_shapes(a: PreparedShape, b: PreparedShape) -> tuple[np.ndarray, np.ndarray] | None:
    """Return the columns of both on the rows that they share; None where nothing varies in one."""
    rows_a, rows_b = aligned_rows(a.layer, b.layer)
    return (a.x[rows_a], b.x[rows_b]) if a.x.size and b.x.size else None


def rotation_status(x: np.ndarray, y: np.ndarray) -> Status:
    """Say whether there are as many columns as rows or more: a rotation of so many finds what is not there."""
    return Status.TOO_FEW_ROWS if len(x) <= max(x.shape[1], y.shape[1]) else Status.OK
