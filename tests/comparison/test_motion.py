"""Pictures of two systems that move: paths laid over each other where trials allow it, eigenvalues in their own units."""

from __future__ import annotations

import numpy as np
import pytest

import conjugacy as cj
from conjugacy.comparison.motion import MOST_STATES, MOST_TRIALS, spectrum_of, state_paths
from conjugacy.dynamics import LinearDynamics


def orbits(rng, trials=8, points=40):
    """Run a damped rotation from starts of its own, (trials, points, 2)."""
    start = rng.standard_normal((trials, 1)) + 1j * rng.standard_normal((trials, 1))
    z = start * np.exp((0.3j - 0.02) * np.arange(points))
    return np.stack([z.real, 0.5 * z.imag], axis=-1)


def turned(rng, width=2):
    return np.linalg.qr(rng.standard_normal((width, width)))[0]


def test_a_turned_moved_and_scaled_copy_lies_on_its_original(rng):
    x = orbits(rng)
    before = x.copy()
    y = 3.0 * np.pad(x, ((0, 0), (0, 0), (0, 3))) @ turned(rng, 5) + 7.0
    found = state_paths(cj.Trajectories(x), cj.Trajectories(y), matched=True)
    np.testing.assert_allclose(found.b, found.a, atol=1e-9)
    assert (found.alignment, found.colours, found.conditions) == ("trials", "trial", ())
    assert found.variance == pytest.approx((1.0, 1.0))
    np.testing.assert_array_equal(x, before)
    rows = found.a.reshape(-1, 2)
    assert (rows**2).sum() / len(rows) == pytest.approx(1.0)


def test_another_system_does_not(rng):
    found = state_paths(cj.Trajectories(orbits(rng)), cj.Trajectories(orbits(rng)), matched=True)
    assert np.abs(found.b - found.a).max() > 0.3


def test_trials_without_partners_are_turned_by_the_averages_of_conditions(rng):
    names, way = np.repeat(["left", "right", "up"], 4), rng.permutation(12)
    x = orbits(rng, 3)[np.repeat(np.arange(3), 4)] + 0.01 * rng.standard_normal((12, 40, 2))
    a = cj.Trajectories(x, conditions=names)
    b = cj.Trajectories((x @ turned(rng))[way], conditions=names[way])
    found = state_paths(a, b, matched=False)
    assert (found.alignment, found.colours, found.conditions) == ("conditions", "condition", ("left", "right", "up"))
    np.testing.assert_allclose(found.means_b, found.means_a, atol=1e-6)
    assert found.groups_a.tolist() == np.repeat([0, 1, 2], 4).tolist()
    assert [found.conditions[i] for i in found.groups_b] == names[way].tolist()


def test_without_partners_or_conditions_each_stands_by_itself(rng):
    found = state_paths(cj.Trajectories(orbits(rng, 5)), cj.Trajectories(orbits(rng, 7)), matched=False)
    assert (found.alignment, found.colours, found.trials) == ("none", "time", (5, 7))
    assert found.means_a.shape[0] == 0


def test_more_conditions_than_can_be_told_apart_are_not_coloured(rng):
    x = orbits(rng, 30)
    a = cj.Trajectories(x, conditions=np.repeat(np.arange(15), 2))
    assert state_paths(a, a, matched=True).conditions == ()
    few = cj.Trajectories(x, conditions=np.arange(30) % 14)
    assert len(state_paths(few, few, matched=True).conditions) == 14


def test_trials_may_be_of_any_length_and_long_ones_are_thinned(rng):
    trials = [orbits(rng, 1, t)[0] for t in (20, 35, 50)]
    found = state_paths(cj.Trajectories(trials), cj.Trajectories(trials[:2]), matched=False)
    assert np.isfinite(found.a[..., 0]).sum(axis=1).tolist() == [20, 35, 50]
    many = cj.Trajectories(orbits(rng, 3 * MOST_TRIALS, 400))
    found = state_paths(many, many, matched=True)
    assert found.trials == (3 * MOST_TRIALS, 3 * MOST_TRIALS)
    assert len(found.a) == MOST_TRIALS
    assert np.isfinite(found.a[..., 0]).sum() <= MOST_STATES + MOST_TRIALS


def test_one_unit_is_drawn_with_nothing_beside_it(rng):
    x = orbits(rng)[..., :1]
    found = state_paths(cj.Trajectories(x), cj.Trajectories(x[..., ::-1]), matched=True)
    assert not found.a[..., 1].any()
    np.testing.assert_allclose(found.a, found.b, atol=1e-9)


def test_eigenvalues_of_one_step_and_rates_of_a_known_system():
    step = np.zeros((3, 3))
    step[:2, :2] = 0.9 * np.array([[0.6, -0.8], [0.8, 0.6]])
    system = LinearDynamics.of(step, dt=0.5)
    plain, rates = (spectrum_of(system, continuous=c) for c in (False, True))
    assert sorted(np.hypot(*plain.values.T).round(9).tolist()) == [0.0, 0.9, 0.9]
    assert (plain.left_out, rates.left_out) == (0, 1)
    np.testing.assert_allclose(rates.values[:, 0], np.log(0.9) / 0.5)
    np.testing.assert_allclose(np.abs(rates.values[:, 1]), np.arctan2(0.8, 0.6) / 0.5)


def test_a_residual_moves_with_its_eigenvalue_into_rates(rng):
    x = orbits(rng) + 0.05 * rng.standard_normal((8, 40, 2))
    system = cj.get_measure("dsa", delays=3, rank=4).prepare(cj.Trajectories(x, dt=0.2)).system
    plain, rates = (spectrum_of(system, continuous=c) for c in (False, True))
    np.testing.assert_allclose(rates.residuals, plain.residuals / np.hypot(*plain.values.T) / 0.2)
    assert (plain.residuals > 0).all()
