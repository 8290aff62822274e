"""Unmatched dynamics: how states of two systems come back over time, where no trial of one belongs to a trial of the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from conjugacy.dynamics.recurrence import POINTS, Recurrence, at_times, common_times, curve_distance, recurrence
from conjugacy.dynamics.unmatched import prepared
from conjugacy.errors import InputError
from conjugacy.measure import Measure, Traits
from conjugacy.measures._trajectories import as_trajectories
from conjugacy.results import Score, Status


@dataclass(frozen=True, eq=False)
class PreparedCurves:
    """One system's curves, and whether they are those of deviations from condition means."""

    curves: Recurrence
    deviations: bool


@dataclass(frozen=True)
class Dynamics(Measure):
    """Distance between the recurrence curves of two systems (`conjugacy.dynamics.recurrence`), trials unmatched.

    d = sqrt(sum_c w_c mean_l (a_cl - b_cl)^2 / sum_c w_c) over seven curves c and the times l that both systems show, from the
    coarser step to .6 of the shorter course. Ranks along the graph of nearest states make it nearly blind to the instrument,
    while times stay physical: the same motion at another speed is at a distance. Where conditions are given, deviations from
    their means are compared.

    Knobs: `points` (states used at most), `delays` (time points put side by side, where states are seen in part), `deviations`
    auto, yes or no.

    Examples
    --------
    >>> from conjugacy.data import Trajectories
    >>> t = 0.2 * np.arange(120)
    >>> def turns(speed, bend):
    ...     angles = [speed * t + p for p in range(6)]
    ...     return Trajectories([np.stack([np.cos(a), np.sin(a), bend * np.sin(2 * a)], axis=1) for a in angles], dt=0.2)
    >>> measure = Dynamics()
    >>> bool(measure(turns(1.0, 0.0), turns(1.0, 0.3)).value < 0.3 * measure(turns(1.0, 0.0), turns(1.5, 0.0)).value)
    True
    """

    points: int = POINTS
    delays: int = 1
    deviations: str = "auto"

    traits: ClassVar[Traits] = Traits(
        symmetric=True,
        metric=False,
        larger_is_more_similar=False,
        identity_value=0.0,
        invariances=frozenset({"permutation", "orthogonal", "isotropic_scaling", "translation"}),
        data="trajectories",
    )
    references: ClassVar[tuple[str, ...]] = (
        "J. B. Tenenbaum, V. de Silva, J. C. Langford: A Global Geometric Framework for Nonlinear Dimensionality Reduction. "
        "Science 290 (2000), doi:10.1126/science.290.5500.2319 (distances along the graph)",
        "N. Marwan, M. C. Romano, M. Thiel, J. Kurths: Recurrence plots for the analysis of complex systems. Physics Reports 438 "
        "(2007), doi:10.1016/j.physrep.2006.11.001",
    )

    def __post_init__(self) -> None:
        if self.deviations not in ("auto", "yes", "no"):
            raise InputError(f"deviations: got {self.deviations!r}, expected 'auto', 'yes' or 'no'")
        if self.points < 60 or self.delays < 1:
            raise InputError(f"points {self.points} and delays {self.delays}: expected at least 60 points and 1 delay")

    def prepare(self, data: Any) -> PreparedCurves:
        """Work out one system's curves; `data` is Trajectories or an array (k, t, n)."""
        x = as_trajectories(data)
        curves = recurrence(prepared(x, self.delays, self.deviations), points=self.points)
        return PreparedCurves(curves, self.deviations != "no" and x.conditions is not None)

    def compare(self, a: PreparedCurves, b: PreparedCurves) -> Score:
        """Compare two prepared systems."""
        if a.deviations != b.deviations:
            raise InputError(
                "one network carries conditions and the other does not: deviations from condition means would be compared with "
                "states; give both conditions, or take dynamics:deviations=no"
            )
        times = common_times([a.curves, b.curves])
        curves = [at_times(x.curves.mean, x.curves.times, times) for x in (a, b)]
        value = curve_distance(*curves)
        if not np.isfinite(value):
            return Score(self.id, value, value, 0.0, Status.TOO_FEW_ROWS)
        return Score(self.id, value, value, max(0.0, 1.0 - value), details={"times": times.tolist()})
