"""The axes on the page: their headings, and what was found on each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conjugacy.errors import InputError
from conjugacy.results import AxisVerdict

if TYPE_CHECKING:
    from conjugacy.comparison import Comparison

HEADINGS = {
    "function": "Function: the outputs",
    "representation": "Representation: the internal units",
    "dynamics": "Dynamics: the trajectories",
}


def verdict_on(comparison: Comparison, axis: str) -> AxisVerdict:
    """Return the verdict on one axis."""
    found: AxisVerdict = getattr(comparison.verdict, axis)
    return found


def tested(comparison: Comparison, axis: str) -> AxisVerdict:
    """Return the verdict on one axis that is to be drawn.

    Raises
    ------
    InputError
        Where no map was fitted on it.
    """
    verdict = verdict_on(comparison, axis)
    if not verdict.rungs:
        raise InputError(
            f"figure: the {axis} axis was not tested ({'; '.join(verdict.reasons)}), there is nothing to draw"
        )
    return verdict
