"""Common coordinates read again from all units."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from conjugacy.numerics.resample import draw_folds
from conjugacy.transformations.common.common_part import common_part
from conjugacy.transformations.common.maps import fitted
from conjugacy.transformations.common.reread import ReadRows, Reread, Shrinkage
from conjugacy.transformations.rungs.smooth import Smooth


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


def saturated(rng, m, *, gain, n=60):
    """Return two latents, units tanh(gain w z + offset) of them and of a private latent, and a linear layer of the same."""
    s, own = rng.standard_normal((m, 2)), rng.standard_normal((2, m, 1))
    x = np.tanh(gain * np.hstack([s, own[0]]) @ rng.standard_normal((3, n)) + rng.standard_normal(n))
    return s, x, np.hstack([s, own[1]]) @ rng.standard_normal((3, n))


def worst_left(part, s, folds, side):
    """Return what linear readings of a layer's coordinates leave of the latent they tell least, on held-out rows."""
    told = np.empty_like(s)
    for fold in range(int(folds.max()) + 1):
        out = folds == fold
        own, held = part.coordinates(fold, side)
        told[out] = held @ np.linalg.lstsq(own, s[~out] - s[~out].mean(axis=0), rcond=None)[0] + s[~out].mean(axis=0)
    return (((s - told) ** 2).sum(axis=0) / (s**2).sum(axis=0)).max()


def test_saturated_units_are_read_as_normal_scores(rng):
    s, x, y = saturated(rng, 300, gain=1.5)
    x[:, 0] = 3.0  # a dead unit
    x[:, 1] = 3.0 + 4e-16 * rng.standard_normal(300)  # and one that varies by rounding
    folds = draw_folds(np.arange(300), 5, 0)
    part = common_part(x, y, folds)
    assert part.dimensions == 2
    assert part.reread.forms[0].scores is not None
    assert part.reread.forms[0].principal.whole == 58  # units that tell something
    # ranks of tanh(w z) are those of w z, so that latents are linear in scores but for 1 / m
    left = worst_left(part, s, folds, 0)
    assert left < 0.005
    assert left < 0.2 * worst_left(replace(part, reread=None), s, folds, 0)
    end = fitted(part)[0]
    assert np.allclose(end.to_common(x), end.common, atol=1e-8)
    assert np.array_equal(rebuilt(end.to_common)(x), end.to_common(x))


def test_units_that_are_linear_in_latents_are_read_as_they_are(rng):
    _, x, y = layers(rng, 150, n=30)
    reread = common_part(x, y, draw_folds(np.arange(150), 5, 0)).reread
    assert [form.scores for form in reread.forms] == [None, None]


def rebuilt(one):
    """Return a map that was taken apart into named arrays and put together again."""
    return Smooth.from_arrays({name: array.copy() for name, array in one.arrays().items()})


def test_nothing_shared_is_not_read_again(rng):
    part = common_part(rng.standard_normal((100, 10)), rng.standard_normal((100, 12)), np.arange(100) % 5)
    assert part.dimensions == 0
    assert part.reread is None
