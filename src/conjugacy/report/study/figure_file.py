"""One figure of a study: as a file for a paper, or on the Axes of the caller."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from conjugacy.asked import one_of
from conjugacy.report.figures.place import onto_axes, to_place

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from conjugacy.study import Study

NAMES = ("matrix", "tree", "plane", "classes", "curve")
"""The figures of a study: a file each in `figures`, with its SIZE in points and `draw`."""


@dataclass(frozen=True, eq=False)
class StudyDrawn:
    """A study and what a figure shows of it.

    Attributes
    ----------
    study : Study
    classes : Classes or None
    curve : pandas.DataFrame or None
        As of `Study.along`.
    measure, layer_pair : str or None
        What a matrix shows, where there are several.
    """

    study: Study
    classes: Any = None
    curve: Any = None
    measure: str | None = None
    layer_pair: str | None = None


def write_study_figure(study: Study, name: str, path: str | Path, shown: Mapping[str, Any]) -> Path:
    """Draw one figure and write it, whole or not at all."""
    figure = _figure(name)
    drawn = StudyDrawn(study, **shown)
    return to_place(path, figure.SIZE, lambda region: figure.draw(region, drawn))


def draw_study_figure(study: Study, name: str, ax: Axes | None, shown: Mapping[str, Any]) -> Axes:
    """Draw one figure in place of Axes, else in a new figure."""
    figure = _figure(name)
    drawn = StudyDrawn(study, **shown)
    return onto_axes(ax, figure.SIZE, lambda region: figure.draw(region, drawn))


def _figure(name: str) -> Any:
    return import_module(f"conjugacy.report.study.figures.{one_of('figure', name, NAMES)}")
