"""A shaded object of ellipsoids seen from any side: images whose only coordinate is the angle of a turntable."""

from __future__ import annotations

import numpy as np

# centre and half axes, in the object's frame: x ahead, y left, z up
PARTS = np.array(
    [
        [0.0, 0.0, 0.0, 0.52, 0.22, 0.24],  # body
        [0.50, 0.0, 0.26, 0.16, 0.11, 0.30],  # neck
        [0.68, 0.0, 0.52, 0.22, 0.09, 0.10],  # head
        [0.34, 0.13, -0.38, 0.07, 0.07, 0.30],  # legs
        [0.34, -0.13, -0.38, 0.07, 0.07, 0.30],
        [-0.36, 0.13, -0.38, 0.08, 0.08, 0.30],
        [-0.36, -0.13, -0.38, 0.08, 0.08, 0.30],
        [-0.58, 0.06, 0.0, 0.09, 0.06, 0.26],  # tail, to one side: no mirror image of another view
        [0.10, 0.16, 0.22, 0.14, 0.10, 0.08],  # a bag on the left
    ]
)
LIGHT = np.array([0.45, 0.35, 0.82]) / np.linalg.norm([0.45, 0.35, 0.82])


def images(angles: np.ndarray, *, size: int = 24, elevation: float = 0.35, azimuth: float = 0.0) -> np.ndarray:
    """Return images (m, size, size) in [0, 1] of the object turned by the angles, seen without perspective.

    Rays meet every ellipsoid analytically, the nearest surface is shaded by the cosine to a fixed light; each pixel is the mean
    of 3 x 3 rays.
    """
    fine = 3 * size
    ticks = (np.arange(fine) + 0.5) / fine * 2.0 - 1.0
    u, v = np.meshgrid(ticks, -ticks)
    found = np.empty((len(angles), size, size))
    for i, angle in enumerate(angles):
        shade = _shade(float(angle) + azimuth, elevation, u, v)
        found[i] = shade.reshape(size, 3, size, 3).mean(axis=(1, 3))
    return found


def _shade(angle: float, elevation: float, u: np.ndarray, v: np.ndarray) -> np.ndarray:
    c, s, ce, se = np.cos(angle), np.sin(angle), np.cos(elevation), np.sin(elevation)
    turn = np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])
    towards = np.array([ce, 0.0, se])  # from the object to the camera
    right, up = np.array([0.0, 1.0, 0.0]), np.array([-se, 0.0, ce])
    nearest, bright = np.full(u.shape, -np.inf), np.zeros(u.shape)
    for part in PARTS:
        centre, axes = turn @ part[:3], part[3:]
        # in the ellipsoid's own frame, scaled to a unit ball, a ray is start + t * step
        frame = turn.T / axes[:, None]
        start = frame @ right, frame @ up, frame @ centre
        step = frame @ towards
        px, py, pz = (start[0][k] * u + start[1][k] * v - start[2][k] for k in range(3))
        along = px * step[0] + py * step[1] + pz * step[2]
        inside = along**2 - (step @ step) * (px**2 + py**2 + pz**2 - 1.0)
        t = (-along + np.sqrt(np.maximum(inside, 0.0))) / (step @ step)
        seen = (inside > 0) & (t > nearest)
        ball = np.stack([px + t * step[0], py + t * step[1], pz + t * step[2]], axis=-1)
        normal = (ball / axes) @ turn.T
        normal /= np.linalg.norm(normal, axis=-1, keepdims=True)
        lit = 0.25 + 0.75 * np.maximum(normal @ LIGHT, 0.0)
        nearest, bright = np.where(seen, t, nearest), np.where(seen, lit, bright)
    return bright
