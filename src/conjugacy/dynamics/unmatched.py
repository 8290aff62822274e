"""Two systems without matched trials: what their own halves, seen through other instruments or at another speed, differ by."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from conjugacy.data import Trajectories
from conjugacy.dynamics.pace import Pace, uneven_distance
from conjugacy.dynamics.recurrence import VARIANCE, Recurrence, at_times, common_times, curve_distance, recurrence
from conjugacy.errors import InputError
from conjugacy.numerics.spectral import principal_components

HALVINGS = 5  # of the trials
RESAMPLED = 10  # times that those of a half are drawn again: with both halves 100 distances of the null
POINTS = 500  # states of a half
UNITS, SEEN = 12, 4  # of a view, and coordinates of the system that it shows
# noise of a view over the states' spread, anything between: how clean an instrument is says nothing of the system
NOISE = 0.003, 0.03
FEWEST_TRIALS = 4
ROUNDING = 1e-24  # power over that of the states, up to which motion is rounding alone


def prepared(trajectories: Trajectories, delays: int = 1, deviations: str = "auto") -> Trajectories:
    """Return the trials as they are compared: deviations from condition means where there are conditions, and delays.

    Raises
    ------
    InputError
        Where deviations are asked for and there are no conditions, conditions of one trial, or trials of unequal length; where
        nothing moves, or repeats of a condition are the same; where a trial is shorter than the delays.
    """
    x = trajectories
    if deviations == "yes" and x.conditions is None:
        raise InputError("deviations from condition means need conditions: Trajectories(..., conditions=...)")
    states = np.concatenate(x.values)
    least = ROUNDING * float((states**2).mean())
    if not float(states.var(axis=0).mean()) > least:
        raise InputError("no unit varies in these trajectories")
    if deviations != "no" and x.conditions is not None:
        x = _deviations(x)
        if not float((np.concatenate(x.values) ** 2).mean()) > least:
            raise InputError(
                "repeats of a condition are the same up to rounding: there are no deviations from condition means; record with "
                "the network's own noise or from other starts, or compare without conditions"
            )
    if delays > 1:
        if min(x.lengths) <= delays:
            raise InputError(f"{delays} delays of trials with {min(x.lengths)} time points: take fewer delays")
        x = replace(x, values=tuple(_delayed(v, delays) for v in x.values), drive=None)
    return x


def _deviations(x: Trajectories) -> Trajectories:
    assert x.conditions is not None
    values = list(x.values)
    for condition in np.unique(x.conditions):
        which = np.flatnonzero(x.conditions == condition)
        if len(which) < 2 or len({len(values[i]) for i in which}) > 1:
            raise InputError(
                f"condition {condition!r}: deviations from its mean need two trials of one length at least; cut the trials, or "
                "compare without conditions"
            )
        mean = np.mean([values[i] for i in which], axis=0)
        for i in which.tolist():
            values[i] = values[i] - mean
    return replace(x, values=tuple(values))


def _delayed(x: np.ndarray, delays: int) -> np.ndarray:
    return np.concatenate([x[i : len(x) - delays + 1 + i] for i in range(delays)], axis=1)


@dataclass(frozen=True, eq=False)
class Halves:
    """Halves of one system's trials, two to a draw: the curves of each, and of each seen through another instrument.

    Beside them, as `plain_paces` and `viewed_paces`, how unevenly each moves.

    Trials are halved at random a few times, which takes new graphs, and in every half drawn again with replacement, which does
    not: what is compared varies as graphs and as trials do, alike within a system and between two.
    """

    plain: tuple[tuple[Recurrence, Recurrence], ...]
    viewed: tuple[tuple[Recurrence, Recurrence], ...]
    plain_paces: np.ndarray  # draws x 2 x quantiles
    viewed_paces: np.ndarray

    @classmethod
    def of(cls, trajectories: Trajectories, *, halvings: int = HALVINGS, points: int = POINTS, seed: int = 0) -> Halves:
        """Draw halves and work out their curves.

        Raises
        ------
        InputError
            Where there are fewer than four trials.
        """
        count = len(trajectories.values)
        if count < FEWEST_TRIALS:
            raise InputError(f"{count} trials cannot be halved: unmatched dynamics need at least {FEWEST_TRIALS}")
        rng = np.random.default_rng(seed)
        plain, viewed = list[tuple[Recurrence, Recurrence]](), list[tuple[Recurrence, Recurrence]]()
        again, paces = np.random.default_rng([seed, 1]), ([], [])
        for _ in range(halvings):
            order = rng.permutation(count)
            one, two = (trajectories.take(np.sort(part)) for part in (order[: count // 2], order[count // 2 :]))
            looks = (one, two), tuple(another_view(half, rng) for half in (one, two))
            curves = [[recurrence(half, points=points) for half in look] for look in looks]
            steps = [[Pace.of(half) for half in look] for look in looks]
            for _ in range(RESAMPLED):
                for kept, pair in zip((plain, viewed), curves, strict=True):
                    kept.append((pair[0].resampled(rng), pair[1].resampled(rng)))
                for found, pair in zip(paces, steps, strict=True):
                    found.append([half.uneven(again) for half in pair])
        return cls(tuple(plain), tuple(viewed), np.array(paces[0]), np.array(paces[1]))


def another_view(x: Trajectories, rng: np.random.Generator) -> Trajectories:
    """Return the same motion through an instrument drawn at random: rotated, skewed, saturated or bent, with .3 to 3 % noise."""
    states = np.concatenate(x.values)
    z, _ = principal_components(states - states.mean(axis=0))
    variances = (z**2).mean(axis=0)
    d = min(SEEN, len(variances), max(2, int(np.searchsorted(np.cumsum(variances) / variances.sum(), VARIANCE)) + 1))
    z = z[:, :d] / np.sqrt(variances[0])
    kind = int(rng.integers(4))
    if kind == 0:
        y = z @ _rotation(rng, UNITS)[:d]
    elif kind == 1:
        y = z @ (_rotation(rng, d) * np.geomspace(1.0, 0.15, d)) @ _rotation(rng, d) @ _rotation(rng, UNITS)[:d]
    elif kind == 2:
        y = np.tanh(0.8 * z @ rng.standard_normal((d, UNITS)) + 0.4 * rng.standard_normal(UNITS))
    else:
        turned = z @ _rotation(rng, d)
        turned = turned + 0.25 * np.roll(turned, 1, axis=1) ** 2
        y = (np.sign(turned) * np.expm1(0.4 * np.abs(turned))) @ _rotation(rng, UNITS)[:d]
    noise = float(np.exp(rng.uniform(*np.log(NOISE))))
    y = y + noise * y.std() * rng.standard_normal(y.shape)
    ends = np.cumsum(x.lengths)[:-1]
    return Trajectories(tuple(np.split(y, ends)), dt=x.dt)


def _rotation(rng: np.random.Generator, n: int) -> np.ndarray:
    return np.linalg.qr(rng.standard_normal((n, n)))[0]


@dataclass(frozen=True)
class Unmatched:
    """What was measured of two systems without matched trials.

    Attributes
    ----------
    distance : float
        Median over halves of one system against halves of the other.
    floors : (float, float)
        Median between two halves of one system, seen alike.
    p_different : float
        How often a system's own halves, one of them through another instrument, are as far apart: twice the smaller of the two
        systems' shares.
    p_same : float
        How often a system and itself at a speed `stretch` times higher or lower are as close; the largest of both and both ways.
    stretch : float
    pace : float
        Root-mean-square difference of the logarithms of the speed, each about its own median: the waveform apart from the speed.
    p_pace : float
        How often a system's own halves, one of them through another instrument, are as far apart in it: twice the geometric
        mean of both systems' shares.
    """

    distance: float
    floors: tuple[float, float]
    p_different: float
    p_same: float
    stretch: float
    pace: float = 0.0
    p_pace: float = 1.0


def compare_unmatched(a: Halves, b: Halves, stretch: float) -> Unmatched:
    """Hold the distance between two systems against their own halves, and against themselves at other speeds."""
    times = common_times([x for halves in (a, b) for draw in (*halves.plain, *halves.viewed) for x in draw])
    plain = [[[_curves(x, times) for x in draw] for draw in halves.plain] for halves in (a, b)]
    across = [curve_distance(x[i], y[j]) for x, y in zip(*plain, strict=True) for i, j in ((0, 1), (1, 0))]
    distance = float(np.median(across))
    p_different, p_same, floors = list[float](), list[float](), list[float]()
    for halves, own in zip((a, b), plain, strict=True):
        floors.append(float(np.median([curve_distance(*draw) for draw in own])))
        # the other way round, so that a distance that is not known is never evidence
        p_different.append(_p(~(_to_views(halves, own, times) < distance)))
        p_same += [_p(~(_to_views(halves, own, f * times) > distance)) for f in (stretch, 1.0 / stretch)]
    p_different = min(1.0, 2.0 * min(p_different))
    return Unmatched(distance, (floors[0], floors[1]), p_different, max(p_same), stretch, *_paces(a, b))


def _paces(a: Halves, b: Halves) -> tuple[float, float]:
    """Return how much more unevenly one system moves than the other, and how often one system does so than itself."""

    def apart(one: np.ndarray, other: np.ndarray) -> np.ndarray:
        return np.array([uneven_distance(x[i], y[1 - i]) for x, y in zip(one, other, strict=True) for i in (0, 1)])

    found = float(np.median(apart(a.plain_paces, b.plain_paces)))
    shares = [_p(apart(halves.plain_paces, halves.viewed_paces) >= found) for halves in (a, b)]
    return found, min(1.0, 2.0 * float(np.sqrt(shares[0] * shares[1])))


def _to_views(halves: Halves, own: list[list[np.ndarray]], times: np.ndarray) -> np.ndarray:
    """Return the distances of halves to the other halves, seen through another instrument and at other times."""
    return np.array(
        [
            curve_distance(draw[i], _curves(views[1 - i], times))
            for draw, views in zip(own, halves.viewed, strict=True)
            for i in (0, 1)
        ]
    )


def _curves(system: Recurrence, times: np.ndarray) -> np.ndarray:
    return at_times(system.mean, system.times, times)


def _p(hits: np.ndarray) -> float:
    return (1.0 + int(hits.sum())) / (1.0 + len(hits))
