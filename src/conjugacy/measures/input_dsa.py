"""InputDSA: two driven networks compared by their own dynamics, by how the input enters, and by both together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from conjugacy.dynamics.control import DMDc, InputDynamics, SubspaceID
from conjugacy.errors import InputError
from conjugacy.measure import Measure, Traits
from conjugacy.measures._trajectories import as_trajectories, pair_status, search_effort
from conjugacy.numerics.alignment import Alignment, align_pairs, padded, prepare
from conjugacy.numerics.alignment.procrustes import orthogonal_distance
from conjugacy.results import Score, Status


@dataclass(frozen=True)
class InputDSA(Measure):
    """InputDSA: min over C in O(r) of |K_a - C K_b|, K = [B, AB, ..., A^(r-1) B] of Frobenius norm 1 (Huang et al. 2025).

    A (the own dynamics) and B (how the input enters) are fitted to driven trajectories, by DMD with control or by subspace
    identification. `value` is the joint distance; `details` hold the `state` distance (of A, as in `dsa`, euclidean) and the
    `control` distance (of B). All three are 0 for systems that are the same in rotated coordinates; of one input alone `control`
    is NaN, as any direction can be turned onto any other. Both networks need equally many inputs. Systems of different rank: the
    smaller is filled up with states at rest.

    Knobs: `method` subspace or dmdc, `delays` (past and future of subspace, delays of dmdc), `rank`, `ridge`, `effort` full or
    fast (of the search for `state`), `seed`.

    Examples
    --------
    >>> from conjugacy.data import Trajectories
    >>> rng = np.random.default_rng(0)
    >>> u, x = rng.normal(size=(4, 60, 1)), np.zeros((4, 60, 2))
    >>> for t in range(59):
    ...     x[:, t + 1] = x[:, t] @ [[0.9, 0.2], [0.0, 0.5]] + u[:, t] @ [[1.0, 2.0]]
    >>> a, b = Trajectories(x, drive=u), Trajectories(x @ [[0.6, -0.8], [0.8, 0.6]], drive=u)
    >>> bool(InputDSA(method="dmdc", delays=1, rank=2)(a, b).value < 1e-6)
    True
    """

    method: str = "subspace"
    delays: int = 10
    rank: int = 10
    ridge: float = 1e-10
    effort: str = "full"
    seed: int = 0

    traits: ClassVar[Traits] = Traits(
        symmetric=True,
        metric=True,
        larger_is_more_similar=False,
        identity_value=0.0,
        invariances=frozenset(
            {"permutation", "orthogonal", "isotropic_scaling", "translation", "unit_scaling", "invertible_linear"}
        ),
        data="driven trajectories",
    )
    references: ClassVar[tuple[str, ...]] = (
        "A. Huang, M. Ostrow, S. H. Singh, L. Kozachkov, I. Fiete, K. Rajan: InputDSA: Demixing then Comparing Recurrent and "
        "Externally Driven Dynamics. arXiv 2510.25943",
    )

    def __post_init__(self) -> None:
        if self.method not in ("subspace", "dmdc"):
            raise InputError(f"method: got {self.method!r}, expected 'subspace' or 'dmdc'")
        search_effort(self.effort)

    def prepare(self, data: Any) -> InputDynamics:
        """Fit one network's system; `data` is Trajectories with a drive, or an InputDynamics from elsewhere."""
        if isinstance(data, InputDynamics):
            return data
        if self.method == "dmdc":
            return DMDc(self.delays, self.rank, self.ridge).fit(as_trajectories(data))
        return SubspaceID(self.delays, self.rank, self.ridge).fit(as_trajectories(data))

    def compare(self, a: InputDynamics, b: InputDynamics) -> Score:
        """Compare two prepared networks."""
        return self.compare_all([a], [b])[0]

    def compare_all(self, a: Sequence[InputDynamics], b: Sequence[InputDynamics]) -> list[Score]:
        """Compare many pairs at once, a[i] with b[i]."""
        for x, y in zip(a, b, strict=True):
            if x.inputs.shape[1] != y.inputs.shape[1]:
                raise InputError(
                    f"systems with {x.inputs.shape[1]} and {y.inputs.shape[1]} inputs: expected as many of both"
                )
        scores: dict[int, Score] = {}
        effort = search_effort(self.effort)
        sizes = [max(x.rank, y.rank) for x, y in zip(a, b, strict=True)]
        for n in sorted(set(sizes)):
            which = [i for i, size in enumerate(sizes) if size == n]
            left, right = (prepare(np.stack([padded(side[i].matrix, n) for i in which])) for side in (a, b))
            for i, state in zip(which, align_pairs(left, right, effort=effort, seed=self.seed), strict=True):
                scores[i] = self._score(a[i], b[i], state)
        return [scores[i] for i in range(len(a))]

    def _score(self, a: InputDynamics, b: InputDynamics, state: Alignment) -> Score:
        if not (a.inputs.any() and b.inputs.any()):
            return Score(self.id, float("nan"), float("nan"), 0.0, Status.DEGENERATE)
        n = max(a.rank, b.rank)
        joint, _ = orthogonal_distance(*(_filled(x.controllability(n), n) for x in (a, b)))
        control = (
            orthogonal_distance(*(_filled(x.inputs, n) for x in (a, b)))[0] if a.inputs.shape[1] > 1 else float("nan")
        )
        similarity = float(np.clip(1.0 - joint**2 / 2.0, 0.0, 1.0))
        details = {"state": state.distance, "state_lower": state.lower, "control": control, "ranks": [a.rank, b.rank]}
        return Score(self.id, joint, joint, similarity, pair_status(a, b), details=details)


def _filled(x: np.ndarray, n: int) -> np.ndarray:
    return np.pad(x, ((0, n - len(x)), (0, 0)))
