"""Normalised Bures similarity of two networks' kernels: how far they overlap as if they were densities."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from conjugacy.measure import Traits
from conjugacy.measures._shapes import PairOfShapes, ShapeMeasure
from conjugacy.results import Score


@dataclass(frozen=True)
class Bures(ShapeMeasure):
    """Normalised Bures similarity: tr((K^1/2 L K^1/2)^1/2) / sqrt(tr K tr L), with K = X X^T and L = Y Y^T centred.

    Computed as the nuclear norm |X^T Y|_* of columns of Frobenius norm 1, which is the same number: the cosine of the angular
    Procrustes distance (`procrustes`). `distance()` is the Bures distance of kernels of trace 1, sqrt(2 - 2 value), a metric.

    Attributes
    ----------
    variance : float
        Share of each network's variance that its principal coordinates hold; 1 keeps the units as they are. Below 1
        `details["loss"]` bounds how far the value of all units lies from this one, by the inequalities in `procrustes`.

    Examples
    --------
    >>> x = np.random.default_rng(0).normal(size=(50, 4))
    >>> round(Bures()(x, -2 * x[:, ::-1]).value, 9)
    1.0
    """

    traits: ClassVar[Traits] = Traits(
        symmetric=True,
        metric=True,
        larger_is_more_similar=True,
        identity_value=1.0,
        invariances=frozenset({"permutation", "orthogonal", "isotropic_scaling", "translation"}),
    )
    references: ClassVar[tuple[str, ...]] = (
        "S. Tang, W. Maddox, C. Dickens, T. Diethe, A. Damianou: Similarity of neural networks with gradients. "
        "arXiv:2003.11498 (2020)",
        "S. Harvey, B. Larsen, A. H. Williams: Duality of Bures and shape distances with implications for comparing neural "
        "representations. UniReps 2023",
    )

    def score(self, name: str, pair: PairOfShapes) -> Score:
        """Return what the angle of a pair says, with what a cut can change."""
        details: dict[str, float] = {}
        if pair.cosine_range is not None:
            low, high = pair.cosine_range
            details["loss"] = max(pair.cosine - low, high - pair.cosine, 0.0)
        # the chord of the angle, which keeps its digits near zero
        chord = 2.0 * float(np.sin(pair.angle / 2))
        return Score(name, pair.cosine, chord, pair.cosine, pair.rotation_status, details=details)
