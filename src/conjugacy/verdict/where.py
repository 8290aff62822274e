"""Where the held-out errors lie: the stimuli, classes and units that a map misses most."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from conjugacy.results import ClassErrors, Estimate, WhereErrors, WorstStimulus, WorstUnit
from conjugacy.transformations import Direction, Ladder, Layer

MOST = 8
MOST_CLASSES = 50


def where_errors(
    ladder: Ladder, stimuli: np.ndarray, classes: np.ndarray | None, units: tuple[Sequence[str], Sequence[str]]
) -> WhereErrors:
    """Return the worst stimuli and units and all classes, at the rung that holds, else at the smooth one.

    Parameters
    ----------
    ladder : Ladder
        Both directions, judged.
    stimuli : array, (m,)
        Ids; repeats of a stimulus are averaged.
    classes : int array, (m,), or None
        What each row is; None, or more than 50 classes: no errors by class.
    units : (sequence of str, sequence of str)
        Names of all units of both networks.
    """
    rung = ladder.told_rung
    shares = [d.errors[rung].rows / d.totals.mean() for d in ladder.directions]
    return WhereErrors(
        rung=rung,
        stimuli=_worst_stimuli(shares, stimuli),
        classes=() if classes is None else _by_class(ladder, rung, classes),
        units_a=_worst_units(ladder.b_to_a, ladder.a, rung, units[0]),
        units_b=_worst_units(ladder.a_to_b, ladder.b, rung, units[1]),
    )


def _worst_stimuli(shares: Sequence[np.ndarray], stimuli: np.ndarray) -> tuple[WorstStimulus, ...]:
    names, which = np.unique(stimuli, return_inverse=True)
    means = [np.bincount(which, weights=share) / np.bincount(which) for share in shares]
    order = np.argsort(-np.maximum(means[0], means[1]), kind="stable")[:MOST]
    return tuple(WorstStimulus(str(names[i]), float(means[0][i]), float(means[1][i])) for i in order)


def _by_class(ladder: Ladder, rung: str, classes: np.ndarray) -> tuple[ClassErrors, ...]:
    labels = np.unique(classes)
    if len(labels) > MOST_CLASSES:
        return ()
    found: list[ClassErrors] = []
    for label in labels:
        own = classes == label
        ways = [_share_of(ladder, direction, rung, own) for direction in ladder.directions]
        found.append(ClassErrors(str(label), int(own.sum()), ways[0], ways[1]))
    return tuple(found)


def _share_of(ladder: Ladder, direction: Direction, rung: str, own: np.ndarray) -> Estimate:
    errors = direction.errors[rung].rows * own
    return ladder.standard.ratio(errors, direction.totals.mean() * own)


def _worst_units(direction: Direction, target: Layer, rung: str, names: Sequence[str]) -> tuple[WorstUnit, ...]:
    left = direction.errors[rung].units / target.m
    live = np.flatnonzero(target.live)
    judged = np.flatnonzero(target.judged)
    order = judged[np.argsort(-left[judged], kind="stable")[:MOST]]
    return tuple(WorstUnit(str(names[int(live[j])]), float(left[j])) for j in order)
