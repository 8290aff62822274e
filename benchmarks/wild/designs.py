"""How rows come: by themselves, or depending on each other as series, clips, sentences, repeats, classes or trials."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.signal import lfilter

Array = np.ndarray
Rng = np.random.Generator


@dataclass(frozen=True)
class Design:
    """The rows of a recording.

    Attributes
    ----------
    name : str
    m : int
    fill : callable
        From a width and a generator to (m, width) numbers as they come in a recording; the marginal of one row is `alone`.
    alone : callable
        From m, a width and a generator to (m, width) independent draws of one row.
    clusters : array, (m,)
        Rows of one cluster depend on each other, others as good as not. Only the oracle and, where the family says so, the
        user's `groups` have it.
    labels : array of int, (m,), optional
        Class of every row, where the design has classes.
    length : float
        Rows after which a series has forgotten itself (e-folding), 0 where rows are no series.
    """

    name: str
    m: int
    fill: Callable[[int, Rng], Array]
    alone: Callable[[int, int, Rng], Array]
    clusters: Array
    labels: Array | None = None
    length: float = 0.0

    @property
    def limit(self) -> str:
        """Why so few rows of a series decide nothing, if so."""
        return "under 20 correlation lengths" if self.m < 20 * self.length else ""


def normal(m: int, width: int, rng: Rng) -> Array:
    """Return independent standard normal numbers."""
    return rng.standard_normal((m, width))


def independent(m: int) -> Design:
    """Rows that do not depend on each other."""
    return Design("independent", m, lambda w, rng: normal(m, w, rng), normal, np.arange(m))


def _ar(m: int, width: int, rho: float, rng: Rng) -> Array:
    steps = np.sqrt(1 - rho**2) * rng.standard_normal((m, width))
    steps[0] /= np.sqrt(1 - rho**2)
    return lfilter([1.0], [1.0, -rho], steps, axis=0)


def series(m: int, rho: float) -> Design:
    """One autoregressive recording, stationary."""
    length = -1 / np.log(rho)
    return Design(
        "series", m, lambda w, rng: _ar(m, w, rho, rng), normal, np.arange(m) // int(np.ceil(2 * length)), None, length
    )


def walk(m: int) -> Design:
    """Random walks: a walk never forgets; one row of many walks is normal, of a variance that grows."""

    def fill(width: int, rng: Rng) -> Array:
        return rng.standard_normal((m, width)).cumsum(axis=0) / np.sqrt(m / 2)

    return Design("walk", m, fill, normal, np.arange(m) // (m // 8), None, float(m))


def drift(m: int, share: float) -> Design:
    """Independent rows on a slow random walk that carries a share of the variance; the walk is made to variance one."""

    def slow(width: int, rng: Rng) -> Array:
        found = rng.standard_normal((m, width)).cumsum(axis=0)
        return (found - found.mean(axis=0)) / found.std(axis=0)

    def fill(width: int, rng: Rng) -> Array:
        return np.sqrt(share) * slow(width, rng) + np.sqrt(1 - share) * rng.standard_normal((m, width))

    return Design("drift", m, fill, normal, np.arange(m) // max(1, m // 20))


def clips(count: int, frames: int, window: int, own: float) -> Design:
    """Clips in order, each cut into frames whose windows overlap; every clip has an offset of its own (share `own`)."""
    m = count * frames

    def fill(width: int, rng: Rng) -> Array:
        white = rng.standard_normal((count, frames + window - 1, width))
        sums = np.concatenate([np.zeros((count, 1, width)), white.cumsum(axis=1)], axis=1)
        moving = (sums[:, window:] - sums[:, :-window]) / np.sqrt(window)
        return (np.sqrt(own) * rng.standard_normal((count, 1, width)) + np.sqrt(1 - own) * moving).reshape(m, width)

    return Design("clips", m, fill, normal, np.repeat(np.arange(count), frames))


def sentences(m: int, longest: int, own: float, rho: float, rng: Rng) -> Design:
    """Token sequences of unequal lengths: every sentence has an offset (share `own`), tokens follow each other."""
    lengths = rng.integers(max(3, longest // 3), longest + 1, size=m)
    which = np.repeat(np.arange(m), lengths)[:m]

    def fill(width: int, rng: Rng) -> Array:
        parts = [_ar(int(k), width, rho, rng) for k in np.bincount(which)]
        return np.sqrt(own) * rng.standard_normal((m, width))[which] + np.sqrt(1 - own) * np.concatenate(parts)

    return Design("sentences", m, fill, normal, which)


def repeats(m: int, codes: int, jitter: float, blocked: bool, rng: Rng) -> Design:
    """Few stimuli shown many times, each time moved a little (standard deviation `jitter`), in blocks or mixed."""
    which = np.arange(m) % codes
    which = np.sort(which) if blocked else rng.permutation(which)

    def fill(width: int, rng: Rng) -> Array:
        steady = rng.standard_normal((codes, width))[which]
        return (steady + jitter * rng.standard_normal((m, width))) / np.sqrt(1 + jitter**2)

    return Design("repeats", m, fill, normal, which)


def classes(m: int, weights: Array, ordered: bool, rng: Rng) -> Design:
    """Independent rows of labelled classes, sorted by class or mixed; what else a row holds does not depend on the class."""
    while True:
        labels = rng.choice(len(weights), size=m, p=weights)
        if np.bincount(labels, minlength=len(weights)).min() >= 2:
            break
    labels = np.sort(labels) if ordered else labels
    return Design("classes", m, lambda w, rng: normal(m, w, rng), normal, np.arange(m), labels)


def trials(count: int, steps: int, rho: float) -> Design:
    """Trials of one system that all begin in the same state and forget it; the rows of a trial depend on each other.

    `alone` goes through the time steps in turn, so that two draws of a row are of one time step.
    """
    m = count * steps

    def fill(width: int, rng: Rng) -> Array:
        noise = np.sqrt(1 - rho**2) * rng.standard_normal((steps, count * width))
        noise[0] = 0.0
        return (
            lfilter([1.0], [1.0, -rho], noise, axis=0).reshape(steps, count, width).transpose(1, 0, 2).reshape(m, width)
        )

    def alone(rows: int, width: int, rng: Rng) -> Array:
        spread = np.sqrt(1 - rho ** (2.0 * (np.arange(rows) % steps)))
        return spread[:, None] * rng.standard_normal((rows, width))

    return Design("trials", m, fill, alone, np.repeat(np.arange(count), steps))
