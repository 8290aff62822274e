"""Which sections the page has, in their order: a section is a file in `sections`, its template, and a line here."""

from __future__ import annotations

from importlib import import_module

from conjugacy.report.comparison.section import FileFigure, Section

ORDER = (
    "verdicts",
    "worlds",
    "notes",
    "drop_in",
    "ladder",
    "untrained",
    "shared",
    "no_ladder",
    "errors",
    "few_units",
    "states",
    "step_errors",
    "recurrence",
    "eigenvalues",
    "sweeps",
    "evidence",
    "not_judged",
    "decisive_rows",
    "plane",
    "layers",
    "measures",
    "recorded",
    "limits",
    "methods",
)


def sections() -> dict[str, Section]:
    """Return all sections by name.

    Examples
    --------
    >>> sections()["few_units"].title
    'Everything from few units'
    """
    return {name: import_module(f"conjugacy.report.comparison.sections.{name}").SECTION for name in ORDER}


def file_figures() -> dict[str, FileFigure]:
    """Return the figures that may be asked for as files, by name.

    Examples
    --------
    >>> list(file_figures())[:5]
    ['worlds', 'ladder', 'shared', 'errors', 'few_units']
    >>> list(file_figures())[5:]
    ['states', 'step_errors', 'recurrence', 'eigenvalues', 'sweeps', 'planes', 'layers']
    """
    return {figure.name: figure for one in sections().values() if (figure := one.figure) is not None}
