"""The best path against trying all paths."""

from itertools import pairwise

import numpy as np
import pytest

from conjugacy.comparison.layer_path import best_path


def every_path(p, q, i=0, j=0):
    if (i, j) == (p - 1, q - 1):
        yield [(i, j)]
        return
    for di, dj in ((1, 1), (1, 0), (0, 1)):
        if i + di < p and j + dj < q:
            for rest in every_path(p, q, i + di, j + dj):
                yield [(i, j), *rest]


@pytest.mark.parametrize("shape", [(1, 1), (1, 4), (3, 3), (4, 5)])
def test_no_other_path_costs_less(shape, rng):
    similarity = rng.random(shape)
    path = best_path(similarity)
    assert path[0] == (0, 0)
    assert path[-1] == (shape[0] - 1, shape[1] - 1)
    assert all((b[0] - a[0], b[1] - a[1]) in ((1, 1), (1, 0), (0, 1)) for a, b in pairwise(path))
    cost = [sum(1 - similarity[at] for at in other) for other in every_path(*shape)]
    assert sum(1 - similarity[at] for at in path) == pytest.approx(min(cost))


def test_missing_values_are_walked_around():
    similarity = np.array([[0.9, 0.9, 0.1], [np.nan, 0.9, 0.9]])
    assert best_path(similarity) == ((0, 0), (0, 1), (1, 2)) or (1, 0) not in best_path(similarity)
    assert best_path(np.empty((0, 3))) == ()
