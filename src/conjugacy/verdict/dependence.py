"""Which rows of a pair depend on each other: as labels say, or as is found in the rows without labels.

Dependence does harm where both layers show it: then what is held out has a near twin among what was fitted on. It is looked for
as clumps of near repeats, in the inputs first, and in the order of each recording; what is found becomes clusters, clumps or
blocks of twice the length over which neighbours depend on each other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from conjugacy.data import merge_labels, row_labels
from conjugacy.errors import InputError
from conjugacy.numerics.clumps import NearPairs
from conjugacy.numerics.resample import cluster_means
from conjugacy.numerics.serial import DOUBTFUL, RowScores, blocks_of
from conjugacy.transformations.folds import MIN_CLUSTERS
from conjugacy.verdict.rows_seen import RowsSeen

Rows = Literal["series", "independent"]
"""What may be said of rows by hand: the order of the recording is that of a series, or it means nothing."""

ROWS: tuple[str, ...] = get_args(Rows)
LEVEL = 0.006  # of chance, for both layers at once
FEWEST = 20  # rows, below which nothing is looked for
LABELLED = 5  # rows on average share a label that explains order
COINCIDE = 0.9  # of the rows lie in clumps that are classes
WHAT_TO_GIVE = "give groups= where rows belong together otherwise, or rows='independent' where they do not"


def checked_rows(rows: str | None) -> str | None:
    """Return what was said of rows by hand.

    Raises
    ------
    InputError
        Where it is none of the words that are known.
    """
    if rows is not None and rows not in ROWS:
        raise InputError(f"rows: got {rows!r}, expected 'series', 'independent', or nothing to have it looked for")
    return rows


@dataclass(frozen=True, eq=False)
class RowsOfPair:
    """What is known of the matched rows of a pair before its layers are looked at.

    Attributes
    ----------
    clusters : int array, (m,)
        Rows that depend on each other, as far as labels say.
    repeated : int array, (m,)
        The same with rows together whose states are equal: near repeats are looked for among one row of each.
    places : (int array, int array), (m,) each
        Where the rows stand in the recordings of A and of B.
    labels : int array, (m,), or None
        Classes that explain order and clumps.
    said : str or None
        What was said by hand, one of `ROWS`.
    told : bool
        Whether groups were given: then nothing is looked for.
    """

    clusters: np.ndarray
    repeated: np.ndarray
    places: tuple[np.ndarray, np.ndarray]
    labels: np.ndarray | None = None
    said: str | None = None
    told: bool = False

    @property
    def are_settled(self) -> bool:
        """Whether nothing is to be looked for."""
        return self.said == "independent" or (self.told and self.said is None) or self.clusters.max() + 1 < FEWEST

    def orders(self, clusters: np.ndarray) -> Iterator[np.ndarray]:
        """Return one row of every cluster in the order of A's recording, and of B's where that is another."""
        found = list[np.ndarray]()
        for places in self.places:
            order = np.argsort(places, kind="stable")
            one = order
            if clusters.max() + 1 < len(order):
                one = order[np.sort(np.unique(clusters[order], return_index=True)[1])]
            if not any(np.array_equal(one, other) for other in found):
                found.append(one)
                yield one


@dataclass(frozen=True, eq=False)
class Dependence:
    """Which rows depend on each other, and how that was found out.

    Attributes
    ----------
    clusters : int array, (m,)
        Rows with one number depend on each other.
    kind : {"series", "repeats"} or None
        What was found in the rows; None where it is as labels say.
    length : int
        Of a series: over how many rows neighbours depend on each other.
    by_hand : bool
        Whether it was said that the rows are a series.
    in_stimuli : bool
        Of repeats: whether they were found in what was shown; else in both layers.
    places : int array, (m,), or None
        Of a series: where every row stands.
    """

    clusters: np.ndarray
    kind: Literal["series", "repeats"] | None = None
    length: int = 0
    by_hand: bool = False
    in_stimuli: bool = False
    places: np.ndarray | None = None

    @property
    def count(self) -> int:
        """Number of clusters."""
        return int(self.clusters.max()) + 1

    @property
    def too_few(self) -> str | None:
        """What would do where what was found leaves too few clusters for an interval; else None."""
        if self.kind is None or self.count >= MIN_CLUSTERS:
            return None
        if self.kind == "repeats":
            return f"{self._found}: an interval needs {MIN_CLUSTERS}; record as many that differ; {WHAT_TO_GIVE}"
        would_do = f"at least {2 * MIN_CLUSTERS * self.length} rows would do"
        needed = f"an interval needs {MIN_CLUSTERS}, or errors that depend less on each other"
        return f"{self._found}; {needed}; {would_do}; {WHAT_TO_GIVE}"

    @property
    def notes(self) -> tuple[str, ...]:
        """What was found, and what to give, as a sentence; none where nothing was."""
        if self.kind is None:
            return ()
        return (self._found,) if self.by_hand else (f"{self._found}; {WHAT_TO_GIVE}",)

    @property
    def _found(self) -> str:
        if self.kind == "repeats":
            where = "in what was shown" if self.in_stimuli else "in both layers"
            return (
                f"rows are near repeats of each other {where}, and no groups= are given: {len(self.clusters)} rows hold "
                f"{self.count} different ones, which count once each"
            )
        nobody = "" if self.by_hand else ", and no groups= are given"
        return (
            f"neighbouring rows depend on each other over about {self.length} row{'s' if self.length > 1 else ''}{nobody}: "
            f"{len(self.clusters)} rows are held out in {self.count} blocks"
        )

    def overrule(self) -> str:
        """Say why maps that hold row by row, and not for what was found, leave the answer open."""
        if self.kind == "repeats":
            return (
                f"the {self.count} states that repeat correspond one to one, and nothing carries over to unseen ones: record "
                f"more that differ; {WHAT_TO_GIVE}"
            )
        return (
            f"neighbouring rows depend on each other over about {self.length} rows, and what holds from one to the next "
            f"does not for blocks held out: record a longer series, or several; {WHAT_TO_GIVE}"
        )


def find_dependence(
    a: RowsSeen, b: RowsSeen, rows: RowsOfPair, shown: Callable[[], NearPairs | None] = lambda: None
) -> Dependence:
    """Return which rows depend on each other: as labels say, and as both layers show.

    `shown` gives the near pairs of what the networks were shown, where that is known.

    Examples
    --------
    >>> rng, at = np.random.default_rng(0), np.arange(400)
    >>> walk = np.cumsum(rng.normal(size=(400, 4)), axis=0)
    >>> given = RowsOfPair(at, at, (at, at))
    >>> noise = RowsSeen.of(rng.normal(size=(400, 4)))
    >>> a, b = RowsSeen.of(walk), RowsSeen.of(walk[:, ::-1] ** 3)
    >>> find_dependence(a, b, given).kind, find_dependence(a, noise, given).kind
    ('series', None)
    """
    found = Dependence(rows.clusters)
    if rows.are_settled:
        return found
    if rows.said is None:
        clumps, in_stimuli = _clumps(a, b, rows, shown)
        if clumps is not None:
            found = Dependence(merge_labels([rows.repeated, clumps], len(clumps)), "repeats", in_stimuli=in_stimuli)
    series = [one for order in rows.orders(found.clusters) if (one := _series(a, b, rows, order, found.clusters))]
    return min(series, key=lambda one: one.count, default=found)


def class_labels(targets: tuple[np.ndarray | None, np.ndarray | None]) -> np.ndarray | None:
    """Return numbers of what both networks were to answer, where it takes few values; else None.

    Examples
    --------
    >>> class_labels((np.repeat([3, 5], 10), None)).tolist() == [0] * 10 + [1] * 10, class_labels((np.arange(20), None))
    (True, None)
    """
    given = [one for one in targets if one is not None]
    if not given:
        return None
    each = [row_labels(one) if one.dtype.kind in "fiub" else np.unique(one, return_inverse=True)[1] for one in given]
    labels = row_labels(np.stack(each, axis=1))
    return labels if LABELLED * (labels.max() + 1) <= len(labels) else None


def _clumps(
    a: RowsSeen, b: RowsSeen, rows: RowsOfPair, shown: Callable[[], NearPairs | None]
) -> tuple[np.ndarray | None, bool]:
    one_of_each = next(rows.orders(rows.repeated))

    def found_in(near: NearPairs) -> np.ndarray | None:
        return near.among(one_of_each).clumps(are_classes)

    def are_classes(clumps: np.ndarray) -> bool:
        return rows.labels is not None and _coincide(clumps[one_of_each], rows.labels[one_of_each])

    inputs = shown()
    found = None if inputs is None else found_in(inputs)
    if found is not None:
        return found, True
    if a.near is None or b.near is None or not (a.near.may_clump and b.near.may_clump):
        return None, False
    if len(one_of_each) == len(rows.clusters) and not a.near.may_clump_in(b.near):
        return None, False
    return found_in(a.near.both(b.near)), False


def _coincide(clumps: np.ndarray, labels: np.ndarray) -> bool:
    """Whether most rows lie in the clump of most of their class, which holds few others."""
    table = np.zeros((clumps.max() + 1, labels.max() + 1))
    np.add.at(table, (clumps, labels), 1)
    return min(table.max(axis=0).sum(), table.max(axis=1).sum()) >= COINCIDE * len(clumps) and len(table) < len(clumps)


def _series(a: RowsSeen, b: RowsSeen, rows: RowsOfPair, order: np.ndarray, clusters: np.ndarray) -> Dependence | None:
    """Return blocks of rows in an order, where both layers show it to be a series."""
    ends = a.scores.take(order), b.scores.take(order)
    labels = None if rows.labels is None else rows.labels[order]
    if rows.said is None and not _are_serial(ends, labels):
        return None
    length = min(_within(one, labels).length for one in ends)
    place = np.empty(int(clusters.max()) + 1, dtype=np.int64)
    place[clusters[order]] = np.arange(len(order))
    places, blocks = place[clusters], blocks_of(np.arange(len(order)), length)
    return Dependence(blocks[places], "series", length, by_hand=rows.said is not None, places=places)


def _are_serial(ends: tuple[RowScores, RowScores], labels: np.ndarray | None) -> bool:
    if any(one.p_by_formula > DOUBTFUL for one in ends) or any(one.p_random() > LEVEL for one in ends):
        return False
    return labels is None or all(one.p_random(labels) <= LEVEL for one in ends)


def _within(scores: RowScores, labels: np.ndarray | None) -> RowScores:
    """Return the scores without the means of their labels, which explain order."""
    if labels is None:
        return scores
    at = np.unique(labels, return_inverse=True)[1].ravel()
    return RowScores(scores.scores - cluster_means(scores.scores, at)[at])
