"""What is said of networks that were brought together, or could not be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from conjugacy.comparison.comparison import Comparison
from conjugacy.comparison.intrinsic.brought import Brought
from conjugacy.results import AxisVerdict, Verdict
from conjugacy.results.digits import per_cent
from conjugacy.results.reason import reasons
from conjugacy.transformations import RUNGS


def not_brought(brought: Brought, settings: Mapping[str, Any], tolerance: float, seed: int) -> Comparison:
    """Return a comparison that says why rows could not be matched; nothing is decided."""
    unknown = AxisVerdict("undecided", reasons("rows", *brought.reasons))
    return Comparison(
        verdict=Verdict(unknown, unknown, AxisVerdict.not_tested("the recordings hold no trajectories")),
        tolerance=tolerance,
        seed=seed,
        networks=(brought.a.name or "a", brought.b.name or "b"),
        n_samples=0,
        settings=settings,
        notes=brought.notes,
        intrinsic=brought.match,
    )


def with_match(found: Comparison, brought: Brought) -> Comparison:
    """Say how rows were matched, and doubt what reading B between its rows could have made."""
    match = brought.match
    worst = max(match.interpolation.values(), default=0.0)
    by = f"by {match.n_common} common stimuli" if match.n_common else "by the shapes alone"
    said = (
        f"the networks saw different stimuli: B was read at the places of {match.n_rows} of A's rows, aligned {by}; between its "
        f"rows B leaves {per_cent(worst)} of its variance open"
    )
    axes = found.verdict
    if worst > found.tolerance / 2:
        doubt = f"B leaves {per_cent(worst)} of its variance open between its rows, too much here: record more stimuli"
        axes = replace(
            axes,
            function=axes.function.doubted(doubt, "rows"),
            representation=axes.representation.doubted(doubt, "rows"),
        )
    misplaced = max(match.misplacement.values(), default=0.0)
    function, representation = (
        _against_slips(x, misplaced, found.tolerance) for x in (axes.function, axes.representation)
    )
    axes = replace(axes, function=function, representation=representation)
    return replace(found, verdict=axes, notes=(said, *brought.notes, *found.notes), intrinsic=match)


def _against_slips(axis: AxisVerdict, share: float, tolerance: float) -> AxisVerdict:
    """Leave a difference open that reading B at slightly wrong places may have made, in both networks' rows."""
    if axis.answer not in ("partly_related", "unrelated", "not_equivalent", "a_determines_b", "b_determines_a"):
        return axis
    last = axis.rung_result(RUNGS[-1])
    lows = [way.low or 0.0 for way in (last.a_to_b, last.b_to_a)]
    if max(lows) > tolerance + 2.0 * share:
        return axis
    return axis.doubted(
        f"the alignment leaves room for places that slip: B changes by {per_cent(share)} of its variance; what is left is no "
        "more than that beyond the tolerance: give more common stimuli, or better bursts",
        "rows",
    )
