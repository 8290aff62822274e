"""Dynamic mode decomposition of delayed states (HAVOK), from lag products."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import cho_factor, cho_solve, eigh

from conjugacy.data import Trajectories
from conjugacy.dynamics.delays import DelayProducts, Signal
from conjugacy.dynamics.lags import LagSums
from conjugacy.dynamics.linear import LinearDynamics, judged_modes, sorted_eigenvalues
from conjugacy.errors import InputError
from conjugacy.numerics.leading import hard_threshold_rank, leading_eigenvectors
from conjugacy.results import Status

RANK_RULES = ("svht",)
NOTHING = 1e-13  # eigenvalues of the Gram matrix below this share of the largest are rounding
GROWTH = 100.0  # a fitted system that grows more than so many times over a trial is called unstable


@dataclass(frozen=True)
class DMD:
    """Fits a linear system to delayed states: v_{t+1} = A v_t, v the leading whitened coordinates of [x_t, ..., x_{t-(q-1) tau}].

    A^T = (V-^T V- + ridge I)^-1 V-^T V+ with V = H W, H the delayed states (no row crosses a trial), W from their singular
    value decomposition so that V^T V = I: the ridge is relative to 1. Works from lag products, in one pass over the trials; its
    memory grows with (delays x units)^2 and not with the length of the data.

    Parameters
    ----------
    delays : int
        Number of delayed copies q, the present included.
    rank : int, "svht" or None
        Coordinates kept: so many; by the optimal hard threshold for singular values (Gavish and Donoho 2014, its noise
        unknown); or all that the data hold.
    ridge : float
        Strength of the ridge.
    center : bool
        Fit v_{t+1} = A v_t + c, that is, take the mean of the states before and after a step off each; without it an offset
        swamps the dynamics.
    scale : bool
        Divide every unit by its standard deviation.
    interval : int
        Time points tau between two delays.
    reduced_rank : int, optional
        Rank of A by reduced-rank regression.

    Examples
    --------
    >>> import conjugacy as cj
    >>> t = np.arange(200)
    >>> wave = cj.Trajectories(np.stack([np.cos(0.1 * t), np.sin(0.1 * t)], axis=1)[None])
    >>> np.angle(DMD(delays=3, rank=2).fit(wave).eigenvalues).round(6).tolist()
    [-0.1, 0.1]

    References
    ----------
    S. L. Brunton et al.: Chaos as an intermittently forced linear system. Nature Communications 2017.
    M. J. Colbrook, A. Townsend: Rigorous data-driven computation of spectral properties of Koopman operators. CPAM 2024.
    """

    delays: int = 10
    rank: int | str | None = 20
    ridge: float = 1e-8
    center: bool = True
    scale: bool = False
    interval: int = 1
    reduced_rank: int | None = None

    def __post_init__(self) -> None:
        for name in ("delays", "interval", "reduced_rank"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise InputError(f"{name}: got {value}, expected a whole number of at least 1")
        if not (self.rank is None or self.rank in RANK_RULES or (isinstance(self.rank, int) and self.rank >= 1)):
            raise InputError(
                f"rank: got {self.rank!r}, expected a whole number of at least 1, None, or one of {RANK_RULES}"
            )
        if not (np.isfinite(self.ridge) and self.ridge >= 0):
            raise InputError(f"ridge: got {self.ridge}, expected a number of at least 0")

    def fit(self, trajectories: Trajectories) -> LinearDynamics:
        """Fit one network's trajectories.

        Raises
        ------
        InputError
            Where a trial is too short for the delays, or nothing varies.
        """
        signal = Signal.of(trajectories, center=self.center, scale=self.scale)
        return self.fit_lags(signal.lags(self.reach), signal)

    @property
    def reach(self) -> int:
        """How many time points before a row its step needs."""
        return (self.delays - 1) * self.interval + 1

    def fit_lags(self, lags: LagSums, signal: Signal) -> LinearDynamics:
        """Fit from lag products that reach at least as far back as the delays."""
        products = DelayProducts.of(lags, self.delays, self.interval, center=self.center)
        rank = self.rank if isinstance(self.rank, int) else None
        values, vectors = leading_eigenvectors(products.whole, rank)
        held = int((values > NOTHING * values[0]).sum())
        if self.rank == "svht":
            held = min(held, hard_threshold_rank(np.sqrt(np.maximum(values, 0.0)), lags.count(self.reach - 1)))
        keep = max(held, 1)
        singular = np.sqrt(values[:keep])
        basis = vectors[:, :keep] / singular
        before, cross, after = products.within(basis)
        regularised = before + self.ridge * np.eye(keep)
        step = cho_solve(cho_factor(regularised, lower=True), cross)
        if self.reduced_rank is not None and self.reduced_rank < keep:
            directions = eigh(step.T @ regularised @ step)[1][:, -self.reduced_rank :]
            step = step @ directions @ directions.T
        signs = _signs(step)
        basis, step, before, cross, after = (
            basis * signs, *(m * np.outer(signs, signs) for m in (step, before, cross, after)),
        )  # fmt: skip
        eigenvalues = sorted_eigenvalues(step.T)
        short = rank is not None and keep < rank
        grows = abs(eigenvalues[0]) ** (lags.rows / lags.n_trials) > GROWTH
        return LinearDynamics(
            matrix=step.T,
            eigenvalues=eigenvalues,
            residuals=judged_modes(step, before, cross, after)[1],
            singular_values=singular,
            delays=self.delays,
            interval=self.interval,
            dt=signal.dt,
            rows=lags.count(self.reach),
            error=_one_step(products, basis, before, step, signal.n),
            basis=basis,
            mean=signal.mean,
            status=Status.RANK_REDUCED if short else Status.UNSTABLE if grows else Status.OK,
        )


def _signs(step: np.ndarray) -> np.ndarray:
    """Return a sign per coordinate that makes its strongest link with an earlier one positive.

    Singular vectors have no sign of their own; this one does not change when the units are rotated.
    """
    link = np.where(np.abs(step) >= np.abs(step.T), step, step.T)
    signs = np.ones(len(step))
    for j in range(1, len(step)):
        i = int(np.abs(link[:j, j]).argmax())
        signs[j] = -signs[i] if link[i, j] < 0 else signs[i]
    return signs


def _one_step(products: DelayProducts, basis: np.ndarray, before: np.ndarray, step: np.ndarray, n: int) -> float:
    """Return what one step leaves of the newest state's variance, over the rows fitted."""
    forecast = step @ np.linalg.pinv(basis)[:, :n]  # a step, and back from coordinates to the newest state
    mixed, total = products.newest(basis, n)
    left = total - 2.0 * float((forecast * mixed).sum()) + float((forecast * (before @ forecast)).sum())
    return max(0.0, left) / total
