"""What a network's input alone tells of its states: an untrained reservoir, fed the same, read out linearly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from conjugacy.numerics.ridge_path import RidgePath

LEAKS = (1.0, 0.6, 0.3, 0.15, 0.07, 0.03)
UNITS = 60  # per leak
RADIUS = 0.95
LAGS = 20  # of the raw input
CLOCK = 12  # cosines of the time in the trial
STRENGTHS = tuple(10.0 ** np.arange(-9.0, 0.0))  # of the ridge, in units of the rows
MOST_ROWS = 20_000
MOST_KNOWN = 60_000  # time points of which rows are held at once
MOST_TURNED = 3_000  # rows of fewer numbers than columns that are turned into coordinates of their own
RESTS = 0.5  # share of the time that an input of pulses is at rest


@dataclass(frozen=True, eq=False)
class Known:
    """The time as cosines and, where there is a drive, its memory: raw lags, the last pulses, a reservoir.

    The reservoir is a fixed random recurrent network of 360 tanh units with leaks from 1 to .03, at rest when a trial begins. A
    system whose states forget their past is, to any accuracy, a read-out of one large enough (Grigoryeva and Ortega 2018); so
    states that are explained by it are explained by the drive. Of many time points it is made again for the trials that are
    asked for: a hundred times as wide as a drive, it would not fit into memory.

    Attributes
    ----------
    lengths : tuple of int
        Time points of the trials.
    drive : tuple of array or None
        What is fed in, in units of its spread.
    kept : tuple of array or None
        The rows of all trials, where they are few.
    """

    lengths: tuple[int, ...]
    drive: tuple[np.ndarray, ...] | None
    kept: tuple[np.ndarray, ...] | None

    @classmethod
    def of(cls, drive: Sequence[np.ndarray] | None, lengths: Sequence[int]) -> Known:
        """Prepare what is known without the network."""
        scaled = None if drive is None else _scaled(drive)
        found = cls(tuple(lengths), None if scaled is None else tuple(scaled), None)
        total, everyone = sum(lengths), range(len(lengths))
        if total > MOST_KNOWN:
            return found
        rows = found.of_trials(everyone)
        if total <= MOST_TURNED and rows[0].shape[1] > total:
            rows = _turned(rows)
        return replace(found, kept=tuple(rows))

    def of_trials(self, which: Sequence[int]) -> list[np.ndarray]:
        """Return the rows of these trials, one array (t, p) each."""
        if self.kept is not None:
            return [self.kept[i] for i in which]
        longest = max(self.lengths)
        steps = np.arange(1, CLOCK + 1)
        clocks = [np.cos(np.pi * steps * (np.arange(self.lengths[i])[:, None] + 0.5) / longest) for i in which]
        if self.drive is None or not len(which):
            return clocks
        fed = [self.drive[i] for i in which]
        return [np.column_stack(part) for part in zip(clocks, (_lags(u) for u in fed), _reservoir(fed), strict=True)]

    def batches(self, which: Sequence[int]) -> list[list[int]]:
        """Return these trials in parts of so many time points that their rows fit into memory."""
        found, held = [list[int]()], 0
        for i in which:
            if found[-1] and held + self.lengths[i] > MOST_KNOWN:
                found, held = [*found, []], 0
            found[-1].append(i)
            held += self.lengths[i]
        return found


def _scaled(drive: Sequence[np.ndarray]) -> list[np.ndarray] | None:
    """Return what is fed in and the last pulses, in units of their spread; None where nothing varies."""
    live = np.concatenate(drive).std(axis=0) > 0
    if not live.any():
        return None
    drive = [u[:, live] for u in drive]
    drive = [np.column_stack([u, held]) for u, held in zip(drive, _held(drive), strict=True)]
    rows = np.concatenate(drive)
    mean, spread = rows.mean(axis=0), np.maximum(rows.std(axis=0), 1e-12)
    return [(u - mean) / spread for u in drive]


def _turned(known: list[np.ndarray]) -> list[np.ndarray]:
    """Return rows of more columns than there are rows in as many coordinates: distances and ridge regressions stay the same."""
    ends = np.cumsum([len(x) for x in known])[:-1]
    rows = np.concatenate(known)
    known.clear()
    rows -= rows.mean(axis=0)
    values, vectors = np.linalg.eigh(rows @ rows.T)
    return np.split(vectors * np.sqrt(np.maximum(values, 0.0)), ends)


def _held(drive: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Return, for inputs that rest most of the time, the last value that they took: what a network that latches pulses knows.

    A reservoir forgets, and would not tell that such a network follows its input.
    """
    rows = np.concatenate(drive)
    found = [np.empty((len(u), 0)) for u in drive]
    for channel in range(rows.shape[1]):
        values, counts = np.unique(rows[:, channel], return_counts=True)
        if counts.max() < RESTS * len(rows):
            continue
        rest = values[counts.argmax()]
        for i, u in enumerate(drive):
            at = np.maximum.accumulate(np.where(u[:, channel] != rest, np.arange(1, len(u) + 1), 0))
            last = np.concatenate([[rest], u[:, channel]])[at]
            found[i] = np.column_stack([found[i], last])
    return found


def _lags(u: np.ndarray) -> np.ndarray:
    padded = np.vstack([np.zeros((LAGS, u.shape[1])), u])
    return np.column_stack([padded[LAGS - i : LAGS - i + len(u)] for i in range(LAGS + 1)])


def _reservoir(drive: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Return the states before each time point's input has acted, and after."""
    rng = np.random.default_rng(0)
    n, j = UNITS * len(LEAKS), drive[0].shape[1]
    weights = [RADIUS * np.linalg.qr(rng.standard_normal((UNITS, UNITS)))[0] for _ in LEAKS]
    leak = np.repeat(LEAKS, UNITS)
    fed = rng.standard_normal((j, n)) * np.tile(np.geomspace(0.03, 1.0, UNITS), len(LEAKS)) / np.sqrt(j)
    bias = 0.3 * rng.standard_normal(n)
    longest = max(len(u) for u in drive)
    inputs = np.stack([np.pad(u, ((0, longest - len(u)), (0, 0))) for u in drive])
    states, out = np.zeros((len(drive), n)), np.empty((len(drive), longest, n))
    for t in range(longest):
        out[:, t] = states
        parts = states.reshape(len(drive), len(LEAKS), UNITS)
        recurrent = np.concatenate([parts[:, i] @ w for i, w in enumerate(weights)], axis=1)
        states = (1.0 - leak) * states + leak * np.tanh(recurrent + inputs[:, t] @ fed + bias)
    return [out[i, : len(u)] for i, u in enumerate(drive)]


def linear_read_out(
    known: Sequence[np.ndarray], states: Sequence[np.ndarray], seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return weights (p, n) and offset (n,) of a ridge regression of states on what is known.

    Its strength is chosen on a quarter of the trials.
    """
    rng = np.random.default_rng(seed)
    every = max(1, int(np.ceil(sum(len(x) for x in states) / MOST_ROWS)))
    known, states = [x[::every] for x in known], [x[::every] for x in states]
    kept = set(rng.permutation(len(states))[: max(1, len(states) // 4)].tolist())
    fitted = [i for i in range(len(states)) if i not in kept] or list(range(len(states)))
    path = RidgePath.of(np.concatenate([known[i] for i in fitted]), np.concatenate([states[i] for i in fitted]))
    held_x, held_y = np.concatenate([known[i] for i in sorted(kept)]), np.concatenate([states[i] for i in sorted(kept)])
    missed = path.missed(held_x, held_y, STRENGTHS)
    del path, held_x
    return RidgePath.of(np.concatenate(known), np.concatenate(states)).weights(STRENGTHS[int(np.argmin(missed))])
