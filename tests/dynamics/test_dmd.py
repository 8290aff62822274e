"""DMD from lag products against the Hankel matrix, known systems, and data that cannot be fitted."""

import numpy as np
import pytest

import conjugacy as cj
from conjugacy.dynamics import DMD, LinearDynamics
from conjugacy.dynamics.lags import LagSums
from conjugacy.numerics.leading import hard_threshold_rank, leading_eigenvectors


def walks(rng, lengths=(40, 55, 70), n=4):
    return [np.cumsum(rng.standard_normal((t, n)), axis=0) for t in lengths]


def hankel(trial, delays, interval=1):
    first = (delays - 1) * interval
    return np.stack(
        [np.concatenate([trial[t - i * interval] for i in range(delays)]) for t in range(first, len(trial))]
    )


def by_hankel(trials, delays, interval, rank, ridge, center):
    """The textbook way: build the matrix, its singular vectors, regress."""
    parts = [hankel(x, delays, interval) for x in trials]
    h = np.concatenate(parts)
    _, s, vt = np.linalg.svd(h - h.mean(axis=0) * center, full_matrices=False)
    w = vt[:rank].T / s[:rank]
    before, after = np.concatenate([x[:-1] for x in parts]) @ w, np.concatenate([x[1:] for x in parts]) @ w
    if center:
        before, after = before - before.mean(axis=0), after - after.mean(axis=0)
    return np.linalg.solve(before.T @ before + ridge * np.eye(rank), before.T @ after), before, after


@pytest.mark.parametrize("delays", [1, 2, 5])
@pytest.mark.parametrize("first", [None, 6])
def test_gram_is_the_hankel_matrix_of_every_trial(rng, delays, first):
    trials = walks(rng)
    lags = LagSums.of(iter(trials), 6)
    skip = 0 if first is None else first - (delays - 1)
    h = np.concatenate([hankel(x, delays)[skip:] for x in trials])
    np.testing.assert_allclose(lags.gram(range(delays), first), h.T @ h, rtol=1e-10)
    np.testing.assert_allclose(lags.row_sum(range(delays), delays - 1 + skip), h.sum(axis=0), atol=1e-9)
    some = [0, 2, 5]
    np.testing.assert_allclose(
        lags.gram(some),
        np.take(np.take(lags.gram(range(6)), cols := [4 * i + j for i in some for j in range(4)], 0), cols, 1),
    )


def test_products_of_parts_add_up(rng):
    trials = walks(rng)
    whole, parts = LagSums.of(trials, 4), LagSums.of(trials[:1], 4) + LagSums.of(trials[1:], 4)
    np.testing.assert_allclose(whole.gram(range(5)), parts.gram(range(5)), rtol=1e-12)


@pytest.mark.parametrize(("delays", "interval"), [(1, 1), (4, 1), (3, 2), (4, 5)])
@pytest.mark.parametrize("center", [True, False])
def test_the_system_is_that_of_the_hankel_matrix(rng, delays, interval, center):
    trials, rank = walks(rng), 4
    fit = DMD(delays, rank, ridge=1e-3, interval=interval, center=center).fit(cj.Trajectories(trials))
    step, before, after = by_hankel(trials, delays, interval, rank, 1e-3, center)
    np.testing.assert_allclose(np.sort_complex(fit.eigenvalues), np.sort_complex(np.linalg.eigvals(step)), atol=1e-9)
    values, u = np.linalg.eig(step)
    expected = np.linalg.norm(after @ u - before @ u * values, axis=0) / np.linalg.norm(before @ u, axis=0)
    np.testing.assert_allclose(np.sort(fit.residuals), np.sort(expected), rtol=1e-6)
    assert fit.rows == len(before)


def test_a_linear_system_with_an_offset_is_found_exactly(rng):
    """Eigenvalues of x -> A x + c are those of A, whatever the offset and the view."""
    a = np.array([[0.9, 0.3, 0.0], [-0.3, 0.9, 0.1], [0.0, 0.0, 0.6]])
    view, trials = rng.standard_normal((3, 7)), []
    for _ in range(5):
        x, out = rng.standard_normal(3), []
        for _ in range(30):
            out.append(x)
            x = a @ x + [0.5, -1.0, 2.0]
        trials.append(np.array(out) @ view + 1e6)
    fit = DMD(delays=1, rank=3).fit(cj.Trajectories(trials))
    np.testing.assert_allclose(np.sort_complex(fit.eigenvalues), np.sort_complex(np.linalg.eigvals(a)), atol=1e-6)
    assert fit.residuals.max() < 1e-3
    assert fit.error < 1e-9
    more = DMD(delays=1, rank=7).fit(cj.Trajectories(trials))
    assert more.rank == 3
    assert more.status is cj.Status.RANK_REDUCED


def test_reduced_rank_regression_keeps_the_steps_that_predict(rng):
    noise = rng.standard_normal((4, 300, 3))
    wave = np.cos(0.2 * np.arange(300) + rng.uniform(0, 6, (4, 1)))[..., None]
    data = cj.Trajectories(np.concatenate([0.3 * wave, noise], axis=2))
    full, reduced = DMD(3, 12).fit(data), DMD(3, 12, reduced_rank=8).fit(data)
    assert np.linalg.matrix_rank(reduced.matrix, tol=1e-8) == 8
    assert full.error <= reduced.error < 1.02 * full.error


def test_hard_threshold_finds_the_rank_of_a_signal_in_noise(rng):
    m, n, rank = 400, 200, 5
    signal = rng.standard_normal((m, rank)) @ rng.standard_normal((rank, n))
    singular = np.linalg.svd(signal + rng.standard_normal((m, n)), compute_uv=False)
    assert hard_threshold_rank(singular, m) == rank


def test_few_and_all_leading_vectors_agree(rng):
    x = rng.standard_normal((900, 700)) * np.geomspace(1, 0.01, 700)
    values, vectors = leading_eigenvectors(x.T @ x, 10)
    np.testing.assert_allclose(values, np.linalg.eigvalsh(x.T @ x)[::-1][:10], rtol=1e-9)
    np.testing.assert_allclose(vectors.T @ vectors, np.eye(10), atol=1e-9)


def test_an_unstable_system_is_fitted_and_said(rng):
    x = 1.2 ** np.arange(60)[None, :, None] * rng.standard_normal((3, 1, 2))
    assert DMD(1, 2, center=False).fit(cj.Trajectories(x)).status is cj.Status.UNSTABLE


@pytest.mark.parametrize("knob", [{"delays": 0}, {"rank": "most"}, {"rank": 0}, {"ridge": -1.0}, {"interval": 0}])
def test_knobs_are_checked(knob):
    with pytest.raises(cj.ConjugacyError, match=next(iter(knob))):
        DMD(**knob)


def test_short_trials_and_still_data_are_refused(rng):
    with pytest.raises(cj.ConjugacyError, match="trial 1 has 6 time points"):
        DMD(10).fit(cj.Trajectories(walks(rng, (40, 6))))
    with pytest.raises(cj.ConjugacyError, match="no unit varies"):
        DMD(2).fit(cj.Trajectories(np.full((2, 20, 3), 7.1)))


def test_a_still_unit_changes_nothing(rng):
    trials = walks(rng)
    beside = [np.column_stack([x, np.full(len(x), 0.1)]) for x in trials]
    for scale in (False, True):
        one, two = (DMD(3, 8, scale=scale).fit(cj.Trajectories(t)) for t in (trials, beside))
        np.testing.assert_allclose(one.matrix, two.matrix, atol=1e-9)


def test_rates_do_not_depend_on_the_step():
    slow, fast = (LinearDynamics.of(np.diag([0.9, 0.5]) ** p, dt=dt) for p, dt in ((2, 0.2), (1, 0.1)))
    np.testing.assert_allclose(slow.rates[:1], fast.rates[:1])
    assert LinearDynamics.of(np.diag([0.9, 0.5])).non_normality == 0.0
    assert LinearDynamics.of(np.array([[0.5, 1.0], [0.0, 0.5]])).non_normality > 0.5
