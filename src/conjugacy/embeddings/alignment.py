"""One network's coordinates laid over another's: from common points, from known sets, or from the shape alone."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import permutations, product

import numpy as np
from scipy.spatial.distance import cdist

from conjugacy.errors import InputError, ShapeError
from conjugacy.numerics.alignment.rotation_starts import nearest_rotation

ROUNDS = 100
TURNS = 12  # angles of a plane tried as starts
FEW, SOME, MANY = 200, 500, 1200  # points to search with, to refine with, to judge by
SAME = 0.3  # two maps that differ by less, over the size of the whole, are one
PERMUTATIONS = 199
MOST_COORDINATES = 4  # signed permutations of e axes are e! 2^e
AS_GOOD = 2.0  # a fit within this factor of the best is as good, where even the best is not within chance


@dataclass(frozen=True, eq=False)
class RigidMap:
    """A rigid map y = (x - center_a) Q + center_b from A's coordinates to B's.

    Attributes
    ----------
    rotation : array, (e, e)
        Q, orthogonal.
    center_a, center_b : array, (e,)
    error : float
        Root mean square over the size of B's coordinates of the common points, or the energy distance of the clouds over it.

    Examples
    --------
    >>> turn = RigidMap(np.array([[0.0, 1.0], [-1.0, 0.0]]), np.zeros(2), np.ones(2), 0.0)
    >>> turn(np.array([[1.0, 0.0]])).tolist()
    [[1.0, 2.0]]
    """

    rotation: np.ndarray
    center_a: np.ndarray
    center_b: np.ndarray
    error: float

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """Carry A's coordinates over."""
        return (x - self.center_a) @ self.rotation + self.center_b

    @property
    def inverse(self) -> RigidMap:
        """From B's coordinates to A's."""
        return RigidMap(self.rotation.T, self.center_b, self.center_a, self.error)


def procrustes_gap(a: np.ndarray, b: np.ndarray) -> float:
    """Return |(A - mean) Q - (B - mean)| / |B - mean| with the best orthogonal Q, without rescaling.

    Parameters
    ----------
    a, b : array, (p, e)
        The same rows in both.

    Returns
    -------
    float

    Examples
    --------
    >>> x = np.random.default_rng(0).normal(size=(5, 2))
    >>> procrustes_gap(x, x[:, ::-1] + 3.0) < 1e-12
    True
    """
    return align_by_points(a, b).error


def align_by_points(a: np.ndarray, b: np.ndarray) -> RigidMap:
    """Return the rigid map that brings common points of A nearest to those of B (Procrustes, reflections allowed).

    Parameters
    ----------
    a, b : array, (p, e)
        The same points in either network's coordinates; at least e + 1 that do not lie in a plane.

    Returns
    -------
    RigidMap

    Raises
    ------
    ShapeError
        If shapes differ.
    InputError
        If there are too few points, or they do not span the coordinates.

    Examples
    --------
    >>> x = np.random.default_rng(0).normal(size=(5, 2))
    >>> bool(align_by_points(x, x[:, ::-1] + 3.0).error < 1e-12)
    True
    """
    a, b = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    if a.shape != b.shape or a.ndim != 2:
        raise ShapeError(
            f"common points: got shapes {a.shape} and {b.shape}, expected the same points with as many coordinates"
        )
    p, e = a.shape
    if p < e + 1:
        raise InputError(
            f"{p} common points for {e} coordinates: at least {e + 1} are needed to fix a rotation or reflection"
        )
    center_a, center_b = a.mean(axis=0), b.mean(axis=0)
    x, y = a - center_a, b - center_b
    for name, part in (("A", x), ("B", y)):
        singular = np.linalg.svd(part, compute_uv=False)
        if singular[-1] < 1e-3 * singular[0]:
            raise InputError(
                f"the {p} common points do not span the {e} coordinates of {name}, singular values {singular.round(6).tolist()}: "
                "they leave a reflection open; give points that do not lie in one plane"
            )
    q = nearest_rotation(np, x.T @ y)
    return RigidMap(q, center_a, center_b, float(np.linalg.norm(x @ q - y) / np.linalg.norm(y)))


def alignments_of_shapes(a: np.ndarray, b: np.ndarray, *, seed: int = 0) -> tuple[RigidMap, ...]:
    """Return every rigid map that lays one cloud over the other as well as chance allows, the best first.

    Without common points, only shape and density can be matched. If both clouds are symmetric, several maps fit, and no data can
    choose among them. All are returned: eight for a square, a sweep of turns for a circle. The search starts from signed
    permutations of the principal axes and turns of the first two. Weighted Procrustes steps lower the energy distance
    2 E|x - y| - E|x - x'| - E|y - y'| and never raise it. A map is kept if the same points, divided at random, exceed its energy
    in more than one of a hundred draws; if there is none, maps within twice the best are kept.

    Parameters
    ----------
    a, b : array, (p, e) and (q, e)
        Two clouds of points.
    seed : int
        Seeds the choice of points.

    Returns
    -------
    tuple of RigidMap
        `error` is the energy over the size of B.

    Raises
    ------
    InputError
        If there are more than four coordinates: too many turns to try.

    Examples
    --------
    >>> x = np.random.default_rng(0).uniform(size=(60, 2)) * [3.0, 1.0]
    >>> len(alignments_of_shapes(x, x + 1.0)) >= 1
    True
    """
    if a.shape[1] > MOST_COORDINATES:
        raise InputError(
            f"shapes alone are laid over each other in up to {MOST_COORDINATES} coordinates, these have {a.shape[1]}: give "
            f"{a.shape[1] + 1} or more common points"
        )
    rng = np.random.default_rng(seed)
    center_a, center_b = a.mean(axis=0), b.mean(axis=0)
    x, y = (v[rng.permutation(len(v))[:MANY]] - center for v, center in ((a, center_a), (b, center_b)))
    size = float(np.sqrt((y**2).sum(axis=1).mean()))
    axes_a, axes_b = (np.linalg.svd(v, full_matrices=False)[2].T for v in (x, y))
    searched: list[np.ndarray] = []
    for start in _starts(x.shape[1]):
        q = _lowered(x[:FEW], y[:FEW], axes_a @ start @ axes_b.T)
        if not _among(x, q, searched, SAME * size):
            searched.append(q)
    found: list[tuple[float, np.ndarray, bool]] = []
    for coarse in searched:
        q = _lowered(x[:SOME], y[:SOME], coarse)
        if not _among(x, q, [other for _, other, _ in found], SAME * size):
            energy, chance = _energy(x @ q, y, np.random.default_rng(seed + 1))
            found.append((energy, q, energy <= chance))
    found.sort(key=lambda one: one[0])
    within = [one for one in found if one[2]] or [one for one in found if one[0] <= AS_GOOD * found[0][0]]
    return tuple(RigidMap(q, center_a, center_b, energy / size) for energy, q, _ in within)


def _lowered(x: np.ndarray, y: np.ndarray, q: np.ndarray) -> np.ndarray:
    """Return the rotation after steps that lower E|x Q - y|: |r| lies below its parabola through the present r."""
    for _ in range(ROUNDS):
        weights = 1.0 / np.maximum(cdist(x @ q, y), 1e-3)
        new = nearest_rotation(np, x.T @ weights @ y)
        settled = np.abs(new - q).max() < 1e-5
        q = new
        if settled:
            break
    return q


def _energy(x: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> tuple[float, float]:
    """Return the energy distance of two clouds, and what 99 of 100 random divisions of their points stay below."""
    both = np.concatenate([x, y])
    distances = cdist(both, both)
    signs = np.concatenate([np.full(len(x), 1.0 / len(x)), np.full(len(y), -1.0 / len(y))])
    drawn = np.stack([rng.permutation(signs) for _ in range(PERMUTATIONS)], axis=1)
    null = -np.einsum("ip,ip->p", drawn, distances @ drawn)
    return max(0.0, float(-signs @ distances @ signs)), float(np.quantile(null, 0.99))


def _starts(e: int) -> list[np.ndarray]:
    signs = [np.diag(s) for s in product((1.0, -1.0), repeat=e)]
    found = [np.eye(e)[list(order)] @ sign for order in permutations(range(e)) for sign in signs]
    if e == 1:
        return found
    for angle in 2 * np.pi * np.arange(TURNS) / TURNS:
        turn = np.eye(e)
        turn[:2, :2] = [[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]]
        found += [turn, np.diag([1.0, -1.0, *np.ones(e - 2)]) @ turn]
    return found


def _among(x: np.ndarray, q: np.ndarray, others: list[np.ndarray], apart: float) -> bool:
    """Return whether a map does to the points what one of the others does."""
    return any(float(np.sqrt(((x @ (q - other)) ** 2).sum(axis=1).mean())) <= apart for other in others)
