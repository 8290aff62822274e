"""Diffusion maps: coordinates of a set of states from the slowest modes of a diffusion on it."""

from __future__ import annotations

from numbers import Integral, Real
from typing import Any, cast

import numpy as np
from scipy.sparse import csr_array, diags_array
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from conjugacy.embeddings.extension import LocalLinear
from conjugacy.embeddings.local_metric import LocalMetric
from conjugacy.embeddings.nearest import nearest_states
from conjugacy.embeddings.neighbour_graph import CANDIDATES, NeighbourGraph, neighbour_graph
from conjugacy.embeddings.spectrum import Modes, leading_modes, row_sums
from conjugacy.errors import InputError, ShapeError
from conjugacy.results import Status

REACH = 5.0  # squared distance of the farthest neighbour, the median over states, over the bandwidth
MOST_OUTSIDE = 0.01  # share of isolated states that is only told of


class DiffusionMap(TransformerMixin, BaseEstimator):
    """Embeds states by the slowest modes of a diffusion on their neighbour graph (Coifman and Lafon 2006).

    K = exp(-d^2 / bandwidth) over nearest neighbours, K <- K / (q_i q_j)^alpha with q = K 1, P = D^-1 K. The modes are right
    eigenvectors of P, of mean square 1 under the uniform measure (weights 1 / q, so that two samples of one manifold with other
    densities get the same scale), the constant one left out. With alpha = 1 their rates -4 log(w) / bandwidth tend to the
    eigenvalues of the Laplacian of the metric, whatever the density.

    Parameters
    ----------
    n_components : int
        Modes kept.
    alpha : float
        0: the graph's own diffusion; 1: density taken out.
    bandwidth : float or "auto"
        In squared units of the metric; "auto": a fifth of the median squared distance of the farthest neighbour. Two networks
        that are to be set side by side need the same.
    n_neighbors : int
        Neighbours of a state.
    metric : "euclidean" or LocalMetric
        Whose distances; a LocalMetric belongs to the rows that are fitted.
    candidates : int
        With a LocalMetric: so many times n_neighbors Euclidean neighbours are put in its order. With 1 the wrong ones are kept.

    Attributes
    ----------
    embedding_ : array, (m, n_components)
        States outside the largest connected part get their nearest embedded states' coordinates.
    eigenvalues_ : array, (n_components,)
        Rates of the modes, rising; in one over the squared unit of the metric.
    bandwidth_ : float
    weights_ : array, (m,)
        Of mean 1 over the largest part, inverse to the density; 0 outside.
    outside_ : int array
        States that no path of neighbours joins to the rest.
    residual_, relative_residual_ : float
        Largest |S v - w v| of the modes' eigenvectors, and largest |S v - w v| / (1 - w).
    solver_ : str
        "dense", "lanczos" or, from 8000 states on, "multigrid".
    status_ : Status

    Examples
    --------
    >>> t = np.linspace(0, 2 * np.pi, 200, endpoint=False)
    >>> rates = DiffusionMap(n_components=2, n_neighbors=20).fit(np.stack([np.cos(t), np.sin(t)], axis=1)).eigenvalues_
    >>> bool(abs(rates[1] / rates[0] - 1) < 0.01)
    True
    """

    def __init__(
        self,
        n_components: int = 2,
        *,
        alpha: float = 1.0,
        bandwidth: float | str = "auto",
        n_neighbors: int = 64,
        metric: LocalMetric | str = "euclidean",
        candidates: int = CANDIDATES,
    ) -> None:
        self.n_components = n_components
        self.alpha = alpha
        self.bandwidth = bandwidth
        self.n_neighbors = n_neighbors
        self.metric = metric
        self.candidates = candidates

    def fit(self, X: Any, y: Any = None) -> DiffusionMap:
        """Embed states (m, n).

        Raises
        ------
        InputError
            Where there are too few states for the components, nothing varies, or a knob is out of range.
        """
        x = cast(np.ndarray, validate_data(self, X, dtype=np.float64, ensure_min_samples=3))
        self._check(x)
        metric = self.metric if isinstance(self.metric, LocalMetric) else None
        graph = neighbour_graph(x, self.n_neighbors, metric, self.candidates)
        self.bandwidth_ = self._bandwidth(graph)
        main = graph.main
        if len(main) <= self.n_components + 1:
            raise InputError(
                f"the largest connected part holds {len(main)} of {len(x)} states, too few for {self.n_components} components: "
                "take more neighbours, or look whether the metric's ends agree (bursts too wide, too few coordinates d)"
            )
        kernel = _kernel(graph, main, self.bandwidth_)
        del graph
        modes, rates, density, found = _modes(kernel, self.bandwidth_, self.alpha, self.n_components)
        self.weights_ = np.zeros(len(x))
        self.weights_[main] = 1.0 / density / np.mean(1.0 / density)
        self.outside_ = np.setdiff1d(np.arange(len(x)), main)
        self.embedding_ = np.empty((len(x), self.n_components))
        self.embedding_[main] = modes
        if len(self.outside_):
            self.embedding_[self.outside_] = LocalLinear.of(x[main], modes)(x[self.outside_])
        self.eigenvalues_ = rates
        self.residual_, self.relative_residual_, self.solver_ = found.residual, found.relative, found.solver
        self.status_ = self._status(len(x), found)
        self._states = x
        self._main, self._density = main, density
        return self

    def fit_transform(self, X: Any, y: Any = None, **fit_params: Any) -> np.ndarray:
        """Return the embedding of the states."""
        return self.fit(X, y).embedding_

    def transform(self, X: Any) -> np.ndarray:
        """Return coordinates of other states: by Nystrom's formula, or local linear regression under a local metric.

        A local metric is known at the fitted states only. Fitted states keep their coordinates.
        """
        check_is_fitted(self)
        x = cast(np.ndarray, validate_data(self, X, dtype=np.float64, reset=False))
        known, modes = self._states[self._main], self.embedding_[self._main]
        distances, rows = nearest_states(x, 1, known)
        same = distances[:, 0] == 0.0
        out = np.empty((len(x), modes.shape[1]))
        out[same] = modes[rows[same, 0]]
        if not same.all():
            other = x[~same]
            out[~same] = (
                LocalLinear.of(known, modes)(other) if isinstance(self.metric, LocalMetric) else self._nystrom(other)
            )
        return out

    def _nystrom(self, x: np.ndarray) -> np.ndarray:
        known, modes = self._states[self._main], self.embedding_[self._main]
        distances, rows = nearest_states(x, min(self.n_neighbors, len(known)), known)
        # the nearest gives at least weight 1: far outside this is its value, and never 0 / 0
        squared = distances**2
        kernel = np.exp(-(squared - squared[:, :1]) / self.bandwidth_) / self._density[rows] ** self.alpha
        kernel /= kernel.sum(axis=1, keepdims=True)
        decay = np.exp(-self.eigenvalues_ * self.bandwidth_ / 4.0)
        return np.einsum("qk,qkc->qc", kernel, modes[rows]) / np.maximum(decay, 1e-3)

    def _check(self, x: np.ndarray) -> None:
        for name in ("n_components", "n_neighbors", "candidates"):
            value = getattr(self, name)
            if not isinstance(value, Integral) or int(value) < 1:
                raise InputError(f"{name}: got {value!r}, expected a whole number from 1 on")
        if not (isinstance(self.alpha, Real) and np.isfinite(float(self.alpha))):
            raise InputError(f"alpha: got {self.alpha!r}, expected a number, usually 0, 0.5 or 1")
        if self.bandwidth != "auto" and not (isinstance(self.bandwidth, Real) and 0 < float(self.bandwidth) < np.inf):
            raise InputError(f"bandwidth: got {self.bandwidth!r}, expected 'auto' or a number above 0")
        if isinstance(self.metric, LocalMetric):
            if self.metric.tangents.shape[:2] != x.shape:
                raise ShapeError(
                    f"metric: is of {self.metric.tangents.shape[:2]} rows and units, the states "
                    f"of {x.shape}; it must be made of the same rows"
                )
        elif self.metric != "euclidean":
            raise InputError(f"metric: got {self.metric!r}, expected 'euclidean' or a LocalMetric")
        if len(x) < self.n_components + 2:
            raise InputError(
                f"{len(x)} states for {self.n_components} components: expected at least {self.n_components + 2}"
            )
        if (x == x[0]).all():
            raise InputError(f"all {len(x)} states are the same: there is nothing to embed")

    def _bandwidth(self, graph: NeighbourGraph) -> float:
        if self.bandwidth != "auto":
            return float(self.bandwidth)
        far = graph.farthest[graph.farthest > 0]
        return float(np.median(far)) / REACH if far.size else 1.0

    def _status(self, m: int, found: Modes) -> Status:
        if len(self.outside_) > MOST_OUTSIDE * m:
            return Status.DISCONNECTED
        if not found.settled:
            return Status.UNSETTLED_MODES
        if len(self.outside_):
            return Status.ISOLATED_POINTS
        return Status.OTHER_SOLVER if found.fell_back else Status.OK


def _modes(
    kernel: csr_array, bandwidth: float, alpha: float, count: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, Modes]:
    """Return modes of mean square 1, their rates, the density, and the eigenvectors; the kernel is used up."""
    density = row_sums(kernel)
    _scale(kernel, density**-alpha)
    root = np.sqrt(row_sums(kernel))
    _scale(kernel, 1.0 / root)
    found = leading_modes(kernel, count + 1, root)
    modes = found.vectors[:, 1:] / root[:, None]
    weights = 1.0 / density
    modes /= np.sqrt((weights[:, None] * modes**2).sum(axis=0) / weights.sum())
    modes *= np.where(modes[np.abs(modes).argmax(axis=0), np.arange(count)] < 0, -1.0, 1.0)
    rates = -4.0 / bandwidth * np.log(np.clip(found.values[1:], 1e-300, 1.0))
    return modes, rates, density, found


def _kernel(graph: NeighbourGraph, main: np.ndarray, bandwidth: float) -> csr_array:
    squared = graph.squared if len(main) == len(graph.parts) else csr_array(graph.squared[main][:, main])
    entries = np.exp(np.asarray(squared.data, dtype=np.float64) / -bandwidth)
    kernel = csr_array((entries, squared.indices, squared.indptr), shape=(len(main), len(main)))
    return csr_array(kernel + diags_array(np.ones(len(main)), format="csr"))


def _scale(kernel: csr_array, by: np.ndarray) -> None:
    """Multiply every entry by its row's and its column's number, in place."""
    kernel.data *= np.repeat(by, np.diff(kernel.indptr))
    kernel.data *= by[kernel.indices]
