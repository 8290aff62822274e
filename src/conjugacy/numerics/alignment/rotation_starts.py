"""Rotations to start from: spectral ones, which are exact for conjugate systems, the coordinates as they stand, random ones."""

from __future__ import annotations

from typing import Any

import array_api_compat
import numpy as np

Array = Any  # numpy arrays, or torch tensors on any device


def rotations(xp: Any, a: Array, b: Array, u: Array, v: Array, *, angles: int, random: int, seed: int) -> Array:
    """Return rotations to start from, (starts, pairs, n, n)."""
    n = a.shape[-1]
    found = [_real_start(xp, a, b, u[:, 0].real, v[:, 0].real)]
    found += [_phase_start(xp, u[:, k], v[:, k]) for k in range(1, angles)]
    one = xp.zeros_like(a) + xp.eye(n, device=array_api_compat.device(a))
    found += [one, _real_start(xp, a, b, one, one)]  # coordinates as they stand, and with their signs matched
    rng = np.random.default_rng(seed)
    for k in range(random):
        q = np.linalg.qr(rng.standard_normal((n, n)))[0]
        if (np.linalg.det(q) > 0) != (k % 2 == 0):
            q[:, 0] *= -1.0
        found.append(xp.zeros_like(a) + xp.asarray(q, device=array_api_compat.device(a)))
    return xp.stack(found)


def _real_start(xp: Any, a: Array, b: Array, u: Array, v: Array) -> Array:
    """Align the eigenvectors of the symmetric parts; their signs make the rest of the matrices agree."""
    w = (u.mT @ a @ u) * (v.mT @ b @ v)
    w = (w + w.mT) / 2
    top = xp.linalg.eigh(w)[1][:, :, -1]
    sign = xp.where(top < 0, -xp.ones_like(top), xp.ones_like(top))
    diagonal = xp.linalg.diagonal(w)
    for _ in range(4):  # flip the one sign that gains most
        gain = diagonal - sign * (w @ sign[:, :, None])[:, :, 0]
        flips = (gain > 1e-14) & (gain == xp.max(gain, axis=-1, keepdims=True))
        sign = xp.where(flips, -sign, sign)
    return (u * sign[:, None, :]) @ v.mT


def _phase_start(xp: Any, u: Array, v: Array) -> Array:
    """Align complex eigenvectors; their phases make C = U D V* as real as can be."""
    r = (v.mT @ v) * xp.conj(u.mT @ u)
    real, imag = r.real, r.imag
    m = xp.concat([xp.concat([real, imag], axis=-1), xp.concat([imag, -real], axis=-1)], axis=-2)
    top = xp.linalg.eigh((m + m.mT) / 2)[1][:, :, -1]
    n = u.shape[-1]
    phase = top[:, :n] + 1j * top[:, n:]
    size = xp.abs(phase)
    phase = xp.where(size > 1e-12, phase / xp.where(size > 1e-12, size, xp.ones_like(size)), xp.ones_like(phase))
    return nearest_rotation(xp, ((u * phase[:, None, :]) @ xp.conj(v).mT).real)


def nearest_rotation(xp: Any, c: Array) -> Array:
    """Return the orthogonal factor of every matrix (polar decomposition)."""
    u, _, vh = xp.linalg.svd(c, full_matrices=False)
    return u @ vh
