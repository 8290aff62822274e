"""Centred kernel nearest-neighbour alignment: debiased CKA of the pairs of stimuli that are near each other in both networks."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from conjugacy.data import Rows, aligned_rows
from conjugacy.measure import Measure, Traits, as_activations
from conjugacy.measures._neighbourhoods import Neighbours, check_k, cosine_status, nearest_rows, unit_rows
from conjugacy.numerics.device import product
from conjugacy.results import Score, Status


@dataclass(frozen=True, eq=False)
class PreparedLocalKernel:
    """Cosines of the rows (m, m), their k nearest, and the product of the local kernel with itself."""

    rows: Rows
    kernel: np.ndarray
    near: Neighbours | None
    own: float
    status: Status


@dataclass(frozen=True)
class CKNNA(Measure):
    """CKNNA: the unbiased HSIC of a K and a L over the root of their own, a_ij = 1 where j is near i in both networks.

    K and L are the cosines of the rows; in the products of a network with itself only its own neighbours count. With k = m - 1
    it is the debiased CKA of the rows scaled to length 1; as k falls only near stimuli count. `similarity()` is the value
    clipped to [0, 1], `distance()` is 1 - value, at least 0: of few stimuli the value can lie a little above 1. Not symmetric to
    the last digit, since nearness is not.

    Where rows are tied for the last places a_ij is the chance that j is near i in both networks, ties broken at random. A
    network and itself then has less than 1: `details["ceiling"]` is the geometric mean of both networks' values with themselves.

    Attributes
    ----------
    k : int
        Number of neighbours, at least 2; more than there are others means all of them.

    Examples
    --------
    >>> x = np.random.default_rng(0).normal(size=(60, 4))
    >>> round(CKNNA(k=5)(x, 3 * x[:, ::-1]).value, 9)
    1.0
    """

    k: int = 10

    traits: ClassVar[Traits] = Traits(
        symmetric=False,
        metric=False,
        larger_is_more_similar=True,
        identity_value=1.0,
        invariances=frozenset({"permutation", "orthogonal", "isotropic_scaling"}),
    )
    references: ClassVar[tuple[str, ...]] = (
        "M. Huh, B. Cheung, T. Wang, P. Isola: The platonic representation hypothesis. ICML 2024",
    )

    def __post_init__(self) -> None:
        check_k(self.k, 2)

    def prepare(self, data: Any) -> PreparedLocalKernel:
        """Compute cosines, neighbours, and the product with itself."""
        layer = as_activations(data)
        none = np.zeros((0, 0))
        if not np.ptp(layer.values, axis=0).any():
            return PreparedLocalKernel(layer.rows, none, None, 0.0, Status.DEGENERATE)
        if len(layer.values) < 4:
            return PreparedLocalKernel(layer.rows, none, None, 0.0, Status.TOO_FEW_ROWS)
        rows = unit_rows(layer.values)
        status = cosine_status(rows, self.k)
        if not status.is_ok:
            return PreparedLocalKernel(layer.rows, none, None, 0.0, status)
        kernel = product(rows, rows.T)
        near = nearest_rows(kernel, min(self.k, len(kernel) - 1))
        local = near.weights.toarray() * kernel
        own = _hsic(local, local)
        status = Status.OK if own > 1e-12 * float((local**2).sum()) else Status.TOO_FEW_ROWS
        return PreparedLocalKernel(layer.rows, kernel, near, own, status)

    def compare(self, a: PreparedLocalKernel, b: PreparedLocalKernel) -> Score:
        """Compare two prepared networks."""
        rows_a, rows_b = aligned_rows(a.rows, b.rows)
        if a.near is None or b.near is None:
            return Score.missing(self.id, a.status if a.near is None else b.status)
        bad = next((p.status for p in (a, b) if not p.status.is_ok), None)
        if bad is not None:
            return Score.missing(self.id, bad)
        near = a.near.take(rows_a), b.near.take(rows_b)
        kernels = a.kernel[rows_a][:, rows_a], b.kernel[rows_b][:, rows_b]
        owns = math.sqrt(a.own) * math.sqrt(b.own)
        value = _local(near, kernels) / owns
        details: dict[str, float] = {}
        if a.near.tied or b.near.tied:
            own = [_local((n, n), (k, k)) for n, k in zip(near, kernels, strict=True)]
            details["ceiling"] = math.sqrt(max(own[0], 0.0) * max(own[1], 0.0)) / owns
        return Score(self.id, value, max(0.0, 1.0 - value), float(np.clip(value, 0.0, 1.0)), details=details)


def _local(near: tuple[Neighbours, Neighbours], kernels: tuple[np.ndarray, np.ndarray]) -> float:
    """Return the HSIC of both kernels where rows are near in both networks."""
    both = near[0].weights.multiply(near[1].weights).toarray()
    return _hsic(both * kernels[0], both * kernels[1])


def _hsic(k: np.ndarray, l: np.ndarray) -> float:  # noqa: E741
    """Return Song's unbiased HSIC times m (m - 3), diagonals being zero; neither matrix need be symmetric."""
    m = len(k)
    cross = float((k * l.T).sum())
    return cross + float(k.sum() * l.sum()) / ((m - 1) * (m - 2)) - 2.0 * float(k.sum(axis=0) @ l.sum(axis=1)) / (m - 2)
