"""Pairs of dynamical systems on matched trials whose relation is known by construction."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

Field = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Case:
    """Two systems seen through instruments: trials x time x units each, the shared drive, and the right answers."""

    name: str
    right: tuple[str, ...]
    a: np.ndarray
    b: np.ndarray
    drive: np.ndarray | None = None
    step: tuple[float, float] = (1.0, 1.0)


def van_der_pol(x: np.ndarray) -> np.ndarray:
    """Return the field of a relaxation oscillator."""
    return np.stack([x[..., 1], (1 - x[..., 0] ** 2) * x[..., 1] - x[..., 0]], axis=-1)


def hopf(speed: float) -> Field:
    """Return the field of a limit cycle of radius 1, gone round at this speed."""

    def field(x: np.ndarray) -> np.ndarray:
        left = 1 - (x**2).sum(axis=-1)
        return np.stack([left * x[..., 0] - speed * x[..., 1], left * x[..., 1] + speed * x[..., 0]], axis=-1)

    return field


def focus(growth: float) -> Field:
    """Return the field of a spiral into (growth < 0) or out of the origin."""
    return lambda x: np.stack([growth * x[..., 0] - x[..., 1], x[..., 0] + growth * x[..., 1]], axis=-1)


def lorenz(rho: float) -> Field:
    """Return the field of Lorenz."""
    return lambda x: np.stack(
        [
            10 * (x[..., 1] - x[..., 0]),
            x[..., 0] * (rho - x[..., 2]) - x[..., 1],
            x[..., 0] * x[..., 1] - 8 / 3 * x[..., 2],
        ],
        axis=-1,
    )


def two_rotations(x: np.ndarray) -> np.ndarray:
    """Return the field of two damped rotations side by side, linear."""
    step = np.zeros((4, 4))
    step[:2, :2], step[2:, 2:] = [[-0.1, -1.0], [1.0, -0.1]], [[-0.3, -2.2], [2.2, -0.3]]
    return x @ step.T


def course(field: Field, start: np.ndarray, dt: float, points: int, within: int = 4) -> np.ndarray:
    """Integrate by Runge-Kutta of order four, (trials, points, d)."""
    x, out, h = start, np.empty((len(start), points, start.shape[1])), dt / within
    for t in range(points):
        out[:, t] = x
        for _ in range(within):
            k1 = field(x)
            k2 = field(x + h / 2 * k1)
            k3 = field(x + h / 2 * k2)
            x = x + h / 6 * (k1 + 2 * k2 + 2 * k3 + field(x + h * k3))
    return out


def seen(x: np.ndarray, how: str, rng: np.random.Generator, units: int = 20, noise: float = 0.01) -> np.ndarray:
    """Look at latent courses through an injective instrument, with observation noise."""
    d = x.shape[-1]
    z = (x - x.mean(axis=(0, 1))) / x.std(axis=(0, 1)).max()
    frame = np.linalg.qr(rng.standard_normal((units, d)))[0].T
    if how == "orthogonal":
        y = z @ frame
    elif how == "skewed":
        turn = np.linalg.qr(rng.standard_normal((d, d)))[0]
        y = z @ (turn * np.geomspace(1.0, 0.15, d)) @ frame
    elif how == "tanh":
        y = np.tanh(0.8 * z @ rng.standard_normal((d, units)) + 0.4 * rng.standard_normal(units))
    elif how == "warped":
        u = z @ np.linalg.qr(rng.standard_normal((d, d)))[0]
        u = u + 0.25 * np.roll(u, 1, axis=-1) ** 2
        y = np.sign(u) * np.expm1(0.4 * np.abs(u)) @ frame
    else:
        y = np.maximum(z @ rng.standard_normal((d, 3 * units)) + 0.5 * rng.standard_normal(3 * units), 0.0)
    return y + noise * y.std() * rng.standard_normal(y.shape)


def ring(angles: np.ndarray, gain: float, rng: np.random.Generator, units: int = 40) -> np.ndarray:
    """Return a bump of activity at an angle, through a sigmoid of this gain."""
    preferred = np.linspace(0, 2 * np.pi, units, endpoint=False)
    rates = 1 / (1 + np.exp(-2 * gain * (2 * np.cos(angles[..., None] - preferred) - 1)))
    return rates + 0.01 * rng.standard_normal(rates.shape)


def moved_bump(trials: int, points: int, rng: np.random.Generator, pinned: float = 0.0) -> tuple[np.ndarray, ...]:
    """Push a bump by a random smooth velocity: its angles when free, and when pulled to four points, and the velocity."""
    dt = 0.1
    free = rng.uniform(0, 2 * np.pi, trials)
    held, v = free.copy(), 0.7 * rng.standard_normal(trials)
    angles, drive = np.empty((2, trials, points)), np.empty((trials, points, 1))
    for t in range(points):
        angles[0, :, t], angles[1, :, t], drive[:, t, 0] = free, held, v
        free, held = free + dt * v, held + dt * (v - pinned * np.sin(4 * held))
        v = v - 0.5 * v * dt + 0.7 * np.sqrt(dt) * rng.standard_normal(trials)
    return angles[0], angles[1], drive


def matched_cases(seed: int, trials: int = 40) -> Iterator[Case]:
    """Give the twelve pairs whose truth is known."""
    rng = np.random.default_rng([seed, 5])
    box = lambda: rng.uniform(-2, 2, (trials, 2))  # noqa: E731
    on_lorenz = lambda: course(lorenz(28.0), 2 * rng.standard_normal((trials, 3)) + 1, 0.03, 100)[:, -1]  # noqa: E731
    free, _, drive = moved_bump(trials, 120, rng)
    yield Case(
        "ring, gain .5 and 4, same drive",
        ("equivalent", "undecided"),
        ring(free, 0.5, rng),
        ring(free, 4.0, rng),
        drive,
    )
    x = course(lorenz(28.0), on_lorenz(), 0.03, 150)
    yield Case("Lorenz, tanh and warped view", ("equivalent",), seen(x, "tanh", rng), seen(x, "warped", rng))
    x = course(van_der_pol, box(), 0.1, 120)
    yield Case(
        "van der Pol, orthogonal and relu view", ("equivalent",), seen(x, "orthogonal", rng), seen(x, "relu", rng)
    )
    start = box()
    slow, fast = course(van_der_pol, start, 0.1, 120), course(van_der_pol, start, 0.05, 240)
    yield Case(
        "van der Pol, steps .1 and .05",
        ("equivalent",),
        seen(slow, "tanh", rng),
        seen(fast, "tanh", rng),
        step=(0.1, 0.05),
    )
    x = course(two_rotations, rng.standard_normal((trials, 4)), 0.1, 100)
    yield Case(
        "linear, orthogonal and skewed view", ("equivalent",), seen(x, "orthogonal", rng), seen(x, "skewed", rng)
    )
    free, held, drive = moved_bump(trials, 120, rng, pinned=1.2)
    yield Case("ring and four points, same drive", ("different",), ring(free, 1.0, rng), ring(held, 1.0, rng), drive)
    start = on_lorenz()
    x, y = (course(lorenz(rho), start, 0.03, 150) for rho in (28.0, 60.0))
    yield Case("Lorenz, rho 28 and 60, same starts", ("different",), seen(x, "tanh", rng), seen(y, "tanh", rng))
    start = box()
    x, y = (course(hopf(w), start, 0.1, 120) for w in (1.0, 1.5))
    yield Case("Hopf, speed 1 and 1.5, same starts", ("different",), seen(x, "tanh", rng), seen(y, "orthogonal", rng))
    start = box()
    x, y = course(van_der_pol, start, 0.1, 120), course(hopf(1.0), start, 0.1, 120)
    yield Case("van der Pol and Hopf, same starts", ("different",), seen(x, "tanh", rng), seen(y, "orthogonal", rng))
    x = course(focus(-0.15), box(), 0.1, 100)
    y = course(focus(-0.15), box(), 0.1, 100)[:, ::-1]
    yield Case("focus and a focus run backwards", ("different",), seen(x, "orthogonal", rng), seen(y, "tanh", rng))
    start = box()
    x, y = (course(focus(g), start, 0.1, 100) for g in (-0.15, 0.15))
    yield Case(
        "stable and unstable focus, same starts", ("different",), seen(x, "orthogonal", rng), seen(y, "tanh", rng)
    )
    free, _, drive = moved_bump(trials, 120, rng)
    yield Case("ring and its doubled angle", ("a_determines_b",), ring(free, 1.0, rng), ring(2 * free, 1.0, rng), drive)


def reservoir(drive: np.ndarray, seed: int, radius: float = 0.8, units: int = 50) -> np.ndarray:
    """Run an echo-state network: tanh units with fixed random weights, fed a drive."""
    rng = np.random.default_rng(seed)
    w = rng.standard_normal((units, units))
    w *= radius / np.abs(np.linalg.eigvals(w)).max()
    fed = 0.5 * rng.standard_normal((drive.shape[2], units))
    h, out = np.zeros((len(drive), units)), np.empty((*drive.shape[:2], units))
    for t in range(drive.shape[1]):
        out[:, t] = h
        h = np.tanh(h @ w.T + drive[:, t] @ fed + 0.1)
    return out + 0.01 * rng.standard_normal(out.shape)


def not_decidable_cases(seed: int, trials: int = 40) -> Iterator[Case]:
    """Give pairs that data alone must not call equivalent: what is seen follows the input, or repeats."""
    rng = np.random.default_rng([seed, 6])
    for radius in (0.5, 0.8, 0.95):
        drive = rng.standard_normal((trials, 150, 1))
        a, b = (reservoir(drive, 10 * seed + k, radius)[:, 20:] for k in (1, 2))
        never = ("undecided", "different", "a_determines_b", "b_determines_a")
        yield Case(f"echo-state networks, radius {radius}, drive given", never, a, b, drive[:, 20:])
        yield Case(f"echo-state networks, radius {radius}, drive not given", never, a, b)
    start = np.repeat(np.array([[-0.1], [0.1]]), trials // 2, axis=0)
    bistable = course(lambda x: 2 * x - x**3, start, 0.05, 120)
    # a point attractor fed what makes it run the same courses: the data are the same numbers
    yield Case(
        "bistable, and a point attractor made to follow it",
        ("undecided",),
        seen(bistable, "tanh", rng),
        seen(bistable, "tanh", rng),
    )
