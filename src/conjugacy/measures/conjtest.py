"""ConjTest: does mapping and then going on lead where going on and then mapping does, over neighbourhoods of states."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from conjugacy.data import Trajectories
from conjugacy.errors import InputError
from conjugacy.measure import Measure, Traits
from conjugacy.measures._conjtest import Cloud, Images, StateMap, by_map, check_knobs, compared, nearest_state
from conjugacy.measures._trajectories import as_trajectories
from conjugacy.results import Score


@dataclass(frozen=True)
class ConjTest(Measure):
    """ConjTest of two systems, the larger of both directions (Dlotko, Lipinski, Signerska-Rynkowska 2024).

    ConjTest(A, B) = mean_i d_H(h(f^t(U_i)), g^t(V_i)) / diam(B), where U_i is a state of A with its k nearest, V_i the states of
    B nearest to h(U_i), and f^t, g^t go `steps` time points on in the trial. 0 for systems conjugate by h. It tests the map as
    much as the systems, and the authors take h as known. Here h is, by `map`:

    - identity: both networks have the same units; trials need not be matched;
    - nearest: on matched trials, the partner of the nearest state of another trial; a system and itself are then not at 0. (The
      partner at the same trial and time fulfils h(f^t(x)) = g^t(h(x)) whatever the systems, and the value would always be 0.)

    `directed(a, b, h)` takes a map of one's own. Knobs: `neighbours` k, `steps` t, `points` (states used at most), `map`.

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

    neighbours: int = 5
    steps: int = 5
    points: int = 1000
    map: str = "identity"

    traits: ClassVar[Traits] = Traits(
        symmetric=True,
        metric=False,
        larger_is_more_similar=False,
        identity_value=0.0,
        invariances=frozenset(),
        data="trajectories of the same units",
    )
    references: ClassVar[tuple[str, ...]] = (
        "P. Dlotko, M. Lipinski, J. Signerska-Rynkowska: Testing topological conjugacy of time series. SIAM Journal on Applied "
        "Dynamical Systems 23 (2024), doi:10.1137/23M1594728",
    )

    def __post_init__(self) -> None:
        check_knobs(self.neighbours, self.steps, self.points)
        if self.map not in ("identity", "nearest"):
            raise InputError(f"map: got {self.map!r}, expected 'identity' or 'nearest'")

    def prepare(self, data: Any) -> Cloud:
        """Find one network's states and their neighbours; `data` is Trajectories or an array (k, t, n)."""
        return self._cloud(as_trajectories(data))

    def compare(self, a: Cloud, b: Cloud) -> Score:
        """Compare two prepared networks."""
        return compared(self.id, a, b, self.map, self._cloud, _directed)

    def directed(self, a: Cloud, b: Cloud, h: StateMap) -> float:
        """Return ConjTest from A to B for a map of one's own, states (p, n_a) to (p, n_b); trials need not be matched."""
        return _directed(a, b, by_map(a, b, h))

    def _cloud(self, x: Trajectories) -> Cloud:
        return Cloud.of(x, self.neighbours, self.steps, self.points)


def _directed(a: Cloud, b: Cloud, images: Images) -> float:
    goes_to = b.later[nearest_state(images, b)]
    apart = np.linalg.norm(images.later[a.near][:, :, None] - goes_to[a.near][:, None], axis=-1)  # (p, k + 1, k + 1)
    hausdorff = np.maximum(apart.min(axis=1).max(axis=1), apart.min(axis=2).max(axis=1))
    return float(hausdorff.mean() / b.diameter)
