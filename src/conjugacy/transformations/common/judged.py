"""The common part in numbers with intervals: what each coordinate is worth, and how much of either layer all of them tell."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from conjugacy.numerics.resample import draw_folds, shuffle_clusters
from conjugacy.results import Estimate, Evidence
from conjugacy.transformations.common.common_part import CommonPart, common_part
from conjugacy.transformations.common.maps import Fitted, fitted
from conjugacy.transformations.common.read_out import explained
from conjugacy.transformations.common.smooth import smooth
from conjugacy.transformations.standard import Standard

FOLDS, PAIRINGS = 5, 19
FEWEST_ROWS, FEWEST_CLUSTERS = 60, 20  # of which a fifth can be held out
OF_VARIANCE, NEW = "of the layer's variance", "new common share"


@dataclass(frozen=True, eq=False)
class SharedLayers:
    """Two layers with matched rows, and what they share; everything is computed when it is asked for.

    Attributes
    ----------
    x, y : array, (m, n) and (m, p)
    standard : Standard
        Which rows depend on each other, and the bootstrap.
    """

    x: np.ndarray
    y: np.ndarray
    standard: Standard

    @cached_property
    def folds(self) -> np.ndarray:
        """Five folds of clusters; of a series, of its blocks."""
        return draw_folds(self.standard.clusters, min(FOLDS, self.standard.n_clusters), self.standard.seed)

    @cached_property
    def part(self) -> CommonPart:
        """How many coordinates there are, and which, by fold."""
        return common_part(self.x, self.y, self.folds, self.standard.seed)

    @cached_property
    def ends(self) -> tuple[Fitted, Fitted]:
        """Both sides, fitted on all rows."""
        return fitted(self.part)

    @cached_property
    def _held(self) -> tuple[tuple[np.ndarray, np.ndarray], ...]:
        """By fold: both layers' common coordinates on fitted and held-out rows, turned to those of all rows."""
        found = list[tuple[np.ndarray, np.ndarray]]()
        for side in (0, 1):
            whole = np.empty((2, *self.ends[side].common.shape))
            fits = list[np.ndarray]()
            for fold in range(int(self.folds.max()) + 1):
                out = self.folds == fold
                own, held = self.part.coordinates(fold, side)
                own, held = (np.column_stack([np.ones(len(v)), v]) for v in (own, held))
                turn = np.linalg.lstsq(own, self.ends[side].common[~out], rcond=None)[0]
                whole[0, out] = held @ turn
                fits.append(own @ turn)
            found.append((whole[0], np.concatenate(fits)))
        return tuple(found)

    @cached_property
    def directions(self) -> tuple[tuple[Estimate, Estimate, float], ...]:
        """For every coordinate: what the other layer leaves of it, A to B and B to A, and the same with rows re-paired."""
        k = self.part.dimensions
        if not k:
            return ()
        ways = [self._told(source, 1 - source) for source in (0, 1)]
        found = list[tuple[Estimate, Estimate, float]]()
        for j in range(k):
            estimates = [self.standard.ratio(missed[:, j], total[:, j]) for missed, total, _ in ways]
            found.append((estimates[0], estimates[1], float(np.median([null[:, j] for _, _, null in ways]))))
        return tuple(found)

    def _told(self, source: int, target: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return squared errors and totals by row (m, k), and what is left with rows re-paired, (draws, k)."""
        wanted, by_fold = self._held[target]
        told = self._from_coordinates(source, by_fold)
        total = (wanted - wanted.mean(axis=0)) ** 2
        rng, null = np.random.default_rng(self.standard.seed), list[np.ndarray]()
        for _ in range(PAIRINGS):
            order = shuffle_clusters(self.standard.clusters, rng)
            null.append(((wanted - told[order]) ** 2).sum(axis=0) / total.sum(axis=0))
        return (wanted - told) ** 2, total, np.array(null)

    def _from_coordinates(self, source: int, by_fold: np.ndarray) -> np.ndarray:
        """Return what one layer's common coordinates tell of columns on held-out rows, (m, q).

        `by_fold` holds the columns of the fitted rows of every fold, one fold below the other.
        """
        held, fits = self._held[source]
        told, start = np.empty((len(held), by_fold.shape[1])), 0
        for fold in range(int(self.folds.max()) + 1):
            out = self.folds == fold
            rows = slice(start, start + int((~out).sum()))
            start = rows.stop
            told[out] = smooth(fits[rows], by_fold[rows], self.standard.seed)(held[out])
        return told

    def told_by_other(self, side: int) -> Evidence:
        """Return how much of a layer's variance the other one tells through the common coordinates, on held-out rows."""
        end, told = self.ends[side], np.zeros(1)
        if self.part.dimensions:
            folds = range(int(self.folds.max()) + 1)
            told = self._from_coordinates(1 - side, np.concatenate([end.points[self.folds != fold] for fold in folds]))
        return explained("told_by_other", self._left(end, end.points - told), OF_VARIANCE)

    def share(self, side: int) -> Evidence:
        """Return what the common coordinates tell of a layer's variance, rows left out one by one."""
        return explained("common_share", self.left(side), OF_VARIANCE)

    def own_share(self, side: int) -> Evidence:
        """Return what they do not tell."""
        left = self.left(side)
        return Evidence("private_share", left.unexplained, left.low, left.high, unit=OF_VARIANCE)

    def left(self, side: int) -> Estimate:
        """Return what the map back from the common coordinates leaves of a layer, rows left out one by one."""
        end = self.ends[side]
        return self._left(end, end.back.left_out)

    def _left(self, end: Fitted, missed: np.ndarray) -> Estimate:
        """Return what residuals (m, q) of a layer's leading coordinates are of its variance."""
        # what these coordinates do not hold is nobody's but the layer's own
        beyond = max(0.0, end.principal.whole - float(end.principal.variances.sum()))
        return self.standard.ratio(*((one**2).sum(axis=1) + beyond for one in (missed, end.points)))

    def shares(self, side: int) -> tuple[float, ...]:
        """Return what each coordinate adds to what is told of a layer's variance."""
        end, told = self.ends[side], [0.0]
        whole = end.principal.whole
        for j in range(1, end.common.shape[1]):
            left = smooth(end.common[:, :j], end.points, self.standard.seed).left_out
            told.append(float(end.principal.variances.sum() - (left**2).mean(axis=0).sum()) / whole)
        told.append(float(end.principal.variances.sum() - (end.back.left_out**2).mean(axis=0).sum()) / whole)
        return tuple(max(0.0, b - a) for a, b in pairwise(told)) if end.common.shape[1] else ()

    def new_share(self, j: int) -> Evidence:
        """Return the new common share of a coordinate, between two standard errors on either side."""
        value, error = float(self.part.shares[j]), float(self.part.errors[j])
        return Evidence("new_share", value, max(-1.0, value - 2.0 * error), min(1.0, value + 2.0 * error), unit=NEW)
