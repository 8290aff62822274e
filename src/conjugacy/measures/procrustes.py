"""Procrustes shape distance: the angle between two networks after the best rotation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from conjugacy.measure import Traits
from conjugacy.measures._shapes import PairOfShapes, ShapeMeasure
from conjugacy.results import Score


@dataclass(frozen=True)
class Procrustes(ShapeMeasure):
    """Angular Procrustes distance: arccos(|X^T Y|_*) with X, Y centred and of Frobenius norm 1.

    A metric on shapes. Networks of different width are compared as if the narrower had silent units. `similarity()` is the
    cosine, the nuclear norm |X^T Y|_*. With at least as many units as stimuli it says little: the status tells.

    With `variance` below 1 the leading principal coordinates of each network are compared, which is fast for many wide networks
    and as much a metric. `details["loss"]` bounds how far the angle of all units lies from the value: with X = [X_r, E] and
    Y = [Y_r, F] of norm 1, |X_r^T Y_r|_* <= |X^T Y|_* <= |X_r^T Y_r|_* + sum s_i(E) s_i(Y) + sum s_i(X_r) s_i(F), and the angles
    differ by at most arcsin |E| + arcsin |F|, whichever says more.

    Attributes
    ----------
    variance : float
        Share of each network's variance that its principal coordinates hold; 1 keeps the units as they are.

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

    def score(self, name: str, pair: PairOfShapes) -> Score:
        """Return what the angle of a pair says, with what a cut can change."""
        details: dict[str, float] = {}
        if pair.cosine_range is not None:
            least, most = np.arccos(pair.cosine_range[::-1]).tolist()
            details["loss"] = max(pair.angle - least, most - pair.angle, 0.0)
        return Score(name, pair.angle, pair.angle, pair.cosine, pair.rotation_status, details=details)
