"""Distances between networks from what was observed while they learned: plain, geometric, dynamical, and at equal progress."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.spatial.distance import cdist

import conjugacy as cj

POINTS, LEADING = 12, 15
Distances = dict[str, Callable[[], np.ndarray]]


@dataclass(frozen=True, eq=False)
class Observed:
    """Courses of many networks.

    Attributes
    ----------
    courses : ndarray
        (m, t, d): d observables at t times of every network.
    losses : ndarray
        (m, t).
    group : ndarray
        (m,): networks of one task and architecture bear one number; only within it are observables standardised.
    asked : ndarray
        (m, m): the pairs that anybody will ask for.
    """

    courses: np.ndarray
    losses: np.ndarray
    group: np.ndarray
    asked: np.ndarray

    def standardised(self, values: np.ndarray, over: tuple[int, ...] = (0,)) -> np.ndarray:
        """Return values less their mean, over their standard deviation, by task and architecture; no rule is looked at."""
        out = np.empty_like(values)
        for g in np.unique(self.group):
            of = values[self.group == g]
            out[self.group == g] = (of - of.mean(axis=over)) / (of.std(axis=over) + 1e-9)
        return out

    def movie(self) -> np.ndarray:
        """Return the courses with every observable on one scale, over networks and times."""
        return self.standardised(self.courses, (0, 1))

    def change(self) -> np.ndarray:
        """Return how far every observable is from where it began."""
        return self.courses - self.courses[:, :1]

    def at_progress(self, values: np.ndarray, points: int = POINTS) -> np.ndarray:
        """Return values (m, t, d) at equal progress instead of equal times, (m, points, d).

        Progress is the greatest log loss(0) / loss reached so far. The learning rate sets how fast a network moves along its path
        and, while steps are small, not where the path leads; taken by progress the rate is gone. The last point is what all
        networks of a task and architecture reach.
        """
        reached = np.maximum.accumulate(np.log(self.losses[:, :1] / np.maximum(self.losses, 1e-12)), axis=1)
        out = np.empty((len(values), points, values.shape[2]))
        for i, own in enumerate(reached):
            levels = np.linspace(0.0, reached[self.group == self.group[i], -1].min(), points + 1)[1:]
            first = np.r_[True, np.diff(own) > 0]
            when = np.interp(levels, own[first], np.flatnonzero(first))
            before = np.minimum(when.astype(int), values.shape[1] - 2)
            part = (when - before)[:, None]
            out[i] = (1.0 - part) * values[i, before] + part * values[i, before + 1]
        return out

    def pairs(self, measure: cj.Measure, given: np.ndarray, within: bool = False) -> np.ndarray:
        """Return a measure of the library on the pairs asked for, (m, m), or on those within a group; infinity elsewhere."""
        ready = [measure.prepare(x) for x in given]
        asked = self.asked & (self.group[:, None] == self.group) if within else self.asked
        i, j = np.nonzero(np.triu(asked | asked.T, 1))
        all_at_once = getattr(measure, "compare_all", None)
        if all_at_once is not None:
            found = all_at_once([ready[k] for k in i], [ready[k] for k in j])
        else:
            found = [measure.compare(ready[a], ready[b]) for a, b in zip(i, j, strict=True)]
        out = np.full(self.asked.shape, np.inf)
        out[i, j] = out[j, i] = [s.value for s in found]
        return out


def euclidean(values: np.ndarray) -> np.ndarray:
    """Return all distances between networks, everything but the first axis taken together."""
    flat = values.reshape(len(values), -1)
    return cdist(flat, flat)


def unit(values: np.ndarray) -> np.ndarray:
    """Return every network's values divided by their norm."""
    return values / np.linalg.norm(values.reshape(len(values), -1), axis=1).reshape(-1, *[1] * (values.ndim - 1))


def leading(courses: np.ndarray) -> np.ndarray:
    """Return the courses (m, k, t, d) of every system in its own leading principal coordinates, (m, k, t, at most 15)."""
    m, k, t, d = courses.shape
    flat = courses.reshape(m, k * t, d)
    u, s, _ = np.linalg.svd(flat - flat.mean(axis=1, keepdims=True), full_matrices=False)
    return (u * s[:, None])[:, :, :LEADING].reshape(m, k, t, -1)


def unrotated(courses: np.ndarray, rank: int, ridge: float = 1e-3) -> np.ndarray:
    """Return distances between linear systems in coordinates common to all networks: DSA with the rotation left out."""
    centred = courses - courses.mean(axis=1, keepdims=True)
    rows = centred.reshape(-1, centred.shape[2])
    _, s, vt = np.linalg.svd(rows, full_matrices=False)
    x = centred @ (vt[:rank].T / (s[:rank] / np.sqrt(len(rows))))
    gram = x[:, :-1].mT @ x[:, :-1]
    gram += ridge * np.trace(gram, axis1=1, axis2=2)[:, None, None] / rank * np.eye(rank)
    return euclidean(np.linalg.solve(gram, x[:, :-1].mT @ x[:, 1:]))
