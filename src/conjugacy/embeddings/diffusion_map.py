"""Diffusion maps: coordinates of a set of states from the slowest modes of a diffusion on it."""

from __future__ import annotations

from numbers import Integral, Real
from typing import Any, cast

import numpy as np
from scipy.sparse import csr_array
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from conjugacy.embeddings.diffusion import Diffusion
from conjugacy.embeddings.extension import LocalLinear
from conjugacy.embeddings.landmarks import spread_landmarks
from conjugacy.embeddings.local_metric import LocalMetric
from conjugacy.embeddings.neighbour_graph import CANDIDATES, NeighbourGraph, nearest_under, neighbour_graph
from conjugacy.embeddings.spectrum import Modes
from conjugacy.errors import InputError, ShapeError
from conjugacy.numerics.neighbours.of_states import nearest_states
from conjugacy.results import Status

REACH = 5.0  # squared distance of the farthest neighbour, the median over states, over the bandwidth
AT_ONCE = 2_000_000  # edges to landmarks held at once
ALONE = 0.01  # a state whose neighbours weigh less beside its own 1 would be a mode of its own
MOST_OUTSIDE = 0.01  # share of isolated states that is only told of


class DiffusionMap(TransformerMixin, BaseEstimator):
    """Embeds states by the slowest modes of a diffusion on their neighbour graph (Coifman and Lafon 2006).

    K = exp(-d^2 / bandwidth) over nearest neighbours, K <- K / (q_i q_j)^alpha with q = K 1, P = D^-1 K. The modes are the right
    eigenvectors of P without the constant one. Their mean square is 1 under the uniform measure (weights 1 / q), so that two
    samples of one manifold with different densities get the same scale. With alpha = 1 their rates -4 log(w) / bandwidth tend to
    the eigenvalues of the Laplacian of the metric, whatever the density.

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
    landmarks : int, optional
        Compute the modes on this many evenly spread states, each counted as often as it is the nearest of one. All others follow
        by Nystrom's formula (Long and Ferguson 2019). This takes seconds instead of minutes. The bandwidth is that of the
        landmarks.

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
        States that no path of neighbours joins to the rest, or whose neighbours have next to no weight.
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
        landmarks: int | None = None,
    ) -> None:
        self.n_components = n_components
        self.alpha = alpha
        self.bandwidth = bandwidth
        self.n_neighbors = n_neighbors
        self.metric = metric
        self.candidates = candidates
        self.landmarks = landmarks

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
        marks = len(x) if self.landmarks is None else int(self.landmarks)
        few = marks < len(x)
        known = spread_landmarks(x, marks) if few else np.arange(len(x))
        states = x[known] if few else x
        owner = nearest_states(x, 1, states)[1][:, 0] if few else known
        counts = np.bincount(owner, minlength=len(known))
        taken = metric.take(known) if few and metric is not None else metric
        graph = neighbour_graph(states, self.n_neighbors, taken, self.candidates, loops=True)
        self.bandwidth_ = self._bandwidth(graph)
        main = graph.largest_of(_weight(graph.squared, self.bandwidth_) >= 1.0 + ALONE)
        if len(main) <= self.n_components + 1:
            raise InputError(
                f"the largest connected part holds {len(main)} of {len(states)} states, too few for {self.n_components} "
                "components; take more neighbours, or look whether the metric's ends agree (bursts too wide, too few "
                "coordinates d)"
            )
        squared = graph.squared if len(main) == len(states) else csr_array(graph.squared[main][:, main])
        del graph
        # a landmark at the place of another stands for itself
        counts = np.maximum(counts[main], 1).astype(np.float64)
        self._diffusion = Diffusion.of(squared, self.bandwidth_, float(self.alpha), self.n_components, counts)
        del squared
        if few:
            # those of one landmark together: their neighbours stay in the cache
            near = np.argsort(owner, kind="stable")
            near = near[np.isin(owner[near], main)]
            inside, modes, density = self._from_landmarks(x, near, known[main], metric)
        else:
            inside, modes, density = main, self._diffusion.modes, self._diffusion.density
        # what new states are placed by: landmarks where a formula leads from them, else all
        self._by_landmarks = few and metric is None
        self._known = states[main] if self._by_landmarks else x[inside]
        self._modes = modes
        self._place(x, inside, density)
        found = self._diffusion.found
        self.eigenvalues_ = self._diffusion.rates
        self.residual_, self.relative_residual_, self.solver_ = found.residual, found.relative, found.solver
        self.status_ = self._status(len(x), found)
        return self

    def _place(self, x: np.ndarray, inside: np.ndarray, density: np.ndarray) -> None:
        """Give every state its coordinates."""
        self.weights_ = np.zeros(len(x))
        self.weights_[inside] = 1.0 / density / np.mean(1.0 / density)
        self.outside_ = np.flatnonzero(self.weights_ == 0)
        self.embedding_ = np.empty((len(x), self.n_components))
        self.embedding_[inside] = self._modes
        if len(self.outside_):
            self.embedding_[self.outside_] = LocalLinear.of(x[inside], self._modes)(x[self.outside_])

    def _from_landmarks(
        self, x: np.ndarray, rows: np.ndarray, landmarks: np.ndarray, metric: LocalMetric | None
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return those of some rows that see a landmark, their modes and density."""
        k = min(self.n_neighbors, len(landmarks))
        size = max(1, AT_ONCE // (k * (1 if metric is None else self.candidates)))
        inside, modes, density = list[np.ndarray](), list[np.ndarray](), list[np.ndarray]()
        for at in range(0, len(rows), size):
            part = rows[at : at + size]
            squared, places = nearest_under(x, k, metric, self.candidates, landmarks, part)
            seen = np.isfinite(squared).any(axis=1)
            values, near = self._diffusion.extended(squared[seen], places[seen])
            inside.append(part[seen])
            modes.append(values)
            density.append(near)
        return np.concatenate(inside), np.concatenate(modes), np.concatenate(density)

    def fit_transform(self, X: Any, y: Any = None, **fit_params: Any) -> np.ndarray:
        """Return the embedding of the states."""
        return self.fit(X, y).embedding_

    def transform(self, X: Any) -> np.ndarray:
        """Return coordinates of other states: by Nystrom's formula, or local linear regression under a local metric.

        A local metric is known at the fitted states only. Fitted states keep their coordinates.
        """
        check_is_fitted(self)
        x = cast(np.ndarray, validate_data(self, X, dtype=np.float64, reset=False))
        local = isinstance(self.metric, LocalMetric)
        if self._by_landmarks:
            return self._nystrom(x)
        distances, rows = nearest_states(x, 1, self._known)
        same = distances[:, 0] == 0.0
        out = np.empty((len(x), self.n_components))
        out[same] = self._modes[rows[same, 0]]
        if not same.all():
            other = x[~same]
            out[~same] = LocalLinear.of(self._known, self._modes)(other) if local else self._nystrom(other)
        return out

    def _nystrom(self, x: np.ndarray) -> np.ndarray:
        distances, rows = nearest_states(x, min(self.n_neighbors, len(self._known)), self._known)
        return self._diffusion.extended(distances**2, rows)[0]

    def _check(self, x: np.ndarray) -> None:
        for name in ("n_components", "n_neighbors", "candidates"):
            value = getattr(self, name)
            if not isinstance(value, Integral) or int(value) < 1:
                raise InputError(f"{name}: got {value!r}, expected a whole number of at least 1")
        if self.landmarks is not None and not (
            isinstance(self.landmarks, Integral) and int(self.landmarks) >= self.n_components + 2
        ):
            raise InputError(
                f"landmarks: got {self.landmarks!r}, expected None or a whole number of at least {self.n_components + 2}"
            )
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


def _weight(squared: csr_array, bandwidth: float) -> np.ndarray:
    """Return the weight of every state's neighbours and its own 1, (m,)."""
    weights = np.exp(np.asarray(squared.data, dtype=np.float64) / -bandwidth)
    return np.add.reduceat(weights, squared.indptr[:-1])  # no row is empty: every state has an edge to itself
