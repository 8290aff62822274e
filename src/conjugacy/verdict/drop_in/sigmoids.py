"""Sigmoids: every column says yes or no by itself, and is compared with the margins by itself.

Columns that seldom say yes change on few rows even where nothing is left of them. So of several columns, rows are counted too on
which under half of what either network says yes to is said by both.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from conjugacy.numerics.dependent_counts import independent, worth_of_rows
from conjugacy.results import Change, ChangedRow, DropIn
from conjugacy.verdict.drop_in import words
from conjugacy.verdict.drop_in.answer import Beside, Told, decided
from conjugacy.verdict.drop_in.given import AsTheyStand
from conjugacy.verdict.drop_in.held import judged, worst_first
from conjugacy.verdict.drop_in.seen import lost_columns, too_few
from conjugacy.verdict.drop_in.tallies import Tallies, all_rows, share_of_rows
from conjugacy.verdict.drop_in.targets import column_targets

LISTED = 20


def judge_sigmoids(given: AsTheyStand, beside: Beside) -> DropIn:
    """Hold changed decisions of every column, and the change of its errors, against the margins."""
    margins, (m, q) = beside.margins, given.a.shape
    a, b = given.a >= margins.threshold, given.b >= margins.threshold
    wanted, warnings = column_targets(given.targets, given.a.shape)
    names = tuple(given.column(j) for j in range(q))
    every = np.ones((m, q), dtype=bool)
    wrong = None
    families = [replace(_columns(names, (a != b).astype(np.int8), every, beside.clusters, margins.churn), paired=False)]
    if wanted is not None:
        wrong = a != wanted, b != wanted
        worse = wrong[1].astype(np.int8) - wrong[0]
        families.append(_with_errors(_columns(names, worse, every, beside.clusters, margins.error), wrong, every))
        for said, rows in ((", lit", wanted), (", unlit", ~wanted)):
            called = tuple(f"{n}{said}" for n in names)
            part = _columns(called, worse, rows, beside.clusters, margins.class_error)
            families.append(replace(_with_errors(part, wrong, rows), wanted=False).of(part.rows > 0))
    apart = _mostly_other(a, b)
    if q > 1:
        families.append(all_rows("rows with mostly other yes", apart.astype(np.int64), beside.clusters, margins.churn))
    told = judged(families, m, beside.part)
    sets = told.pop()[0] if q > 1 else None
    churn = worst_first(told[0])[0]
    changed = (a != b).any(axis=1)
    found = DropIn(
        "undecided",
        (),
        churn=replace(churn, name=f"churn, column {churn.name}" if q > 1 else "churn"),
        error_change=None if wanted is None else worst_first(told[1])[0],
        class_errors=worst_first([*told[2], *told[3]]) if wanted is not None else (),
        right_to_wrong=None
        if wrong is None
        else share_of_rows(~wrong[0].any(axis=1) & wrong[1].any(axis=1), beside.clusters),
        rows_beyond=sets,
        evidence=(beside.mean("rows_with_any_change", changed.astype(np.float64), "share"),),
        n_changed=int(changed.sum()),
        rows=_rows(given, beside, (a, b, wanted)),
        bit_equal=bool(np.array_equal(given.a, given.b)),
        warnings=(*warnings, *lost_columns(a, b, margins.class_error, given.column)),
    )
    found = replace(found, warnings=(*found.warnings, *too_few(found.class_errors, "column")))
    other = "under half of what either says yes to is said by both"
    far = [] if sets is None else [(sets, f"on {words.share(sets)} of rows {other}")]
    return decided(found, beside, [*far, *_told(told, q)])


def _mostly_other(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return the rows on which under half of what either says yes to is said by both.

    Examples
    --------
    >>> a = np.array([[True, False], [True, True], [False, False]])
    >>> _mostly_other(a, np.array([[False, True], [True, False], [False, False]]))
    array([ True, False, False])
    """
    return 2 * (a & b).sum(axis=1) < (a | b).sum(axis=1)


def _columns(
    names: tuple[str, ...], values: np.ndarray, rows: np.ndarray, clusters: np.ndarray, margin: float
) -> Tallies:
    """Return the changes of every column on some of its rows."""
    q = len(names)
    up, down = ((values > 0) & rows).sum(axis=0), ((values < 0) & rows).sum(axis=0)
    worth = independent(q)
    if int(clusters.max()) + 1 < len(clusters):
        order = np.argsort(clusters, kind="stable")
        starts = np.searchsorted(clusters[order], np.arange(int(clusters.max()) + 1))
        net, changed, held = (
            np.add.reduceat(v[order], starts, axis=0, dtype=np.float64)
            for v in (values * rows, (values != 0) & rows, rows)
        )
        of, some = np.broadcast_to(np.arange(q), held.shape), held > 0
        worth = worth_of_rows(of[some], net[some], changed[some], held[some], q)
    total = rows.sum(axis=0).astype(np.float64)
    return Tallies(names, up.astype(np.float64), down.astype(np.float64), total, margin, True, worth)


def _with_errors(tallies: Tallies, wrong: tuple[np.ndarray, np.ndarray], rows: np.ndarray) -> Tallies:
    before, after = ((w & rows).sum(axis=0) / np.maximum(tallies.rows, 1) for w in wrong)
    return replace(tallies, before=before, after=after)


def _rows(
    given: AsTheyStand, beside: Beside, decisions: tuple[np.ndarray, np.ndarray, np.ndarray | None]
) -> tuple[ChangedRow, ...]:
    """Return rows that flip from right to wrong, then those with the largest change of a value over the threshold."""
    a, b, wanted = decisions
    at = np.flatnonzero((a != b).any(axis=1))
    size = np.where(a[at] != b[at], np.abs(np.asarray(given.b[at], np.float64) - given.a[at]), -1)
    which = size.argmax(axis=1)
    if wanted is not None:
        lost = (a[at] == wanted[at]) & (b[at] != wanted[at])
        which = np.where(lost.any(axis=1), np.where(lost, size, -1).argmax(axis=1), which)
    size = size[np.arange(len(at)), which]
    right = np.zeros(len(at), bool) if wanted is None else wanted[at, which] == a[at, which]
    order = np.lexsort([at, -size, ~right])[:LISTED]
    return tuple(
        ChangedRow(
            beside.stimulus(int(at[i])),
            beside.position(int(at[i])),
            f"{given.column(int(which[i]))}: {'yes' if a[at[i], which[i]] else 'no'}",
            f"{given.column(int(which[i]))}: {'yes' if b[at[i], which[i]] else 'no'}",
            None if wanted is None else ("yes" if wanted[at[i], which[i]] else "no"),
            float(size[i]),
        )
        for i in order
    )


def _told(told: list[tuple[Change, ...]], q: int) -> Told:
    """Return the changes with their sentences, of each kind the worst first."""
    of = "" if q == 1 else "column {}: "
    said = [
        (c, f"{of.format(c.name)}decisions change on {words.share(c)} of {words.thousands(c.rows)} rows")
        for c in worst_first(told[0])
    ]
    if len(told) > 1:
        said += [(c, f"{of.format(c.name)}the error changes by {words.rise(c)}") for c in worst_first(told[1])]
        said += [
            (c, f"{words.right(c)}, {words.rise(c)} of error{words.leaning(c)}")
            for c in worst_first([*told[2], *told[3]])
        ]
    return said
