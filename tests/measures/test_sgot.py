"""Spectral-Grassmann optimal transport against the reference implementation in POT, and on systems whose distance is known."""

import numpy as np
import ot.sgot
import pytest
from scipy.linalg import eig, expm

import conjugacy as cj
from conjugacy.measures.sgot import SGOT


def runs(generator, dt, rng, trials=6, n=80):
    """Exact trajectories of x' = Gx."""
    step, x, out = expm(dt * generator).T, rng.standard_normal((trials, len(generator))), []
    for _ in range(n):
        out.append(x)
        x = x @ step
    return cj.Trajectories(np.stack(out, axis=1), dt=dt)


def stable(rng, n=4):
    return rng.standard_normal((n, n)) - 3.0 * np.eye(n)


@pytest.mark.parametrize("eta", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("seed", range(3))
def test_the_reference_implementation(seed, eta):
    """With p = 2, q = 1, r = 1 POT gives the square root of the transport cost, with these ground distances."""
    rng = np.random.default_rng(seed)
    generators = stable(rng), stable(rng)
    a, b = (runs(g, 0.1, rng) for g in generators)
    atoms = []
    for g in generators:
        rates, left, right = eig(g, left=True)
        atoms += [rates, right, left]
    expected = ot.sgot.sgot_metric(*atoms, eta=eta, p=2, q=1, r=1, grassmann_metric="chordal") ** 2
    assert SGOT(delays=1, rank=4, eta=eta)(a, b).value == pytest.approx(expected, abs=1e-4)


def test_the_sampling_step_does_not_matter(rng):
    g = stable(rng)
    measure = SGOT(delays=1, rank=4)
    assert measure(runs(g, 0.1, rng), runs(g, 0.07, rng)).value < 1e-4


def test_the_same_system_in_turned_coordinates_is_apart_by_its_eigenspaces_alone(rng):
    g, q = stable(rng), np.linalg.qr(rng.standard_normal((4, 4)))[0]
    a, turned = runs(g, 0.1, rng), runs(q @ g @ q.T, 0.1, rng)
    assert SGOT(delays=1, rank=4, eta=1.0)(a, turned).value < 1e-4
    assert SGOT(delays=1, rank=4, eta=0.0)(a, turned).value > 0.2


def test_other_units_are_refused(rng):
    with pytest.raises(cj.ConjugacyError, match="same units"):
        cj.get_measure("sgot")(rng.standard_normal((4, 50, 3)), rng.standard_normal((4, 50, 5)))
