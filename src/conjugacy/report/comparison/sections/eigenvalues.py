"""Eigenvalues of the linear system that was fitted to each network, with their residuals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from conjugacy.errors import InputError
from conjugacy.report.comparison.section import FileFigure, Section
from conjugacy.report.figures.spectra import SIZE, draw_spectra, spectra_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from conjugacy.comparison import Comparison
    from conjugacy.results import Spectrum


def _values(comparison: Comparison, place: str) -> Mapping[str, Any] | None:
    found = _found(comparison)
    if found is None:
        return None
    drawn = spectra_figure(found, "eigenvalues-", "Eigenvalues of both linear systems, and their residuals.")
    return {"found": found, "figure": Markup(drawn)}  # noqa: S704  (matplotlib escapes)


def _found(comparison: Comparison) -> tuple[Spectrum, Spectrum] | None:
    return None if comparison.motion is None else comparison.motion.spectra


def _draw(figure: Figure, comparison: Comparison, axis: str) -> None:
    found = _found(comparison)
    if found is None:
        raise InputError("figure: there are no eigenvalues; they need trajectories of three time points that vary")
    draw_spectra(figure, found)


SECTION = Section(
    ("dynamics",), _values, title="Eigenvalues", id="eigenvalues", figure=FileFigure("eigenvalues", SIZE, _draw)
)
