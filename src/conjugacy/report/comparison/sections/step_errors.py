"""The direct test over the time in a trial: what each past leaves of the other network's next point."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from conjugacy.errors import InputError
from conjugacy.report.comparison.section import FileFigure, Section
from conjugacy.report.figures.step_errors import SIZE, draw_step_errors, step_errors_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from conjugacy.comparison import Comparison
    from conjugacy.results import StepErrors


def _values(comparison: Comparison, place: str) -> Mapping[str, Any] | None:
    found = _found(comparison)
    if found is None:
        return None
    drawn = step_errors_figure(found, "step-errors-", "Errors of the next point over the time in a trial, both ways.")
    return {"found": found, "figure": Markup(drawn)}  # noqa: S704  (matplotlib escapes)


def _found(comparison: Comparison) -> StepErrors | None:
    return None if comparison.motion is None else comparison.motion.step_errors


def _draw(figure: Figure, comparison: Comparison, axis: str) -> None:
    found = _found(comparison)
    if found is None:
        raise InputError("figure: there are no errors of the next point; they need matched trials that were tested")
    draw_step_errors(figure, found)


SECTION = Section(
    ("dynamics",),
    _values,
    title="Errors of the next point",
    id="step-errors",
    figure=FileFigure("step_errors", SIZE, _draw),
)
