"""Systems taken over from other packages' estimators, against our own fit of the same rows."""

import warnings

import numpy as np
import pytest

import conjugacy as cj
from conjugacy.dynamics import DMD, LinearDynamics
from conjugacy.errors import InputError

STEP = np.array([[0.95, 0.2, 0.0], [-0.2, 0.95, 0.1], [0.0, 0.0, 0.8]])


def course(seed, points=300, noise=0.3):
    rng = np.random.default_rng(seed)
    x, out = rng.standard_normal(3), []
    for _ in range(points):
        out.append(x)
        x = STEP @ x + noise * rng.standard_normal(3)
    return np.array(out)


def rank_two_and_whole(x):
    """A PyDMD and a kooplearn fit of the same rows, as systems."""
    from kooplearn.linear_model import Ridge
    from pydmd import DMD as Theirs

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = Theirs(svd_rank=3).fit(x.T)
    ridge = Ridge(n_components=3, reduced_rank=False, alpha=1e-10).fit(x)
    return LinearDynamics.of_estimator(theirs, x), LinearDynamics.of_estimator(ridge, x)


def test_other_packages_give_our_own_system():
    x = course(0)
    own = DMD(delays=1, rank=3, center=False).fit(cj.Trajectories(x[None]))
    dsa = cj.get_measure("dsa")
    for system in rank_two_and_whole(x):
        np.testing.assert_allclose(system.eigenvalues, own.eigenvalues, atol=1e-6)
        # theirs is white on all rows, ours as well: the same coordinates up to a rotation
        assert dsa(own, system).value < 1e-5


def test_another_system_stays_another():
    from kooplearn.linear_model import Ridge

    x = course(1)
    y = x * (-1.0) ** np.arange(len(x))[:, None]  # the same with every eigenvalue negated
    one, other = (LinearDynamics.of_estimator(Ridge(n_components=3, alpha=1e-10).fit(z), z) for z in (x, y))
    assert cj.get_measure("dsa")(one, other).value > 1.5


def test_kernel_estimators_are_taken_over():
    from kooplearn.kernel import KernelRidge

    x = course(2)
    model = KernelRidge(n_components=4, kernel="rbf", alpha=1e-4, reduced_rank=False).fit(x)
    system = LinearDynamics.of_estimator(model, x[:-1])
    expected = model.eig()
    np.testing.assert_allclose(np.sort(np.abs(system.eigenvalues)), np.sort(np.abs(expected)), atol=1e-6)


@pytest.mark.parametrize(
    ("values", "functions", "words"),
    [
        (np.ones(2), np.ones((5, 3)), r"\(r,\), \(rows, r\)"),
        (np.array([0.5, np.nan]), np.eye(5)[:, :2], "NaN"),
        (np.array([0.5, 0.4]), np.ones((5, 2)), "depend on others"),
        (np.array([0.5j]), np.exp(1j * np.arange(5))[:, None], "conjugates"),
        (np.array([0.5j, 0.3]), np.exp(1j * np.outer(np.arange(9), [1, -1])), "not conjugate"),
    ],
)
def test_what_cannot_be_taken_over(values, functions, words):
    with pytest.raises(InputError, match=words):
        LinearDynamics.of_modes(values, functions)


def test_estimators_without_a_spectrum_are_named():
    with pytest.raises(InputError, match="object has neither"):
        LinearDynamics.of_estimator(object(), np.ones((3, 2)))
