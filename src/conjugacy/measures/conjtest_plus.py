"""ConjTest+: ConjTest over whole neighbourhoods of the image, so that it sees a map that tears states apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from scipy.spatial.distance import cdist

from conjugacy.measure import Traits
from conjugacy.measures._conjtest import Cloud, Images, MapTest, nearest_state


@dataclass(frozen=True)
class ConjTestPlus(MapTest):
    """ConjTest+ of two systems, the larger of both directions (Dlotko, Lipinski, Signerska-Rynkowska 2024).

    As `conjtest`, mean_i d_H(h(f^t(U_i)), g^t(V_i)) / diam(B), but V_i is the smallest neighbourhood of the state nearest to
    h(a_i) that holds all states nearest to h(U_i). If h takes neighbours far apart, V_i is large and g^t spreads it. `map`
    selects h: index is the other network's state at the same trial and time (matched trials); nearest and identity are as in
    `conjtest`. `directed(a, b, h)` takes your own map.

    Knobs: `neighbours` k, `steps` t, `points` (states used at most), `map`.

    Examples
    --------
    >>> import numpy as np
    >>> angle = 2 * np.pi * (0.1 * np.sqrt(2) * np.arange(400))
    >>> a = np.stack([np.cos(angle), np.sin(angle)], axis=1)[None]
    >>> bent = np.stack([np.cos(angle + 0.5 * np.sin(angle)), np.sin(angle + 0.5 * np.sin(angle))], axis=1)[None]
    >>> other = np.stack([np.cos(1.3 * angle), np.sin(1.3 * angle)], axis=1)[None]
    >>> measure = ConjTestPlus()
    >>> bool(measure(a, bent).value < 0.1 * measure(a, other).value)
    True
    """

    map: str = "index"

    traits: ClassVar[Traits] = Traits(
        symmetric=True,
        metric=False,
        larger_is_more_similar=False,
        identity_value=0.0,
        invariances=frozenset({"permutation", "orthogonal", "isotropic_scaling", "translation"}),
        data="matched trajectories",
    )

    def one_way(self, a: Cloud, b: Cloud, images: Images) -> float:
        """Return the test from A to B, given where the map takes A's states."""
        nearest, centre = nearest_state(images, b), b.now.mean(axis=0)
        around = cdist(b.now - centre, b.now - centre)
        apart = cdist(images.later - centre, b.later - centre)
        total = 0.0
        for at, near in zip(nearest.tolist(), a.near, strict=True):
            hull = around[at] <= around[at, nearest[near]].max()
            reach = apart[near][:, hull]
            total += max(float(reach.min(axis=0).max()), float(reach.min(axis=1).max()))
        return total / (len(nearest) * b.diameter)
