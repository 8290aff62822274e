"""Drop-in in every subgroup of the rows: a replacement that fails for some is none, however well the rest do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from conjugacy.comparison.as_they_stand import OutputsAsTheyStand, judge_outputs
from conjugacy.errors import InputError, ShapeError
from conjugacy.results import DropIn
from conjugacy.results.gate import Subgroup
from conjugacy.verdict.drop_in import by_holm

MOST_SUBGROUPS = 1000
NO_LABEL = ("", "nan", "nat", "<na>")  # as numpy and pandas write what is missing


@dataclass(frozen=True)
class BySubgroup:
    """The answer over all rows and every subgroup, why, and each subgroup."""

    answer: str
    reason: str
    subgroups: tuple[Subgroup, ...]


def row_labels_of(by: object, rows: np.ndarray, count: int) -> np.ndarray:
    """Return the labels of the matched rows as text, empty where a row has none; `by` has one for each row of A's recording.

    None, NaN, NaT and text that is empty or says so are no labels.

    Raises
    ------
    ShapeError, InputError
        Where it has not, no row has a label, or nearly every row has one of its own.

    Examples
    --------
    >>> row_labels_of(["north", None, "south", float("nan"), "", "north", "south"], np.arange(7), 7).tolist()
    ['north', '', 'south', '', '', 'north', 'south']
    """
    labels = np.asarray(by)
    if labels.ndim == 1 and labels.dtype.kind == "U" and len(labels) > count and not (labels[count:] != "").any():
        labels = labels[:count]  # blank lines at the end of a file
    if labels.shape != (count,):
        raise ShapeError(f"by: got shape {labels.shape}, expected one label for each of the {count} rows of A")
    found = labels[rows].astype(str)
    none = np.char.lower(np.char.strip(found))
    found = np.where(
        np.isin(none, NO_LABEL) | np.array([one is None for one in labels[rows].tolist()], bool), "", found
    )
    labelled = int((found != "").sum())
    if not labelled:
        raise InputError(f"by: none of the {len(found)} rows has a label; expected a column of few labels")
    different = len(np.unique(found[found != ""]))
    if different > min(MOST_SUBGROUPS, labelled // 2):
        raise InputError(
            f"by: {different} different labels for {labelled} rows; expected a column of few labels, as of a region or a "
            "device: put numbers into bins first"
        )
    return found


def of_no_subgroup(labels: np.ndarray | None) -> tuple[str, ...]:
    """Return how many rows have no label, in words.

    Examples
    --------
    >>> of_no_subgroup(np.array(["north", "", ""]))
    ('2 rows have no label: they are in no subgroup, and counted over all',)
    """
    none = 0 if labels is None else int((labels == "").sum())
    if not none:
        return ()
    row = "1 row has no label: it is" if none == 1 else f"{none} rows have no label: they are"
    return (f"{row} in no subgroup, and counted over all",)


def judge_subgroups(given: OutputsAsTheyStand, labels: np.ndarray, over_all: DropIn) -> BySubgroup:
    """Judge every subgroup by itself and all of them together.

    Any no is no; which subgroups fail is decided by Holm's procedure over them, so that one of many does not fail by chance. All
    that have rows enough must show yes. Rows without a label are in no subgroup.
    """
    rows = {str(name): np.flatnonzero(labels == name) for name in np.unique(labels[labels != ""])}
    level = given.heads[0].level if given.heads else 0.0
    found = by_holm(dict.fromkeys(rows, level), lambda name, level: judge_outputs(given.on_rows(rows[name], level)))
    subgroups = tuple(
        Subgroup(name, len(rows[name]), one, one.answer == "undecided" and _too_few(given, rows[name]))
        for name, one in sorted(found.items(), key=_worst_first)
    )
    return _together(subgroups, over_all)


def _too_few(given: OutputsAsTheyStand, rows: np.ndarray) -> bool:
    """Tell whether not even A itself would be shown to replace A on these rows."""
    some = given.on_rows(rows)
    alone = (replace(some, heads=(replace(one, b=one.a, equal_weights=False),)) for one in some.heads)
    return all(judge_outputs(one).answer != "yes" for one in alone)


def _worst_first(item: tuple[str, DropIn]) -> tuple[int, float]:
    found = item[1]
    order = ("no", "undecided", "not_tested", "yes")
    value = found.churn.value if found.churn is not None else None
    return order.index(found.answer), -(value or 0.0)


def _together(subgroups: tuple[Subgroup, ...], over_all: DropIn) -> BySubgroup:
    by = {
        answer: [s for s in subgroups if s.drop_in.answer == answer and not s.too_few] for answer in ("no", "undecided")
    }
    if by["no"]:
        return BySubgroup("no", f"subgroup {_listed(by['no'])}: {by['no'][0].drop_in.reasons[0]}", subgroups)
    if over_all.answer != "yes":
        return BySubgroup(over_all.answer, over_all.reasons[0], subgroups)
    if by["undecided"]:
        first = by["undecided"][0].drop_in.reasons[0]
        return BySubgroup("undecided", f"subgroup {_listed(by['undecided'])} undecided: {first}", subgroups)
    few = [s for s in subgroups if s.too_few]
    if len(few) == len(subgroups):
        return BySubgroup("undecided", f"no subgroup has rows enough: {_listed(few)}", subgroups)
    said = f"in all {len(subgroups) - len(few)} subgroups that have rows enough"
    return BySubgroup(
        "yes", f"{said}; too few rows: {_listed(few)}" if few else f"{said}; {over_all.reasons[0]}", subgroups
    )


def _listed(subgroups: Sequence[Subgroup]) -> str:
    shown = ", ".join(s.label for s in subgroups[:5])
    return f"{shown} and {len(subgroups) - 5} more" if len(subgroups) > 5 else shown
