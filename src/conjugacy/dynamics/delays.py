"""Trajectories as a centred signal, and the Gram matrices of its delayed states."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from conjugacy.data import Trajectories
from conjugacy.dynamics.lags import LagSums, columns
from conjugacy.errors import InputError


@dataclass(frozen=True, eq=False)
class Signal:
    """Trajectories with the mean taken off, so that offsets cost no digits; a trial is changed only while it is used."""

    trials: tuple[np.ndarray, ...]
    mean: np.ndarray
    spread: np.ndarray
    dt: float

    @classmethod
    def of(cls, trajectories: Trajectories, *, center: bool, scale: bool) -> Signal:
        """Find mean and spread over all time points."""
        trials = trajectories.values
        rows = sum(len(x) for x in trials)
        mean = np.sum([x.sum(axis=0) for x in trials], axis=0) / rows
        variance = np.sum([((x - mean) ** 2).sum(axis=0) for x in trials], axis=0) / rows
        largest = np.max([np.abs(x).max(axis=0) for x in trials], axis=0)
        live = variance > (1e-14 * largest) ** 2
        if not live.any():
            raise InputError(
                f"{_name(trajectories)}: no unit varies in {len(trials)} trials; there are no dynamics to fit: "
                "choose another layer, or other trials"
            )
        spread = np.sqrt(variance) if scale else np.ones_like(mean)
        # what does not vary is taken off whole where the fit has a constant, and left as it is where it has none
        return cls(
            trials,
            mean if center else np.zeros_like(mean),
            np.where(live | (not center), spread, np.inf),
            trajectories.dt,
        )

    @property
    def n(self) -> int:
        """Number of channels."""
        return len(self.mean)

    def lags(self, longest: int, which: Sequence[int] | None = None) -> LagSums:
        """Return the lag products of all trials, or of the chosen ones."""
        chosen = range(len(self.trials)) if which is None else which
        for i in chosen:
            if len(self.trials[i]) <= longest:
                raise InputError(
                    f"trial {i} has {len(self.trials[i])} time points, and delays that reach {longest} back need at least "
                    f"{longest + 1}: take fewer delays or a smaller interval, or longer trials"
                )
        return LagSums.of(((self.trials[i] - self.mean) / self.spread for i in chosen), longest)


@dataclass(frozen=True, eq=False)
class DelayProducts:
    """Gram matrices of delayed states: with a successor, across one step, of the successors; and of all, their mean taken off.

    The sums of the rows before and after a step are kept apart: the means are taken off when few coordinates are left.
    """

    before: np.ndarray
    cross: np.ndarray
    after: np.ndarray
    whole: np.ndarray
    sums: tuple[np.ndarray, np.ndarray]
    rows: int

    @classmethod
    def of(cls, lags: LagSums, delays: int, interval: int, *, center: bool) -> DelayProducts:
        """Assemble the Gram matrices for so many delays; `center` takes the means off."""
        past = [1 + i * interval for i in range(delays)]
        present = [i * interval for i in range(delays)]
        offsets = sorted({*past, *present})  # the largest comes last
        gram, n = lags.gram(offsets), lags.n_channels
        if interval == 1:  # views, not copies
            p, f = slice(n, None), slice(0, delays * n)
            before, cross, after = gram[p, p], gram[p, f], gram[f, f]
        else:
            at = {offset: k for k, offset in enumerate(offsets)}
            p, f = (columns([at[i] for i in which], n) for which in (past, present))
            before, cross, after = gram[np.ix_(p, p)], gram[np.ix_(p, f)], gram[np.ix_(f, f)]
        first, last = offsets[-1], lags.last_rows(present)
        rows = lags.count(first)
        sums = [lags.row_sum(which, first) if center else np.zeros(delays * n) for which in (past, present)]
        # one product for what is added and what is taken off: at hundreds of delayed units a temporary is the memory's peak
        mean = (sums[0] + last.sum(axis=0)) / np.sqrt(rows + lags.n_trials) if center else sums[0]
        whole = np.vstack([last, -mean]).T @ np.vstack([last, mean])
        whole += before
        return cls(before, cross, after, whole, (sums[0], sums[1]), rows)

    def within(self, basis: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the Gram matrices in these coordinates, (r, r) each, means off."""
        b, a = (total @ basis for total in self.sums)
        return (
            basis.T @ self.before @ basis - np.outer(b, b) / self.rows,
            basis.T @ self.cross @ basis - np.outer(b, a) / self.rows,
            basis.T @ self.after @ basis - np.outer(a, a) / self.rows,
        )

    def newest(self, basis: np.ndarray, n: int) -> tuple[np.ndarray, float]:
        """Return products of the coordinates with the newest state a step later, (r, n), and that state's sum of squares."""
        b, a = self.sums[0] @ basis, self.sums[1][:n]
        total = float(np.trace(self.after[:n, :n])) - float(a @ a) / self.rows
        return basis.T @ self.cross[:, :n] - np.outer(b, a) / self.rows, total


def _name(trajectories: Trajectories) -> str:
    parts = [part for part in (trajectories.name, trajectories.layer) if part]
    return " ".join(parts) or "trajectories"
