"""Vector-field Procrustes: the rotation that brings one linear system nearest to another, with a bound from below.

For A and B of Frobenius norm 1 the distance is min over C in O(n) of |A - C B C^T|_F (Ostrow et al. 2023, eq. 6). With S and K
the symmetric and skew parts, |A - C B C^T| = |M_A - C M_B C^T| for the Hermitian M = S + iK and C real: the problem is to align
Hermitian matrices. Their eigenvectors give starts that are exact for conjugate pairs, of either determinant, and their
eigenvalues a bound that no C can pass (Hoffman and Wielandt 1953).
"""

from __future__ import annotations

import math
from itertools import combinations
from typing import Any

import array_api_compat
import numpy as np

from conjugacy.errors import NotFiniteError, ShapeError
from conjugacy.numerics.alignment.linear_systems import Alignment, Effort, VectorFields
from conjugacy.numerics.alignment.rotation_descent import EXACT, Array, descend, frobenius, squared_norm
from conjugacy.numerics.alignment.rotation_starts import nearest_rotation, rotations
from conjugacy.numerics.device import Device, device_for

START_ANGLES = (0.0, np.pi / 8, np.pi / 4, 3 * np.pi / 8, 1.5)
BOUND_ANGLES = tuple(np.linspace(0.0, np.pi / 2, 9))
MEMORY_BYTES, COPIES = 2.0**29, 30  # of every matrix, in the descent


def align_vector_fields(a: Any, b: Any, *, effort: Effort | None = None, seed: int = 0) -> Alignment:
    """Return the rotation or reflection C that brings B nearest to A: min over O(n) of |A/|A| - C (B/|B|) C^T|_F.

    The search uses L-BFGS in the Lie algebra of the rotations, in float64, from spectral and random starts. The smallest distance
    found is an upper bound and `lower` a lower bound; nothing proves that the minimum is global. The result is exactly symmetric
    in A and B. If sizes differ, the smaller system is padded with zeros: states at rest.

    Parameters
    ----------
    a, b : array, (n, n) and (k, k)
        Two linear systems.
    effort : Effort, optional
        How hard to search. Default: by size.
    seed : int
        Seeds the random starts.

    Returns
    -------
    Alignment

    Raises
    ------
    ShapeError, NotFiniteError
        If a matrix is not square and finite.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> a, q = rng.normal(size=(6, 6)), np.linalg.qr(rng.normal(size=(6, 6)))[0]
    >>> bool(align_vector_fields(a, 3 * q.T @ a @ q).distance < 1e-8)
    True

    References
    ----------
    M. Ostrow, A. Eisen, L. Kozachkov, I. Fiete: Beyond Geometry (Dynamical Similarity Analysis). NeurIPS 2023.
    """
    x, y = (_checked(matrix, name) for matrix, name in ((a, "a"), (b, "b")))
    n = max(len(x), len(y))
    fields = prepare(np.stack([padded(x, n), padded(y, n)]))
    return align_pairs(fields.take([0]), fields.take([1]), effort=effort, seed=seed)[0]


def padded(matrix: np.ndarray, n: int) -> np.ndarray:
    """Return a system with states at rest added.

    Parameters
    ----------
    matrix : array, (k, k)
        The system.
    n : int
        The size wanted, at least k.

    Returns
    -------
    array, (n, n)

    Examples
    --------
    >>> padded(np.ones((1, 1)), 2).tolist()
    [[1.0, 0.0], [0.0, 0.0]]
    """
    k = n - len(matrix)
    return np.pad(matrix, ((0, k), (0, k)))


def prepare(matrices: Array) -> VectorFields:
    """Return systems with their spectra; torch tensors stay on their device.

    Parameters
    ----------
    matrices : array, (s, n, n)
        Systems of one size.

    Returns
    -------
    VectorFields

    Examples
    --------
    >>> prepare(np.eye(2)[None]).singular.shape
    (1, 2)
    """
    device = _device_for(matrices, float(math.prod(matrices.shape)) * matrices.shape[-1])
    if device is not None:
        return VectorFields(*device.call(_spectra, matrices))
    xp = array_api_compat.array_namespace(matrices)
    norms = frobenius(xp, matrices)[:, None, None]
    x = matrices / xp.where(norms > 0, norms, xp.ones_like(norms))
    symmetric, skew = (x + x.mT) / 2, (x - x.mT) / 2
    bases = [xp.linalg.eigh(np.cos(t) * symmetric + 1j * np.sin(t) * skew)[1] for t in START_ANGLES]
    values = [xp.linalg.eigvalsh(np.cos(t) * symmetric + 1j * np.sin(t) * skew) for t in BOUND_ANGLES]
    return VectorFields(x, xp.stack(bases, axis=1), xp.stack(values, axis=1), xp.linalg.svdvals(x))


def _device_for(matrices: Array, work: float) -> Device | None:
    """Return the device for work on matrices of numpy's; those of torch stay where they are."""
    return device_for(work) if isinstance(matrices, np.ndarray) else None


def _spectra(matrices: Array) -> tuple[Array, Array, Array, Array]:
    return prepare(matrices).parts


def align_pairs(a: VectorFields, b: VectorFields, *, effort: Effort | None = None, seed: int = 0) -> list[Alignment]:
    """Align system i of `a` with system i of `b`, as many at once as fit in about half a GiB.

    The result of a pair does not depend on the other pairs.

    Parameters
    ----------
    a, b : VectorFields
        Equally many systems of one size.
    effort : Effort, optional
        How hard to search. Default: by size.
    seed : int
        Seeds the random starts.

    Returns
    -------
    list of Alignment

    Examples
    --------
    >>> both = prepare(np.stack([np.diag([1.0, 2.0]), np.diag([2.0, 1.0])]))
    >>> round(align_pairs(both.take([0]), both.take([1]))[0].distance, 6)
    0.0
    """
    pairs, n, _ = a.matrices.shape
    effort = Effort.full(n) if effort is None else effort
    at_once = max(1, int(MEMORY_BYTES / (8.0 * n * n * COPIES * (effort.angles + effort.random + 2))))
    parts = [slice(i, i + at_once) for i in range(0, pairs, at_once)]
    device = _device_for(a.matrices, float(pairs) * n**3 * (effort.angles + effort.random))
    if device is not None:
        with device.failing_in_words([a.matrices]):
            a, b = (VectorFields(*map(device.put, side.parts)) for side in (a, b))
            return [one for part in parts for one in _align(a.take(part), b.take(part), effort, seed)]
    return [one for part in parts for one in _align(a.take(part), b.take(part), effort, seed)]


def _align(a: VectorFields, b: VectorFields, effort: Effort, seed: int) -> list[Alignment]:
    xp = array_api_compat.array_namespace(a.matrices)
    lower = lower_bounds(a, b)
    swap = _later(_numpy(a.matrices), _numpy(b.matrices))
    order = xp.asarray(swap)[:, None, None] if xp is np else xp.asarray(swap, device=a.matrices.device)[:, None, None]
    first, second = xp.where(order, b.matrices, a.matrices), xp.where(order, a.matrices, b.matrices)
    bases = [xp.where(order[..., None], y, x) for x, y in ((a.bases, b.bases), (b.bases, a.bases))]
    starts = rotations(xp, first, second, bases[0], bases[1], angles=effort.angles, random=effort.random, seed=seed)
    c, squared, arrived = _search(xp, first, second, starts, effort)
    c, squared, arrived = _numpy(xp.where(order, c.mT, c)), _numpy(squared), _numpy(arrived)
    zero = (_numpy(frobenius(xp, a.matrices)) == 0) | (_numpy(frobenius(xp, b.matrices)) == 0)
    return [
        Alignment(float("nan"), float("nan"), c[i], "degenerate")
        if zero[i]
        else Alignment(
            float(np.sqrt(squared[i])),
            float(min(lower[i], np.sqrt(squared[i]))),
            c[i],
            "converged" if arrived[i] else "stopped",
        )
        for i in range(len(c))
    ]


def lower_bounds(a: VectorFields, b: VectorFields) -> np.ndarray:
    """Return for every pair a distance below which no C can bring it.

    With x = |S_A - C S_B C^T|^2 and y the same for the skew parts, cos^2(t) x + sin^2(t) y is at least the squared distance
    of the sorted eigenvalues h(t) at every angle t; the bound is the least x + y under these, or that of the singular values.

    Parameters
    ----------
    a, b : VectorFields
        Equally many systems of one size.

    Returns
    -------
    array, (pairs,)

    Examples
    --------
    >>> both = prepare(np.stack([np.eye(2), -np.eye(2)]))
    >>> float(lower_bounds(both.take([0]), both.take([1]))[0]) > 1.9
    True
    """
    h = ((_numpy(a.values) - _numpy(b.values)) ** 2).sum(axis=-1)  # (pairs, angles)
    c2, s2 = np.cos(BOUND_ANGLES) ** 2, np.sin(BOUND_ANGLES) ** 2
    corners = [h[:, 0]]
    for i, j in combinations(range(len(c2)), 2):
        corners.append((h[:, i] * s2[j] - h[:, j] * s2[i]) / (c2[i] * s2[j] - c2[j] * s2[i]))
    x = np.maximum(np.stack(corners, axis=1), h[:, :1])
    y = np.broadcast_to(h[:, -1:], x.shape)
    for k in range(1, len(c2) - 1):
        y = np.maximum(y, (h[:, k, None] - c2[k] * x) / s2[k])
    mirsky = ((_numpy(a.singular) - _numpy(b.singular)) ** 2).sum(axis=-1)
    return np.sqrt(np.maximum((x + y).min(axis=1), mirsky))


def _search(xp: Any, a: Array, b: Array, starts: Array, effort: Effort) -> tuple[Array, Array, Array]:
    """Improve the starts round by round, keeping the best; return (C, squared distance, arrived) of every pair."""
    c, pairs = starts, a.shape[0]
    squared = squared_norm(xp, a - c @ b @ c.mT)
    everyone = xp.arange(pairs, device=array_api_compat.device(a))
    arrived = squared < 0
    for keep, steps in effort.rounds:
        best = xp.argsort(squared, axis=0)[: min(keep, len(c))]
        c, squared, arrived = c[best, everyone], squared[best, everyone], arrived[best, everyone]
        # the search of a pair is over where one start meets the other system to rounding
        k = c.shape[0]
        todo = ~arrived & (squared >= EXACT) & ~xp.any(squared < EXACT, axis=0)[None, :]
        flat = xp.nonzero(xp.reshape(todo, (-1,)))[0]
        if flat.shape[0]:
            wide = flat % pairs
            shape = (k * pairs, *c.shape[2:])
            c1 = xp.reshape(c, shape)
            found, least, done = descend(xp, a[wide], b[wide], c1[flat], steps, effort.negligible)
            c1[flat] = found
            s1, d1 = xp.reshape(squared, (-1,)), xp.reshape(arrived, (-1,))
            s1[flat], d1[flat] = least, done
            c, squared, arrived = xp.reshape(c1, c.shape), xp.reshape(s1, (k, pairs)), xp.reshape(d1, (k, pairs))
    best = xp.argmin(squared, axis=0)
    c = nearest_rotation(xp, c[best, everyone])
    squared = squared_norm(xp, a - c @ b @ c.mT)
    return c, squared, arrived[best, everyone] | (squared < EXACT)


def _later(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return which pairs stand in the other order: by the first entry in which they differ."""
    difference = (a - b).reshape(len(a), -1)
    where = (difference != 0).argmax(axis=1)
    return difference[np.arange(len(a)), where] > 0


def _numpy(x: Array) -> np.ndarray:
    return x if isinstance(x, np.ndarray) else x.detach().cpu().numpy()


def _checked(matrix: Any, name: str) -> np.ndarray:
    x = np.array(_numpy(matrix) if hasattr(matrix, "detach") else matrix, dtype=np.float64)
    if x.ndim != 2 or x.shape[0] != x.shape[1] or not x.size:
        raise ShapeError(f"{name}: got shape {x.shape}, expected a square matrix, the linear system's")
    if not np.isfinite(x).all():
        raise NotFiniteError(f"{name} holds NaN or infinity; there is no distance to such a system")
    return x
