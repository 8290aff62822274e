"""What a carried probe is worth: its score beside those of probes trained on B with more and more labels."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.special import stdtrit

from conjugacy.comparison.transfer.fidelity import Chooser
from conjugacy.numerics.ridge_probe import ridge_probe
from conjugacy.results import Evidence
from conjugacy.results.transfer import LearningCurve, Retrained
from conjugacy.transformations import Standard
from conjugacy.transformations.common.read_out import ACCURACY, EXPLAINED, one_hot
from conjugacy.transformations.folds import make_folds
from conjugacy.verdict.decisions.shares import Groups

STEPS = (10, 20, 50)  # times powers of ten
DRAWS, FEW = 3, 200  # draws of the labels in every fold, up to so many labels; one draw of more
LEVEL = 0.975


@dataclass(frozen=True, eq=False)
class Task:
    """What the probe was trained to tell.

    Attributes
    ----------
    wanted : array, (m,) of class numbers or (m, q) of values
    choose : Chooser or None
        From what is read to classes; None of values.
    """

    wanted: np.ndarray
    choose: Chooser | None

    @classmethod
    def of(cls, targets: np.ndarray, told: np.ndarray) -> Task | None:
        """Return the task, where the targets are classes that the reading can choose, or values of as many columns; else None."""
        q = told.shape[1]
        if targets.ndim == 1 and targets.dtype.kind in "iub":
            wanted = targets.astype(np.int64)
            if wanted.min() >= 0 and wanted.max() < max(q, 2) and len(np.unique(wanted)) > 1:
                return cls(wanted, Chooser.of(told))
            if q > 1:
                return None
        values = targets.reshape(len(targets), -1).astype(np.float64)
        return cls(values, None) if values.shape[1] == q and values.std(axis=0).all() else None

    @property
    def name(self) -> str:
        """What scores are called."""
        return EXPLAINED if self.choose is None else ACCURACY

    def scores(self, told: np.ndarray, at: np.ndarray | slice = slice(None)) -> np.ndarray:
        """Return what rows add to the score of a reading (k, q): right or not, or 1 less the squared error over the mean one."""
        if self.choose is not None:
            return (self.choose(told) == self.wanted[at]).astype(np.float64)
        return 1.0 - ((told - self.wanted[at]) ** 2 / self.wanted.var(axis=0)).mean(axis=1)

    def retrained(self, x: np.ndarray, rows: np.ndarray, at: np.ndarray) -> np.ndarray:
        """Return the scores on some rows of a probe trained on others."""
        if self.choose is None:
            return self.scores(ridge_probe(x[rows], self.wanted[rows])(x[at]), at)
        labels = self.wanted[rows]
        told = ridge_probe(x[rows], one_hot(labels))(x[at])
        return (np.unique(labels)[told.argmax(axis=1)] == self.wanted[at]).astype(np.float64)


def learning_curve(
    task: Task, told: np.ndarray, carried: np.ndarray, x: np.ndarray, standard: Standard
) -> LearningCurve:
    """Return the scores of the probe on A, of the carried one, and of ridge probes trained on B, all on held-out rows.

    Parameters
    ----------
    task : Task
    told, carried : array, (m, q)
        What is read off A, and what B's map tells of it without the row's fold.
    x : array, (m, n)
        B's layer.
    standard : Standard
        Which rows depend on each other.
    """
    folds = make_folds(standard.clusters, standard.seed)
    own = task.scores(carried)
    points, worse = list[Retrained](), list[tuple[float, float, float]]()
    for n in counts(int((folds != 0).sum())):
        scores = np.empty(len(x))
        rng = np.random.default_rng([standard.seed, 25, n])
        for fold in range(int(folds.max()) + 1):
            at, rest = np.flatnonzero(folds == fold), np.flatnonzero(folds != fold)
            draws = DRAWS if n <= FEW else 1
            found = [task.retrained(x, rng.choice(rest, min(n, len(rest)), replace=False), at) for _ in range(draws)]
            scores[at] = np.mean(found, axis=0)
        points.append(Retrained(n, _told(scores, folds, task.name)))
        worse.append(_over_folds(own - scores, folds))
    worth = _first(points, [value <= 0.0 for value, _, _ in worse])
    low, high = (_first(points, [one[side] <= 0.0 for one in worse]) for side in (1, 2))
    return LearningCurve(
        task.name,
        _score(task, task.scores(told), standard),
        _score(task, own, standard),
        tuple(points),
        worth,
        low,
        high,
    )


def counts(most: int) -> Iterator[int]:
    """Return 10, 20, 50, 100 and so on, and all there are.

    Examples
    --------
    >>> list(counts(180))
    [10, 20, 50, 100, 180]
    """
    power = 1
    while True:
        for step in STEPS:
            if step * power >= most:
                yield most
                return
            yield step * power
        power *= 10


def _first(points: list[Retrained], reached: list[bool]) -> int | None:
    return next((point.labels for point, there in zip(points, reached, strict=True) if there), None)


def _over_folds(scores: np.ndarray, folds: np.ndarray) -> tuple[float, float, float]:
    """Return the mean of scores with the interval of the folds' means: each has draws of labels and rows of its own."""
    sums, sizes = np.bincount(folds, weights=scores), np.bincount(folds)
    mean, k = float(scores.mean()), len(sizes)
    error = np.sqrt(k / (k - 1.0) * ((sums - mean * sizes) ** 2).sum()) / len(scores)
    half = float(stdtrit(k - 1, LEVEL) * error)
    return mean, mean - half, mean + half


def _told(scores: np.ndarray, folds: np.ndarray, name: str) -> Evidence:
    """Return a mean score with its interval; none is over 1."""
    mean, low, high = _over_folds(scores, folds)
    return Evidence(name, mean, low, min(high, 1.0))


def _score(task: Task, scores: np.ndarray, standard: Standard) -> Evidence:
    groups = Groups(standard.clusters)
    found = groups.mean(scores) if task.choose is None else groups.share(scores > 0)
    return Evidence(task.name, found.unexplained, found.low, found.high)
