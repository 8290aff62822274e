"""How states come back over time, where no trial of one network belongs to a trial of the other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from conjugacy.errors import InputError
from conjugacy.report.comparison.section import FileFigure, Section
from conjugacy.report.figures.recurrence import SIZE, draw_recurrence, recurrence_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from conjugacy.comparison import Comparison
    from conjugacy.results import RecurrenceCurves


def _values(comparison: Comparison, place: str) -> Mapping[str, Any] | None:
    found = _found(comparison)
    if found is None:
        return None
    drawn = recurrence_figure(
        found, "recurrence-", "Recurrence curves of both networks over the time between states, with floors and nulls."
    )
    return {"found": found, "figure": Markup(drawn)}  # noqa: S704  (matplotlib escapes)


def _found(comparison: Comparison) -> RecurrenceCurves | None:
    return None if comparison.motion is None else comparison.motion.recurrence


def _draw(figure: Figure, comparison: Comparison, axis: str) -> None:
    found = _found(comparison)
    if found is None:
        raise InputError(
            "figure: there are no recurrence curves; they are of trajectories that were compared without partners "
            "(match='none')"
        )
    draw_recurrence(figure, found)


SECTION = Section(
    ("dynamics",),
    _values,
    title="How states come back",
    id="recurrence",
    figure=FileFigure("recurrence", SIZE, _draw),
)
