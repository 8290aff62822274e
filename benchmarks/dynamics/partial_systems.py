"""Six systems seen in part and through noise: two looks at one of them, or at one and another law from the same starts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from systems import course, hopf, lorenz, van_der_pol

SYSTEMS = ("linear 6", "linear 20", "recurrent", "limit cycle", "chaos", "flip-flops")
UNITS, POINTS = 20, 50


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


def linear(d: int, start: np.ndarray, law: int, seed: int, noise: float = 0.0) -> np.ndarray:
    """Run a linear system of this law from these starts; `noise` is private, in the law."""
    step, rng = rotations(d, np.random.default_rng([seed, law, d])), np.random.default_rng()
    del rng
    private = np.random.default_rng([seed, 99, law])
    x, out = start, list[np.ndarray]()
    for _ in range(POINTS):
        out.append(x)
        x = x @ step.T + noise * private.standard_normal(x.shape)
    return np.stack(out, axis=1)


def recurrent(start: np.ndarray, law: int, seed: int) -> np.ndarray:
    """Run ten rate units of strong random weights, x' = -x + W tanh(x)."""
    w = 1.6 * np.random.default_rng([seed, law, 10]).standard_normal((10, 10)) / np.sqrt(10)
    return course(lambda x: -x + np.tanh(x) @ w.T, start, 0.3, POINTS)


def flip_flops(start: np.ndarray, drive: np.ndarray, law: int) -> np.ndarray:
    """Run two bits with two wells each, pushed by pulses; by the other law the bits turn into one another."""
    x, out, dt = start, list[np.ndarray](), 0.25
    for t in range(drive.shape[1]):
        out.append(x)
        turned = np.roll(x, 1, axis=1) * np.array([1.0, -1.0])
        x = x + dt * (2 * (np.tanh(2.5 * x) - x) if law == 0 else 1.2 * turned - 0.6 * x) + drive[:, t]
    return np.stack(out, axis=1)


def latents(system: str, trials: int, equal: bool, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    """Return the courses of A and of B and the drive."""
    rng, law = np.random.default_rng([seed, 7]), 0 if equal else 1
    if system.startswith("linear"):
        d = int(system.split()[1])
        start = rng.standard_normal((trials, d))
        return linear(d, start, 0, seed), linear(d, start, law, seed), None
    if system == "recurrent":
        start = 1.5 * rng.standard_normal((trials, 10))
        return recurrent(start, 0, seed), recurrent(start, law, seed), None
    if system == "limit cycle":
        start = rng.uniform(-2.5, 2.5, (trials, 2))
        x = course(van_der_pol, start, 0.25, POINTS)
        other = hopf(2 * np.pi / 6.66) if seed % 2 else lambda y: 1.3 * van_der_pol(y)
        return x, x if equal else course(other, start, 0.25, POINTS), None
    if system == "chaos":
        start = course(lorenz(28.0), 2 * rng.standard_normal((trials, 3)) + 1, 0.03, 100)[:, -1]
        x = course(lorenz(28.0), start, 0.05, POINTS, within=8)
        return x, x if equal else course(lorenz(45.0), start, 0.05, POINTS, within=8), None
    drive = np.where(rng.random((trials, POINTS, 2)) < 0.1, rng.uniform(-2, 2, (trials, POINTS, 2)), 0.0)
    start = rng.uniform(-1.2, 1.2, (trials, 2))
    return flip_flops(start, drive, 0), flip_flops(start, drive, law), drive


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


def pair(system: str, units: int, noise: float, trials: int, equal: bool, seed: int) -> Seen:
    """Return two looks, through other instruments."""
    x, y, drive = latents(system, trials, equal, seed)
    rng = np.random.default_rng([seed, units, int(100 * noise), trials, 3])
    return Seen(look(x, units, noise, rng), look(y, units, noise, rng), drive)
