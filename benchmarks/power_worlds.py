"""Pairs of layers for `power.py`: whether one determines the other is known by construction."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

Array = np.ndarray
Pair = tuple[Array, Array]
Made = tuple[
    Array, Array, str, str
]  # A, B, truth of A to B, truth of B to A: holds, fails, or a dash where it is not known


def net(
    x: Array, units: int, rng: np.random.Generator, *, depth: int = 2, gain: float = 1.0, relu: bool = False
) -> Array:
    """Return the last layer of a random network."""
    for _ in range(depth):
        x = x @ (gain * rng.standard_normal((x.shape[1], units)) / np.sqrt(x.shape[1])) + 0.3 * rng.standard_normal(
            units
        )
        x = np.maximum(x, 0.0) if relu else np.tanh(x)
    return x


def power_law(exponent: float, d: int) -> Callable[[int, np.random.Generator], Made]:
    """Let A answer latent k with amplitude k^-exponent, B all alike."""

    def make(m: int, rng: np.random.Generator) -> Made:
        z = rng.standard_normal((m, d))
        amplitude = np.arange(1, d + 1.0) ** -exponent
        a = (z * amplitude) @ rng.standard_normal((d, 40))
        return a + 0.1 * np.tanh(a), net(z, 40, rng), "holds", "holds"

    return make


def common_mode(share: float) -> Callable[[int, np.random.Generator], Made]:
    """Let one latent carry that share of A's variance."""

    def make(m: int, rng: np.random.Generator) -> Made:
        z = rng.standard_normal((m, 4))
        own = net(z, 40, rng)
        own = (own - own.mean(axis=0)) / own.std(axis=0)
        loud = np.sqrt(share / (1 - share)) * z[:, :1] * np.sign(rng.standard_normal(40))
        return own + loud, net(z, 40, rng), "holds", "holds"

    return make


def deep(m: int, rng: np.random.Generator) -> Made:
    """Pair a shallow network with a deep one of gain 3."""
    z = rng.standard_normal((m, 5))
    return net(z, 64, rng), net(z, 64, rng, depth=4, gain=3.0), "holds", "-"


def parity(m: int, rng: np.random.Generator) -> Made:
    """Let B's units be products of two to three smooth signs of A's latents."""
    z = rng.standard_normal((m, 5))
    signs = np.tanh(2.0 * z)
    units = [signs[:, rng.choice(5, 2 + i % 2, replace=False)].prod(axis=1) for i in range(40)]
    return net(z, 40, rng), np.column_stack(units), "holds", "-"


def modular(m: int, rng: np.random.Generator) -> Made:
    """Let B answer two latents periodically, with several periods, as grid cells do."""
    z = rng.uniform(-1.0, 1.0, (m, 2))
    waves = z @ rng.standard_normal((2, 40)) * rng.choice([3.0, 5.0, 8.0], 40) + rng.uniform(0, 6.28, 40)
    return net(z, 40, rng), np.cos(waves), "holds", "holds"


def steep(m: int, rng: np.random.Generator) -> Made:
    """Let half of B's units be exp(4 x), half x^5, of bounded latents."""
    z = rng.uniform(-1.0, 1.0, (m, 4))
    x = z @ rng.standard_normal((4, 40)) / 2.0
    return net(z, 40, rng), np.column_stack([np.exp(4.0 * x[:, :20]), x[:, 20:] ** 5]), "holds", "-"


def curved(m: int, rng: np.random.Generator) -> Made:
    """Let A be linear, and B wind its latents up."""
    z = rng.uniform(0.0, 1.0, (m, 3))
    angle = 1.5 * np.pi * (1.0 + 2.0 * z[:, :1])
    rolled = np.hstack([angle * np.cos(angle), angle * np.sin(angle), 8.0 * z[:, 1:], 6.0 * np.sin(4.0 * z[:, 1:])])
    return z @ rng.standard_normal((3, 30)), rolled @ rng.standard_normal((6, 40)), "holds", "holds"


def missing(seen: int, of: int, **options: bool) -> Callable[[int, np.random.Generator], Made]:
    """Let A see the first latents only."""

    def make(m: int, rng: np.random.Generator) -> Made:
        z = rng.standard_normal((m, of))
        return net(z[:, :seen], 40, rng, **options), net(z, 44, rng, **options), "fails", "-"  # type: ignore[arg-type]

    return make


def private(m: int, rng: np.random.Generator) -> Made:
    """Let B have A's units and as many that only it has, of one latent each."""
    z = rng.standard_normal((m, 8))
    b = np.hstack([net(z[:, :4], 20, rng), 0.7 * z[:, 4:]]) @ rng.standard_normal((24, 40))
    return net(z[:, :4], 40, rng), b, "fails", "-"


def noise(share: float, d: int) -> Callable[[int, np.random.Generator], Made]:
    """Let that share of the variance of every unit of B be its own."""

    def make(m: int, rng: np.random.Generator) -> Made:
        z = rng.standard_normal((m, d))
        b = net(z, 40, rng)
        return (
            net(z, 40, rng),
            b + np.sqrt(share / (1 - share)) * b.std(axis=0) * rng.standard_normal(b.shape),
            "fails",
            "-",
        )

    return make


def folded(m: int, rng: np.random.Generator) -> Made:
    """Let A answer |x| of the latents, B the latents."""
    z = rng.standard_normal((m, 3))
    return net(np.abs(z), 40, rng), net(z, 40, rng), "fails", "-"


def even(m: int, rng: np.random.Generator) -> Made:
    """Let A answer even functions of all latents together."""
    z = rng.standard_normal((m, 3))
    return (
        net(np.column_stack([z[:, i] * z[:, j] for i in range(3) for j in range(i, 3)]), 40, rng),
        net(z, 40, rng),
        "fails",
        "-",
    )


def merged(m: int, rng: np.random.Generator) -> Made:
    """Let A keep five of ten classes."""
    label = rng.integers(0, 10, m)
    a = rng.standard_normal((5, 40))[label // 2] + 0.2 * rng.standard_normal((m, 40))
    b = rng.standard_normal((10, 40))[label] + 0.1 * rng.standard_normal((m, 40))
    return a, b, "fails", "-"


def independent(m: int, rng: np.random.Generator) -> Made:
    """Share nothing."""
    return net(rng.standard_normal((m, 4)), 40, rng), net(rng.standard_normal((m, 4)), 40, rng), "fails", "fails"


def quiet_missing(m: int, rng: np.random.Generator) -> Made:
    """Let A answer with falling amplitudes and not see the last two of six latents."""
    z = rng.standard_normal((m, 6))
    a = (z[:, :4] * np.arange(1, 5.0) ** -1.5) @ rng.standard_normal((4, 40))
    return a + 0.1 * np.tanh(a), net(z, 40, rng), "fails", "-"


def mode_and_noise(m: int, rng: np.random.Generator) -> Made:
    """Let one latent carry 70 % of A, and 30 % of B be its own."""
    a, b, _, _ = common_mode(0.7)(m, rng)
    return a, b + np.sqrt(0.3 / 0.7) * b.std(axis=0) * rng.standard_normal(b.shape), "fails", "-"


KINDS: dict[str, Callable[[int, np.random.Generator], Made]] = {
    "power law 1": power_law(1.0, 6),
    "power law 1.5": power_law(1.5, 6),
    "power law 2": power_law(2.0, 6),
    "power law 2.5": power_law(2.5, 6),
    "common mode 70 %": common_mode(0.7),
    "common mode 97 %": common_mode(0.97),
    "deep": deep,
    "parity": parity,
    "modular": modular,
    "steep": steep,
    "curved": curved,
    "half missing": missing(3, 6),
    "half missing relu": missing(3, 6, relu=True),
    "one of eight missing": missing(7, 8),
    "private units": private,
    "noise .15": noise(0.15, 3),
    "noise .3": noise(0.3, 3),
    "noise .5": noise(0.5, 3),
    "noise .3, d = 8": noise(0.3, 8),
    "folds": folded,
    "even functions": even,
    "merged classes": merged,
    "independent": independent,
    "quiet and missing": quiet_missing,
    "common mode and noise": mode_and_noise,
}
