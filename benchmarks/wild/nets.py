"""Random networks and what people's layers look like: each returns a function from what is seen, (m, q), to units, (m, n)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

Array = np.ndarray
Rng = np.random.Generator
Answer = Callable[[Array], Array]


def relu(x: Array) -> Array:
    """Return what is positive."""
    return np.maximum(x, 0.0)


def mlp(
    q: int, n: int, rng: Rng, *, depth: int = 2, gain: float = 1.0, bias: float = 0.3, act: Answer = np.tanh
) -> Answer:
    """Return a random network of `depth` layers of n units, each with weights of size `gain`."""
    weights = []
    for width in (q,) + (n,) * (depth - 1):
        weights.append((gain * rng.standard_normal((width, n)) / np.sqrt(width), bias * rng.standard_normal(n)))

    def answer(x: Array) -> Array:
        for w, c in weights:
            x = act(x @ w + c)
        return x

    return answer


def orthogonal(n: int, q: int, rng: Rng) -> Array:
    """Return q orthonormal directions among n units, (q, n)."""
    return np.linalg.qr(rng.standard_normal((n, q)))[0].T


def level(inner: Answer, probe: Array) -> Answer:
    """Return the same units at mean zero and variance one over the probe."""
    found = inner(probe)
    mean, std = found.mean(axis=0), found.std(axis=0)
    std = np.where(std > 0, std, 1.0)
    return lambda x: (inner(x) - mean) / std


def probe(q: int, rng: Rng, m: int = 2000) -> Array:
    """Return normal rows to measure a network on."""
    return rng.standard_normal((m, q))


def power_law(q: int, n: int, exponent: float, rng: Rng) -> Answer:
    """Directions of amplitude k^-exponent, mixed into n units: what is told apart lies in quiet directions too."""
    wide = min(n, 4 * q)
    inner = level(mlp(q, wide, rng, depth=1), probe(q, rng))
    mix = (orthogonal(wide, wide, rng) * np.arange(1, wide + 1.0) ** -exponent) @ orthogonal(n, wide, rng)
    return lambda x: inner(x) @ mix


def common_mode(q: int, n: int, share: float, rng: Rng) -> Answer:
    """Units that follow the first number they see by `share` of their variance, and a network of the others by the rest."""
    inner = level(mlp(q - 1, n, rng), probe(q - 1, rng))
    sign = np.sqrt(share) * rng.uniform(0.7, 1.3, n)
    return lambda x: np.sqrt(1 - share) * inner(x[:, 1:]) + x[:, :1] * sign


def scaled(inner: Answer, factors: Array) -> Answer:
    """Return the same units, some louder than others."""
    return lambda x: inner(x) * factors


def loud(n: int, count: int, scale: float, rng: Rng) -> Array:
    """Return one factor per unit: `count` units are massive."""
    found = np.ones(n)
    found[rng.choice(n, count, replace=False)] = scale
    return found


def top_k(q: int, n: int, k: int, rng: Rng) -> Answer:
    """Of n projections the k largest are kept, the others are zero; with more of them than q, the kept ones tell the input."""
    w, c = rng.standard_normal((q, n)) / np.sqrt(q), 0.3 * rng.standard_normal(n)

    def answer(x: Array) -> Array:
        h = x @ w + c
        least = np.partition(h, n - k, axis=1)[:, n - k, None]
        return np.where(h >= least, h, 0.0)

    return answer


def softmax(logits: Array) -> Array:
    """Return probabilities, row by row."""
    e = np.exp(logits - logits.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def class_net(sizes: tuple[int, ...], q: int, n: int, within: float, rng: Rng) -> Answer:
    """Units that follow a class mean, and by the share `within` a network of the q other numbers they see.

    The first column of what it sees is a class number; `sizes` says which mean each class has (classes may share one).
    """
    centres = rng.standard_normal((max(sizes) + 1, n))
    centres -= centres.mean(axis=0)
    centres /= centres.std(axis=0)
    names = np.array(sizes)
    inner = level(mlp(q, n, rng), probe(q, rng)) if q else None

    def answer(x: Array) -> Array:
        mean = np.sqrt(1 - within) * centres[names[x[:, 0].astype(int)]]
        return mean if inner is None else mean + np.sqrt(within) * inner(x[:, 1:])

    return answer


def one_hot(count: int) -> Answer:
    """Return the class number in the first column as indicators, beside the other numbers."""
    return lambda x: np.hstack([np.eye(count)[x[:, 0].astype(int)], x[:, 1:]])


def pictures(q: int, side: int, channels: int, scene: Rng, rng: Rng) -> Answer:
    """Feature maps of a small convolution, flattened; the picture is a smooth pattern with q numbers behind it.

    `scene` makes the pictures, `rng` the filters: two networks of equal scenes see the same pictures.
    """
    grid = np.linspace(-1, 1, side + 2)
    waves = scene.uniform(0.5, 2.5, (3 * q, 2)) * scene.choice([-1, 1], (3 * q, 2))
    phase = scene.uniform(0, 2 * np.pi, 3 * q)
    patterns = np.cos(np.pi * (waves[:, :1, None] * grid[:, None] + waves[:, 1:, None] * grid) + phase[:, None, None])
    mix = mlp(q, 3 * q, scene, depth=1, gain=0.8)
    filters = rng.standard_normal((channels, 3, 3)) / 3
    windows = np.lib.stride_tricks.sliding_window_view(patterns, (3, 3), axis=(1, 2))  # (3 q, side, side, 3, 3)
    maps = np.einsum("pxyij,cij->pcxy", windows, filters).reshape(3 * q, -1)
    offset = 0.2 * rng.standard_normal(channels).repeat(side * side)
    return lambda x: relu(mix(x) @ maps + offset)
