"""Worlds whose coordinates are known, seen through instruments that bend them."""

import numpy as np


def square(rng, n, sides=(1.3, 1.0)):
    return rng.random((n, 2)) * sides


def mushroom(s):
    return np.stack([s[..., 0] + s[..., 1] ** 3, s[..., 1] - s[..., 0] ** 3], axis=-1)


def polar(s):
    r = np.exp(0.7 * s[..., 0])
    return np.stack([r * np.cos(1.5 * s[..., 1]), r * np.sin(1.5 * s[..., 1]), 0.5 * s[..., 0] * s[..., 1]], axis=-1)


def cylinder(s):
    """Angle and height."""
    turn, height = s[..., 0], s[..., 1]
    wide = 1 + 0.5 * height
    return np.stack(
        [np.cos(turn) * wide, np.sin(turn) * wide, height + 0.3 * np.cos(2 * turn), np.sin(turn + height)], axis=-1
    )


def jacobians(instrument, s, h=1e-6):
    parts = [(instrument(s + h * e) - instrument(s - h * e)) / (2 * h) for e in np.eye(s.shape[1])]
    return np.stack(parts, axis=-1)


def bursts(rng, instrument, s, points, sd):
    return instrument(s[:, None] + sd * rng.standard_normal((len(s), points, s.shape[1])))


def gap(a, b):
    """The gap written out, not the library's."""
    a, b = a - a.mean(axis=0), b - b.mean(axis=0)
    u, _, vt = np.linalg.svd(a.T @ b)
    return np.linalg.norm(a @ u @ vt - b) / np.linalg.norm(b)
