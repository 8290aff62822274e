"""How many coordinates two layers share, where that is known by construction."""

from __future__ import annotations

import numpy as np
import pytest

from conjugacy.numerics.resample import draw_folds
from conjugacy.transformations.common.common_part import common_part


def seen(rng, z, units, *, bend=True, noise=0.05):
    """Return what a random layer answers to latents."""
    x = z @ rng.standard_normal((z.shape[1], units)) / np.sqrt(z.shape[1])
    x = np.tanh(x + 0.3 * rng.standard_normal(units)) if bend else x
    return x + noise * x.std(axis=0) * rng.standard_normal(x.shape)


def shares(rng, x, y):
    return common_part(x, y, draw_folds(np.arange(len(x)), 5, 0))


@pytest.mark.parametrize("k", [0, 1, pytest.param(3, marks=pytest.mark.slow)])
def test_as_many_as_latents_are_shared(rng, k):
    s, u, v = (rng.standard_normal((400, d)) for d in (k, 2, 3))
    found = shares(rng, seen(rng, np.hstack([s, u]), 40), seen(rng, np.hstack([s, v]), 60, bend=False))
    assert found.dimensions == k
    assert found.interval[0] <= k <= found.interval[1]


def test_a_curved_view_of_a_latent_counts_once(rng):
    s = rng.uniform(-1, 1, (500, 1))
    views = np.hstack([s, np.tanh(3 * s), np.tanh(3 * s - 1.5), s**2])
    found = shares(rng, seen(rng, views, 30, bend=False), seen(rng, views, 30, bend=False))
    assert found.linear >= 4
    assert found.dimensions == 1


def test_a_circle_counts_two(rng):
    t = rng.uniform(0, 2 * np.pi, (400, 1))
    circle = np.hstack([np.cos(t), np.sin(t)])
    found = shares(rng, seen(rng, circle, 30), seen(rng, circle, 30))
    assert found.dimensions == 2


def test_what_is_even_in_every_unit_is_found(rng):
    s, u, v = (rng.standard_normal((600, 1)) for _ in range(3))
    x = seen(rng, np.hstack([s, u]), 30, bend=False)
    y = seen(rng, np.hstack([s**2 - 1, v]), 30, bend=False)
    found = shares(rng, x, y)
    assert found.straight is None
    assert found.dimensions == 1


def test_unrelated_layers_share_nothing(rng):
    found = [shares(rng, rng.standard_normal((200, 40)), rng.standard_normal((200, 300))).dimensions for _ in range(6)]
    assert found == [0] * 6


@pytest.mark.slow
def test_the_order_of_layers_and_units_and_their_scale_do_not_count(rng):
    s, u, v = (rng.standard_normal((200, 2)) for _ in range(3))
    x, y = seen(rng, np.hstack([s, u]), 30), seen(rng, np.hstack([s, v]), 40)
    first, back = shares(rng, x, y), shares(rng, y, x)
    other = shares(rng, 1e3 * x[:, ::-1] * np.arange(1, 31) - 7, y)
    assert first.dimensions == back.dimensions == other.dimensions == 2
    assert np.allclose(first.shares, back.shares, atol=1e-6)
    assert np.allclose(first.shares, other.shares, atol=1e-6)
