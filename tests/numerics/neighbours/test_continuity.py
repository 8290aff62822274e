import numpy as np
import pytest
from scipy.stats import binom

from conjugacy.numerics.neighbours.continuity import NEIGHBOURS, _enough, continuity_radii
from conjugacy.numerics.neighbours.of_rows import nearest


def test_how_many_neighbours_must_land_close():
    for k, needed in zip(range(NEIGHBOURS[0], NEIGHBOURS[1] + 1), _enough(), strict=True):
        assert binom.sf(needed - 1, k, 0.5) <= 0.05 < binom.sf(needed - 2, k, 0.5)


def test_the_radius_against_a_plain_loop(rng):
    x, y = rng.standard_normal((80, 3)), rng.standard_normal((80, 2))
    rows = np.array([4, 40])
    neighbours, _ = nearest(x, rows, np.arange(80), NEIGHBOURS[1])
    wanted = []
    for row, near in zip(rows, neighbours, strict=True):
        radii = []
        for k, needed in zip(range(8, 14), _enough(), strict=True):
            radii.append(sorted(np.linalg.norm(y[j] - y[row]) for j in near[:k])[needed - 1])
        wanted.append(min(radii))
    np.testing.assert_allclose(continuity_radii(y, rows, neighbours), wanted)


@pytest.mark.parametrize("tear", [0.0, 3.0])
def test_a_tear_shows_and_a_bend_does_not(rng, tear):
    x = rng.uniform(-1, 1, (600, 1))
    y = np.column_stack([np.exp(x), tear * (rng.random((600, 1)) < 0.5)])  # neighbours land on one of two sheets
    rows = np.arange(600)
    neighbours, _ = nearest(x, rows, rows, NEIGHBOURS[1])
    radius = continuity_radii(y, rows, neighbours).mean()
    assert radius < 0.05 if not tear else radius > 1.0
