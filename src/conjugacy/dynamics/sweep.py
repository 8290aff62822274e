"""How many delays and coordinates: every model of a sweep judged on held-out trials, from one pass over the data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from conjugacy.data import Trajectories
from conjugacy.dynamics.delays import DelayProducts, Signal
from conjugacy.dynamics.dmd import DMD
from conjugacy.dynamics.lags import LagSums
from conjugacy.errors import InputError
from conjugacy.numerics.leading import hard_threshold_rank, leading_eigenvectors
from conjugacy.results import Sweep

DELAYS = (1, 2, 5, 10, 20)
RANKS = (2, 4, 6, 8, 12, 16, 24, 32, 48)
PARSIMONY = 0.1
STILL = 1e-12  # variance over power, from which a state stands still


def sweep(
    trajectories: Trajectories,
    *,
    delays: Sequence[int] = DELAYS,
    ranks: Sequence[int] = RANKS,
    ridge: float = 1e-8,
    center: bool = True,
    parsimony: float = PARSIMONY,
    seed: int = 0,
) -> Sweep:
    """Judge all numbers of delays and ranks on a third of the trials; of a single trial, on its last third.

    Raises
    ------
    InputError
        Where a trial is too short for the longest delays, the data hold fewer coordinates than the smallest rank, or the part
        kept aside stands still.

    Examples
    --------
    >>> t = np.arange(120)
    >>> waves = [np.stack([np.cos(0.2 * t + p), np.sin(0.2 * t + p)], axis=1) for p in (0.0, 1.0, 2.5)]
    >>> sweep(Trajectories(waves), delays=(1, 3), ranks=(1, 2)).chosen
    (1, 2)
    """
    if not delays or not ranks or min(*delays, *ranks) < 1:
        raise InputError(f"delays {tuple(delays)} and ranks {tuple(ranks)}: expected whole numbers of at least 1")
    signal = Signal.of(trajectories, center=center, scale=False)
    longest = max(delays)
    fitted, judged = _parts(signal, longest, seed)
    errors = np.full((len(delays), len(ranks)), np.nan)
    thresholds: list[int] = []
    for i, q in enumerate(delays):
        products = DelayProducts.of(fitted, q, 1, center=center)
        values, vectors = leading_eigenvectors(products.whole, None)
        held = int((values > 1e-13 * values[0]).sum())
        aside = _Judged.of(judged, q, longest, signal.n)
        thresholds.append(hard_threshold_rank(np.sqrt(np.maximum(values, 0.0)), fitted.count(q - 1)))
        for j, rank in enumerate(ranks):
            if rank <= held:
                basis = vectors[:, :rank] / np.sqrt(values[:rank])
                errors[i, j] = aside.error(products, basis, ridge, center=center)
    if np.isnan(errors).all():
        raise InputError(
            f"no model can be judged: the data hold fewer coordinates than the smallest rank asked for, {min(ranks)}, or nothing "
            "moves in the held-out trials; record more or longer trials"
        )
    good = np.argwhere(errors <= (1.0 + parsimony) * np.nanmin(errors))
    i, j = min(good.tolist(), key=lambda at: (ranks[at[1]], delays[at[0]]))
    return Sweep(tuple(delays), tuple(ranks), errors, tuple(thresholds), (delays[i], ranks[j]), parsimony)


def chosen_dmd(trajectories: Trajectories, **options: object) -> DMD:
    """Return the estimator with the delays and the rank that a sweep chooses; options as in `sweep`."""
    found = sweep(trajectories, **options)  # pyright: ignore[reportArgumentType]
    return DMD(delays=found.chosen[0], rank=found.chosen[1])


def _parts(signal: Signal, longest: int, seed: int) -> tuple[LagSums, LagSums]:
    count = len(signal.trials)
    if count > 1:
        order = np.random.default_rng(seed).permutation(count)
        kept = max(1, count // 3)
        return signal.lags(longest, order[kept:].tolist()), signal.lags(longest, order[:kept].tolist())
    cut = 2 * len(signal.trials[0]) // 3
    halves = (signal.trials[0][:cut], signal.trials[0][cut:])
    first, last = (Signal((part,), signal.mean, signal.spread, signal.dt) for part in halves)
    return first.lags(longest), last.lags(longest)


@dataclass(frozen=True, eq=False)
class _Judged:
    """The rows that models are judged on, the same for every model of a sweep: the present state first, then its past."""

    gram: np.ndarray
    total: np.ndarray
    rows: int
    n: int

    @classmethod
    def of(cls, sums: LagSums, delays: int, longest: int, n: int) -> _Judged:
        lags = range(delays + 1)
        return cls(sums.gram(lags, longest), sums.row_sum(lags, longest), sums.count(longest), n)

    def error(self, products: DelayProducts, basis: np.ndarray, ridge: float, *, center: bool) -> float:
        """Return the error of the newest state one step ahead over its variance; NaN where the state stands still."""
        now, past = slice(0, self.n), slice(self.n, None)
        own = float(np.trace(self.gram[now, now]))
        variance = own - float(self.total[now] @ self.total[now]) / self.rows
        if not variance > STILL * own:
            return float("nan")
        before, _, _ = products.within(basis)
        mixed, _ = products.newest(basis, self.n)
        forecast = basis @ np.linalg.solve(before + ridge * np.eye(len(before)), mixed)  # (delays n, n)
        offset = np.zeros(self.n)
        if center:
            offset = (products.sums[1][: self.n] - products.sums[0] @ forecast) / products.rows
        missed = (
            own
            - 2.0 * float((forecast * self.gram[past, now]).sum())
            + float((forecast * (self.gram[past, past] @ forecast)).sum())
            - 2.0 * float(offset @ self.total[now])
            + 2.0 * float(offset @ (self.total[past] @ forecast))
            + self.rows * float(offset @ offset)
        )
        return max(0.0, missed) / variance
