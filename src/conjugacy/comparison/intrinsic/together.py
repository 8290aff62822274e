"""Recordings of different stimuli brought together, step by step: layouts, alignment, places."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from conjugacy.comparison.intrinsic.at_places import read_at_places
from conjugacy.comparison.intrinsic.brought import Apart, Brought, Controls
from conjugacy.comparison.intrinsic.common_rows import common_rows
from conjugacy.comparison.intrinsic.moved_layers import metrics_of, moved_layers
from conjugacy.comparison.intrinsic.worlds import lay_out, match_of, unresolved
from conjugacy.data import Recording
from conjugacy.data.content_ids import BY_CONTENT
from conjugacy.embeddings import Intrinsic, RigidMap, align_by_points, alignments_of_shapes
from conjugacy.embeddings.intrinsic import RESOLVED
from conjugacy.errors import InputError
from conjugacy.results.digits import digits


def bring_together(
    a: Recording,
    b: Recording,
    controls: Controls,
    *,
    common: Any,
    layers: tuple[str, str] | None,
    seed: int,
    progress: Callable[[str], None],
) -> Brought:
    """Lay both networks' layers out in the world's coordinates, align them, and give B's layers at A's places.

    The layers hold Jacobians or covariances of bursts. Common stimuli fix the alignment; without them it is the shapes', where
    these leave a single one. B's layers between its rows come from local linear regression on its coordinates; how well that
    does is measured on rows left out.

    Raises
    ------
    InputError, StimuliError
        Where a recording holds neither Jacobians nor covariances, dimensions differ, or `common` does not fit.
    """
    if a.is_dynamic or b.is_dynamic:
        raise InputError("match='intrinsic' is for activations; trajectories are matched by trials")
    apart = Apart(a, b, controls, seed, progress)
    names = moved_layers(a, b, layers)
    metrics = metrics_of((a, b), names)
    progress("laying both networks out in the world's coordinates")
    found = lay_out(apart, names, metrics)
    rows = common_rows(a, b, common)
    if common is None and len(rows) <= found[0].values.shape[1] and all(_by_content(one) for one in apart.pair):
        rows = rows[:0]  # a few points that both happened to see: too few to lay the worlds over each other
    match = match_of(apart, names, metrics, found, len(rows))
    if reasons := unresolved(apart, found):
        return apart.left(match, *reasons)
    progress("aligning the two layouts")
    try:
        ways = _alignments(found, rows, seed)
    except InputError as error:
        if common is not None:
            raise
        return apart.left(match, f"the two layouts could not be aligned: {error} (common=)")
    match = replace(match, symmetries=len(ways), common_error=ways[0].error if len(rows) else None)
    if doubt := _misaligned(ways, len(rows), found[0].values.shape[1]):
        return apart.left(match, doubt)
    match = replace(match, place_error=_place_error(found, rows, ways[0]))
    progress("reading the other network at the same places")
    return read_at_places(apart, match, ways[0](found[0].values), found[1].values)


def _by_content(recording: Recording) -> bool:
    return recording.provenance.get("ids") == BY_CONTENT


def _alignments(found: Sequence[Intrinsic], rows: np.ndarray, seed: int) -> tuple[RigidMap, ...]:
    if len(rows):
        return (align_by_points(found[0].values[rows[:, 0]], found[1].values[rows[:, 1]]),)
    return alignments_of_shapes(found[0].values, found[1].values, seed=seed)


def _misaligned(ways: Sequence[RigidMap], n_common: int, coordinates: int) -> str | None:
    """Return why an alignment is not to be trusted, or None where it is."""
    if n_common and ways[0].error > RESOLVED:
        return (
            f"after the best alignment the {n_common} common stimuli are still {digits(ways[0].error)} of the world's size "
            "apart; "
            "they are not the same stimuli, or the Jacobians or bursts of the two are not by the coordinates of one world"
        )
    if len(ways) != 1:
        return (
            f"without common stimuli {len(ways)} ways to lay one network's world over the other's fit the data as well as chance "
            f"allows; none is chosen: give {coordinates + 1} or more stimuli that both saw (common=)"
        )
    return None


def _place_error(found: Sequence[Intrinsic], rows: np.ndarray, way: RigidMap) -> float:
    """Return by how much A's rows may be misplaced in B's coordinates, a standard deviation along each of them.

    From the common stimuli, less what the alignment was free to fit; without any from what two halves of a network disagree by.
    """
    e = found[1].values.shape[1]
    if not len(rows):
        size = float(np.sqrt(found[1].values.var(axis=0).sum() / e))
        return max(one.half_gap for one in found) * size
    left = way(found[0].values[rows[:, 0]]) - found[1].values[rows[:, 1]]
    return float(np.sqrt((left**2).sum() / (left.size - e * (e + 1) // 2)))
