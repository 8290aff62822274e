"""One figure of a comparison as a file for a paper: SVG, PDF or PNG."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from matplotlib.figure import Figure

from conjugacy.errors import InputError, UnknownNameError
from conjugacy.report.figures.errors import draw_errors
from conjugacy.report.figures.few_units import SIZE as FEW_UNITS_SIZE
from conjugacy.report.figures.few_units import draw_few_units
from conjugacy.report.figures.ladder import SIZE, draw_ladder
from conjugacy.report.figures.layers import draw_layers
from conjugacy.report.figures.plane import colouring, draw_plane
from conjugacy.report.figures.style import new_figure, to_file
from conjugacy.report.figures.sweeps import SIZE as SWEEPS_SIZE
from conjugacy.report.figures.sweeps import draw_sweeps
from conjugacy.report.figures.worlds import SIZE as WORLDS_SIZE
from conjugacy.report.figures.worlds import draw_worlds
from conjugacy.results import AxisVerdict
from conjugacy.storage.atomic import replacing

if TYPE_CHECKING:
    from conjugacy.comparison import Comparison

ENDINGS = (".svg", ".pdf", ".png")
AXES = ("representation", "function")


def write_figure(comparison: Comparison, name: str, path: str | Path, *, axis: str) -> Path:
    """Draw one figure and write it, whole or not at all; what may be asked is in `Comparison.figure`."""
    if name not in FIGURES:
        raise UnknownNameError.of("figure", name, list(FIGURES))
    if axis not in AXES:
        raise UnknownNameError.of("axis", axis, AXES)
    target = Path(path)
    if target.suffix.lower() not in ENDINGS:
        raise InputError(f"figure: got {str(target)!r}, expected a name that ends in {', '.join(ENDINGS)}")
    if not target.parent.is_dir():
        raise InputError(f"figure: got {str(target)!r}, but there is no folder {str(target.parent)!r}; create it first")
    size, draw = FIGURES[name]
    with new_figure(*size) as figure:
        draw(figure, comparison, axis)
        try:
            with replacing(target) as temporary:
                # the temporary name has another ending than the one that says how to write
                to_file(figure, temporary, target.suffix.lower())
        except OSError as error:
            raise InputError(f"figure: cannot write {str(target)!r}: {error.strerror or error}") from error
    return target


def _verdict(comparison: Comparison, axis: str) -> AxisVerdict:
    verdict: AxisVerdict = getattr(comparison.verdict, axis)
    if not verdict.rungs:
        raise InputError(
            f"figure: the {axis} axis was not tested ({'; '.join(verdict.reasons)}), there is nothing to draw"
        )
    return verdict


def _ladder(figure: Figure, comparison: Comparison, axis: str) -> None:
    draw_ladder(figure, _verdict(comparison, axis), comparison.tolerance)


def _errors(figure: Figure, comparison: Comparison, axis: str) -> None:
    where = _verdict(comparison, axis).where
    if where is None:
        raise InputError(f"figure: this comparison does not say where the errors of the {axis} axis lie")
    draw_errors(figure, where)


def _planes(figure: Figure, comparison: Comparison, axis: str) -> None:
    plane = comparison.plane
    if plane is None:
        raise InputError("figure: there are no planes; they need a hidden layer of both networks with matched rows")
    chosen = colouring(plane)
    for i, points in enumerate((plane.a, plane.b)):
        axes = figure.add_axes((0.07 + 0.5 * i, 0.2, 0.42, 0.7))
        draw_plane(axes, points, chosen)
        axes.set_title("AB"[i], fontsize=9, fontweight="bold")
    words = f"colour: {plane.colour_source}" + ("" if chosen.by_class else f", by rank, {chosen.low} to {chosen.high}")
    if chosen.by_class:
        figure.legend(
            list(figure.axes[0].collections), [group.name for group in chosen.groups],
            loc="lower center", ncols=14, frameon=False, fontsize=7, handletextpad=0.1, columnspacing=0.8,
        )  # fmt: skip
    figure.text(0.01, 0.97, words, fontsize=8, va="top")


def _layers(figure: Figure, comparison: Comparison, axis: str) -> None:
    if comparison.layer_map is None:
        raise InputError("figure: there is no layer map; it needs hidden layers of both networks with matched rows")
    draw_layers(figure, comparison.layer_map, comparison.verdict.representation.layers)


def _few_units(figure: Figure, comparison: Comparison, axis: str) -> None:
    if comparison.few_units is None:
        raise InputError(
            "figure: nothing was reconstructed from few units; it needs a hidden layer of both networks and 60 rows"
        )
    draw_few_units(figure, comparison.few_units, comparison.tolerance)


def _sweeps(figure: Figure, comparison: Comparison, axis: str) -> None:
    if comparison.sweeps is None:
        raise InputError("figure: there is no sweep over delays and ranks; it needs trajectories")
    draw_sweeps(figure, comparison.sweeps)


def _worlds(figure: Figure, comparison: Comparison, axis: str) -> None:
    if comparison.intrinsic is None or not comparison.intrinsic.points_b.size:
        raise InputError(
            "figure: no two worlds were laid over each other; that needs match='intrinsic', and one alignment"
        )
    draw_worlds(figure, comparison.intrinsic)


FIGURES: dict[str, tuple[tuple[float, float], Callable[[Figure, Comparison, str], None]]] = {
    "ladder": (SIZE, _ladder),
    "planes": ((620, 330), _planes),
    "layers": ((420, 420), _layers),
    "errors": ((680, 330), _errors),
    "few_units": (FEW_UNITS_SIZE, _few_units),
    "sweeps": (SWEEPS_SIZE, _sweeps),
    "worlds": (WORLDS_SIZE, _worlds),
}
