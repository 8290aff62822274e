"""Which networks the page of a study shows, in which order, and the tree above the matrix."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from conjugacy.results import Classes

if TYPE_CHECKING:
    from conjugacy.study import Study

MOST_NETWORKS = 3000


@dataclass(frozen=True, eq=False)
class Order:
    """Rows and columns of the matrix as places in the study, and what was left out.

    Attributes
    ----------
    rows, columns : int array
        Places of the shown networks in the study.
    left_out : str
        A sentence where not all networks are shown, else empty.
    tree : list of list of float
        Per merge: places of the two branches in the matrix, their heights, and the height of the merge.
    """

    rows: np.ndarray
    columns: np.ndarray
    left_out: str
    tree: list[list[float]]


def order_of(study: Study, classes: Classes | None) -> Order:
    """Return the networks in the order of the classes' tree, else class by class, else as they came."""
    first, second = (np.arange(len(names)) for names in study.networks)
    if not study.is_square:
        rows, columns = _fewer(first), _fewer(second)
        cut = (len(rows), len(columns)) != (len(first), len(second))
        words = (
            f"Of each list the first {MOST_NETWORKS} networks are shown; the page has room for no others."
            if cut
            else ""
        )
        return Order(rows, columns, words, [])
    places, words = _places(study, classes)
    tree = [] if words or classes is None else tree_of(classes, places)
    return Order(places, places, words, tree)


def _places(study: Study, classes: Classes | None) -> tuple[np.ndarray, str]:
    names = study.networks[0]
    if classes is None or len(classes.networks) != len(names):
        places = np.arange(len(names))
        return _fewer(places), _first_words(len(names))
    places = _by_class(classes)
    if len(names) <= MOST_NETWORKS:
        return places, ""
    kept = {group.representative for group in classes.groups[:MOST_NETWORKS]}
    places = np.array([i for i in places if names[i] in kept], dtype=int)
    if not places.size:
        return _fewer(np.arange(len(names))), _first_words(len(names))
    return places, (
        f"The matrix and the plane show {len(places)} of {len(names)} networks, one for every class (its representative"
        f"{'' if len(kept) == len(classes.groups) else ', largest classes first'}): the page has room for no others."
    )


def _by_class(classes: Classes) -> np.ndarray:
    found = classes.clustering
    if found is not None and len(found.order) == len(classes.networks):
        return np.asarray(found.order, dtype=int)
    at = {name: i for i, name in enumerate(classes.networks)}
    sorted_names = [member for group in classes.groups for member in group.members]
    rest = [name for name in classes.networks if name not in classes]
    return np.array([at[name] for name in (*sorted_names, *rest)], dtype=int)


def _fewer(places: np.ndarray) -> np.ndarray:
    return places[:MOST_NETWORKS]


def _first_words(n: int) -> str:
    if n <= MOST_NETWORKS:
        return ""
    return f"The first {MOST_NETWORKS} of {n} networks are shown; the page has room for no others."


def tree_of(classes: Classes, places: np.ndarray) -> list[list[float]]:
    """Return the branches of the clustering's tree over the matrix whose networks stand in the order `places`.

    Examples
    --------
    >>> from conjugacy.results import Clustering
    >>> merges = np.array([[0, 1, 0.5, 2]])
    >>> found = Clustering(np.zeros(2, int), {}, np.ones(1), np.arange(2), merges, np.arange(2))
    >>> made = Classes(("x", "y"), (), (), (), 0, (), (), "cka", "h", "", 1, 0, 0, found, np.zeros((2, 2)), 1.0, ())
    >>> tree_of(made, np.array([1, 0]))
    [[1.0, 0.0, 0.0, 0.0, 0.5]]
    """
    found = classes.clustering
    if found is None or not len(found.linkage):
        return []
    place = np.empty(len(places))
    place[places] = np.arange(len(places))
    leaves = np.asarray(found.placed, dtype=int)
    at, height = [float(x) for x in place[leaves]], [0.0] * len(leaves)
    branches: list[list[float]] = []
    for left, right, distance, _ in found.linkage.tolist():
        i, j = int(left), int(right)
        branches.append([at[i], at[j], height[i], height[j], float(f"{distance:.4g}")])
        at.append((at[i] + at[j]) / 2)
        height.append(branches[-1][-1])
    return branches
