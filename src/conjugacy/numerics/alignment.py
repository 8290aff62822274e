"""Vector-field Procrustes: the rotation that brings one linear system nearest to another, with a bound from below.

For A and B of Frobenius norm 1 the distance is min over C in O(n) of |A - C B C^T|_F (Ostrow et al. 2023, eq. 6). With S and K
the symmetric and skew parts, |A - C B C^T| = |M_A - C M_B C^T| for the Hermitian M = S + iK and C real: the problem is to align
Hermitian matrices. Their eigenvectors give starts that are exact for conjugate pairs, of either determinant, and their
eigenvalues a bound that no C can pass (Hoffman and Wielandt 1953).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import array_api_compat
import numpy as np

from conjugacy.errors import NotFiniteError, ShapeError

Array = Any  # numpy arrays, or torch tensors on any device

START_ANGLES = (0.0, np.pi / 8, np.pi / 4, 3 * np.pi / 8, 1.5)
BOUND_ANGLES = tuple(np.linspace(0.0, np.pi / 2, 9))
MEMORY = 8  # steps that the quasi-Newton direction remembers
HALVINGS = 12
ARMIJO = 1e-4
SMALL = 24  # up to this rank more starts are affordable
NEGLIGIBLE = 1e-11  # predicted decrease over the squared distance at which the descent has arrived
EXACT = 1e-26  # squared distance below which two systems are the same to rounding


@dataclass(frozen=True)
class Effort:
    """How hard to search: random starts beside the spectral ones, then rounds of (starts kept, steps).

    Attributes
    ----------
    angles : int
        How many of the spectral starts, 1 to 5.
    random : int
        Random starts, half of either determinant.
    rounds : sequence of (int, int)
        In each round the best so many of the starts are improved by at most so many steps.
    """

    angles: int = 5
    random: int = 7
    rounds: Sequence[tuple[int, int]] = ((14, 30), (6, 100), (3, 600))

    @classmethod
    def full(cls, n: int) -> Effort:
        """Return the usual effort for systems of rank n: small ones are full of local minima and cheap, and get more starts."""
        return cls(random=35, rounds=((42, 50), (12, 600))) if n <= SMALL else cls()


FAST = Effort(angles=3, random=0, rounds=((5, 10), (1, 100)))


@dataclass(frozen=True, eq=False)
class VectorFields:
    """Linear systems of one size with all that a comparison needs of each alone.

    Attributes
    ----------
    matrices : array, (s, n, n)
        Of Frobenius norm 1, or zero.
    bases : array, (s, angles, n, n), complex
        Eigenvectors of cos(theta) S + i sin(theta) K, ascending, for the angles of the starts.
    values : array, (s, 9, n)
        Eigenvalues over the angles of the bound.
    singular : array, (s, n)
        Singular values, descending.
    """

    matrices: Array
    bases: Array
    values: Array
    singular: Array

    @classmethod
    def stack(cls, parts: Sequence[VectorFields]) -> VectorFields:
        """Return the systems of all parts, one after the other."""
        xp = array_api_compat.array_namespace(parts[0].matrices)
        names = ("matrices", "bases", "values", "singular")
        return cls(*(xp.concat([getattr(part, name) for part in parts]) for name in names))

    def take(self, which: Any) -> VectorFields:
        """Return the chosen systems, in that order."""
        return VectorFields(self.matrices[which], self.bases[which], self.values[which], self.singular[which])


@dataclass(frozen=True, eq=False)
class Alignment:
    """What the search found for one pair.

    Attributes
    ----------
    distance : float
        |A/|A| - C (B/|B|) C^T|_F for the C found, in [0, 2]: no more than this.
    lower : float
        No rotation or reflection brings them nearer.
    rotation : array, (n, n)
        C.
    status : {"converged", "stopped", "degenerate"}
        `stopped`: the steps ran out; `degenerate`: a system is zero, and there is no distance (NaN).
    """

    distance: float
    lower: float
    rotation: np.ndarray
    status: str

    @property
    def angle(self) -> float:
        """The angular form arccos tr(A^T C B C^T), in [0, pi]; from the chord, which keeps all digits near 0."""
        return _angle(self.distance)

    @property
    def lower_angle(self) -> float:
        """The lower bound in the angular form."""
        return _angle(self.lower)


def align_vector_fields(a: Any, b: Any, *, effort: Effort | None = None, seed: int = 0) -> Alignment:
    """Return the rotation or reflection C that brings B nearest to A: min over O(n) of |A/|A| - C (B/|B|) C^T|_F.

    From spectral and random starts, L-BFGS in the Lie algebra of the rotations, in float64. The least found is an upper
    bound, `lower` the certificate on the other side; nothing proves the least one global. Exactly symmetric in A and B. Where
    sizes differ, the smaller system is filled up with zeros: states that are at rest.

    Parameters
    ----------
    a, b : array, (n, n) and (k, k)
    effort : Effort, optional
        How hard to search; by the size where it is not given.
    seed : int
        Seeds the random starts.

    Raises
    ------
    ShapeError, NotFiniteError

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
    """Return the matrix with states at rest added, (n, n)."""
    k = n - len(matrix)
    return np.pad(matrix, ((0, k), (0, k)))


def prepare(matrices: Array) -> VectorFields:
    """Return systems (s, n, n) with their spectra; torch tensors stay where they are."""
    xp = array_api_compat.array_namespace(matrices)
    norms = _norm(xp, matrices)[:, None, None]
    x = matrices / xp.where(norms > 0, norms, xp.ones_like(norms))
    symmetric, skew = (x + x.mT) / 2, (x - x.mT) / 2
    bases = [xp.linalg.eigh(np.cos(t) * symmetric + 1j * np.sin(t) * skew)[1] for t in START_ANGLES]
    values = [xp.linalg.eigvalsh(np.cos(t) * symmetric + 1j * np.sin(t) * skew) for t in BOUND_ANGLES]
    return VectorFields(x, xp.stack(bases, axis=1), xp.stack(values, axis=1), xp.linalg.svdvals(x))


def align_pairs(a: VectorFields, b: VectorFields, *, effort: Effort | None = None, seed: int = 0) -> list[Alignment]:
    """Align system i of `a` with system i of `b`, all pairs at once.

    The result of a pair depends on nothing but the pair.
    """
    xp = array_api_compat.array_namespace(a.matrices)
    effort = Effort.full(a.matrices.shape[-1]) if effort is None else effort
    lower = lower_bounds(a, b)
    swap = _later(_numpy(a.matrices), _numpy(b.matrices))
    order = xp.asarray(swap)[:, None, None] if xp is np else xp.asarray(swap, device=a.matrices.device)[:, None, None]
    first, second = xp.where(order, b.matrices, a.matrices), xp.where(order, a.matrices, b.matrices)
    bases = [xp.where(order[..., None], y, x) for x, y in ((a.bases, b.bases), (b.bases, a.bases))]
    starts = _starts(xp, first, second, bases[0], bases[1], effort, seed)
    c, squared, arrived = _search(xp, first, second, starts, effort)
    c, squared, arrived = _numpy(xp.where(order, c.mT, c)), _numpy(squared), _numpy(arrived)
    zero = (_numpy(_norm(xp, a.matrices)) == 0) | (_numpy(_norm(xp, b.matrices)) == 0)
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
    """Return for every pair a distance below which no C can bring it, (pairs,).

    With x = |S_A - C S_B C^T|^2 and y the same for the skew parts, cos^2(t) x + sin^2(t) y is at least the squared distance
    of the sorted eigenvalues h(t) at every angle t; the bound is the least x + y under these, or that of the singular values.
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


def _starts(xp: Any, a: Array, b: Array, u: Array, v: Array, effort: Effort, seed: int) -> Array:
    """Return rotations to start from, (starts, pairs, n, n)."""
    n = a.shape[-1]
    found = [_real_start(xp, a, b, u[:, 0].real, v[:, 0].real)]
    found += [_phase_start(xp, u[:, k], v[:, k]) for k in range(1, effort.angles)]
    one = xp.zeros_like(a) + xp.eye(n, device=array_api_compat.device(a))
    found += [one, _real_start(xp, a, b, one, one)]  # coordinates as they stand, and with their signs matched
    rng = np.random.default_rng(seed)
    for k in range(effort.random):
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
    return _nearest_rotation(xp, ((u * phase[:, None, :]) @ xp.conj(v).mT).real)


def _nearest_rotation(xp: Any, c: Array) -> Array:
    u, _, vh = xp.linalg.svd(c, full_matrices=False)
    return u @ vh


def _search(xp: Any, a: Array, b: Array, starts: Array, effort: Effort) -> tuple[Array, Array, Array]:
    """Improve the starts round by round, keeping the best; return (C, squared distance, arrived) of every pair."""
    c, pairs = starts, a.shape[0]
    squared = _squared(xp, a - c @ b @ c.mT)
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
            found, least, done = _descend(xp, a[wide], b[wide], c1[flat], steps)
            c1[flat] = found
            s1, d1 = xp.reshape(squared, (-1,)), xp.reshape(arrived, (-1,))
            s1[flat], d1[flat] = least, done
            c, squared, arrived = xp.reshape(c1, c.shape), xp.reshape(s1, (k, pairs)), xp.reshape(d1, (k, pairs))
    best = xp.argmin(squared, axis=0)
    c = _nearest_rotation(xp, c[best, everyone])
    squared = _squared(xp, a - c @ b @ c.mT)
    return c, squared, arrived[best, everyone] | (squared < EXACT)


def _descend(xp: Any, a: Array, b: Array, c: Array, steps: int) -> tuple[Array, Array, Array]:
    """Minimise |A - C B C^T|^2 / 2 by C <- cayley(w) C, w skew, with L-BFGS; every pair of the batch on its own.

    Written in D = A - C B C^T, so that distances far below the square root of the precision are reached.
    """
    out_c, out_f = c + 0.0, xp.zeros_like(c[:, 0, 0])
    out_done = out_f < 0
    rows = xp.arange(c.shape[0], device=array_api_compat.device(c))
    turned = c @ b @ c.mT
    d = a - turned
    f, g = _squared(xp, d) / 2, _gradient(d, turned)
    history: list[tuple[Array, Array, Array]] = []
    done = f < EXACT / 2
    new = done
    for step in range(steps + 1):
        new = new if step < steps else new | ~done
        if xp.any(new):
            # kept at once: what others in the batch still need must not change this pair
            out_c[rows[new]], out_f[rows[new]], out_done[rows[new]] = c[new], f[new], done[new]
        if step == steps or xp.all(done):
            break
        if xp.sum(xp.astype(done, xp.float64)) > 0.2 * done.shape[0]:
            rows, a, c, turned, f, g = (x[~done] for x in (rows, a, c, turned, f, g))
            history = [(s[~done], y[~done], r[~done]) for s, y, r in history]
            done = done[~done]
        w = _direction(xp, g, history)
        slope = _inner(xp, g, w)
        size, steep = _norm(xp, w), _norm(xp, g)
        bad = ~(slope < -1e-10 * size * steep)
        if xp.any(bad):
            w = xp.where(bad[:, None, None], -g / 2, w)
            slope = xp.where(bad, -(steep**2) / 2, slope)
        size = _norm(xp, w)
        longest = 0.75 * np.sqrt(c.shape[-1])
        shrink = xp.where(size > longest, longest / xp.where(size > 0, size, xp.ones_like(size)), xp.ones_like(size))
        w, slope = w * shrink[:, None, None], slope * shrink
        t, new_c, new_turned, new_f = _line_search(xp, a, c, turned, f, w, slope)
        new_g = _gradient(a - new_turned, new_turned)
        s, y = w * t[:, None, None], new_g - g
        sy = _inner(xp, s, y)
        useful = sy > 1e-12 * _norm(xp, s) * _norm(xp, y)
        history = [
            *history[-MEMORY + 1 :],
            (s, y, xp.where(useful, 1 / xp.where(useful, sy, xp.ones_like(sy)), 0 * sy)),
        ]
        little = NEGLIGIBLE * new_f
        arrived = (t == 0) | (-slope * t < little) & (f - new_f < little) | (new_f < EXACT / 2)
        done, new = done | arrived, arrived & ~done
        c, turned, f, g = new_c, new_turned, new_f, new_g
    return out_c, 2 * out_f, out_done


def _gradient(d: Array, turned: Array) -> Array:
    """Return the skew gradient of |D|^2 / 2 in w at C <- exp(w) C; linear in D, hence exact near 0."""
    m = d @ turned.mT - turned.mT @ d
    return (m.mT - m) / 2


def _direction(xp: Any, g: Array, history: Sequence[tuple[Array, Array, Array]]) -> Array:
    """Return minus the quasi-Newton step (two-loop recursion)."""
    if not history:
        return -g / 2
    q, weights = g, list[Array]()
    for s, y, r in reversed(history):
        weight = r * _inner(xp, s, q)
        weights.append(weight)
        q = q - weight[:, None, None] * y
    s, y, r = history[-1]
    yy = _inner(xp, y, y)
    scale = xp.where(
        (r > 0) & (yy > 0), 1 / xp.where((r > 0) & (yy > 0), r * yy, xp.ones_like(r)), 0.5 * xp.ones_like(r)
    )
    q = q * scale[:, None, None]
    for (s, y, r), weight in zip(history, reversed(weights), strict=True):
        q = q + s * (weight - r * _inner(xp, y, q))[:, None, None]
    return -q


def _line_search(
    xp: Any, a: Array, c: Array, turned: Array, f: Array, w: Array, slope: Array
) -> tuple[Array, Array, Array, Array]:
    """Return (t, C, C B C^T, f) after a step that lowers f enough (Armijo); t = 0 where none does."""
    t = xp.ones_like(f)
    new_c, new_turned, new_f = c, turned, f
    todo = xp.arange(f.shape[0], device=array_api_compat.device(f))
    for attempt in range(HALVINGS):
        whole = attempt == 0
        r = _cayley(xp, w if whole else t[todo, None, None] * w[todo])
        moved = r @ (turned if whole else turned[todo]) @ r.mT
        value = _squared(xp, (a if whole else a[todo]) - moved) / 2
        fine = value <= (f + ARMIJO * t * slope if whole else f[todo] + ARMIJO * t[todo] * slope[todo])
        if whole:
            if xp.all(fine):
                return t, r @ c, moved, value
            new_c, new_turned, new_f = c + 0.0, turned + 0.0, f + 0.0
        at = todo[fine]
        new_c[at], new_turned[at], new_f[at] = r[fine] @ c[at], moved[fine], value[fine]
        todo = todo[~fine]
        if not todo.shape[0]:
            return t, new_c, new_turned, new_f
        t[todo] *= 0.35
    t[todo] = 0.0
    return t, new_c, new_turned, new_f


def _cayley(xp: Any, w: Array) -> Array:
    """Return the rotation (I - w/2)^-1 (I + w/2) = 2 (I - w/2)^-1 - I."""
    one = xp.eye(w.shape[-1], dtype=w.dtype, device=array_api_compat.device(w))
    return 2 * xp.linalg.inv(one - w / 2) - one


def _angle(chord: float) -> float:
    return float(2.0 * np.arcsin(min(1.0, chord / 2.0)))


def _inner(xp: Any, x: Array, y: Array) -> Array:
    return xp.sum(x * y, axis=(-2, -1))


def _squared(xp: Any, x: Array) -> Array:
    return xp.sum(x * x, axis=(-2, -1))


def _norm(xp: Any, x: Array) -> Array:
    return xp.sqrt(_squared(xp, x))


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
