"""How far the few best-known Koopman eigenvalues of one network must move to become the other's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from conjugacy.dynamics import LinearDynamics
from conjugacy.dynamics.kernel_edmd import KernelEDMD
from conjugacy.errors import InputError
from conjugacy.measure import Measure, Traits
from conjugacy.measures._trajectories import as_trajectories
from conjugacy.numerics.alignment.transport import wasserstein2
from conjugacy.results import Score


@dataclass(frozen=True)
class KernelEDMDWasserstein(Measure):
    """Wasserstein-2 distance between the Koopman eigenvalues of two systems that kernel EDMD knows best, trials unmatched.

    Each system gives the `modes` eigenvalues log(lambda) / dt whose error res / (|lambda| dt) on held-out trials is smallest
    (`conjugacy.dynamics.kernel_edmd`), conjugates together, each with the same weight; W2 as in `dsa_wasserstein`. Conjugate
    systems have the same Koopman eigenvalues, whatever the units; but sums and powers of eigenvalues are eigenvalues too, and
    which of them are found depends on what is seen. Mixing chaos has no eigenfunctions.

    Examples
    --------
    >>> t = 0.1 * np.arange(200)
    >>> def turns(speed, bend):
    ...     angles = [speed * t + p for p in range(8)]
    ...     return np.stack([np.stack([np.cos(a), np.sin(a), bend * np.sin(2 * a)], axis=1) for a in angles])
    >>> measure = KernelEDMDWasserstein(modes=2)
    >>> round(measure(turns(1.0, 0.0), turns(1.0, 0.3)).value, 3), round(measure(turns(1.0, 0.0), turns(1.5, 0.0)).value, 3)
    (0.0, 0.05)
    """

    modes: int = 4
    landmarks: int = 200
    ridge: float = 1e-6
    delays: int = 1

    traits: ClassVar[Traits] = Traits(
        symmetric=True,
        metric=True,
        larger_is_more_similar=False,
        identity_value=0.0,
        invariances=frozenset({"permutation", "orthogonal", "isotropic_scaling", "translation"}),
        data="trajectories",
    )
    references: ClassVar[tuple[str, ...]] = (
        "M. O. Williams, C. W. Rowley, I. G. Kevrekidis: A kernel-based method for data-driven Koopman spectral analysis. "
        "Journal of Computational Dynamics 2 (2015)",
        "M. J. Colbrook, A. Townsend: Rigorous data-driven computation of spectral properties of Koopman operators for dynamical "
        "systems. Communications on Pure and Applied Mathematics 77 (2024)",
        "W. T. Redman et al.: Identifying Equivalent Training Dynamics. NeurIPS 2024",
    )

    def __post_init__(self) -> None:
        if self.modes < 1:
            raise InputError(f"modes: got {self.modes}, expected a whole number of at least 1")
        self.edmd  # noqa: B018 - its knobs are checked now

    @property
    def edmd(self) -> KernelEDMD:
        """The estimator of one network's system."""
        return KernelEDMD(self.landmarks, self.ridge, self.delays)

    def prepare(self, data: Any) -> LinearDynamics:
        """Fit one network's system; `data` is Trajectories, an array (k, t, n), or a LinearDynamics from elsewhere."""
        return data if isinstance(data, LinearDynamics) else self.edmd.fit(as_trajectories(data))

    def compare(self, a: LinearDynamics, b: LinearDynamics) -> Score:
        """Compare two prepared networks."""
        chosen = [best_known(system, self.modes) for system in (a, b)]
        rates = [system.rates[which] for system, which in zip((a, b), chosen, strict=True)]
        if not all(np.isfinite(r).all() for r in rates):
            raise InputError("an eigenvalue is zero and has no rate: take fewer modes")
        value = wasserstein2(*rates)
        residuals = [
            None if s.residuals is None else s.residuals[which].tolist()
            for s, which in zip((a, b), chosen, strict=True)
        ]
        details = {"rates": [[[z.real, z.imag] for z in r.tolist()] for r in rates], "residuals": residuals}
        return Score(self.id, value, value, 1.0 / (1.0 + value), details=details)


def best_known(system: LinearDynamics, modes: int) -> np.ndarray:
    """Return which eigenvalues have the smallest error of their rate, so many or one more: conjugates go together."""
    values = system.eigenvalues
    if system.residuals is None:
        return np.arange(len(values))
    with np.errstate(divide="ignore"):
        # an error of lambda is one of log(lambda) / |lambda| times as large
        errors = system.residuals / np.abs(values)
    chosen: list[int] = []
    for i in np.argsort(errors, kind="stable").tolist():
        if len(chosen) >= modes:
            break
        if i not in chosen:
            value = complex(values[i])
            chosen += [i] if value.imag == 0 else [i, int(np.abs(values - value.conjugate()).argmin())]
    return np.array(chosen)
