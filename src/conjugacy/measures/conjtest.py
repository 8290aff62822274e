"""ConjTest: does mapping and then going on lead where going on and then mapping does, over neighbourhoods of states."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from conjugacy.measure import Traits
from conjugacy.measures._conjtest import Cloud, Images, MapTest, nearest_state


@dataclass(frozen=True)
class ConjTest(MapTest):
    """ConjTest of two systems, the larger of both directions (Dlotko, Lipinski, Signerska-Rynkowska 2024).

    ConjTest(A, B) = mean_i d_H(h(f^t(U_i)), g^t(V_i)) / diam(B), where U_i is a state of A with its k nearest, V_i the states of
    B nearest to h(U_i), and f^t, g^t go `steps` time points on in the trial. 0 for systems conjugate by h. It tests the map as
    much as the systems, and the authors take h as known. Here h is, by `map`:

    - identity: both networks have the same units; trials need not be matched;
    - nearest: on matched trials, the partner of the nearest state of another trial; a system and itself are then not at 0. (The
      partner at the same trial and time fulfils h(f^t(x)) = g^t(h(x)) whatever the systems, and the value would always be 0.)

    `directed(a, b, h)` takes your own map. Knobs: `neighbours` k, `steps` t, `points` (states used at most), `map`.

    Examples
    --------
    >>> logistic = [0.2]
    >>> for _ in range(600):
    ...     logistic.append(3.99 * logistic[-1] * (1 - logistic[-1]))
    >>> a = np.array(logistic)[None, :, None]
    >>> measure = ConjTest(steps=2)
    >>> bool(measure(a[:, :300], a[:, 300:]).value < 0.2 * measure(a[:, :300], 1 - a[:, 300:]).value)
    True
    """

    maps: ClassVar[tuple[str, ...]] = ("identity", "nearest")
    traits: ClassVar[Traits] = Traits(
        symmetric=True,
        metric=False,
        larger_is_more_similar=False,
        identity_value=0.0,
        invariances=frozenset(),
        data="trajectories of the same units",
    )

    def one_way(self, a: Cloud, b: Cloud, images: Images) -> float:
        """Return the test from A to B, given where the map takes A's states."""
        goes_to = b.later[nearest_state(images, b)]
        apart = np.linalg.norm(
            images.later[a.near][:, :, None] - goes_to[a.near][:, None], axis=-1
        )  # (p, k + 1, k + 1)
        hausdorff = np.maximum(apart.min(axis=1).max(axis=1), apart.min(axis=2).max(axis=1))
        return float(hausdorff.mean() / b.diameter)
