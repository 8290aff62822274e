"""Where a figure goes: to a file, or onto the Axes of a figure of the caller's own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from conjugacy.asked import place, shown
from conjugacy.errors import InputError
from conjugacy.report.figures.scaled import scale_to
from conjugacy.report.figures.style import into_light, new_figure, page_style, to_file
from conjugacy.storage.atomic import replacing

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ENDINGS = (".svg", ".pdf", ".png")
DRAWN_FOR = "conjugacy_drawn_for"  # on a part of a figure: the Axes whose place it took
Draw = Callable[[Any], object]


def to_place(path: str | Path, size: tuple[float, float], draw: Draw) -> Path:
    """Draw and write one file, whole or not at all.

    Raises
    ------
    InputError
        Where the ending is not known, there is no such folder, or the disk refuses.
    """
    target = place("figure", path)
    if target.suffix.lower() not in ENDINGS:
        raise InputError(f"figure: got {str(target)!r}, expected a name that ends in {', '.join(ENDINGS)}")
    if not target.parent.is_dir():
        raise InputError(f"figure: got {str(target)!r}, but there is no folder {str(target.parent)!r}; create it first")
    if target.is_dir():
        raise InputError(f"figure: got {str(target)!r}, which is a folder; give a file")
    with new_figure(*size) as figure:
        draw(figure)
        try:
            with replacing(target) as temporary:
                # the temporary name has another ending than the one that says how to write
                to_file(figure, temporary, target.suffix.lower())
        except OSError as error:
            raise InputError(f"figure: cannot write {str(target)!r}: {error.strerror or error}") from error
    return target


def onto_axes(ax: Axes | None, size: tuple[float, float], draw: Draw) -> Axes:
    """Draw in the place of the given Axes, else in a new figure of pyplot; return the first Axes that was drawn on.

    What was drawn there before goes. A figure that cannot be drawn leaves everything as it was.

    Raises
    ------
    InputError
        Where the Axes belong to no grid, so that nothing can take their place.
    """
    return _in_new_figure(size, draw) if ax is None else _in_place_of(ax, size, draw)


def _in_new_figure(size: tuple[float, float], draw: Draw) -> Axes:
    import matplotlib.pyplot as plt  # notebooks show what pyplot made

    figure = plt.figure(figsize=(size[0] / 72, size[1] / 72))
    try:
        return _drawn(figure, size, draw)
    except BaseException:
        plt.close(figure)
        raise


def _in_place_of(ax: Any, size: tuple[float, float], draw: Draw) -> Axes:
    around = ax.figure if hasattr(ax, "figure") else None
    ax = getattr(around, DRAWN_FOR, ax)  # what an earlier call returned stands for the Axes that it was given
    where = ax.get_subplotspec() if hasattr(ax, "get_subplotspec") else None
    if where is None:
        raise InputError(f"ax: got {shown(ax)}, expected Axes from plt.subplots() or figure.add_subplot()")
    parent, visible = ax.figure, ax.axison
    before = [one for one in parent.subfigs if getattr(one, DRAWN_FOR, None) is ax]
    region = parent.add_subfigure(where)
    setattr(region, DRAWN_FOR, ax)
    ax.set_axis_off()
    try:
        first = _drawn(region, size, draw)
    except BaseException:
        parent.subfigs.remove(region)
        ax.axison = visible
        raise
    for old in before:
        parent.subfigs.remove(old)
    return first


def _drawn(region: Any, size: tuple[float, float], draw: Draw) -> Axes:
    with page_style():
        draw(region)
        into_light(region)
        scale_to(region, size)
    return cast("list[Any]", region.axes)[0]
