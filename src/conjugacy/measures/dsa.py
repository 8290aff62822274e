"""Dynamical Similarity Analysis: the distance between two networks' linear dynamics after the best rotation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from conjugacy.dynamics import DMD, LinearDynamics
from conjugacy.errors import InputError
from conjugacy.measure import Measure, Traits
from conjugacy.measures._trajectories import described, fitted, pair_status, search_effort
from conjugacy.numerics.alignment import VectorFields, align_pairs, padded, prepare
from conjugacy.results import Score, Status


@dataclass(frozen=True, eq=False)
class PreparedDynamics:
    """One network's linear system, and its spectra."""

    system: LinearDynamics
    fields: VectorFields

    def of_size(self, n: int) -> VectorFields:
        """Return the system filled up with states at rest."""
        return self.fields if n == self.system.rank else prepare(padded(self.system.matrix, n)[None])


@dataclass(frozen=True)
class DSA(Measure):
    """Dynamical Similarity Analysis: min over C in O(r) of the angle between A and C B C^T (Ostrow et al. 2023, eq. 7).

    A and B are linear systems fitted to delayed, whitened states (`conjugacy.dynamics.DMD`). The distance is the least found
    from spectral and random starts; `details["lower"]` is the bound that no rotation can pass. It says how alike two systems are
    up to a rotation of the delay embedding, which is neither necessary nor sufficient for conjugacy. Systems of different rank:
    the smaller is filled up with states at rest.

    Knobs: `delays`, `rank` (a number, svht or None), `ridge`, `center`, `scale`, `interval` as in `DMD`; `form` angular or
    euclidean, `effort` full or fast, `seed`.

    Examples
    --------
    >>> x = np.cumsum(np.random.default_rng(0).normal(size=(5, 80, 3)), axis=1)
    >>> q = np.linalg.qr(np.random.default_rng(1).normal(size=(3, 3)))[0]
    >>> bool(DSA(delays=3, rank=6)(x, 2 * x @ q + 1).value < 1e-6)
    True
    """

    delays: int = 10
    rank: int | str | None = 20
    ridge: float = 1e-8
    center: bool = True
    scale: bool = False
    interval: int = 1
    form: str = "angular"
    effort: str = "full"
    seed: int = 0

    traits: ClassVar[Traits] = Traits(
        symmetric=True,
        metric=True,
        larger_is_more_similar=False,
        identity_value=0.0,
        invariances=frozenset({"permutation", "orthogonal", "isotropic_scaling", "translation"}),
        data="trajectories",
    )
    references: ClassVar[tuple[str, ...]] = (
        "M. Ostrow, A. Eisen, L. Kozachkov, I. Fiete: Beyond Geometry: Comparing the Temporal Structure of Computation in Neural "
        "Circuits with Dynamical Similarity Analysis. NeurIPS 2023",
    )

    def __post_init__(self) -> None:
        if self.form not in ("angular", "euclidean"):
            raise InputError(f"form: got {self.form!r}, expected 'angular' or 'euclidean'")
        search_effort(self.effort)
        self.dmd  # noqa: B018 - its knobs are checked now

    @property
    def dmd(self) -> DMD:
        """The estimator of one network's system."""
        return DMD(self.delays, self.rank, self.ridge, self.center, self.scale, self.interval)

    def prepare(self, data: Any) -> PreparedDynamics:
        """Fit one network's system; `data` is Trajectories, an array (k, t, n), or a LinearDynamics from elsewhere."""
        system = fitted(data, self.dmd)
        return PreparedDynamics(system, prepare(system.matrix[None]))

    def compare(self, a: PreparedDynamics, b: PreparedDynamics) -> Score:
        """Compare two prepared networks."""
        return self.compare_all([a], [b])[0]

    def compare_all(self, a: Sequence[PreparedDynamics], b: Sequence[PreparedDynamics]) -> list[Score]:
        """Compare many pairs at once, a[i] with b[i]; a pair's score does not depend on the others."""
        sizes = [max(x.system.rank, y.system.rank) for x, y in zip(a, b, strict=True)]
        scores: dict[int, Score] = {}
        for n in sorted(set(sizes)):
            which = [i for i, size in enumerate(sizes) if size == n]
            left, right = (VectorFields.stack([side[i].of_size(n) for i in which]) for side in (a, b))
            effort = search_effort(self.effort)
            for i, found in zip(which, align_pairs(left, right, effort=effort, seed=self.seed), strict=True):
                angular = self.form == "angular"
                value, lower = (found.angle, found.lower_angle) if angular else (found.distance, found.lower)
                status = pair_status(a[i].system, b[i].system)
                if found.status == "degenerate":
                    scores[i] = Score(self.id, float("nan"), float("nan"), 0.0, Status.DEGENERATE)
                    continue
                if found.status == "stopped" and status.is_ok:
                    status = Status.NOT_CONVERGED
                details = {"lower": lower, "search": found.status, **described(a[i].system, b[i].system)}
                cosine = float(np.clip(1.0 - found.distance**2 / 2.0, 0.0, 1.0))
                scores[i] = Score(self.id, value, value, cosine, status, details=details)
        return [scores[i] for i in range(len(a))]
