"""What a network's input alone tells of its states: an untrained reservoir, fed the same, read out linearly."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from conjugacy.numerics.ridge_path import RidgePath

LEAKS = (1.0, 0.6, 0.3, 0.15, 0.07, 0.03)
UNITS = 60  # per leak
RADIUS = 0.95
LAGS = 20  # of the raw input
CLOCK = 12  # cosines of the time in the trial
STRENGTHS = tuple(10.0 ** np.arange(-9.0, 0.0))  # of the ridge, in units of the rows
MOST_ROWS = 20_000
MOST_TURNED = 3_000  # rows of fewer numbers than columns that are turned into coordinates of their own
RESTS = 0.5  # share of the time that an input of pulses is at rest


def known_without_the_network(drive: Sequence[np.ndarray] | None, lengths: Sequence[int]) -> list[np.ndarray]:
    """Return, per trial, the time as cosines and, where there is a drive, its memory: raw lags, the last pulses, a reservoir.

    The reservoir is a fixed random recurrent network of 360 tanh units with leaks from 1 to .03, at rest when a trial begins. A
    system whose states forget their past is, to any accuracy, a read-out of one large enough (Grigoryeva and Ortega 2018); so
    states that are explained by it are explained by the drive.
    """
    longest = max(lengths)
    clocks = [
        np.cos(np.pi * np.arange(1, CLOCK + 1) * (np.arange(length)[:, None] + 0.5) / longest) for length in lengths
    ]
    if drive is None:
        return clocks
    rows = np.concatenate(drive)
    spread = rows.std(axis=0)
    live = spread > 0
    if not live.any():
        return clocks
    drive = [
        np.column_stack([u[:, live], held]) for u, held in zip(drive, _held([u[:, live] for u in drive]), strict=True)
    ]
    rows = np.concatenate(drive)
    spread = np.maximum(rows.std(axis=0), 1e-12)
    scaled = [(u - rows.mean(axis=0)) / spread for u in drive]
    memories = _reservoir(scaled)
    columns = clocks[0].shape[1] + (LAGS + 1) * scaled[0].shape[1] + memories[0].shape[1]
    parts = zip(clocks, (_lags(u) for u in scaled), memories, strict=True)
    if columns <= len(rows) or len(rows) > MOST_TURNED:
        return [np.column_stack(part) for part in parts]
    return _turned([np.column_stack(part) for part in parts])


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
