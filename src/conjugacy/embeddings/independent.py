"""Which modes of a diffusion map are new coordinates, and which repeat earlier ones."""

from __future__ import annotations

import numpy as np

from conjugacy.numerics.kernels import squared_distances

STATES = 600
WIDTH = 1.0 / 3.0  # of the local regression, over the median distance
NEW = 0.3  # residual from which a mode is a coordinate of its own


def mode_residuals(modes: np.ndarray, *, states: int = STATES, seed: int = 0) -> np.ndarray:
    """Return for every mode how much of it the earlier modes do not explain.

    Each mode is predicted from all earlier ones by local linear regression, with every state left out of its own fit. The
    residual is its root mean square over the size of the mode (Dsilva, Talmon, Coifman, Kevrekidis 2018). A harmonic such as
    cos 2x beside cos x has a residual near 0.

    Parameters
    ----------
    modes : array, (m, r)
        By rising rate, without the constant one.
    states : int
        How many rows to use at most.
    seed : int
        Seeds their choice.

    Returns
    -------
    array, (r,)
        Between 0 and 1; 1 for the first mode.

    Examples
    --------
    >>> s = np.random.default_rng(0).random((500, 2))
    >>> modes = np.stack([np.cos(np.pi * s[:, 0]), np.cos(2 * np.pi * s[:, 0]), np.cos(np.pi * s[:, 1])], axis=1)
    >>> (mode_residuals(modes) > 0.3).tolist()
    [True, False, True]
    """
    rows = np.random.default_rng(seed).permutation(len(modes))[:states]
    e = modes[rows] - modes[rows].mean(axis=0)
    found = np.ones(e.shape[1])
    for k in range(1, e.shape[1]):
        known, target = e[:, :k], e[:, k]
        squared = squared_distances(known, known)
        scale2 = (WIDTH**2) * float(np.median(squared)) or 1.0
        weights = np.exp(-squared / scale2)
        np.fill_diagonal(weights, 0.0)
        offset = known[None, :, :] - known[:, None, :]
        plane = np.concatenate([np.ones((*offset.shape[:2], 1)), offset], axis=2)
        weighted = plane * weights[:, :, None]
        gram = np.einsum("qmi,qmj->qij", weighted, plane, optimize=True)
        gram[:, np.arange(k + 1), np.arange(k + 1)] += 1e-10 * np.trace(gram, axis1=1, axis2=2)[:, None] + 1e-300
        right = np.einsum("qmi,m->qi", weighted, target, optimize=True)
        told = np.linalg.solve(gram, right[:, :, None])[:, 0, 0]
        found[k] = np.sqrt(((target - told) ** 2).sum() / max(float((target**2).sum()), 1e-300))
    return np.minimum(found, 1.0)


def independent_modes(modes: np.ndarray, *, seed: int = 0) -> tuple[int, ...]:
    """Return the places of the modes that earlier ones do not explain: residual above 0.3.

    Parameters
    ----------
    modes : array, (m, r)
        By rising rate, without the constant one.
    seed : int
        Seeds the choice of rows.

    Returns
    -------
    tuple of int

    Examples
    --------
    >>> s = np.random.default_rng(0).random((500, 2))
    >>> modes = np.stack([np.cos(np.pi * s[:, 0]), np.cos(2 * np.pi * s[:, 0]), np.cos(np.pi * s[:, 1])], axis=1)
    >>> independent_modes(modes)
    (0, 2)
    """
    return tuple(np.flatnonzero(mode_residuals(modes, seed=seed) > NEW).tolist())
