"""A diffusion on a graph of states: its density, its slowest modes, and what they are elsewhere."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from conjugacy.embeddings.spectrum import Modes, leading_modes


@dataclass(frozen=True, eq=False)
class Diffusion:
    """K = exp(-d^2 / bandwidth), q = K c, P = D^-1 K c / (q q')^alpha, where a state stands for c states.

    Attributes
    ----------
    bandwidth, alpha : float
    counts : array, (m,)
        For how many states every state stands.
    density : array, (m,)
        q.
    modes : array, (m, count)
        Right eigenvectors of P without the constant one, of mean square 1 under the weights c / q.
    values : array, (count,)
        Their eigenvalues.
    found : Modes
        The eigenvectors of the symmetric conjugate.
    """

    bandwidth: float
    alpha: float
    counts: np.ndarray
    density: np.ndarray
    modes: np.ndarray
    values: np.ndarray
    found: Modes

    @classmethod
    def of(cls, squared: csr_array, bandwidth: float, alpha: float, count: int, counts: np.ndarray) -> Diffusion:
        """Work it out from squared distances of near states, every one near itself; they are used up."""
        kernel = squared
        np.exp(np.divide(kernel.data, -bandwidth, out=kernel.data), out=kernel.data)
        density, roots = kernel @ counts, np.sqrt(counts)
        _scale(kernel, roots * density**-alpha)
        start = np.sqrt(kernel @ roots * roots)
        _scale(kernel, roots / start)
        found = leading_modes(kernel, count + 1, start)
        modes, weights = found.vectors[:, 1:] / start[:, None], counts / density
        modes /= np.sqrt((weights[:, None] * modes**2).sum(axis=0) / weights.sum())
        modes *= np.where(modes[np.abs(modes).argmax(axis=0), np.arange(count)] < 0, -1.0, 1.0)
        return cls(bandwidth, alpha, counts, density, modes, np.clip(found.values[1:], 1e-300, 1.0), found)

    @property
    def rates(self) -> np.ndarray:
        """-4 log(w) / bandwidth of the modes, rising."""
        return -4.0 / self.bandwidth * np.log(self.values)

    def extended(self, squared: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return modes and density at other places from squared distances to near states and their rows: Nystrom's formula.

        The nearest counts with weight 1 at least: far outside this is its value, and never 0 / 0.
        """
        nearest = squared.min(axis=1, keepdims=True)
        kernel = np.exp((nearest - squared) / self.bandwidth) * self.counts[rows]
        # every state is near itself, however far from others
        density = np.maximum(kernel.sum(axis=1) * np.exp(-nearest[:, 0] / self.bandwidth), 1.0)
        kernel *= self.density[rows] ** -self.alpha
        kernel /= kernel.sum(axis=1, keepdims=True)
        ends = np.arange(0, rows.size + 1, rows.shape[1])
        step = csr_array((kernel.ravel(), rows.ravel(), ends), shape=(len(rows), len(self.modes)))
        return step @ self.modes / np.maximum(self.values, 1e-3), density


def _scale(kernel: csr_array, by: np.ndarray) -> None:
    """Multiply every entry by its row's and its column's number, in place."""
    kernel.data *= np.repeat(by, np.diff(kernel.indptr))
    kernel.data *= by[kernel.indices]
