"""Pairs of networks whose relation is known by construction."""

from __future__ import annotations

import numpy as np

EQUIVALENT = ("permuted", "rotated", "linear", "same_latent", "rectifiers", "noisy")
ONE_WAY = {"misses_half": "a_determines_b", "private_units": "b_determines_a"}
NEITHER = {"half_shared": "partly_related", "independent": "unrelated"}


def network(latent: np.ndarray, n: int, rng: np.random.Generator, *, rectify: bool = False) -> np.ndarray:
    """Return n units of a random two-layer network of the latent."""
    h = latent
    for _ in range(2):
        h = h @ rng.standard_normal((h.shape[1], n)) / np.sqrt(h.shape[1]) + 0.3 * rng.standard_normal(n)
        h = np.maximum(h, 0.0) if rectify else np.tanh(h)
    return h


def pair(kind: str, seed: int, *, m: int = 300, d: int = 2) -> tuple[np.ndarray, np.ndarray]:
    """Return the activations of two networks that are related as `kind` says."""
    rng = np.random.default_rng(1000 * seed + d)
    n = 24 + 8 * d
    latent = rng.standard_normal((m, d))
    a = network(latent, n, rng, rectify=kind == "rectifiers")
    half = latent[:, : max(1, d // 2)]
    if kind == "permuted":
        b = (a * np.exp(0.5 * rng.standard_normal(n)) + rng.standard_normal(n))[:, rng.permutation(n)]
        return a, _noisy(b, 0.02, rng)
    if kind == "rotated":
        q = np.linalg.qr(rng.standard_normal((n, n)))[0]
        return a, _noisy(3.0 * a @ q + rng.standard_normal(n), 0.02, rng)
    if kind == "linear":
        u, v = (np.linalg.qr(rng.standard_normal((n, n)))[0] for _ in range(2))
        return a, a @ (u * np.geomspace(1.0, 0.1, n)) @ v
    if kind in ("same_latent", "rectifiers"):
        return a, network(latent, n + 6, rng, rectify=kind == "rectifiers")
    if kind == "noisy":
        return _noisy(a, 0.1, rng), _noisy(network(latent, n, rng), 0.1, rng)
    if kind == "misses_half":
        return a, network(half, n, rng)
    if kind == "private_units":
        q = np.linalg.qr(rng.standard_normal((n + 4, n + 4)))[0]
        return a, np.column_stack([a, 2 * a.std() * rng.standard_normal((m, 4))]) @ q
    if kind == "half_shared":
        other = np.column_stack([half, rng.standard_normal((m, d - half.shape[1]))])
        return a, network(other, n, rng)
    if kind == "independent":
        return a, network(rng.standard_normal((m, d)), n, rng)
    raise ValueError(kind)


def _noisy(x: np.ndarray, share: float, rng: np.random.Generator) -> np.ndarray:
    return x + share * x.std(axis=0) * rng.standard_normal(x.shape)
