"""What is drawn of two systems that move: paths of states, eigenvalues, recurrence curves, errors of the next point."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class StatePaths:
    """Trials of both networks in two coordinates: A's first two principal ones, and B laid over A as far as trials allow.

    Attributes
    ----------
    a, b : array, (k, t, 2)
        Paths over the network's spread; NaN after the end of a trial.
    means_a, means_b : array, (c, t, 2)
        Averages of the conditions in the same coordinates; of no rows where there are none.
    groups_a, groups_b : int array, (k,)
        The condition of every path, its place in `conditions`; where there are none, the path's place among those drawn.
    conditions : tuple of str
    colours : {"condition", "trial", "time"}
        What the same colour means in both.
    alignment : {"trials", "conditions", "none"}
        What B was turned onto A by.
    variance : (float, float)
        Share of each network's variance that the two coordinates show.
    trials : (int, int)
        How many trials each network has.
    """

    a: np.ndarray
    b: np.ndarray
    means_a: np.ndarray
    means_b: np.ndarray
    groups_a: np.ndarray
    groups_b: np.ndarray
    conditions: tuple[str, ...]
    colours: str
    alignment: str
    variance: tuple[float, float]
    trials: tuple[int, int]


@dataclass(frozen=True, eq=False)
class Spectrum:
    """Eigenvalues of the linear system that was fitted to one network's delayed states.

    Attributes
    ----------
    values : array, (r, 2)
        Real and imaginary parts: of the eigenvalues of one step, or of growth rates and angular frequencies per unit of time.
    residuals : array, (r,)
        How far each is from being one of the system's, in the same unit; 0 for a true mode.
    continuous : bool
        Whether `values` are rates.
    delays : int
    dt : float
    left_out : int
        Eigenvalues of zero, which have no rate.
    """

    values: np.ndarray
    residuals: np.ndarray
    continuous: bool
    delays: int
    dt: float
    left_out: int = 0


@dataclass(frozen=True, eq=False)
class CurveBand:
    """One network's recurrence curves over halves of its trials: the median, and 95 % of the halves.

    Attributes
    ----------
    own : array, (curves, times)
    floor : array, (2, curves, times)
        Low and high ends over its own halves: what more of the same trials would show.
    null : array, (2, curves, times)
        The same of halves seen through other instruments: what one system can show.
    """

    own: np.ndarray
    floor: np.ndarray
    null: np.ndarray


@dataclass(frozen=True, eq=False)
class RecurrenceCurves:
    """How far apart two states of a trial lie, over the time between them, of both networks.

    Attributes
    ----------
    times : array, (times,)
        In the unit of dt.
    names : tuple of str
        What the curves are: `mean` rank of the distance, `climb` of density from the earlier to the later state.
    a, b : CurveBand
    deviations : bool
        Whether states are deviations from the averages of their conditions.
    """

    times: np.ndarray
    names: tuple[str, ...]
    a: CurveBand
    b: CurveBand
    deviations: bool = False


@dataclass(frozen=True, eq=False)
class StepErrors:
    """Errors of the next point over the time in a trial, on held-out trials, as shares of the target's variance.

    Attributes
    ----------
    times : array, (l,)
        Of the point that is predicted, in the unit of dt.
    a_to_b, b_to_a : array, (3, 3, l)
        From the other network's past; from the better of its own past and both; from the drive and the time in the trial alone.
        Of each the mean, and the ends of its 95 % interval over trials that run different courses; NaN where no trial is left.
    trials : int
        Trials held out.
    """

    times: np.ndarray
    a_to_b: np.ndarray
    b_to_a: np.ndarray
    trials: int


@dataclass(frozen=True, eq=False)
class Motion:
    """All pictures of the dynamics axis; None where one does not apply."""

    states: StatePaths | None = None
    spectra: tuple[Spectrum, Spectrum] | None = None
    recurrence: RecurrenceCurves | None = None
    step_errors: StepErrors | None = None
