"""Both networks' layers laid out in the world's coordinates, and whether the data resolve them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from conjugacy.comparison.intrinsic.brought import Apart
from conjugacy.comparison.intrinsic.moved_layers import source_of
from conjugacy.comparison.matched_pair import activations_of
from conjugacy.data import Recording
from conjugacy.embeddings import Intrinsic, LocalMetric, intrinsic_coordinates
from conjugacy.results import IntrinsicMatch, IntrinsicSide, Status
from conjugacy.results.digits import digits


def lay_out(apart: Apart, names: Sequence[str], metrics: Sequence[LocalMetric]) -> tuple[Intrinsic, ...]:
    """Return the coordinates of the world that each layer shows."""
    return tuple(
        intrinsic_coordinates(activations_of(r, name).finite, metric, seed=apart.seed)
        for r, name, metric in zip(apart.pair, names, metrics, strict=True)
    )


def match_of(
    apart: Apart, names: Sequence[str], metrics: Sequence[LocalMetric], found: Sequence[Intrinsic], n_common: int
) -> IntrinsicMatch:
    """Return what is known of a match before the layouts are aligned."""
    sides = [_side(*one) for one in zip(apart.pair, names, metrics, found, strict=True)]
    empty = np.empty((0, 0))
    return IntrinsicMatch(sides[0], sides[1], n_common, None, 0, False, 0, 0.0, {}, {}, empty, empty)


def unresolved(apart: Apart, found: Sequence[Intrinsic]) -> tuple[str, ...]:
    """Return why the layouts are not of one world, as far as each by itself and their numbers of coordinates tell."""
    reasons = tuple(
        f"the data of {r.name or letter!r} do not resolve the world's coordinates; {_why(one)}"
        for r, letter, one in zip(apart.pair, "ab", found, strict=True) if not one.resolved
    )  # fmt: skip
    a, b = (one.values.shape[1] for one in found)
    if a == b:
        return reasons
    return (*reasons, f"one network shows a world of {a} coordinates, the other one of {b}")


def _side(recording: Recording, name: str, metric: LocalMetric, one: Intrinsic) -> IntrinsicSide:
    gap, half_gap = (float(x) if np.isfinite(x) else None for x in (metric.gap, one.half_gap))
    return IntrinsicSide(
        layer=name, source=source_of(recording) or metric.source, d=metric.d, gap=gap, kind=one.kind,
        periods=tuple(one.periods.tolist()), stress=one.stress, half_gap=half_gap, resolved=one.resolved,
        status=one.status.name.lower(),
    )  # fmt: skip


def _why(one: Intrinsic) -> str:
    if one.status in (Status.UNCLEAR_DIRECTIONS, Status.FOLDED):
        return one.status.value
    more = "" if one.status.is_ok else f"; {one.status.value}"
    if not np.isfinite(one.half_gap):
        return f"half of its rows alone are not connected, or show another number of coordinates{more}"
    return f"two halves of its rows give coordinates that differ by {digits(one.half_gap)} of their size{more}"
