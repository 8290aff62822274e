"""What the measures on canonical correlations share: their knobs' checks, preparation, and the correlations of a pair."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from conjugacy.data import Rows, aligned_rows, match_rows
from conjugacy.errors import InputError
from conjugacy.measure import as_activations
from conjugacy.numerics.canonical import Canonical, View, canonical, held_out_correlations, view_of
from conjugacy.numerics.columns import centred_live
from conjugacy.numerics.resample import draw_folds
from conjugacy.results import Status


@dataclass(frozen=True, eq=False)
class PreparedView:
    """Centred columns that vary, and their thin SVD; None where none does."""

    rows: Rows
    x: np.ndarray
    view: View | None


def check_knobs(ridge: float, folds: int | None) -> None:
    """Refuse a negative ridge and a single fold."""
    if ridge < 0:
        raise InputError(f"ridge: got {ridge}, expected 0 or a positive share of the largest variance")
    if folds is not None and folds < 2:
        raise InputError(f"folds: got {folds}, expected at least 2, or none for the value in sample")


def prepare_view(data: Any, variance: float = 1.0) -> PreparedView:
    """Centre one network and factorise it."""
    layer = as_activations(data)
    x = centred_live(layer.values)
    return PreparedView(layer.rows, x, view_of(x, variance) if x.size else None)


@dataclass(frozen=True, eq=False)
class PairOfViews:
    """Correlations of a pair, held out where folds were asked for; what was found in sample; how it came about."""

    correlations: np.ndarray
    in_sample: Canonical
    rows_a: np.ndarray | slice
    status: Status


def correlate(a: PreparedView, b: PreparedView, ridge: float, folds: int | None, seed: int) -> PairOfViews | Status:
    """Return the canonical correlations of two prepared networks, or why there are none."""
    matching = None if folds is None else match_rows(a.rows, b.rows)
    rows_a, rows_b = aligned_rows(a.rows, b.rows) if matching is None else (matching.rows_a, matching.rows_b)
    if a.view is None or b.view is None:
        return Status.DEGENERATE
    x, y = a.view.take(rows_a), b.view.take(rows_b)
    found = canonical(x, y, ridge)
    if matching is None or folds is None:
        # columns of rank r and q in m - 1 dimensions share r + q - (m - 1) of them, whatever they are
        few = len(x.s) + len(y.s) > len(x.u) - 1
        return PairOfViews(found.correlations, found, rows_a, Status.TOO_FEW_ROWS if few else Status.OK)
    if matching.n_clusters < max(3, folds):
        return Status.TOO_FEW_ROWS
    held_out = held_out_correlations(x, y, draw_folds(matching.clusters, folds, seed), ridge)
    return PairOfViews(held_out, found, rows_a, Status.OK)
