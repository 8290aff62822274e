"""What a section of a study's page is; each stands in a file of its own in `sections`, with a template of the same name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from conjugacy.report.study.cells import Cells
from conjugacy.report.study.data import Tables
from conjugacy.report.study.order import Order
from conjugacy.results import Classes

if TYPE_CHECKING:
    from conjugacy.study import Study


@dataclass(frozen=True, eq=False)
class StudyShown:
    """A study and what all sections of its page draw on.

    Attributes
    ----------
    study : Study
    classes : Classes or None
        How the networks were sorted.
    reason : str
        Why there are no classes.
    order : Order
    tables : Tables
    links : mapping of (str, str) to str, or None
        Addresses of the pages of pairs; None where none were asked for.
    curve : pandas.DataFrame or None
        What `Study.along` says, where something orders the networks.
    """

    study: Study
    classes: Classes | None
    reason: str
    order: Order
    tables: Tables
    links: Mapping[tuple[str, str], str] | None
    curve: Any = None

    @property
    def chosen(self) -> Cells | None:
        """The table that was sorted, or the first."""
        return self.tables.cells[0] if self.tables.cells else None


@dataclass(frozen=True)
class StudySection:
    """One section of the page of a study.

    Attributes
    ----------
    values : callable
        What its template is given beside `section`; None where there is nothing to show.
    title : str
        Its heading; empty where its template makes one.
    id : str or None
        By which links and the page's script find it.
    """

    values: Callable[[StudyShown], Mapping[str, Any] | None]
    title: str = ""
    id: str | None = None
