"""Wasserstein distance of points in the plane: closed forms, another package, the triangle."""

import itertools

import numpy as np
import pytest

from conjugacy.numerics.alignment import transport
from conjugacy.numerics.alignment.transport import wasserstein2


def points(n, rng):
    return rng.standard_normal(n) + 1j * rng.standard_normal(n)


def test_on_the_line_it_is_the_distance_of_sorted_points(rng):
    x, y = rng.standard_normal((2, 9))
    assert wasserstein2(x, y) == pytest.approx(np.sqrt(((np.sort(x) - np.sort(y)) ** 2).mean()))


def test_a_shift_costs_its_length_whatever_the_sizes(rng):
    x = points(7, rng)
    assert wasserstein2(x, x + 3 - 4j) == pytest.approx(5.0)
    assert wasserstein2(np.repeat(x, 2), x) == pytest.approx(0.0, abs=1e-12)
    assert wasserstein2(np.zeros(3), np.full(5, 2j)) == pytest.approx(2.0)


def test_assignment_and_linear_programme_agree(rng, monkeypatch):
    x, y = points(6, rng), points(8, rng)
    direct = wasserstein2(x, y)
    monkeypatch.setattr(transport, "COPIES", 0)
    assert wasserstein2(x, y) == pytest.approx(direct, rel=1e-9)


def test_another_package_agrees(rng):
    ot = pytest.importorskip("ot")
    x, y = points(5, rng), points(7, rng)
    planes = [np.column_stack([p.real, p.imag]) for p in (x, y)]
    squared = ot.emd2(np.full(5, 0.2), np.full(7, 1 / 7), ot.dist(*planes))
    assert wasserstein2(x, y) == pytest.approx(np.sqrt(squared), rel=1e-9)


def test_triangle_inequality_over_sizes(rng):
    """The squared distance would fail it: 1 and 1 make 4."""
    assert [wasserstein2(np.array([x]), np.array([y])) for x, y in ((0, 1), (1, 2), (0, 2))] == [1.0, 1.0, 2.0]
    sets = [points(n, rng) for n in (2, 3, 4, 5, 6)]
    d = {(i, j): wasserstein2(sets[i], sets[j]) for i in range(5) for j in range(5)}
    for i, j, k in itertools.permutations(range(5), 3):
        assert d[i, k] <= d[i, j] + d[j, k] + 1e-12
