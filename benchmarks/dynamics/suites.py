"""Six suites of systems whose trials do not correspond: groups with one truth, each seen through several instruments.

Two systems of one group are the same up to the instrument and the noise, two of different groups are not. Every system has
its own starts, its own process noise and its own instrument. Galgali's groups are the exception: members are draws of the
constants, alike and not equal, and their trials come with conditions.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from systems import Field, course, focus, hopf, lorenz, ring, seen, van_der_pol

import conjugacy as cj

sys.path.append(str(Path(__file__).parents[2] / "examples" / "dynamics"))
import galgali as bistables

VIEWS = ("orthogonal", "skewed", "tanh", "warped")
DT = 0.1


@dataclass(frozen=True, eq=False)
class Member:
    """A system as it was recorded: the group whose truth it shares, and through what it is seen."""

    group: str
    view: str
    trials: cj.Trajectories


Suite = Callable[[int], list[Member]]


def noisy(
    field: Field, start: np.ndarray, dt: float, points: int, sigma: float, rng: np.random.Generator
) -> np.ndarray:
    """Integrate with private noise of standard deviation sigma per square root of time, (trials, points, d)."""
    x, out = start, np.empty((len(start), points, start.shape[1]))
    for t in range(points):
        out[:, t] = x
        for _ in range(2):
            x = course(field, x, dt / 2, 2, within=1)[:, 1] + sigma * np.sqrt(dt / 2) * rng.standard_normal(x.shape)
    return out


def rossler(x: np.ndarray) -> np.ndarray:
    """Return the field of Rossler, three times as fast."""
    u, v, w = x[..., 0], x[..., 1], x[..., 2]
    return 3.0 * np.stack([-v - w, u + 0.2 * v, 0.2 + w * (u - 5.7)], axis=-1)


def rotations(*of: tuple[float, float]) -> Field:
    """Return the field of rotations side by side, each damped at a rate and turning at a speed."""
    matrix = np.zeros((2 * len(of), 2 * len(of)))
    for i, (rate, speed) in enumerate(of):
        matrix[2 * i : 2 * i + 2, 2 * i : 2 * i + 2] = [[-rate, -speed], [speed, -rate]]
    return lambda x: x @ matrix.T


def planar(seed: int) -> list[Member]:
    """Van der Pol (period 6.66), Hopf (6.28) and half as fast again, a focus; 24 trials of 18 time units."""
    fields = {"van der Pol": van_der_pol, "Hopf": hopf(1.0), "Hopf, speed 1.5": hopf(1.5), "focus": focus(-0.15)}
    found = []
    for group, field in fields.items():
        for view in VIEWS:
            rng = np.random.default_rng([seed, len(found), 11])
            x = noisy(field, rng.uniform(-2, 2, (24, 2)), 0.15, 120, 0.05, rng)
            found.append(Member(group, view, cj.Trajectories(seen(x, view, rng), dt=0.15)))
    return found


def linear(seed: int) -> list[Member]:
    """Two damped rotations driven by noise, of three spectra; 24 trials of 15 time units."""
    spectra = {"A": ((0.1, 1.0), (0.3, 2.2)), "B": ((0.1, 1.4), (0.3, 2.2)), "C": ((0.5, 1.0), (0.9, 2.2))}
    found = []
    for group, pairs in spectra.items():
        for view in ("orthogonal", "skewed", "skewed again", "tanh"):
            rng = np.random.default_rng([seed, len(found), 12])
            x = noisy(rotations(*pairs), rng.standard_normal((24, 4)), DT, 180, 0.5, rng)[:, 30:]
            found.append(Member(group, view, cj.Trajectories(seen(x, view.split()[0], rng), dt=DT)))
    return found


def reversal(seed: int) -> list[Member]:
    """Draw a focus and the same run backwards, from a ring of starts; 30 trials of 8 time units, no process noise."""
    found = []
    for group in ("focus", "focus, reversed"):
        for view in VIEWS:
            rng = np.random.default_rng([seed, len(found), 13])
            angles, radius = rng.uniform(0, 2 * np.pi, 30), rng.uniform(1, 2, (30, 1))
            x = course(focus(-0.25), radius * np.stack([np.cos(angles), np.sin(angles)], axis=1), DT, 80)
            seen_so = seen(x if group == "focus" else x[:, ::-1], view, rng, noise=0.003)
            found.append(Member(group, view, cj.Trajectories(seen_so, dt=DT)))
    return found


def chaos(seed: int) -> list[Member]:
    """Lorenz at rho 28 and 60, and Rossler; 8 trials of 9 time units on the attractor."""
    fields = {"Lorenz, rho 28": (lorenz(28.0), 2.0, 1.0), "Lorenz, rho 60": (lorenz(60.0), 2.0, 1.0),
              "Rossler": (rossler, 0.7, 0.0)}  # fmt: skip
    found = []
    for group, (field, wide, middle) in fields.items():
        for view in VIEWS:
            rng = np.random.default_rng([seed, len(found), 14])
            x = course(field, wide * rng.standard_normal((8, 3)) + middle, 0.03, 450)[:, 150:]
            found.append(Member(group, view, cj.Trajectories(seen(x, view, rng), dt=0.03)))
    return found


def rings(seed: int, trials: int = 24) -> list[Member]:
    """Draw a bump that is free on a ring, bounces between two ends, or is pulled to four places; three gains; 15 time units."""
    found = []
    for group in ("ring", "line", "four places"):
        for gain in (0.5, 1.5, 4.0):
            rng = np.random.default_rng([seed, len(found), trials, 15])
            trajectories = cj.Trajectories(ring(wandering(group, trials, 150, rng), gain, rng), dt=DT)
            found.append(Member(group, f"gain {gain:g}", trajectories))
    return found


def wandering(group: str, trials: int, points: int, rng: np.random.Generator) -> np.ndarray:
    """Return angles of a bump with a velocity that wanders, (trials, points)."""
    at, v = rng.uniform(0, 2 * np.pi, trials), 0.7 * rng.standard_normal(trials)
    out = np.empty((trials, points))
    for t in range(points):
        out[:, t] = at
        v = v - 0.5 * v * DT + 0.7 * np.sqrt(DT) * rng.standard_normal(trials)
        at = at + DT * (v - (1.2 * np.sin(4 * at) if group == "four places" else 0.0))
        if group == "line":
            low, high = at < 0.6, at > 2 * np.pi - 0.6
            v = np.where(low, np.abs(v), np.where(high, -np.abs(v), v))
    return out


def galgali(seed: int, trials: int = 15, steps: int = 5000) -> list[Member]:
    """Draw bistable systems, each with two linear ones made to follow its averages; four draws of constants, two conditions."""
    found = []
    for draw in range(4):
        rng = np.random.default_rng([seed, draw, 16])
        noise = lambda: rng.standard_normal((steps, 2, trials, 2))  # noqa: B023, E731 - drawn at once
        first = bistables.run(bistables.bistable(rng, steps), noise())
        runs = [first] + [
            bistables.run(bistables.follower(kind, rng, first.means), noise()) for kind in bistables.CLASSES[1:]
        ]
        for run in runs:
            x = cj.Trajectories(run.seen.values, dt=run.seen.dt, conditions=np.repeat([0, 1], trials))
            found.append(Member(run.system.kind, f"draw {draw}", x))
    return found


SUITES: dict[str, Suite] = {
    "planar": planar, "linear": linear, "reversal": reversal, "chaos": chaos, "rings": rings, "Galgali": galgali,
}  # fmt: skip
