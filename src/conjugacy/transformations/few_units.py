"""Whitney's reconstruction: everything from few units of one network, chosen for conditioning or at random."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from scipy.linalg import cho_factor, cho_solve

from conjugacy.numerics.columns import standardised_live
from conjugacy.numerics.kernels import gaussian, matern52, median_distance, squared_distances
from conjugacy.numerics.ratio_interval import log_ratio_interval
from conjugacy.numerics.regression import STRENGTHS, kernel_factors, kernel_losses
from conjugacy.numerics.resample import bootstrap_counts, cluster_sums
from conjugacy.numerics.spectral import principal_components
from conjugacy.results import Estimate
from conjugacy.transformations.kernel import FREE_INTERCEPT
from conjugacy.transformations.layer import Layer

PAIR_ANCHORS, NEAR_RANKS, FAR_RANKS = 150, 6, 10
QUANTILE = 0.02
WORST = 0.005  # share of the pairs that decides which unit is added
SKETCH = 12
CHOICE_ROWS = (
    150  # kernel and strength are chosen on so many of the fitted rows: twice as many cost eight times as much
)
KERNELS = ((matern52, 2.8), (gaussian, 1.0))  # with their bandwidths in units of the median distance
SMALL_STRENGTHS = (1e-10, 1e-9, *STRENGTHS)  # a reconstruction may be exact
DRAWS = 1000


def distance_shares(z: np.ndarray, seed: int) -> np.ndarray:
    """Return which share every unit has in the squared distance of pairs of states, near and far, (pairs, p).

    Around a few hundred rows the nearest ones and ever farther ones are taken; units are columns of z, scaled alike.
    """
    m = len(z)
    anchors = np.random.default_rng(seed).choice(m, min(PAIR_ANCHORS, m), replace=False)
    squared = squared_distances(z[anchors], z)
    squared[np.arange(len(anchors)), anchors] = np.inf
    far = np.geomspace(NEAR_RANKS, max(m - 2, NEAR_RANKS), FAR_RANKS).astype(np.int64)
    ranks = np.unique(np.minimum(np.concatenate([np.arange(NEAR_RANKS), far]), m - 2))
    others = np.argsort(squared, axis=1)[:, ranks].ravel()
    shares = (z[np.repeat(anchors, len(ranks))] - z[others]) ** 2
    total = shares.sum(axis=1)
    apart = total > 1e-16 * total.max(initial=0.0)
    return shares[apart] / total[apart, None]


def conditioning(shares: np.ndarray, units: Sequence[int] | np.ndarray) -> float | None:
    """Return how unevenly these units show distances: the 98 % over the 2 % quantile of shown over true distance.

    None where some pairs of states cannot be told apart.
    """
    shown = np.sqrt(shares[:, units].sum(axis=1))
    low, high = np.quantile(shown, [QUANTILE, 1.0 - QUANTILE])
    return float(high / low) if low > 0 else None


def choose_units(source: Layer, most: int, shares: np.ndarray | None = None) -> np.ndarray:
    """Return units, the best first: each one raises most the smallest share of a distance that those chosen so far show.

    The smallest share is the 0.5 % quantile over pairs of states, near and far. Near pairs ask that no direction of the states is
    flattened, far pairs that none are folded onto each other. Neither labels nor the other network are looked at.

    Parameters
    ----------
    source : Layer
    most : int
        How many, at most all units that fire on enough rows to be judged.
    shares : array, (pairs, p), optional
        `distance_shares` of the source, where they are there already.

    Returns
    -------
    int array, (k,)
        Numbers among the live units.

    Examples
    --------
    >>> x = np.random.default_rng(0).normal(size=(200, 2))
    >>> sorted((choose_units(Layer(np.column_stack([x, x[:, 0], x[:, 1]])), 2) % 2).tolist())
    [0, 1]
    """
    shares = distance_shares(source.z, source.seed) if shares is None else shares
    shown, chosen, of_unit = np.zeros(len(shares)), list[int](), np.ascontiguousarray(shares.T)
    for _ in range(min(most, int(source.judged.sum()))):
        # where nothing is shown yet by any unit, the typical share decides
        low, middle = np.quantile(shown + of_unit, (WORST, 0.5), axis=1, overwrite_input=True)
        worth = low + 1e-6 * middle
        worth[~source.judged] = -np.inf  # a unit that fires on a few rows only is no coordinate
        worth[chosen] = -np.inf
        chosen.append(int(np.argmax(worth)))
        shown = shown + shares[:, chosen[-1]]
    return np.array(chosen, dtype=np.int64)


class Choice(NamedTuple):
    """How one target is fitted: the number of a kernel in KERNELS, and a ridge strength."""

    kernel: int
    strength: float


@dataclass(frozen=True, eq=False)
class Reconstructor:
    """Reconstructs targets from units of a source: fitted on some clusters of rows, judged on the others.

    Kernel ridge regression; for every target the kernel (Matern-5/2 of bandwidth 2.8 median distances, for what has kinks,
    or Gaussian of bandwidth 1, for what is smooth) and the strength with the smallest leave-one-out error on at most 150 of
    the fitted rows.

    Attributes
    ----------
    source : Layer
    targets : mapping of str to array (m, q)
        What is to be reconstructed; columns are scaled to unit variance, constant ones left out.
    clusters : int array, (m,)
        Rows with one number depend on each other.
    train, test : int array
        Rows.
    seed : int
        Seeds the rows of the choice and the bootstrap.
    """

    source: Layer
    targets: Mapping[str, np.ndarray]
    clusters: np.ndarray
    train: np.ndarray
    test: np.ndarray
    seed: int = 0

    @classmethod
    def split(
        cls,
        source: Layer,
        targets: Mapping[str, np.ndarray],
        clusters: np.ndarray,
        *,
        rows: int,
        seed: int = 0,
    ) -> Reconstructor:
        """Split the clusters into two thirds and one third; at most `rows` rows of each are used."""
        rng = np.random.default_rng(seed)
        order = rng.permutation(int(clusters.max()) + 1)
        mine = np.isin(clusters, order[: max(1, 2 * len(order) // 3)])
        parts = [np.flatnonzero(mine), np.flatnonzero(~mine)]
        train, test = (np.sort(rng.choice(part, min(rows, len(part)), replace=False)) for part in parts)
        return cls(source, targets, clusters, train, test, seed)

    def errors(
        self,
        units: Sequence[int] | np.ndarray,
        *,
        of: Sequence[str] | None = None,
        choices: Mapping[str, Choice] | None = None,
    ) -> dict[str, np.ndarray]:
        """Return the squared held-out error of every test row, (t,), for every target, or for those named.

        `choices` say how targets are fitted, where that was chosen before, of units as good.
        """
        names = tuple(self.targets) if of is None else tuple(of)
        x = self._states(units)
        if x is None:
            return {name: self.totals[name] for name in names}
        chosen = x[self.train[self._selection]]
        near = squared_distances(chosen, chosen)
        median = median_distance(near)
        choices = self._choices(near, median, names) if choices is None else choices
        found: dict[str, np.ndarray] = {}
        squared = squared_distances(x[self._all_rows], x[self.train])
        for choice in dict.fromkeys(choices[name] for name in names):
            predict = _fitted(squared, median, choice)
            for name in (n for n in names if choices[n] == choice):
                mean = self._scaled[name][self.train].mean(axis=0)
                missed = self._scaled[name][self.test] - mean - predict(self._scaled[name][self.train] - mean)
                found[name] = np.einsum("ij,ij->i", missed, missed)
        return {name: found[name] for name in names}

    def choices(self, units: Sequence[int] | np.ndarray, *, of: Sequence[str]) -> dict[str, Choice] | None:
        """Return how the named targets are best fitted from these units; None where these do not vary in the fitted rows."""
        x = self._states(units)
        if x is None:
            return None
        chosen = x[self.train[self._selection]]
        near = squared_distances(chosen, chosen)
        return self._choices(near, median_distance(near), tuple(of))

    def _states(self, units: Sequence[int] | np.ndarray) -> np.ndarray | None:
        """Return units of all rows, centred and scaled by the fitted rows; None where none varies there."""
        x = self.source.z[:, units]
        scale = x[self.train].std(axis=0)
        if not (scale > 0).any():
            return None
        return (x[:, scale > 0] - x[self.train][:, scale > 0].mean(axis=0)) / scale[scale > 0]

    @cached_property
    def _all_rows(self) -> np.ndarray:
        return np.concatenate([self.train, self.test])

    def _choices(self, squared: np.ndarray, median: float, names: Sequence[str]) -> dict[str, Choice]:
        best = {name: (np.inf, Choice(0, STRENGTHS[-1])) for name in names}
        for k, (kernel, bandwidth) in enumerate(KERNELS):
            factors = kernel_factors(kernel(squared, median * bandwidth**2) + FREE_INTERCEPT)
            for name in names:
                losses = kernel_losses(factors, self._sketches[name], np.arange(len(squared)), SMALL_STRENGTHS)
                least = int(np.argmin(losses))
                best[name] = min(best[name], (float(losses[least]), Choice(k, SMALL_STRENGTHS[least])))
        return {name: choice for name, (_, choice) in best.items()}

    @cached_property
    def _selection(self) -> np.ndarray:
        """Numbers of the fitted rows on which kernel and strength are chosen."""
        count = min(CHOICE_ROWS, len(self.train))
        return np.random.default_rng(self.seed).choice(len(self.train), count, replace=False)

    @cached_property
    def _sketches(self) -> dict[str, np.ndarray]:
        """Few columns that stand for each target where the strength is chosen."""
        fitted = {name: y[self.train[self._selection]] for name, y in self._scaled.items()}
        return {name: principal_components(y - y.mean(axis=0))[0][:, :SKETCH] for name, y in fitted.items()}

    @cached_property
    def _scaled(self) -> dict[str, np.ndarray]:
        return {name: standardised_live(values) for name, values in self.targets.items()}

    @cached_property
    def totals(self) -> dict[str, np.ndarray]:
        """What the mean of the fitted rows would leave of every test row."""
        return {
            name: ((y[self.test] - y[self.train].mean(axis=0)) ** 2).sum(axis=1) for name, y in self._scaled.items()
        }

    def unexplained(self, units: Sequence[int] | np.ndarray) -> dict[str, Estimate]:
        """Return the unexplained fraction of every target with its bootstrap interval over clusters."""
        groups, counts = self._bootstrap
        found: dict[str, Estimate] = {}
        for name, error in self.errors(units).items():
            total = self.totals[name]
            low, high = log_ratio_interval(counts, cluster_sums(error, groups), cluster_sums(total, groups))
            found[name] = Estimate(float(error.sum() / total.sum()), low, high)
        return found

    @cached_property
    def _bootstrap(self) -> tuple[np.ndarray, np.ndarray]:
        """Cluster numbers of the test rows, and how often each is drawn."""
        _, groups = np.unique(self.clusters[self.test], return_inverse=True)
        return groups, bootstrap_counts(int(groups.max()) + 1, DRAWS, self.seed + 7)


def _fitted(squared: np.ndarray, median: float, choice: Choice) -> Callable[[np.ndarray], np.ndarray]:
    """Return the map from values on the fitted rows to predictions on others, from distances (fitted and others, fitted)."""
    kernel, bandwidth = KERNELS[choice.kernel]
    weights = kernel(squared, median * bandwidth**2) + FREE_INTERCEPT
    fitted = weights.shape[1]
    factor = _cholesky(weights[:fitted], choice.strength)

    def predict(values: np.ndarray) -> np.ndarray:
        return weights[fitted:] @ cho_solve(factor, values, check_finite=False)

    return predict


def _cholesky(gram: np.ndarray, strength: float) -> tuple[np.ndarray, bool]:
    """Return the factor of K + a I; where rounding makes that indefinite a is raised tenfold until it is not."""
    while True:
        try:
            return cho_factor(gram + strength * np.eye(len(gram)), lower=True, overwrite_a=True, check_finite=False)
        except np.linalg.LinAlgError:
            strength *= 10.0
