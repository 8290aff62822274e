"""One fitted map of a comparison, by axis and rung."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conjugacy.asked import one_of
from conjugacy.errors import InputError
from conjugacy.transformations import RUNGS, Transformation

if TYPE_CHECKING:
    from conjugacy.comparison.comparison import Comparison


def map_of(comparison: Comparison, rung: str, axis: str | None) -> Transformation:
    """Return one fitted map; what may be asked is in `Comparison.transformation`."""
    fitted = comparison.transformations
    if axis is None:
        axis = "representation" if fitted.get("representation") else "function"
    maps = fitted[one_of("axis with fitted transformations", axis, fitted)]
    if isinstance(rung, str) and rung in RUNGS and rung not in maps:  # pyright: ignore[reportUnnecessaryIsInstance]
        advice = getattr(comparison.verdict, axis).rung_result(rung).advice or "no map was fitted"
        raise InputError(f"the rung {rung!r} does not apply on the {axis} axis: {advice}")
    return maps[one_of("rung", rung, maps, f"on the {axis} axis")]
