"""Spectral-Grassmann optimal transport: how far eigenvalues must move and eigenspaces turn to become another system's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from scipy.linalg import eig

from conjugacy.data import Trajectories
from conjugacy.dynamics import DMD, LinearDynamics
from conjugacy.errors import InputError, ShapeError
from conjugacy.measure import Measure, Traits
from conjugacy.measures._trajectories import as_trajectories, described, pair_status
from conjugacy.numerics.alignment.transport import transport_cost
from conjugacy.results import Score


@dataclass(frozen=True, eq=False)
class PreparedSpectrum:
    """One network's operator T = sum_i lambda_i r_i l_i^H on its (delayed) units.

    Attributes
    ----------
    trajectories : Trajectories
    system : LinearDynamics
    rates : complex array, (r,)
        log(lambda) / dt.
    right, left : complex array, (r, q n)
        Modes and eigenfunctions, unit vectors.
    """

    trajectories: Trajectories
    system: LinearDynamics
    rates: np.ndarray
    right: np.ndarray
    left: np.ndarray


@dataclass(frozen=True)
class SGOT(Measure):
    """Spectral-Grassmann optimal transport between two linear systems on the same units (Germain et al. 2026).

    d = min over couplings P of sum_ij P_ij (eta |lambda_i - mu_j| + (1 - eta) sqrt(1 - |<r_i, r'_j> <l_i, l'_j>|^2)), every
    eigenvalue with the same weight: eigenvalues as rates per unit of time, and the chordal distance between their spectral
    projectors r l^H. The projectors are compared unit by unit, so both networks must have the same units: through another
    instrument the same system is at a distance. Of different `dt`, delays are brought to the coarser.

    Knobs: `delays`, `rank`, `ridge`, `center`, `scale`, `interval` as in `DMD`; `eta` in [0, 1].

    Examples
    --------
    >>> t = 0.1 * np.arange(100)
    >>> a, b = (np.stack([np.cos(w * t), np.sin(w * t)], axis=1)[None] for w in (1.0, 1.5))
    >>> measure = SGOT(delays=1, rank=2)
    >>> round(measure(Trajectories(a, dt=0.1), Trajectories(b, dt=0.1)).value, 3)  # the same modes, and half of .5
    0.25
    """

    delays: int = 10
    rank: int | str | None = 20
    ridge: float = 1e-8
    center: bool = True
    scale: bool = False
    interval: int = 1
    eta: float = 0.5

    traits: ClassVar[Traits] = Traits(
        symmetric=True,
        metric=True,
        larger_is_more_similar=False,
        identity_value=0.0,
        invariances=frozenset({"isotropic_scaling", "translation"}),
        data="trajectories of the same units",
    )
    references: ClassVar[tuple[str, ...]] = (
        "T. Germain, R. Flamary, V. R. Kostic, K. Lounici: A Spectral-Grassmann Wasserstein metric for operator representations "
        "of dynamical systems. ICLR 2026, arXiv:2509.24920",
    )

    def __post_init__(self) -> None:
        if not 0 <= self.eta <= 1:
            raise InputError(f"eta: got {self.eta}, expected a number from 0 to 1")
        self.dmd  # noqa: B018 - its knobs are checked now

    @property
    def dmd(self) -> DMD:
        """The estimator of one network's system."""
        return DMD(self.delays, self.rank, self.ridge, self.center, self.scale, self.interval)

    def prepare(self, data: Any) -> PreparedSpectrum:
        """Fit one network's system; `data` is Trajectories or an array (k, t, n)."""
        x = as_trajectories(data)
        system = self.dmd.fit(x)
        values, left, right = (np.asarray(found) for found in eig(system.matrix, left=True))
        if not values.all():
            raise InputError("an eigenvalue is zero and has no rate: take a smaller rank")
        assert system.basis is not None
        # v = basis^T z: what is linear in v is seen through the basis, what v is made of through its pseudo-inverse
        modes, functions = right.T @ np.linalg.pinv(system.basis), left.T @ system.basis.T
        modes, functions = (m / np.linalg.norm(m, axis=1, keepdims=True) for m in (modes, functions))
        return PreparedSpectrum(x, system, np.log(values) / x.dt, modes, functions)

    def compare(self, a: PreparedSpectrum, b: PreparedSpectrum) -> Score:
        """Compare two prepared networks."""
        n = a.trajectories.n_units, b.trajectories.n_units
        if n[0] != n[1]:
            raise ShapeError(
                f"got {n[0]} and {n[1]} units, expected the same units in both networks; eigenvalues alone are compared by "
                "dsa_wasserstein:time=continuous"
            )
        dt = max(a.trajectories.dt, b.trajectories.dt)
        if self.delays > 1:  # delays are times, and modes over them comparable at one step only
            a, b = (p if p.trajectories.dt == dt else self.prepare(p.trajectories.resampled(dt)) for p in (a, b))
        # 1 - c^2 c'^2 from what is left of a vector beside the other: differences of cosines from 1 lose their digits
        beside = [_sine2(x, y) for x, y in ((a.right, b.right), (a.left, b.left))]
        chordal = np.sqrt(beside[0] + beside[1] - beside[0] * beside[1])
        cost = self.eta * np.abs(a.rates[:, None] - b.rates) + (1.0 - self.eta) * chordal
        value = max(0.0, transport_cost(cost))
        status, details = pair_status(a.system, b.system), described(a.system, b.system)
        return Score(self.id, value, value, 1.0 / (1.0 + value), status, details=details)


def _sine2(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return the squared sines between unit vectors, (r, s), the same with x and y exchanged to rounding."""
    inner = x @ y.conj().T
    rest = [np.linalg.norm(row - along[:, None] * y, axis=1) ** 2 for row, along in zip(x, inner, strict=True)]
    return np.minimum(np.array(rest), 1.0)
