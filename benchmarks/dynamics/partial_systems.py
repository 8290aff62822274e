"""Six systems seen in part and through noise: two looks at one of them, or at one and another law from the same starts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from systems import Field, course, hopf, lorenz, van_der_pol

SYSTEMS = ("linear 6", "linear 20", "recurrent", "limit cycle", "chaos", "flip-flops")
KINDS = ("equal", "different", "noisy")
UNITS, POINTS = 20, 50
PRIVATE = 0.15  # noise in the law over the spread of the states, in ten time points


Shaken = Callable[[np.ndarray], np.ndarray]
"""What happens to states between two time points, besides the law."""


@dataclass(frozen=True)
class Seen:
    """Both recordings, trials x time x units, and the drive that both were fed."""

    a: np.ndarray
    b: np.ndarray
    drive: np.ndarray | None


def rotations(d: int, rng: np.random.Generator) -> np.ndarray:
    """Return a step of damped rotations in d / 2 planes, (d, d), in random oblique coordinates."""
    step = np.zeros((d, d))
    for i in range(0, d, 2):
        r, w = rng.uniform(0.96, 1.0), rng.uniform(0.15, 0.9)
        step[i : i + 2, i : i + 2] = r * np.array([[np.cos(w), -np.sin(w)], [np.sin(w), np.cos(w)]])
    return step


def linear(start: np.ndarray, law: int, seed: int, shaken: Shaken) -> np.ndarray:
    """Run a linear system of this law from these starts."""
    d = start.shape[1]
    step = rotations(d, np.random.default_rng([seed, law, d]))
    x, out = start, list[np.ndarray]()
    for _ in range(POINTS):
        out.append(x)
        x = shaken(x @ step.T)
    return np.stack(out, axis=1)


def continuous(field: Field, start: np.ndarray, dt: float, shaken: Shaken) -> np.ndarray:
    """Run a system of this field, shaken between time points."""
    x, out = start, list[np.ndarray]()
    for _ in range(POINTS):
        out.append(x)
        x = shaken(course(field, x, dt, 2, within=8)[:, -1])
    return np.stack(out, axis=1)


def recurrent(law: int, seed: int) -> Field:
    """Return the field of ten rate units of strong random weights, x' = -x + W tanh(x)."""
    w = 1.6 * np.random.default_rng([seed, law, 10]).standard_normal((10, 10)) / np.sqrt(10)
    return lambda x: -x + np.tanh(x) @ w.T


def flip_flops(start: np.ndarray, drive: np.ndarray, law: int, shaken: Shaken) -> np.ndarray:
    """Run two bits with two wells each, pushed by pulses; by the other law the bits turn into one another."""
    x, out, dt = start, list[np.ndarray](), 0.25
    for t in range(drive.shape[1]):
        out.append(x)
        turned = np.roll(x, 1, axis=1) * np.array([1.0, -1.0])
        x = shaken(x + dt * (2 * (np.tanh(2.5 * x) - x) if law == 0 else 1.2 * turned - 0.6 * x) + drive[:, t])
    return np.stack(out, axis=1)


def latents(system: str, trials: int, kind: str, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    """Return the courses of A and of B and the drive."""
    rng, law = np.random.default_rng([seed, 7]), 1 if kind == "different" else 0
    size = {"linear 6": 1.0, "linear 20": 1.0, "recurrent": 2.0, "limit cycle": 1.5, "chaos": 8.0, "flip-flops": 0.8}[
        system
    ]
    drive, laws = None, (0, law)
    shaken = [shaking(PRIVATE * size / np.sqrt(10) if kind == "noisy" else 0.0, [seed, i]) for i in (1, 2)]
    if system.startswith("linear"):
        start = rng.standard_normal((trials, int(system.split()[1])))
        a, b = (linear(start, which, seed, shake) for which, shake in zip(laws, shaken, strict=True))
    elif system == "flip-flops":
        drive = np.where(rng.random((trials, POINTS, 2)) < 0.1, rng.uniform(-2, 2, (trials, POINTS, 2)), 0.0)
        start = rng.uniform(-1.2, 1.2, (trials, 2))
        a, b = (flip_flops(start, drive, which, shake) for which, shake in zip(laws, shaken, strict=True))
    else:
        if system == "recurrent":
            dt, start, fields = 0.3, 1.5 * rng.standard_normal((trials, 10)), [recurrent(which, seed) for which in laws]
        elif system == "limit cycle":
            other = hopf(2 * np.pi / 6.66) if seed % 2 else lambda y: 1.3 * van_der_pol(y)
            dt, start, fields = 0.25, rng.uniform(-2.5, 2.5, (trials, 2)), [van_der_pol, other if law else van_der_pol]
        else:
            start = course(lorenz(28.0), 2 * rng.standard_normal((trials, 3)) + 1, 0.03, 100)[:, -1]
            dt, fields = 0.05, [lorenz(28.0), lorenz(45.0 if law else 28.0)]
        a, b = (continuous(field, start, dt, shake) for field, shake in zip(fields, shaken, strict=True))
    return a, b, drive


def shaking(noise: float, seed: list[int]) -> Shaken:
    """Return what adds noise of a system's own to its states."""
    rng = np.random.default_rng([*seed, 99])
    return (lambda x: x) if noise == 0 else lambda x: x + noise * rng.standard_normal(x.shape)


def look(x: np.ndarray, units: int, noise: float, rng: np.random.Generator) -> np.ndarray:
    """Look at courses through an instrument of 20 units, linear, saturating or rectifying; keep so many of them, add noise."""
    d = x.shape[-1]
    z = (x - x.mean(axis=(0, 1))) / x.std(axis=(0, 1))
    weights, offset, kind = rng.standard_normal((d, UNITS)) / np.sqrt(d), rng.standard_normal(UNITS), rng.integers(3)
    y = z @ weights
    if kind == 1:
        y = np.tanh(0.8 * y + 0.4 * offset)
    elif kind == 2:
        y = np.log1p(np.exp(2.0 * (y + 0.5 * offset))) / 2.0
    y = y[..., rng.permutation(UNITS)[:units]]
    y = y / y.std(axis=(0, 1))
    return y + noise * rng.standard_normal(y.shape)


def pair(system: str, units: int, noise: float, trials: int, kind: str, seed: int) -> Seen:
    """Return two looks, through other instruments."""
    x, y, drive = latents(system, trials, kind, seed)
    rng = np.random.default_rng([seed, units, int(100 * noise), trials, 3])
    return Seen(look(x, units, noise, rng), look(y, units, noise, rng), drive)
