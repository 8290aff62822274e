"""One figure of a comparison as a file for a paper: SVG, PDF or PNG."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from conjugacy.errors import InputError, UnknownNameError
from conjugacy.report.comparison.page_order import file_figures
from conjugacy.report.figures.style import new_figure, to_file
from conjugacy.results.axis import FITTED_AXES
from conjugacy.storage.atomic import replacing

if TYPE_CHECKING:
    from conjugacy.comparison import Comparison

ENDINGS = (".svg", ".pdf", ".png")


def write_figure(comparison: Comparison, name: str, path: str | Path, *, axis: str) -> Path:
    """Draw one figure and write it, whole or not at all; what may be asked is in `Comparison.figure`."""
    known = file_figures()
    if name not in known:
        raise UnknownNameError.of("figure", name, known)
    if axis not in FITTED_AXES:
        raise UnknownNameError.of("axis", axis, FITTED_AXES)
    target = Path(path)
    if target.suffix.lower() not in ENDINGS:
        raise InputError(f"figure: got {str(target)!r}, expected a name that ends in {', '.join(ENDINGS)}")
    if not target.parent.is_dir():
        raise InputError(f"figure: got {str(target)!r}, but there is no folder {str(target.parent)!r}; create it first")
    with new_figure(*known[name].size) as figure:
        known[name].draw(figure, comparison, axis)
        try:
            with replacing(target) as temporary:
                # the temporary name has another ending than the one that says how to write
                to_file(figure, temporary, target.suffix.lower())
        except OSError as error:
            raise InputError(f"figure: cannot write {str(target)!r}: {error.strerror or error}") from error
    return target
