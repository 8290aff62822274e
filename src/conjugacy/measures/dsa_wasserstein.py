"""Spectral Wasserstein distance: how far the eigenvalues of one network's linear dynamics must move to become the other's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from conjugacy.dynamics import DMD, LinearDynamics
from conjugacy.errors import InputError
from conjugacy.measure import Measure, Traits
from conjugacy.measures._trajectories import described, fitted, pair_status
from conjugacy.numerics.alignment.transport import wasserstein2
from conjugacy.results import Score


@dataclass(frozen=True)
class DSAWasserstein(Measure):
    """Wasserstein-2 distance between the eigenvalues of two linear systems, each eigenvalue with the same weight.

    W2 = sqrt(min over couplings P of sum P_ij |lambda_i - mu_j|^2): with its root, so that the triangle inequality holds. The
    eigenvalues are those of one step, or, with `time` continuous, growth rates and frequencies per unit of time, which do not
    depend on the sampling step. `similarity()` is 1 / (1 + W2).

    Examples
    --------
    >>> a, b = (LinearDynamics.of(np.diag(d)) for d in ([0.9, 0.5], [0.9, 0.1]))
    >>> round(DSAWasserstein()(a, b).value, 6)
    0.282843
    """

    delays: int = 10
    rank: int | str | None = 20
    ridge: float = 1e-8
    center: bool = True
    scale: bool = False
    interval: int = 1
    time: str = "steps"

    traits: ClassVar[Traits] = Traits(
        symmetric=True,
        metric=True,
        larger_is_more_similar=False,
        identity_value=0.0,
        invariances=frozenset({"permutation", "orthogonal", "isotropic_scaling", "translation"}),
        data="trajectories",
    )
    references: ClassVar[tuple[str, ...]] = (
        "W. T. Redman et al.: Identifying Equivalent Training Dynamics. NeurIPS 2024",
    )

    def __post_init__(self) -> None:
        if self.time not in ("steps", "continuous"):
            raise InputError(f"time: got {self.time!r}, expected 'steps' or 'continuous'")
        self.dmd  # noqa: B018 - its knobs are checked now

    @property
    def dmd(self) -> DMD:
        """The estimator of one network's system."""
        return DMD(self.delays, self.rank, self.ridge, self.center, self.scale, self.interval)

    def prepare(self, data: Any) -> LinearDynamics:
        """Fit one network's system; `data` is Trajectories, an array (k, t, n), or a LinearDynamics from elsewhere."""
        return fitted(data, self.dmd)

    def compare(self, a: LinearDynamics, b: LinearDynamics) -> Score:
        """Compare two prepared networks."""
        spectra = [s.rates if self.time == "continuous" else s.eigenvalues for s in (a, b)]
        if not all(np.isfinite(spectrum).all() for spectrum in spectra):
            raise InputError("an eigenvalue is zero and has no rate: take a smaller rank, or time=steps")
        value = wasserstein2(*spectra)
        return Score(self.id, value, value, 1.0 / (1.0 + value), pair_status(a, b), details=described(a, b))
