"""A recording on chosen rows or trials, or with several of them as one: layers, labels and targets move together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from conjugacy.data.activations import Activations
from conjugacy.data.recording import Recording
from conjugacy.data.trajectories import Trajectories

Layer = Activations | Trajectories


@dataclass(frozen=True, eq=False)
class Members:
    """Rows that belong together, by group: repeats of one stimulus, or trials of one condition.

    Attributes
    ----------
    names : array (g,)
        The stimulus or the condition of each group.
    rows : list of int arrays
        The rows of each, in order of occurrence.
    """

    names: np.ndarray
    rows: list[np.ndarray]

    @classmethod
    def of(cls, labels: np.ndarray) -> Members:
        """Group rows by their labels, groups in order of first occurrence.

        Examples
        --------
        >>> [rows.tolist() for rows in Members.of(np.array(["b", "a", "b"])).rows]
        [[0, 2], [1]]
        """
        names, first, which = np.unique(labels, return_index=True, return_inverse=True)
        order = np.argsort(first)
        return cls(names[order], [np.flatnonzero(which == i) for i in order])

    @property
    def counts(self) -> list[int]:
        """Rows of each group."""
        return [len(rows) for rows in self.rows]


def rows_taken(recording: Recording, rows: np.ndarray, ids: np.ndarray | None = None) -> Recording:
    """Return a recording on chosen rows or trials, under other ids where they are given.

    Examples
    --------
    >>> rows_taken(Recording.from_arrays({"h": np.eye(3)}, targets=[0, 1, 2]), np.array([2, 0])).targets.tolist()
    [2, 0]
    """

    def take(layer: Layer) -> Layer:
        found = layer.take(rows)
        if ids is None:
            return found
        return found.relabelled(trials=ids) if isinstance(found, Trajectories) else found.relabelled(stimuli=ids)

    pick: Callable[[np.ndarray], np.ndarray] = lambda array: array[rows]  # noqa: E731
    return _with(recording, take, pick)


def averaged(recording: Recording, members: Members) -> Recording:
    """Return a recording in which the rows of each group are one, their mean; trials are cut to the shortest of their group.

    Examples
    --------
    >>> one = Recording.from_arrays({"h": np.array([[1.0], [2.0], [5.0]])})
    >>> averaged(one, Members.of(np.array(["a", "b", "a"]))).layer("h").values.tolist()
    [[3.0], [2.0]]
    """
    first = np.array([rows[0] for rows in members.rows])

    def mean(layer: Layer) -> Layer:
        if not isinstance(layer, Trajectories):
            values = np.stack([layer.values[rows].mean(axis=0) for rows in members.rows])
            return replace(layer.take(first), values=values, stimuli=members.names)
        trials = [_mean([layer.values[i] for i in rows]) for rows in members.rows]
        drive = layer.drive
        driven = None if drive is None else tuple(_mean([drive[i] for i in rows]) for rows in members.rows)
        own: dict[str, Any] = {"values": tuple(trials), "drive": driven, "trials": members.names, "conditions": None}
        return replace(layer.take(first), **own)

    return _with(recording, mean, lambda array: _mean_of_groups(array, members))


def deviations(recording: Recording, members: Members) -> Recording:
    """Return a recording in which each row or trial is less the mean of its group; trials are cut to the shortest of their group.

    Examples
    --------
    >>> one = Recording.from_arrays({"h": np.array([[1.0], [2.0], [5.0]])})
    >>> deviations(one, Members.of(np.array(["a", "b", "a"]))).layer("h").values.ravel().tolist()
    [-2.0, 0.0, 2.0]
    """

    def less(layer: Layer) -> Layer:
        if not isinstance(layer, Trajectories):
            values = layer.values.copy()
            for rows in members.rows:
                values[rows] -= values[rows].mean(axis=0)
            return layer.relabelled(values=values)
        cut = layer.cut(shortest(layer.lengths, members))
        trials = list(cut.values)
        for rows in members.rows:
            mean = np.mean([cut.values[i] for i in rows], axis=0)
            for i in rows.tolist():
                trials[i] = cut.values[i] - mean
        return replace(cut, values=tuple(trials))

    return _with(recording, less, lambda array: array)


def shortest(lengths: Sequence[int], members: Members) -> list[int]:
    """Return for each trial the length of the shortest of its group.

    Examples
    --------
    >>> shortest([5, 7, 6], Members.of(np.array([0, 1, 0])))
    [5, 7, 5]
    """
    found = list(lengths)
    for rows in members.rows:
        least = min(lengths[i] for i in rows)
        for i in rows.tolist():
            found[i] = least
    return found


def _mean(trials: Sequence[np.ndarray]) -> np.ndarray:
    least = min(map(len, trials))
    return np.mean([trial[:least] for trial in trials], axis=0)


def _mean_of_groups(array: np.ndarray, members: Members) -> np.ndarray:
    if array.dtype.kind in "iub":  # class numbers have no mean
        return array[[rows[0] for rows in members.rows]]
    return np.stack([array[rows].mean(axis=0) for rows in members.rows])


def _with(recording: Recording, layer: Callable[[Layer], Layer], rows: Callable[[np.ndarray], np.ndarray]) -> Recording:
    changed: dict[str, Any] = {name: layer(one) for name, one in recording.layers.items()}
    beside = {kind: {k: rows(v) for k, v in getattr(recording, kind).items()} for kind in ("covariances", "jacobians")}
    targets = None if recording.targets is None else rows(recording.targets)
    return replace(recording, layers=changed, targets=targets, **beside)
