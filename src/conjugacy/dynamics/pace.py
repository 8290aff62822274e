"""How unevenly states move along their course: what is left of a waveform apart from its speed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from conjugacy.data import Trajectories
from conjugacy.dynamics.moved import lag_of_moving
from conjugacy.numerics.state_map import whitening

QUANTILES = np.linspace(0.05, 0.95, 19)
VARIANCE, COORDINATES, FLATTEN = 0.995, 10, 0.01  # of the whitening, as of recurrence
MOST_ROWS, FITTED = 4_000, 1_000  # time points at most, and those of them that are whitened by
STILL = 1e-3  # steps below this share of the root-mean-square one count as this: rest is rest


@dataclass(frozen=True, eq=False)
class Pace:
    """How far states get, trial by trial, in the time in which they move a third of their spread.

    Attributes
    ----------
    steps : tuple of array
        Logarithms of the distances, in white coordinates, one array per trial.
    """

    steps: tuple[np.ndarray, ...]

    @classmethod
    def of(cls, trajectories: Trajectories) -> Pace:
        """Measure the steps of a recording.

        Examples
        --------
        >>> t = 0.1 * np.arange(100)
        >>> even = Trajectories([np.stack([np.cos(t + p), np.sin(t + p)], axis=1) for p in range(4)], dt=0.1)
        >>> bool(np.ptp(Pace.of(even).uneven()) < 0.1)  # a circle is gone round evenly, at whatever speed
        True
        """
        trials = trajectories.values
        kept = max(1, int(MOST_ROWS * len(trials) / sum(trajectories.lengths)))
        which = np.unique(np.linspace(0, len(trials) - 1, min(kept, len(trials))).round().astype(np.int64))
        trials = [trials[i] for i in which.tolist()]
        rows = np.concatenate(trials)
        mean = rows.mean(axis=0)
        few = rows[:: max(1, len(rows) // FITTED)]
        projection = whitening(few - few.mean(axis=0), VARIANCE, COORDINATES, FLATTEN)
        states = [(x - mean) @ projection for x in trials]
        lag = lag_of_moving(states)
        whole, part = int(lag), lag - int(lag)
        steps = [(1.0 - part) * x[whole:-1] + part * x[whole + 1 :] - x[: len(x) - whole - 1] for x in states]
        lengths = [np.sqrt((x**2).sum(axis=1)) for x in steps]
        least = STILL * float(np.sqrt((np.concatenate(lengths) ** 2).mean()))
        return cls(tuple(np.log(np.maximum(x, least or 1.0)) for x in lengths))

    def uneven(self, rng: np.random.Generator | None = None) -> np.ndarray:
        """Return quantiles of the steps' logarithms about their median, (19,); with a generator, of trials drawn again."""
        parts = self.steps
        if rng is not None:
            parts = [parts[i] for i in rng.integers(0, len(parts), len(parts))]
        found = np.quantile(np.concatenate(parts), QUANTILES)
        return found - found[len(QUANTILES) // 2]


def uneven_distance(a: np.ndarray, b: np.ndarray) -> float:
    """Return the root-mean-square difference of two rows of quantiles: the log of a factor of speed, place by place."""
    return float(np.sqrt(((a - b) ** 2).mean()))
