"""How well a map between two looks at one system could be known at all: what one recording shows of it by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from conjugacy.dynamics.next_point import Predicted
from conjugacy.dynamics.windows import Places, white
from conjugacy.numerics.state_map import FLATTEN

MOST_UNITS = 20  # of a random instrument
TESTABLE = 0.1  # share of the variance that a past must tell beyond what the drive does
ROUGH = 1.0  # times the share of the variance that is noise: below it a direction is none of the state's
STEEP = 0.8  # weights of a random instrument


@dataclass(frozen=True)
class OwnLimits:
    """What maps leave where the system is one by construction, each in units of what can be told.

    Attributes
    ----------
    power : float
        Of a random instrument of the recording's own states, noise of its own put back on.
    half : float
        Of one half of its units, from the other half.
    growth : float
        Of its own state when its autocovariance has fallen to .3, beyond that of the next point.
    later : float
        Of its own state half a trial on, the upper limit of a 95 % interval: noise of its own in the law makes so much of
        two runs of one system.
    """

    power: float
    half: float
    growth: float
    later: float


def excess(by_past: np.ndarray, least: np.ndarray, alone: np.ndarray) -> float:
    """Return (e - e*) / (V - e*) of sums over trials; one where nothing can be told."""
    top, bottom = float((by_past - least).sum()), float((alone - least).sum())
    return top / bottom if bottom > 0 else 1.0


def told_beyond(least: np.ndarray, alone: np.ndarray, total: np.ndarray) -> float:
    """Return (V - e*) over the variance, sums over trials: what pasts tell that the drive does not."""
    return float((alone.sum() - least.sum()) / max(float(total.sum()), 1e-300))


def another_look(
    trials: Sequence[np.ndarray], own: Predicted, places: Places, units: int, seed: int
) -> tuple[tuple[np.ndarray, ...], tuple[np.ndarray, ...]]:
    """Return a system's own recording with its residuals drawn again, and the same states through a random instrument.

    The states are the windows of its points as its past tells them (`own`): what is left of a map between the two is the map's.
    The instrument has noise of its own, as large as the residuals are.
    """
    rng = np.random.default_rng(seed)
    starts = np.cumsum([0, *(len(x) for x in trials)])[:-1]
    at = starts[places.trials] + places.times + 1
    recorded = np.concatenate(trials)
    clean, noisy = recorded.copy(), recorded.copy()
    noise = recorded[at] - own.values
    clean[at] = own.values
    noisy[at] = own.values + noise[rng.permutation(len(noise))]
    ends = starts[1:]
    still = np.split(clean, ends)
    windows = np.concatenate([np.concatenate([_earlier(x, i) for x in still]) for i in range(own.back + 1)], axis=1)
    known = np.zeros(len(windows), dtype=bool)
    known[at[places.fitted | places.kept]] = True
    share = min(0.9, float((noise**2).sum() / ((recorded[at] - recorded[at].mean(axis=0)) ** 2).sum()))
    # directions in which predictions differ by less than their errors are none of the state's
    seen = instrument(white(windows, known, flatten=max(FLATTEN, ROUGH * share)), units, rng)
    seen = seen + np.sqrt(share / (1.0 - share)) * seen.std(axis=0) * rng.standard_normal(seen.shape)
    return tuple(np.split(noisy, ends)), tuple(np.split(seen, ends))


def _earlier(x: np.ndarray, by: int) -> np.ndarray:
    """Return a trial so many time points earlier; what was before it is its first."""
    return x if by == 0 else np.concatenate([np.repeat(x[:1], min(by, len(x)), axis=0), x[:-by]])


def instrument(z: np.ndarray, units: int, rng: np.random.Generator) -> np.ndarray:
    """Return what a random network of two tanh layers answers to white coordinates (m, d): (m, units)."""
    d = z.shape[1]
    hidden = np.tanh(STEEP * z @ rng.standard_normal((d, 20)) / np.sqrt(min(d, 3)) + 0.3 * rng.standard_normal(20))
    return np.tanh(STEEP * hidden @ rng.standard_normal((20, units)) / np.sqrt(5) + 0.3 * rng.standard_normal(units))
