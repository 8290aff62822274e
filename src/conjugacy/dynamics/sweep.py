"""How many delays and coordinates: every model of a sweep judged on trials kept aside, from one pass over the data."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from conjugacy.data import Trajectories
from conjugacy.dynamics.delays import DelayProducts, Signal
from conjugacy.dynamics.dmd import DMD
from conjugacy.dynamics.lags import LagSums, columns
from conjugacy.errors import InputError
from conjugacy.numerics.leading import hard_threshold_rank, leading
from conjugacy.results import Sweep

DELAYS = (1, 2, 5, 10, 20)
RANKS = (2, 4, 6, 8, 12, 16, 24, 32, 48)
PARSIMONY = 0.1


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
        Where a trial is too short for the longest delays.

    Examples
    --------
    >>> t = np.arange(120)
    >>> waves = [np.stack([np.cos(0.2 * t + p), np.sin(0.2 * t + p)], axis=1) for p in (0.0, 1.0, 2.5)]
    >>> sweep(Trajectories(waves), delays=(1, 3), ranks=(1, 2)).chosen
    (1, 2)
    """
    if not delays or not ranks or min(*delays, *ranks) < 1:
        raise InputError(f"delays {tuple(delays)} and ranks {tuple(ranks)}: expected whole numbers from 1 on")
    signal = Signal.of(trajectories, center=center, scale=False)
    longest = max(delays)
    fitted, judged = _parts(signal, longest, seed)
    errors = np.full((len(delays), len(ranks)), np.nan)
    thresholds: list[int] = []
    for i, q in enumerate(delays):
        products = DelayProducts.of(fitted, q, 1, center=center)
        values, vectors = leading(products.whole, None)
        held = int((values > 1e-13 * values[0]).sum())
        thresholds.append(hard_threshold_rank(np.sqrt(np.maximum(values, 0.0)), fitted.count(q - 1)))
        for j, rank in enumerate(ranks):
            if rank <= held:
                basis = vectors[:, :rank] / np.sqrt(values[:rank])
                errors[i, j] = _held_out(products, basis, judged, q, longest, ridge, signal.n, center=center)
    if np.isnan(errors).all():
        raise InputError(f"the data hold fewer coordinates than the smallest rank asked for, {min(ranks)}")
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


def _held_out(
    products: DelayProducts,
    basis: np.ndarray,
    judged: LagSums,
    delays: int,
    longest: int,
    ridge: float,
    n: int,
    *,
    center: bool,
) -> float:
    """Return the error of the newest state one step ahead over its variance, on rows that every model of the sweep can see."""
    before, _, _ = products.within(basis)
    mixed, _ = products.newest(basis, n)
    forecast = basis @ np.linalg.solve(before + ridge * np.eye(len(before)), mixed)  # (delays n, n)
    gram = judged.gram(range(delays + 1), longest)
    total = judged.row_sum(range(delays + 1), longest)
    past, now = columns(range(1, delays + 1), n), slice(0, n)
    rows = judged.count(longest)
    offset = np.zeros(n)
    if center:
        offset = (products.sums[1][:n] - products.sums[0] @ forecast) / products.rows
    own = gram[now, now]
    missed = (
        float(np.trace(own))
        - 2.0 * float((forecast * gram[past, now]).sum())
        + float((forecast * (gram[np.ix_(past, past)] @ forecast)).sum())
        - 2.0 * float(offset @ total[now])
        + 2.0 * float(offset @ (total[past] @ forecast))
        + rows * float(offset @ offset)
    )
    return max(0.0, missed) / (float(np.trace(own)) - float(total[now] @ total[now]) / rows)
