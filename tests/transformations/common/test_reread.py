"""Common coordinates read again from all units."""

from __future__ import annotations

import numpy as np
import pytest

from conjugacy.numerics.resample import draw_folds
from conjugacy.transformations.common.common_part import common_part
from conjugacy.transformations.common.maps import fitted
from conjugacy.transformations.common.reread import ReadRows, Reread, Shrinkage


def layers(rng, m, *, n=80, noise=1.0):
    """Return two latents and two layers that hold them, each with private latents and noise of its units."""
    s = rng.standard_normal((m, 2))
    ends = list[np.ndarray]()
    for _ in range(2):
        z = np.hstack([s, rng.standard_normal((m, 3))])
        ends.append(z @ rng.standard_normal((5, n)) + noise * rng.standard_normal((m, n)))
    return s, ends[0], ends[1]


@pytest.mark.parametrize("strength", [1e-3, 1.0])
def test_a_power_of_one_is_ridge_regression(rng, strength):
    x, wanted = rng.standard_normal((50, 6)) @ rng.standard_normal((6, 6)), rng.standard_normal((50, 2))
    out = np.arange(50) < 10
    rows = ReadRows(x, out, 4.0)
    centred = x[~out] - x[~out].mean(axis=0)
    ridge = np.linalg.solve(centred.T @ centred / 40 + 4.0 * strength * np.eye(6), centred.T @ wanted[~out] / 40)
    turn = rows.turn(wanted[~out], Shrinkage(1.0, strength))
    assert np.allclose(turn, ridge / (centred @ ridge).std(axis=0))
    own, held = rows.turned(turn)
    assert np.allclose(own.std(axis=0), 1.0)
    assert np.allclose(held, (x[out] - x[~out].mean(axis=0)) @ turn)


def test_coordinates_that_follow_noise_are_read_better(rng):
    s, x, y = layers(rng, 150)
    folds, found = draw_folds(np.arange(150), 5, 0), []
    for fold in range(5):
        out = folds == fold
        sides = list[tuple[np.ndarray, np.ndarray]]()
        for end in (x, y):
            # as many directions as fit anything: two thirds of the units' noise come along
            turn = np.linalg.lstsq(end[~out], s[~out] + rng.standard_normal((int((~out).sum()), 2)), rcond=None)[0]
            sides.append((end[~out] @ turn, end[out] @ turn))
        found.append((sides[0], sides[1]))
    reread = Reread.of(x, y, folds, found)
    for side in (0, 1):
        before, after = (np.empty_like(s) for _ in range(2))
        for fold in range(5):
            out = folds == fold
            for told, (own, held) in ((before, found[fold][side]), (after, reread.folds[fold][side])):
                told[out] = held @ np.linalg.lstsq(own, s[~out], rcond=None)[0]
        left = [((s - told) ** 2).sum() / (s**2).sum() for told in (before, after)]
        assert left[0] > 0.3
        # n = 80 units of equal noise tell latents all but about 5 / 80, and a little is lost to directions
        assert left[1] < 0.12


@pytest.mark.slow
def test_maps_of_all_rows_tell_what_those_of_folds_tell(rng):
    _, x, y = layers(rng, 150, n=30)
    kept, folds = (x.copy(), y.copy()), draw_folds(np.arange(150), 5, 0)
    part = common_part(x, y, folds)
    assert part.dimensions == 2
    assert np.array_equal(kept[0], x)
    assert np.array_equal(kept[1], y)
    for side, end in enumerate(fitted(part)):
        assert np.allclose(end.to_common((x, y)[side]), end.common, atol=1e-8)
        assert np.allclose(end.common.std(axis=0), 1.0)
        for fold in range(5):
            # a fold's coordinates are those of all rows up to a turn and what a fifth of the rows changes
            out = folds == fold
            own, held = part.coordinates(fold, side)
            told = held @ np.linalg.lstsq(own, end.common[~out], rcond=None)[0]
            assert ((told - end.common[out]) ** 2).mean() < 0.1


def test_nothing_shared_is_not_read_again(rng):
    part = common_part(rng.standard_normal((100, 10)), rng.standard_normal((100, 12)), np.arange(100) % 5)
    assert part.dimensions == 0
    assert part.reread is None
