"""The page: one self-contained HTML file that shows the verdict and why."""

from __future__ import annotations

from pathlib import Path

from conjugacy.errors import InputError
from conjugacy.report.notebook import notebook_html
from conjugacy.results import Comparison
from conjugacy.storage.atomic import replacing


def write_page(comparison: Comparison, path: str | Path) -> Path:
    """Write the page of a comparison; the file is there as a whole or not at all."""
    path = Path(path)
    if not path.parent.is_dir():
        raise InputError(f"report: got {str(path)!r}, but there is no folder {str(path.parent)!r}; create it first")
    with replacing(path) as temporary:
        temporary.write_text(f"<!doctype html><meta charset=utf-8>{notebook_html(comparison)}", encoding="utf-8")
    return path
