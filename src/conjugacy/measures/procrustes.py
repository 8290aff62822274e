"""Procrustes shape distance: the angle between two networks after the best rotation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from conjugacy.data import Activations, match_rows
from conjugacy.measure import Measure, Traits, as_activations
from conjugacy.numerics.columns import centred_live, compact, unit_norm
from conjugacy.results import Score, Status


@dataclass(frozen=True, eq=False)
class PreparedShape:
    """Centred columns of Frobenius norm 1; empty where nothing varies."""

    layer: Activations
    x: np.ndarray


@dataclass(frozen=True)
class Procrustes(Measure):
    """Angular Procrustes distance: arccos(|X^T Y|_*) with X, Y centred and of Frobenius norm 1.

    A metric on shapes. Networks of different width are compared as if the narrower had silent units. `similarity()` is the
    cosine, the nuclear norm |X^T Y|_*. With at least as many units as stimuli it says little: the status tells.

    Examples
    --------
    >>> x = np.random.default_rng(0).normal(size=(50, 4))
    >>> bool(Procrustes()(x, -2 * x[:, ::-1]).value < 1e-6)
    True
    """

    traits: ClassVar[Traits] = Traits(
        symmetric=True,
        metric=True,
        larger_is_more_similar=False,
        identity_value=0.0,
        invariances=frozenset({"permutation", "orthogonal", "isotropic_scaling", "translation"}),
    )
    references: ClassVar[tuple[str, ...]] = (
        "A. H. Williams, E. Kunz, S. Kornblith, S. Linderman: Generalized shape metrics on neural representations. NeurIPS 2021",
    )

    def prepare(self, data: Any) -> PreparedShape:
        """Centre and scale."""
        layer = as_activations(data)
        x = centred_live(layer.values)
        return PreparedShape(layer, compact(unit_norm(x)) if x.size else x)

    def compare(self, a: PreparedShape, b: PreparedShape) -> Score:
        """Compare two prepared networks."""
        matching = match_rows(a.layer, b.layer)
        if not a.x.size or not b.x.size:
            return Score(self.id, float("nan"), float("nan"), 0.0, Status.DEGENERATE)
        x, y = a.x[matching.rows_a], b.x[matching.rows_b]
        u, singular, vt = np.linalg.svd(x.T @ y, full_matrices=False)
        cosine = float(np.clip(singular.sum(), 0.0, 1.0))
        angle = _small_angle(x, y, u @ vt) if cosine > 0.99 else float(np.arccos(cosine))
        few = len(x) <= max(x.shape[1], y.shape[1])
        return Score(self.id, angle, angle, cosine, Status.TOO_FEW_ROWS if few else Status.OK)


def _small_angle(x: np.ndarray, y: np.ndarray, q: np.ndarray) -> float:
    """Return the angle from the chord |X Q - Y|: near 1 the arccos of the cosine loses half the digits.

    The wider network is turned into the narrower one's space; what it holds outside of it adds to the chord.
    """
    if x.shape[1] < y.shape[1]:
        x, y, q = y, x, q.T
    inside = x @ q
    outside = x - inside @ q.T  # not 1 - |XQ|^2, whose rounding would show as an angle of 1e-8
    chord = np.sqrt(float(((inside - y) ** 2).sum() + (outside**2).sum()))
    return float(2.0 * np.arcsin(min(1.0, chord / 2.0)))
