"""The second fit of the smooth rung: along the directions in which a map changes, never with what is held out."""

import numpy as np
import pytest

from conjugacy.numerics.kernels import matern52, squared_distances
from conjugacy.transformations import Layer, Standard, judge
from conjugacy.transformations.kernel import kernel_matrix
from conjugacy.transformations.sharper import Sharper, _Fit


def tuned(m, rng, d=4, n=16):
    """Return a layer whose quiet direction is what another follows."""
    x = rng.standard_normal((m, d))
    loud = x @ np.diag([1.0, 1.0, 1.0, 0.3]) @ rng.standard_normal((d, n))
    return np.tanh(0.5 * loud), np.column_stack([np.tanh(2 * x[:, 3]), x[:, 3] ** 2, x[:, 3]])


def test_it_predicts_better_where_a_map_follows_few_directions(rng):
    a, b = tuned(300, rng)
    ladder = judge(Layer(a), Layer(b), np.arange(300), tolerance=0.05)
    first = ladder.a_to_b.fits.regression.residuals(ladder.b.z)
    second = Sharper(ladder.a_to_b.fits).residuals()
    assert (second**2).sum() < 0.7 * (first**2).sum()


def test_what_is_held_out_plays_no_part_in_where_a_map_changes(rng):
    a, b = tuned(120, rng)
    changed, turns = b.copy(), []
    fold = judge(Layer(a), Layer(b), np.arange(120), tolerance=0.05).a_to_b.fits.folds == 3
    changed[fold] += rng.standard_normal((fold.sum(), 3))
    for target in (b, changed):
        way = judge(Layer(a), Layer(target), np.arange(120), tolerance=0.05).a_to_b.fits
        way.regression.__dict__["_chosen"] = (1.4, 1e-3, 0.0)
        rows = np.flatnonzero(~fold)
        sharper = Sharper(way)
        turns.append(sharper._root(rows, sharper._first.coefficients(rows, target - target[rows].mean(axis=0))))
    np.testing.assert_array_equal(*turns)


def test_it_is_given_up_only_where_it_leaves_more(rng):
    a, b = tuned(160, rng, n=12)
    whole = judge(Layer(a), Layer(b), np.arange(160), tolerance=0.05).a_to_b
    errors = whole.second_within("sharper")
    left = errors.sum() / whole.totals.sum()
    for most, given_up in ((0.9 * left, True), (1.1 * left, False)):
        found = judge(Layer(a), Layer(b), np.arange(160), tolerance=0.05).a_to_b.second_within("sharper", most)
        assert (found is None) == given_up
        if found is not None:
            np.testing.assert_allclose(found, errors, rtol=1e-12)
    back = judge(Layer(a), Layer(b), np.arange(160), tolerance=0.05)
    back.a_to_b.second_within("sharper", 0.1 * left)
    assert back.b_to_a.fits.too_much == set()


@pytest.mark.parametrize("strength", [1e-6, 1e-4, 1e-2])
def test_fits_to_some_rows_follow_from_the_inverse_of_all(strength, rng):
    x, target = rng.standard_normal((80, 4)), rng.standard_normal((80, 2))
    rows = np.sort(rng.choice(80, 70, replace=False))
    alone = np.linalg.solve(kernel_matrix(x[rows], x[rows], 3.0) + strength * np.eye(70), target[rows])
    np.testing.assert_allclose(_Fit(x, 3.0, strength).coefficients(rows, target), alone, rtol=1e-6, atol=1e-8)


def test_noise_predicts_nothing(rng):
    x, y = rng.standard_normal((2, 200, 5))
    ladder = judge(Layer(x), Layer(y), np.arange(200), tolerance=0.05)
    left = (Sharper(ladder.a_to_b.fits).residuals() ** 2).sum() / (ladder.b.z**2).sum()
    assert left > 0.97


def test_an_answer_that_rests_on_it_is_told_and_its_map_can_be_used(rng):
    a, b = tuned(160, rng, n=12)
    direction = judge(Layer(a), Layer(b), np.arange(160), tolerance=0.05).a_to_b
    standard = Standard(np.arange(160), 0.05, 0)
    first, second = direction.errors["smooth"].rows, direction.second_within("sharper")
    highs = [standard.ratio(e, direction.totals, level).high for e, level in ((first, 0.95), (second, 1 - 0.05 / 3))]
    assert highs[1] < highs[0]
    ladder = judge(Layer(a), Layer(b), np.arange(160), tolerance=float(np.mean(highs)))
    told = next(r for r in ladder.results if r.rung == "smooth")
    assert ladder.determines(ladder.a_to_b) == "holds"
    assert told.a_to_b.high == pytest.approx(highs[1])
    assert "by a second fit" in told.advice
    found = ladder.transformation("smooth").apply(a)
    assert ((found - b) ** 2).mean() / b.var() < ladder.tolerance
    assert ladder.without(np.arange(5)).determines(ladder.without(np.arange(5)).a_to_b) == "holds"


def test_slopes_are_those_of_the_fit(rng):
    x = rng.standard_normal((60, 3))
    fit, rows = _Fit(x, 3.0, 1e-4), np.arange(60)
    target = np.sin(x[:, :1]) + x[:, 1:2] ** 2
    c = fit.coefficients(rows, target)
    step = 1e-5

    def predicted(points):
        return (matern52(squared_distances(points, x), 3.0) @ c)[:, 0]

    slopes = np.column_stack([(predicted(x + step * e) - predicted(x - step * e)) / (2 * step) for e in np.eye(3)])
    np.testing.assert_allclose(fit.slopes(rows, c), slopes.T @ slopes, rtol=1e-4)
