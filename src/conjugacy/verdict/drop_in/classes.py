"""Classes: whether decisions and errors change by no more than the margins."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from conjugacy.results import Change, ChangedRow, DropIn, Evidence
from conjugacy.verdict.drop_in import words
from conjugacy.verdict.drop_in.answer import Beside, Told, decided
from conjugacy.verdict.drop_in.decisions import Decisions
from conjugacy.verdict.drop_in.held import judged, worst_first
from conjugacy.verdict.drop_in.seen import lost_decisions, too_few, warnings_of_scores
from conjugacy.verdict.drop_in.tallies import Tallies, all_rows, share_of_rows, tallied
from conjugacy.verdict.targets import UNKNOWN

MOST_CLASSES = 1000  # with rows, up to which every class is compared with its margin
LISTED = 20


def judge_classes(read: Decisions, beside: Beside) -> DropIn:
    """Hold changed decisions, the change of the error and of every class's error against the margins."""
    margins, m, clusters = beside.margins, len(read.a), beside.clusters
    changed = read.changed
    families = [all_rows("churn", changed.astype(np.int64), clusters, margins.churn)]
    wrong, by_class, class_warnings = None, None, ()
    told_rows = np.ones(m, dtype=bool) if read.targets is None else read.targets != UNKNOWN
    of_told = np.unique(clusters[told_rows], return_inverse=True)[1].ravel()
    if read.targets is not None:
        wanted = read.targets[told_rows]
        wrong = read.a[told_rows] != wanted, read.b[told_rows] != wanted
        worse = wrong[1].astype(np.int64) - wrong[0]
        error = all_rows("error", worse, of_told, margins.error, paired=True)
        families.append(replace(error, before=np.array([wrong[0].mean()]), after=np.array([wrong[1].mean()])))
        by_class, class_warnings = _by_class(wanted, wrong, of_told, margins.class_error)
    told = judged([*families, *([] if by_class is None else [by_class])], m, beside.part)
    classes = worst_first(told[2]) if by_class is not None else ()
    found = DropIn(
        "undecided",
        (),
        churn=told[0][0],
        error_change=told[1][0] if wrong is not None else None,
        class_errors=classes,
        right_to_wrong=None if wrong is None else share_of_rows(~wrong[0] & wrong[1], of_told),
        evidence=_evidence(read, beside),
        n_changed=int(changed.sum()),
        rows=_rows(read, beside),
        bit_equal=read.equal,
        warnings=(
            *class_warnings,
            *too_few(classes, "class"),
            *warnings_of_scores(read, beside.kinds),
            *lost_decisions(read.a, read.b, margins.class_error),
        ),
    )
    return decided(found, beside, _told(found))


def _by_class(
    targets: np.ndarray, wrong: tuple[np.ndarray, np.ndarray], clusters: np.ndarray, margin: float
) -> tuple[Tallies | None, tuple[str, ...]]:
    """Return the changes of every class's error, or why they are left out."""
    classes, of = np.unique(targets, return_inverse=True)
    if len(classes) > MOST_CLASSES:
        return None, (
            f"{words.thousands(len(classes))} classes have rows: errors by class are left out above {MOST_CLASSES}",
        )
    k = len(classes)
    up, down, rows, worth = tallied(wrong[1].astype(np.int64) - wrong[0], of.ravel(), clusters, k)
    before, after = (np.bincount(of.ravel(), w, k) / rows for w in wrong)
    return Tallies(tuple(str(c) for c in classes), up, down, rows, margin, True, worth, before, after, wanted=False), ()


def _evidence(read: Decisions, beside: Beside) -> tuple[Evidence, ...]:
    found: list[Evidence] = []
    if read.divergence is not None:
        found.append(beside.mean("kl_divergence", read.divergence, "nats"))
    if read.losses is not None:
        with np.errstate(invalid="ignore"):
            found.append(beside.mean("loss_change", read.losses[:, 1] - read.losses[:, 0], "nats"))
    return tuple(found)


def _rows(read: Decisions, beside: Beside) -> tuple[ChangedRow, ...]:
    """Return rows that flip from right to wrong, then others that changed, A's clearest decisions first."""
    at = np.flatnonzero(read.changed)
    lost = np.zeros(len(at), bool) if read.targets is None else read.a[at] == read.targets[at]
    order = at[np.lexsort([at, -read.gap[at], ~lost])][:LISTED]
    return tuple(
        ChangedRow(
            beside.stimulus(i),
            beside.position(i),
            str(read.a[i]),
            str(read.b[i]),
            None if read.targets is None or read.targets[i] == UNKNOWN else str(read.targets[i]),
            None if 0 in read.columns else float(read.gap[i]),
        )
        for i in order
    )


def _told(found: DropIn) -> Told:
    """Return the changes with their sentences."""
    told: list[tuple[Change, str]] = []
    if found.churn is not None:
        of = f"{words.thousands(found.churn.rows)} rows"
        told.append((found.churn, f"decisions change on {words.share(found.churn)} of {of}"))
    if found.error_change is not None:
        told.append((found.error_change, f"the error changes by {words.rise(found.error_change)}"))
    return [*told, *((c, f"{words.recall(c)}, {words.rise(c)} of error{words.leaning(c)}") for c in found.class_errors)]
