"""Extended dynamic mode decomposition on kernel features, its modes judged on held-out trials."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.linalg import cho_factor, cho_solve, eigh

from conjugacy.data import Trajectories
from conjugacy.dynamics.delays import Signal
from conjugacy.dynamics.linear import LinearDynamics, judged_modes
from conjugacy.dynamics.unmatched import prepared
from conjugacy.errors import InputError
from conjugacy.numerics.kernels import gaussian, median_distance, squared_distances

FEWEST_PAIRS = 60
JITTER = 1e-12  # of the landmarks' largest eigenvalue; smooth, where leaving out small ones would not be
ASIDE = 4  # every fourth trial is kept aside, of fewer trials the last quarter of each


@dataclass(frozen=True)
class KernelEDMD:
    """Fits a linear step of kernel features: psi(x_{t+1}) = K psi(x_t) + c, psi(x) = (K_LL)^(-1/2) k(L, x).

    k is the Gaussian kernel at the median distance between landmarks L, states spread evenly over the trials (Nystroem). K^T =
    (G + ridge tr(G) I)^-1 A with G and A the covariances of features with themselves and with those a step later; the constant
    function, whose eigenvalue is 1 in every system, is taken out exactly by c. Residuals (residual DMD) are those of trials kept
    aside, not of the ones fitted.

    Parameters
    ----------
    landmarks : int
        Number of features.
    ridge : float
        Strength of the ridge, over the features' total variance.
    delays : int
        Time points put side by side, where states are seen in part.

    Examples
    --------
    >>> t = 0.1 * np.arange(200)
    >>> turns = Trajectories([np.stack([np.cos(t + p), np.sin(t + p)], axis=1) for p in range(8)], dt=0.1)
    >>> found = KernelEDMD(landmarks=40).fit(turns)
    >>> best = found.rates[np.argsort(found.residuals / np.abs(found.eigenvalues))[:4]]
    >>> np.sort(best.imag).round(3).tolist()  # on a circle, whole multiples of the frequency
    [-2.0, -1.0, 1.0, 2.0]

    References
    ----------
    M. O. Williams, C. W. Rowley, I. G. Kevrekidis: A kernel-based method for data-driven Koopman spectral analysis. J. Comput.
    Dyn. 2 (2015).
    G. Meanti et al.: Estimating Koopman operators with sketching to provably learn large scale dynamical systems. NeurIPS 2023.
    M. J. Colbrook, A. Townsend: Rigorous data-driven computation of spectral properties of Koopman operators. CPAM 2024.
    """

    landmarks: int = 200
    ridge: float = 1e-6
    delays: int = 1

    def __post_init__(self) -> None:
        for name, least in (("landmarks", 2), ("delays", 1)):
            if getattr(self, name) < least:
                raise InputError(f"{name}: got {getattr(self, name)}, expected a whole number of at least {least}")
        if not (np.isfinite(self.ridge) and self.ridge > 0):
            raise InputError(f"ridge: got {self.ridge}, expected a number above 0")

    def fit(self, trajectories: Trajectories) -> LinearDynamics:
        """Fit one network's trajectories; `residuals` of what comes back are held out.

        Raises
        ------
        InputError
            Where there are fewer than 60 steps to fit, a trial is shorter than the delays, or nothing varies.
        """
        x = prepared(trajectories, self.delays, "no")
        signal = Signal.of(x, center=True, scale=True)
        size = np.sqrt((signal.spread[np.isfinite(signal.spread)] ** 2).sum())
        trials = [(values - signal.mean) / size for values in x.values]
        fitted, judged = _steps(trials)
        if len(fitted) < FEWEST_PAIRS:
            raise InputError(
                f"{len(trials)} trials of {min(map(len, trials))} and more time points give {len(fitted)} steps to fit and "
                f"{len(judged)} to judge by: kernel EDMD needs {FEWEST_PAIRS} to fit; record more, or take fewer delays"
            )
        features = self._features(np.concatenate(trials), fitted)
        now, later = features[fitted], features[fitted + 1]
        means = now.mean(axis=0), later.mean(axis=0)
        now, later = now - means[0], later - means[1]
        gram = now.T @ now
        regularised = gram + self.ridge * np.trace(gram) * np.eye(len(gram))
        step = cho_solve(cho_factor(regularised, lower=True), now.T @ later)
        now, later = features[judged] - means[0], features[judged + 1] - means[1]
        values, residuals = judged_modes(step, now.T @ now, now.T @ later, later.T @ later)
        return LinearDynamics(
            matrix=step.T,
            eigenvalues=values,
            residuals=residuals,
            delays=self.delays,
            dt=x.dt,
            rows=len(fitted),
        )

    def _features(self, states: np.ndarray, fitted: np.ndarray) -> np.ndarray:
        """Return all states' features, (rows, landmarks), orthonormal in the kernel's own inner product."""
        chosen = np.linspace(0, len(fitted) - 1, min(self.landmarks, len(fitted))).round().astype(np.int64)
        landmarks = states[fitted[chosen]]
        squared = squared_distances(landmarks, landmarks)
        bandwidth = median_distance(squared)
        values, vectors = eigh(gaussian(squared, bandwidth))
        whitening = vectors / np.sqrt(np.maximum(values, 0.0) + JITTER * values[-1])
        return gaussian(squared_distances(states, landmarks), bandwidth) @ (whitening @ vectors.T)


def _steps(trials: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows before a step, of all trials one after the other: those to fit and those to judge by."""
    lengths = np.array([len(x) for x in trials])
    starts = np.cumsum(lengths) - lengths
    rows = [start + np.arange(length - 1) for start, length in zip(starts.tolist(), lengths.tolist(), strict=True)]
    if len(rows) >= ASIDE:
        aside = [i % ASIDE == ASIDE - 1 for i in range(len(rows))]
        fitted, judged = ([r for r, out in zip(rows, aside, strict=True) if out is which] for which in (False, True))
    else:
        cuts = [len(r) - len(r) // ASIDE for r in rows]
        fitted, judged = ([r[part] for r, part in zip(rows, parts, strict=True)] for parts in (
            [slice(cut) for cut in cuts], [slice(cut, None) for cut in cuts],
        ))  # fmt: skip
    return np.concatenate(fitted), np.concatenate(judged)
