"""What the ladder needs of one network, computed once."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from conjugacy.data import row_labels
from conjugacy.errors import InputError, ShapeError
from conjugacy.numerics.columns import spreads, varies
from conjugacy.numerics.independence import Factors, factors_of
from conjugacy.numerics.kernels import median_distance, squared_distances
from conjugacy.numerics.regression import KernelFactors, RidgeFactors, kernel_factors, ridge_factors
from conjugacy.numerics.scratch import scratch
from conjugacy.numerics.spectral import kept_coordinates, leading_components, signs_of
from conjugacy.transformations.kernel import BANDWIDTHS, FEW_BANDWIDTHS, kernel_of
from conjugacy.transformations.part import CHOICE_ROWS, Half
from conjugacy.transformations.score_map import ScoreMap

SELECTION_ROWS = 1000  # chance, and what more rows would bring, are looked for on at most so many rows
SKETCH = 24  # targets are summarised by so many principal coordinates where a choice is made
AT_ONCE = 500  # rows that are taken at a time
POWER_UNITS, POWER_TARGETS = 64, 24
LEFT_OUT = 1e-5  # of the variance of many units may be left out of their coordinates


@dataclass(frozen=True, eq=False)
class Layer:
    """One network's activations with everything that does not depend on the other network.

    Attributes
    ----------
    values : array, (m, n)
        Activations, one row per stimulus.
    seed : int
        Seeds the selection rows and the power target.
    power_checks : dict
        What the smooth estimator leaves of the power target, by division of the rows: the same in every pair.
    halves : dict
        The rows in halves, as the smooth estimator sees them, by division of the rows: the same in every pair.
    """

    values: np.ndarray
    seed: int = 0
    power_checks: dict[str, tuple[np.ndarray, float]] = field(default_factory=dict[str, tuple[np.ndarray, float]])
    halves: dict[str, tuple[Half, ...]] = field(default_factory=dict[str, tuple[Half, ...]])

    def __post_init__(self) -> None:
        if self.values.ndim != 2:
            raise ShapeError(f"got an array of shape {self.values.shape}, expected stimuli x units")
        if not self.live.any():
            raise InputError("no unit varies over these stimuli: choose another layer or other stimuli")

    @property
    def m(self) -> int:
        """Number of stimuli."""
        return len(self.values)

    @property
    def n(self) -> int:
        """Number of units, constant ones included."""
        return self.values.shape[1]

    @cached_property
    def states(self) -> np.ndarray:
        """Numbers that equal rows share, (m,)."""
        return row_labels(self.values)

    @cached_property
    def mean(self) -> np.ndarray:
        """Mean of every unit, (n,)."""
        return self.values.mean(axis=0)

    @cached_property
    def std(self) -> np.ndarray:
        """Standard deviation of every unit, (n,)."""
        centred = np.subtract(self.values, self.mean, out=scratch(self.values.shape))
        centred -= centred.mean(axis=0)
        return spreads(centred)

    @cached_property
    def live(self) -> np.ndarray:
        """Whether a unit varies beyond rounding, (n,) bool; how loud the others are does not count."""
        return varies(self.values, self.std)

    @cached_property
    def z(self) -> np.ndarray:
        """Live units, centred, each scaled to unit variance, (m, p)."""
        live = slice(None) if self.live.all() else self.live
        z = np.subtract(self.values[:, live], self.mean[live], out=scratch((self.m, int(self.live.sum()))))
        z /= self.std[live]
        return z

    @property
    def raw(self) -> np.ndarray:
        """Live units, centred, one common scale (mean squared row norm 1), (m, p); not kept, as it is soon made of `z`."""
        return np.multiply(self.z, self.std[self.live] / self.scale, out=scratch(self.z.shape))

    @cached_property
    def scale(self) -> float:
        """Root of the total variance."""
        return float(np.sqrt((self.std[self.live] ** 2).sum()))

    @cached_property
    def effective_rows(self) -> np.ndarray:
        """On how many rows a live unit's variance rests, (sum z^2)^2 / sum z^4, (p,)."""
        squares = np.square(self.z, out=scratch(self.z.shape))
        return squares.sum(axis=0) ** 2 / np.einsum("ij,ij->j", squares, squares)

    @cached_property
    def _fires_enough(self) -> np.ndarray:
        return self.effective_rows >= min(max(10.0, 0.02 * self.m), self.m / 5)

    @property
    def judged(self) -> np.ndarray:
        """Whether a live unit fires on enough rows to be judged as a target, (p,) bool; all, where none does."""
        return self._fires_enough if self._fires_enough.any() else np.ones_like(self._fires_enough)

    @cached_property
    def judged_squares(self) -> np.ndarray:
        """Squares of the judged units, summed by row, (m,)."""
        return (self.z[:, self.judged] ** 2).sum(axis=1)

    @cached_property
    def dominant_rows(self) -> np.ndarray:
        """The few rows on which all variance rests, where no unit fires on enough rows to be judged; else none."""
        if self._fires_enough.any():
            return np.empty(0, dtype=np.int64)
        norms = (self.z**2).sum(axis=1)
        order = np.argsort(-norms)
        return np.sort(order[: int(np.searchsorted(np.cumsum(norms[order]), 0.9 * norms.sum())) + 1])

    @cached_property
    def ridge(self) -> RidgeFactors:
        """Thin SVD of `z`."""
        return ridge_factors(self.z)

    def coordinates_holding(self, left_out: float) -> int:
        """Return how many principal coordinates of `z` hold all but such a share of its variance."""
        squares = self.ridge.s**2
        return max(1, len(squares) - int((np.cumsum(squares[::-1]) <= left_out * squares.sum()).sum()))

    def right(self, count: int) -> np.ndarray:
        """Return the first right singular vectors of `z`, (count, p)."""
        if self.ridge.vt is not None or count > len(self._right):
            return self.ridge.right(self.z, count)
        return self._right[:count]

    @cached_property
    def _right(self) -> np.ndarray:
        """Those that several questions ask for, where they cost a product of all rows."""
        return self.ridge.right(self.z, self.coordinates_holding(LEFT_OUT))

    @cached_property
    def sketch(self) -> np.ndarray:
        """Leading principal coordinates of the judged units, (m, at most 24)."""
        if self.judged.all():
            scales = self._coordinates[:SKETCH]
            few = self.ridge.u[:, : len(scales)] * scales
            return few * (self.ridge.s[0] / np.abs(scales[0]))
        return leading_components(self.z[:, self.judged], SKETCH)[0]

    @cached_property
    def _coordinates(self) -> np.ndarray:
        """What the ridge's left vectors are multiplied by to give `points`, (r,)."""
        ridge = self.ridge
        rank = kept_coordinates(ridge.s**2)
        norm = np.sqrt((ridge.s[:rank] ** 2).sum() / self.m)
        return signs_of(ridge.u[:, :rank]) * ridge.s[:rank] / norm

    def points_at(self, rows: np.ndarray) -> np.ndarray:
        """Return some rows' principal coordinates of `z`, which have mean squared norm 1 over all rows, (k, r)."""
        scales = self._coordinates
        points = scratch((len(rows), len(scales)))
        for start in range(0, len(rows), AT_ONCE):
            chosen = rows[start : start + AT_ONCE]
            np.multiply(self.ridge.u[chosen, : len(scales)], scales, out=points[start : start + AT_ONCE])
        return points

    @property
    def points(self) -> np.ndarray:
        """Those of all rows, (m, r); not kept, as the ridge's left vectors are."""
        scales = self._coordinates
        return np.multiply(self.ridge.u[:, : len(scales)], scales, out=scratch((self.m, len(scales))))

    @property
    def loadings(self) -> np.ndarray:
        """The map from `z` to `points`, (p, r)."""
        turn = self._coordinates / self.ridge.s[: len(self._coordinates)]
        return self.ridge.right(self.z, len(turn)).T * turn

    @cached_property
    def selection(self) -> np.ndarray:
        """The rows on which chance is looked for, and what more rows would bring."""
        if self.m <= SELECTION_ROWS:
            return np.arange(self.m)
        return np.sort(np.random.default_rng(self.seed).choice(self.m, SELECTION_ROWS, replace=False))

    @cached_property
    def choice_rows(self) -> np.ndarray:
        """The rows on which bandwidths and strengths are chosen, some of the selection."""
        if self.m <= CHOICE_ROWS:
            return self.selection
        return np.sort(np.random.default_rng(self.seed + 3).choice(self.selection, CHOICE_ROWS, replace=False))

    def distances(self, rows: np.ndarray) -> np.ndarray:
        """Return squared distances between some rows; not kept, as they take as much memory as a kernel."""
        chosen = self.points_at(rows)
        return squared_distances(chosen, chosen)

    @cached_property
    def median_distance(self) -> float:
        """Median squared distance between two rows; the largest where most rows coincide."""
        return median_distance(self.distances(self.selection))

    def scale2(self, bandwidth: float) -> float:
        """Squared length scale of the kernel of that bandwidth."""
        return self.median_distance * bandwidth**2

    @cached_property
    def eigen(self) -> dict[float, KernelFactors]:
        """Eigendecompositions of kernels on the rows of the choice by bandwidth, as far as they were asked for."""
        return {}

    def eigen_at(self, bandwidth: float) -> KernelFactors:
        """Return the eigendecomposition of the kernel of a bandwidth on the rows of the choice."""
        self._decompose((bandwidth,))
        return self.eigen[bandwidth]

    def _decompose(self, bandwidths: tuple[float, ...]) -> None:
        missing = [one for one in bandwidths if one not in self.eigen]
        squared = self.distances(self.choice_rows) if missing else np.empty(0)
        for bandwidth in missing:
            self.eigen[bandwidth] = kernel_factors(kernel_of(squared.copy(), self.scale2(bandwidth)))

    @cached_property
    def scored(self) -> Layer:
        """The same with every live unit as its normal scores, others at 0."""
        scores = np.zeros_like(self.values, dtype=np.float64)
        live = self.values[:, self.live]
        scores[:, self.live] = ScoreMap.of(live).apply(live)
        return Layer(scores, self.seed)

    @cached_property
    def factors(self) -> Factors:
        """What the test of independence needs, on the selection rows."""
        return factors_of(self.points_at(self.selection), self.median_distance)

    @cached_property
    def power_target(self) -> np.ndarray:
        """A fixed rough function of this network: 24 outputs of a random two-layer rectifier net, z-scored, (m, 24).

        By construction a function of the activations: what the smooth estimator leaves unexplained of it
        is the estimator's limit, not a difference between networks.
        """
        return rough_function(self.points, self.seed)

    def work(self, *, first_alone: bool = False) -> Layer:
        """Do the costly parts now, so that comparing a pair does not pay for them; returns itself.

        First fits alone ask for fewer.
        """
        for part in (
            ("ridge", "sketch", "judged") if first_alone else ("ridge", "sketch", "factors", "power_target", "judged")
        ):
            getattr(self, part)
        self._decompose(FEW_BANDWIDTHS if first_alone else BANDWIDTHS)
        return self


def rough_function(points: np.ndarray, seed: int) -> np.ndarray:
    """Return 24 outputs of a random two-layer rectifier net of points (m, r) of mean squared norm 1, z-scored, (m, 24)."""
    rng = np.random.default_rng(seed + 9)
    r = points.shape[1]
    hidden = np.maximum(0.0, points @ rng.standard_normal((r, POWER_UNITS)) + 0.3 * rng.standard_normal(POWER_UNITS))
    hidden -= hidden.mean(axis=0)
    out = np.maximum(0.0, hidden @ rng.standard_normal((POWER_UNITS, POWER_TARGETS)) / np.sqrt(POWER_UNITS))
    spread = out.std(axis=0)
    return (out[:, spread > 0] - out[:, spread > 0].mean(axis=0)) / spread[spread > 0]
