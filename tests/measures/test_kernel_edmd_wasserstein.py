"""Koopman eigenvalues are those of the system: not of the units, the trials or the sampling step."""

import numpy as np
import pytest

import conjugacy as cj
from conjugacy.dynamics import LinearDynamics


def cycle(speed, dt, seed, n=10, points=120):
    """A limit cycle through its own curved view, its trials nobody else's."""
    rng = np.random.default_rng(seed)
    angle = rng.uniform(0, 2 * np.pi, 16)[:, None] + speed * dt * np.arange(points)
    view = rng.standard_normal((2, n))
    seen = np.tanh(0.7 * np.stack([np.cos(angle), np.sin(angle)], axis=-1) @ view)
    return cj.Trajectories(seen + 0.01 * rng.standard_normal(seen.shape), dt=dt)


def test_other_units_trials_and_steps_of_one_system_are_near():
    measure = cj.get_measure("kernel_edmd_wasserstein")
    same = measure(cycle(1.0, 0.1, 0), cycle(1.0, 0.17, 1, n=14, points=90))
    other = measure(cycle(1.0, 0.1, 0), cycle(1.3, 0.1, 2))
    assert same.distance() < 0.05
    # the frequencies +-1 and +-2 move to +-1.3 and +-2.6
    assert other.distance() == pytest.approx(np.sqrt((0.3**2 + 0.6**2) / 2), abs=0.05)


def test_a_known_system_stands_for_itself():
    a, b = (LinearDynamics.of(np.diag(d), dt=0.5) for d in ([0.9, 0.5], [0.9, 0.25]))
    assert cj.get_measure("kernel_edmd_wasserstein").compare(a, b).value == pytest.approx(np.log(2) / 0.5 / np.sqrt(2))


def test_an_eigenvalue_without_a_rate_is_said():
    measure = cj.get_measure("kernel_edmd_wasserstein")
    with pytest.raises(cj.ConjugacyError, match="no rate"):
        measure(LinearDynamics.of(np.diag([0.5, 0.0])), LinearDynamics.of(np.diag([0.5, 0.1])))


def test_modes_are_checked():
    with pytest.raises(cj.ConjugacyError, match="expected"):
        cj.get_measure("kernel_edmd_wasserstein:modes=0")
