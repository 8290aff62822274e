"""Drop-in in full: every change against its margin, class by class, output by output, and the rows that carry the difference."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from conjugacy.report.comparison.section import TOP, Section
from conjugacy.report.drop_in_words import (
    STATES,
    column_of,
    drop_in_answer,
    drop_in_headline,
    not_testable,
    off_bounds,
    point_bounds,
    share_bounds,
)
from conjugacy.report.evidence_rows import COLUMNS, evidence_row
from conjugacy.report.words import cell, percent_of, which_output
from conjugacy.results import Change, DropIn
from conjugacy.results.digits import digits, signed

if TYPE_CHECKING:
    from conjugacy.comparison import Comparison

MOST_ROWS = 200
_FAR = {"sigmoids": "rows on which mostly other columns say yes"}
_TONES = {"inside": "holds", "outside": "fails", "open": "undecided", "not_testable": "quiet"}


@dataclass(frozen=True)
class ChangeRow:
    """One change in the words of a table: before and after are empty where neither network shows it by itself."""

    name: str
    before: str
    after: str
    change: str
    margin: str
    state: str
    tone: str
    rows: str
    needed: str


@dataclass(frozen=True)
class ChangeTable:
    """Changes of one kind.

    Attributes
    ----------
    title, note : str
        The caption, and what to know of it.
    head, change : str
        What one row is, and what changes.
    with_ends : bool
        Whether A and B show something by themselves.
    every : tuple of ChangeRow
        All of them; `rows` are those that fit into a page.
    """

    title: str
    note: str
    head: str
    change: str
    with_ends: bool
    every: tuple[ChangeRow, ...]

    @property
    def rows(self) -> tuple[ChangeRow, ...]:
        """The first of them."""
        return self.every[:MOST_ROWS]

    @property
    def with_needed(self) -> bool:
        """Whether more rows would decide somewhere."""
        return any(row.needed != "-" for row in self.rows)


@dataclass(frozen=True)
class OutputView:
    """One output, or the only one: its name, answer and headline, and its tables."""

    name: str
    which: str
    answer: str
    headline: str
    tables: tuple[ChangeTable, ...]
    few_rows: tuple[str, ...]
    evidence: tuple[tuple[str, ...], ...]
    rows: tuple[tuple[str, ...], ...]
    with_targets: bool
    sizes: str
    n_changed: int


def _values(comparison: Comparison, place: str) -> Mapping[str, Any] | None:
    found = comparison.drop_in
    if found.answer == "not_tested":
        return None
    others = [_view(head) for head in found.heads if head.head != found.head]
    outputs = [(head.head or "outputs", drop_in_answer(head), drop_in_headline(head)) for head in found.heads]
    return {"shown": _view(found), "others": others, "outputs": outputs, "columns": COLUMNS}


def _view(found: DropIn) -> OutputView:
    return OutputView(
        name=found.head or "outputs",
        which=which_output(found.head or "outputs"),
        answer=drop_in_answer(found),
        headline=drop_in_headline(found),
        tables=tuple(table for table in _tables(found) if table.rows),
        few_rows=not_testable(found),
        evidence=tuple(evidence_row(one) for one in found.evidence),
        rows=tuple(_changed_rows(found)),
        with_targets=any(row.target is not None for row in found.rows),
        sizes=_sizes(found) if any(row.size is not None for row in found.rows) else "",
        n_changed=found.n_changed,
    )


def _tables(found: DropIn) -> Iterable[ChangeTable]:
    overall = [_share_row(_decisions_of(c), c) for c in _there(found.churn)]
    overall += [
        _share_row(_FAR.get((found.kinds or ("",))[0], "rows that are far off"), c) for c in _there(found.rows_beyond)
    ]
    if found.right_to_wrong is not None:
        share = cell(found.right_to_wrong)
        overall.append(ChangeRow("right in A and wrong in B", "", "", share, "-", "-", "quiet", "-", "-"))
    yield ChangeTable("All rows", "", "what", "share of rows", False, tuple(overall))
    errors = [_rise_row("all rows" if c.name == "error" else c.name, c) for c in _there(found.error_change)]
    errors += [_rise_row(c.name, c) for c in found.class_errors]
    of = "column" if "sigmoids" in (found.kinds or ()) else "class"
    title = f"Errors, by {of}" if found.class_errors else "Errors"
    note = "Share of rows that are wrong, and its rise in points of a hundred; worst first."
    yield ChangeTable(title, note, of, "rise", True, tuple(errors))
    note = "Mean squared difference over the variance of A's output, without any map; worst first."
    rows = tuple(_row(c.name, c, off_bounds(c), percent_of(c.margin)) for c in found.identity)
    yield ChangeTable("Numbers, by output", note, "output", "off", False, rows)


def _decisions_of(churn: Change) -> str:
    column = column_of(churn)
    return "decisions that change" if column is None else f"decisions that change, worst column: {column}"


def _sizes(found: DropIn) -> str:
    """Say what the size of a changed row is."""
    if found.identity:
        return "off, in standard deviations"
    return "change" if "sigmoids" in (found.kinds or ()) else "lead of A's choice"


def _there(one: Change | None) -> tuple[Change, ...]:
    return () if one is None else (one,)


def _share_row(name: str, one: Change) -> ChangeRow:
    return _row(name, one, share_bounds(one), percent_of(one.margin))


def _rise_row(name: str, one: Change) -> ChangeRow:
    return _row(name, one, point_bounds(one), signed(one.margin))


def _row(name: str, one: Change, change: str, margin: str) -> ChangeRow:
    before, after = ("-" if share is None else percent_of(share) for share in (one.before, one.after))
    needed = "-" if one.rows_needed is None else str(one.rows_needed)
    return ChangeRow(name, before, after, change, margin, STATES[one.state], _TONES[one.state], str(one.rows), needed)


def _changed_rows(found: DropIn) -> Iterable[tuple[str, ...]]:
    for row in found.rows:
        target = "-" if row.target is None else row.target
        yield (row.stimulus, str(row.position), row.a, row.b, target, digits(row.size))


SECTION = Section((TOP,), _values, title="Drop-in: B in place of A", id="drop-in")
