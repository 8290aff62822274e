"""The page: one self-contained HTML file that shows the verdict and why."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from conjugacy.report.files import check_place, write_text

if TYPE_CHECKING:
    from conjugacy.comparison import Comparison


def write_page(comparison: Comparison, path: str | Path) -> Path:
    """Write the page of a comparison; the file is there as a whole or not at all.

    Parameters
    ----------
    comparison : Comparison
        What to show.
    path : path
        The file; one of that name is replaced.

    Raises
    ------
    InputError
        Where the folder is missing, or `path` is a folder or cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from conjugacy.comparison import Comparison
    >>> from conjugacy.results import AxisVerdict, Verdict
    >>> nothing = AxisVerdict.not_tested("one array was given")
    >>> comparison = Comparison(Verdict(nothing, nothing, nothing), 0.05, 0, ("x", "y"), 0, {})
    >>> write_page(comparison, Path(tempfile.mkdtemp()) / "page.html").name
    'page.html'
    """
    path = check_place(path)
    from conjugacy.report.comparison.render import (
        render_page,  # matplotlib and jinja2 are loaded only where a page is written
    )

    return write_text(path, render_page(comparison))
