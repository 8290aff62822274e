"""Cycle nearest neighbours: whether a stimulus' neighbours in one network lead back to it in the other."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal

import numpy as np

from conjugacy.data import aligned_rows
from conjugacy.measure import Measure, Traits, check_choices
from conjugacy.measures._neighbourhoods import Neighbours, PreparedNeighbours, check_k, prepare_neighbours
from conjugacy.measures.mutual_knn import BLIND_TO
from conjugacy.results import Score


@dataclass(frozen=True)
class CycleKNN(Measure):
    """Cycle nearest neighbours: share of stimuli i that are among the neighbours, in the first network, of i's in the second.

    i counts where some j in N_y(i) has i in N_x(j). Directional. A network and itself need not have 1: a stimulus that is
    nobody's neighbour is not led back to. `similarity()` is the value, `distance()` is 1 - value.

    Where rows are tied for the last places the value is the mean over all ways to break ties, in every row of both networks
    independently. `judge` halves k on halves of the rows.

    Attributes
    ----------
    k, distance_by
        As in `mutual_knn`.

    Examples
    --------
    >>> x = 2.0 ** np.arange(10)[:, None]
    >>> near = CycleKNN(k=1, distance_by="euclidean")(x, x)
    >>> near.value
    0.2
    """

    k: int = 10
    distance_by: Literal["cosine", "euclidean"] = "cosine"

    references: ClassVar[tuple[str, ...]] = (
        "M. Huh, B. Cheung, T. Wang, P. Isola: The platonic representation hypothesis. ICML 2024",
    )

    def __post_init__(self) -> None:
        check_choices(self)
        check_k(self.k)

    @property
    def traits(self) -> Traits:  # pyright: ignore[reportIncompatibleVariableOverride] - depends on the distance
        """What this measure promises with its distance."""
        return Traits(False, False, True, None, BLIND_TO[self.distance_by])

    @property
    def preparation(self) -> str:
        """Shared by the measures on as many neighbours by the same distance."""
        return f"neighbours:k={self.k},distance_by={self.distance_by}"

    def for_halves(self) -> CycleKNN:
        """Halve k with the rows: as many neighbours among half of the rows lead nearly every stimulus back."""
        return replace(self, k=max(1, self.k // 2))

    def prepare(self, data: Any) -> PreparedNeighbours:
        """Find every stimulus' neighbours."""
        return prepare_neighbours(data, self.k, self.distance_by)

    def compare(self, a: PreparedNeighbours, b: PreparedNeighbours) -> Score:
        """Compare two prepared networks: out by the second's neighbours, back by the first's."""
        rows_a, rows_b = aligned_rows(a.rows, b.rows)
        if a.near is None or b.near is None:
            return Score.missing(self.id, a.status if a.near is None else b.status)
        value = float((1.0 - _lost(b.near.take(rows_b), a.near.take(rows_a))).mean())
        return Score(self.id, value, 1.0 - value, value)


def _lost(out: Neighbours, back: Neighbours) -> np.ndarray:
    """Return every row's chance not to be led back to, (m,)."""
    there, here = out.weights, back.weights.T.tocsr()
    if not (out.tied or back.tied):
        return 1.0 - (there.multiply(here).sum(axis=1) > 0)
    row = np.repeat(np.arange(out.count), np.diff(there.indptr))
    stays = 1.0 - here.toarray()[row, there.indices]  # chance that i's neighbour j does not lead back
    sure = there.data == 1.0
    lost = np.ones(out.count)
    np.multiply.at(lost, row[sure], stays[sure])
    tied, counts = np.unique(row[~sure], return_counts=True)
    if tied.size:
        factors = np.zeros((len(tied), counts.max()))
        factors[np.arange(counts.max()) < counts[:, None]] = stays[~sure]
        places = out.k - np.bincount(row[sure], minlength=out.count)[tied]
        lost[tied] *= _mean_products(factors, counts, places)
    return lost


def _mean_products(factors: np.ndarray, counts: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Return, for every row, the mean over all choices of so many of its first `counts` factors of their product, (q,).

    The mean f_t(s) over choices of s of the first t factors is (1 - s/t) f_{t-1}(s) + (s/t) q_t f_{t-1}(s - 1).

    Examples
    --------
    >>> _mean_products(np.array([[0.5, 1.0, 0.0]]), np.array([3]), np.array([2])).round(12).tolist()
    [0.166666666667]
    """
    sizes = np.arange(1, places.max() + 1)
    found = np.zeros((len(factors), len(sizes) + 1))
    found[:, 0] = 1.0
    for t in range(1, factors.shape[1] + 1):
        share, live = np.minimum(sizes / t, 1.0), counts >= t
        found[live, 1:] = (1.0 - share) * found[live, 1:] + share * factors[live, t - 1, None] * found[live, :-1]
    return found[np.arange(len(found)), places]
