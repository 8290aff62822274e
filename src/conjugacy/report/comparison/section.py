"""What a section of the page is; each stands in a file of its own in `sections`, with a template of the same name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from conjugacy.comparison import Comparison

TOP, END = "top", "end"
"""Places of the page before the axes and after them; the others are the axes themselves."""


@dataclass(frozen=True)
class FileFigure:
    """A figure that `Comparison.figure` writes as a file.

    Attributes
    ----------
    name : str
        What it is asked for by.
    size : (float, float)
        Width and height in points.
    draw : callable
        Draws a comparison, on one of its axes, into a figure; raises InputError where it does not hold what is to be shown.
    """

    name: str
    size: tuple[float, float]
    draw: Callable[[Figure, Comparison, str], object]


@dataclass(frozen=True)
class Section:
    """One section of the page of a comparison.

    Attributes
    ----------
    places : tuple of str
        Where it stands: `TOP`, axes, `END`; at each in the order of all sections.
    values : callable
        What its template is given for a comparison and a place, beside `comparison`, `place` and `section`; None where there
        is nothing to show.
    title : str
        Its heading; empty where its template has none.
    id : str or None
        By which links and the page's script find it.
    figure : FileFigure or None
        Its figure as a file.
    data : mapping of str to callable
        What the page's script reads: id of an element to plain values that become its JSON. It is there on every page.
    """

    places: tuple[str, ...]
    values: Callable[[Comparison, str], Mapping[str, Any] | None]
    title: str = ""
    id: str | None = None
    figure: FileFigure | None = None
    data: Mapping[str, Callable[[Comparison], Any]] = field(default_factory=dict[str, Any])
