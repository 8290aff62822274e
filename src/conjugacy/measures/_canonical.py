"""What the measures on canonical correlations share: their knobs' checks, preparation, and the correlations of a pair."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from conjugacy.data import Rows, aligned_rows, match_rows
from conjugacy.errors import InputError
from conjugacy.measure import as_activations
from conjugacy.numerics.alignment.canonical import (
    Canonical,
    View,
    canonical,
    held_out_correlations,
    mean_correlations,
    view_of,
)
from conjugacy.numerics.columns import centred_live
from conjugacy.numerics.resample import draw_folds
from conjugacy.results import Score, Status


@dataclass(frozen=True, eq=False)
class PreparedView:
    """Thin SVD of the centred columns that vary; None where none does."""

    rows: Rows
    view: View | None


def check_ridge_and_folds(ridge: float, folds: int | None) -> None:
    """Refuse a negative ridge and a single fold."""
    if ridge < 0:
        raise InputError(f"ridge: got {ridge}, expected 0 or a positive share of the largest variance")
    if folds is not None and folds < 2:
        raise InputError(f"folds: got {folds}, expected at least 2, or none for the value in sample")


def view_preparation(variance: float = 1.0) -> str:
    """Return the name of what `prepare_view` makes."""
    return "svd" if variance == 1 else f"svd:variance={variance}"


def prepare_view(data: Any, variance: float = 1.0) -> PreparedView:
    """Centre one network and factorise it."""
    layer = as_activations(data)
    x = centred_live(layer.values)
    return PreparedView(layer.rows, view_of(x, variance) if x.size else None)


@dataclass(frozen=True, eq=False)
class PairOfViews:
    """Correlations of a pair, held out where folds were asked for; what was found in sample; how it came about."""

    correlations: np.ndarray
    in_sample: Canonical
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
        return PairOfViews(found.correlations, found, in_sample_status(x, y))
    if matching.n_clusters < max(3, folds):
        return Status.TOO_FEW_ROWS
    held_out = held_out_correlations(x, y, draw_folds(matching.clusters, folds, seed), ridge)
    return PairOfViews(held_out, found, Status.OK)


def in_sample_status(x: View, y: View) -> Status:
    """Say whether the ranks leave room: columns of rank r and q in m - 1 dimensions share r + q - (m - 1) of them, always."""
    return Status.TOO_FEW_ROWS if len(x.s) + len(y.s) > len(x.u) - 1 else Status.OK


def mean_scores(
    name: str, a: Sequence[PreparedView], b: Sequence[PreparedView], ridge: float, folds: int | None, seed: int
) -> list[Score]:
    """Return the mean canonical correlation of every pair, in sample without a ridge from the correlations alone."""
    if ridge or folds is not None:
        return [_score_of(name, correlate(x, y, ridge, folds, seed)) for x, y in zip(a, b, strict=True)]
    both = [_matched(x, y) for x, y in zip(a, b, strict=True)]
    live = [pair for pair in both if pair is not None]
    means = iter(mean_correlations([x for x, _ in live], [y for _, y in live]))
    return [
        Score.missing(name, Status.DEGENERATE) if pair is None else _score(name, next(means), in_sample_status(*pair))
        for pair in both
    ]


def _matched(a: PreparedView, b: PreparedView) -> tuple[View, View] | None:
    rows_a, rows_b = aligned_rows(a.rows, b.rows)
    return None if a.view is None or b.view is None else (a.view.take(rows_a), b.view.take(rows_b))


def _score_of(name: str, found: PairOfViews | Status) -> Score:
    if isinstance(found, Status):
        return Score.missing(name, found)
    return _score(name, float(found.correlations.mean()), found.status)


def _score(name: str, value: float, status: Status) -> Score:
    return Score(name, value, 1.0 - value, min(1.0, max(0.0, value)), status)
