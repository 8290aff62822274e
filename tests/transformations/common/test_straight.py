"""Of coordinates that tell the same, those of which what both layers share is a simple function."""

from __future__ import annotations

import numpy as np
import pytest

from conjugacy.transformations.common.steps import Path
from conjugacy.transformations.common.straight import ToldAcross, straight_turns
from conjugacy.transformations.common.variates import Chosen

BENT = 0.5


def variates(rng, rows, *, more):
    """Return latents and variates of two layers: s1 + q(s2) / 2, s2 + q(s1) / 2 and, if more, what is orthogonal to these."""
    s = rng.standard_normal((rows, 2))
    square = (s[:, ::-1] ** 2 - 1) / np.sqrt(2)
    both = np.hstack([s + BENT * square, BENT * s - square]) / np.sqrt(1 + BENT**2)
    both = both if more else both[:, :2]
    noise = (0.2 * rng.standard_normal(both.shape) for _ in range(2))
    return s, tuple((both + e) / np.sqrt(1.04) for e in noise)


def searched(rng, *, more):
    """Return a choice, two folds in which a search found the curved coordinates, and the latents of their held-out rows."""
    s, (a, b) = variates(rng, 600, more=more)
    p = a.shape[1]
    paths = list[Path]()
    halves = np.arange(600) % 2 == 0
    for out in (halves, ~halves):
        fitted, held = (a[~out], b[~out]), (a[out], b[out])
        none = [(np.zeros((len(v[0]), 0)), np.zeros((len(v[0]), 0))) for v in (fitted, held)]
        turns = (np.eye(p), np.eye(p))
        found = [list(np.eye(p)[:2]), list(np.eye(p)[:2])]
        paths.append(
            Path(fitted, held, fitted, held, none[0], none[1], np.ones(p), turns, directions=(found[0], found[1]))
        )
    return Chosen((0.0, 0.0), np.arange(p), np.full(p, 1 / 1.04), p), paths, [s[out] for out in (halves, ~halves)]


def linear(z, s):
    """Return the share of latents that a linear map tells, (k,)."""
    z = z - z.mean(axis=0)
    s = s - s.mean(axis=0)
    return 1 - ((s - z @ np.linalg.lstsq(z, s, rcond=None)[0]) ** 2).sum(axis=0) / (s**2).sum(axis=0)


def test_curved_coordinates_become_straight(rng):
    choice, paths, latents = searched(rng, more=True)
    turned = straight_turns(paths, choice, np.arange(2))
    assert len(turned) == 2
    for path, turns, s in zip(paths, turned, latents, strict=True):
        for side in (0, 1):
            assert np.allclose(linear(path.held[side][:, :2], s), 1 / (1 + BENT**2) / 1.04, atol=0.07)
            # s is BENT / (1 + BENT^2) of one variate and as much of another's, so that noise is of the same size
            assert linear(path.held[side] @ turns[side], s).min() > 0.93
            assert np.allclose((path.fitted[side] @ turns[side]).std(axis=0), 1.0)
            # each stays the nearest to the coordinate that the search found
            likeness = np.corrcoef(path.held[side] @ turns[side], path.held[side][:, :2], rowvar=False)[:2, 2:]
            assert np.array_equal(likeness.argmax(axis=1), [0, 1])
        z = [held @ turn for held, turn in zip(path.held, turns, strict=True)]
        assert min(np.corrcoef(z[0][:, j], z[1][:, j])[0, 1] for j in (0, 1)) > 0.9


def test_where_nothing_tells_them_apart_they_stay(rng):
    choice, paths, _ = searched(rng, more=False)
    assert straight_turns(paths, choice, np.arange(2)) == ()


def test_few_rows_change_nothing(rng):
    choice, paths, _ = searched(rng, more=True)
    few = [
        Path(
            *((v[0][:20], v[1][:20]) for v in (path.fitted, path.held, path.fitted, path.held)),
            (np.zeros((20, 0)),) * 2,
            (np.zeros((20, 0)),) * 2,
            path.weights,
            path.turns,
            directions=path.directions,
        )
        for path in paths
    ]
    assert straight_turns(few, choice, np.arange(2)) == ()
    assert straight_turns(paths, choice, np.arange(0)) == ()


@pytest.mark.parametrize("k", [1, 3])
def test_the_slope_of_what_is_left(rng, k):
    a, b = (rng.standard_normal((60, 4)) + 0.1 for _ in range(2))
    found = rng.standard_normal((4, k)), rng.standard_normal((4, k))
    told = ToldAcross.of((a, b), found, Chosen((0.0, 0.0), np.arange(4), np.array([0.9, 0.7, 0.5, 0.2]), 4))
    at, along = rng.standard_normal(8 * k), rng.standard_normal(8 * k)
    step = 1e-5
    risen = (told.loss(at + step * along, k)[0] - told.loss(at - step * along, k)[0]) / (2 * step)
    assert np.isclose(told.loss(at, k)[1] @ along, risen, rtol=1e-5)
