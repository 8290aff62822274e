"""The page: one self-contained HTML file that shows the verdict and why."""

from __future__ import annotations

from pathlib import Path

from conjugacy.errors import InputError
from conjugacy.results import Comparison
from conjugacy.storage.atomic import replacing


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
    >>> from conjugacy.results import AxisVerdict, Verdict
    >>> nothing = AxisVerdict.not_tested("one array was given")
    >>> comparison = Comparison(Verdict(nothing, nothing, nothing), 0.05, 0, ("x", "y"), 0, {})
    >>> write_page(comparison, Path(tempfile.mkdtemp()) / "page.html").name
    'page.html'
    """
    path = check_place(path)
    from conjugacy.report.render import render_page  # matplotlib and jinja2 are loaded only where a page is written

    return write_text(path, render_page(comparison))


def check_place(path: str | Path) -> Path:
    """Return the path of a page to be written.

    Raises
    ------
    InputError
        Where the folder is missing, or `path` is a folder.
    """
    path = Path(path)
    if not path.parent.is_dir():
        raise InputError(f"report: got {str(path)!r}, but there is no folder {str(path.parent)!r}; create it first")
    if path.is_dir():
        raise InputError(f"report: got {str(path)!r}, which is a folder; give a file, as {str(path / 'report.html')!r}")
    return path


def write_text(path: Path, text: str) -> Path:
    """Write a page as a whole or not at all.

    Raises
    ------
    InputError
        Where it cannot be written.
    """
    try:
        with replacing(path) as temporary:
            temporary.write_bytes(text.encode("utf-8", "replace"))  # names of files may hold what UTF-8 cannot
    except OSError as error:
        raise InputError(
            f"report: cannot write {str(path)!r}: {error.strerror or error}; choose another place"
        ) from error
    return path
