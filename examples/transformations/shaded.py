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
# the same without a bag and with the tail in the middle: its left is the mirror image of its right
MIRRORED = np.array([part * [1, 0, *np.ones(4)] if at == 7 else part for at, part in enumerate(PARTS[:-1])])
LIGHT = np.array([0.45, 0.35, 0.82]) / np.linalg.norm([0.45, 0.35, 0.82])


def images(
    angles: np.ndarray,
    *,
    size: int = 24,
    elevation: float | np.ndarray = 0.35,
    azimuth: float = 0.0,
    parts: np.ndarray = PARTS,
    shaded: bool = True,
) -> np.ndarray:
    """Return images (m, size, size) in [0, 1] of the object turned by the angles, seen without perspective.

    Rays meet every ellipsoid analytically, the nearest surface is shaded by the cosine to a fixed light, or simply white; each
    pixel is the mean of 3 x 3 rays. The elevation of the camera is one number, or one for every image.
    """
    fine = 3 * size
    ticks = (np.arange(fine) + 0.5) / fine * 2.0 - 1.0
    u, v = (side.ravel() for side in np.meshgrid(ticks, -ticks))
    found = np.empty((len(angles), size, size))
    elevations = np.broadcast_to(elevation, len(angles))
    for i, (angle, above) in enumerate(zip(angles, elevations, strict=True)):
        shade = _shade(parts, float(angle) + azimuth, float(above), u, v)
        shade = shade if shaded else (shade > 0).astype(np.float64)
        found[i] = shade.reshape(size, 3, size, 3).mean(axis=(1, 3))
    return found


def _shade(parts: np.ndarray, angle: float, elevation: float, u: np.ndarray, v: np.ndarray) -> np.ndarray:
    c, s, ce, se = np.cos(angle), np.sin(angle), np.cos(elevation), np.sin(elevation)
    turn = np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])
    towards = np.array([ce, 0.0, se])  # from the object to the camera
    right, up = np.array([0.0, 1.0, 0.0]), np.array([-se, 0.0, ce])
    nearest, bright = np.full(len(u), -np.inf), np.zeros(len(u))
    for part in parts:
        centre, axes = turn @ part[:3], part[3:]
        near = np.flatnonzero((u - centre @ right) ** 2 + (v - centre @ up) ** 2 <= axes.max() ** 2)
        # in the ellipsoid's own frame, scaled to a unit ball, a ray is start + t * step
        frame = turn.T / axes[:, None]
        start = u[near, None] * (frame @ right) + v[near, None] * (frame @ up) - frame @ centre
        step = frame @ towards
        along = start @ step
        inside = along**2 - (step @ step) * (np.einsum("rk,rk->r", start, start) - 1.0)
        t = (-along + np.sqrt(np.maximum(inside, 0.0))) / (step @ step)
        seen = (inside > 0) & (t > nearest[near])
        at, t = near[seen], t[seen]
        normal = ((start[seen] + t[:, None] * step) / axes) @ turn.T
        lit = normal @ LIGHT / np.sqrt(np.einsum("rk,rk->r", normal, normal))
        nearest[at], bright[at] = t, 0.25 + 0.75 * np.maximum(lit, 0.0)
    return bright
