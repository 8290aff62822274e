"""Kernel EDMD finds Koopman eigenvalues that are known in closed form, and says which of its own it does not know."""

import numpy as np
import pytest

import conjugacy as cj
from conjugacy.dynamics.kernel_edmd import KernelEDMD
from conjugacy.measures.kernel_edmd_wasserstein import best_known


def focus(rng, dt, decay=-0.15, trials=24, n=120):
    """A linear focus with eigenvalues decay +- i, from starts on two rings."""
    t, phase = dt * np.arange(n), rng.uniform(0, 2 * np.pi, trials)[:, None]
    size = rng.uniform(0.5, 2.0, trials)[:, None] * np.exp(decay * t)
    return np.stack([size * np.cos(t + phase), size * np.sin(t + phase)], axis=-1)


def hopf(rng, dt, frequency, trials=24, n=120):
    """The normal form r' = r (1 - r^2), theta' = frequency, in closed form."""
    t, phase = dt * np.arange(n), rng.uniform(0, 2 * np.pi, trials)[:, None]
    start = rng.uniform(0.5, 2.0, trials)[:, None]
    r = start / np.sqrt(start**2 + (1 - start**2) * np.exp(-2 * t))
    return np.stack([r * np.cos(frequency * t + phase), r * np.sin(frequency * t + phase)], axis=-1)


def best_rates(states, dt, modes=4):
    found = KernelEDMD().fit(cj.Trajectories(states, dt=dt))
    return found.rates[best_known(found, modes)]


@pytest.mark.parametrize("dt", [0.1, 0.15])
def test_a_linear_system_has_its_own_eigenvalues_and_powers(rng, dt):
    """Eigenfunctions of the focus are r^s e^(i m theta), m whole and s any number: eigenvalues -.15 s + i m."""
    rates = best_rates(focus(rng, dt), dt)
    assert np.abs(rates[:, None] - np.array([complex(-0.15, 1), complex(-0.15, -1)])).min(axis=0).max() < 0.01
    np.testing.assert_allclose(rates.imag, rates.imag.round(), atol=0.01)


@pytest.mark.parametrize("frequency", [1.0, 1.5])
def test_a_limit_cycle_has_imaginary_multiples_of_its_frequency(rng, frequency):
    """Those of Hopf's normal form are -2 a + i b omega; the undamped ones are known best."""
    view = rng.standard_normal((2, 10))
    rates = best_rates(np.tanh(hopf(rng, 0.15, frequency) @ view), 0.15)
    np.testing.assert_allclose(np.sort(rates.imag), frequency * np.array([-2, -1, 1, 2]), atol=0.01)
    np.testing.assert_allclose(rates.real, 0.0, atol=0.01)


def test_noise_has_no_mode_that_is_known(rng):
    found = KernelEDMD().fit(cj.Trajectories(rng.standard_normal((12, 80, 3))))
    assert (found.residuals / np.abs(found.eigenvalues)).min() > 1.0


def test_conjugates_go_together(rng):
    rates = best_rates(focus(rng, 0.1), 0.1, modes=3)
    assert len(rates) in (3, 4)
    assert sorted(rates.imag.round(9)) == sorted((-rates.imag).round(9))


@pytest.mark.parametrize("knobs", [{"landmarks": 1}, {"ridge": 0.0}, {"ridge": np.nan}, {"delays": 0}])
def test_knobs_are_checked(knobs):
    with pytest.raises(cj.ConjugacyError, match="expected"):
        KernelEDMD(**knobs)
