"""The second fit of the smooth rung: along the directions in which a map changes, never with what is held out."""

import numpy as np
import pytest

from conjugacy.numerics.kernels import matern52, squared_distances
from conjugacy.transformations import Layer, Standard, judge
from conjugacy.transformations.kernel import kernel_matrix
from conjugacy.transformations.second import SECOND_FITS
from conjugacy.transformations.sharper import Sharper, _FirstFit


def tuned(m, rng, d=4, n=16):
    """Return a layer whose quiet direction is what another follows."""
    x = rng.standard_normal((m, d))
    loud = x @ np.diag([1.0, 1.0, 1.0, 0.3]) @ rng.standard_normal((d, n))
    return np.tanh(0.5 * loud), np.column_stack([np.tanh(2 * x[:, 3]), x[:, 3] ** 2, x[:, 3]])


def left_by_all_groups(sharper):
    """Return held-out residuals of all rows, (m, p)."""
    found = np.empty_like(sharper.way.target.z)
    for out, left in sharper.by_group(range(int(sharper.groups.max()) + 1)):
        found[out] = left
    return found


def test_it_predicts_better_where_a_map_follows_few_directions(rng):
    a, b = tuned(300, rng)
    ladder = judge(Layer(a), Layer(b), np.arange(300), tolerance=0.05)
    first = ladder.a_to_b.fits.regression.residuals(ladder.b.z)
    second = left_by_all_groups(Sharper(ladder.a_to_b.fits))
    assert (second**2).sum() < 0.7 * (first**2).sum()


def test_what_is_held_out_plays_no_part_in_where_a_map_changes(rng):
    a, b = tuned(120, rng)
    changed, turns = b.copy(), []
    groups = Sharper(judge(Layer(a), Layer(b), np.arange(120), tolerance=0.05).a_to_b.fits).groups
    changed[groups == 1] += rng.standard_normal(((groups == 1).sum(), 3))
    for target in (b, changed):
        way = judge(Layer(a), Layer(target), np.arange(120), tolerance=0.05).a_to_b.fits
        way.regression.__dict__["choice"] = (1.4, 1e-3)
        sharper = Sharper(way)
        sharper.__dict__["_first"] = _FirstFit(way, way.source.points, target - target[groups != 1].mean(axis=0))
        turns.append([sharper._turn(group) for group in range(3)])
    np.testing.assert_allclose(turns[0][1], turns[1][1], atol=1e-9)
    assert np.abs(turns[0][0] - turns[1][0]).max() > 1e-3


def test_folds_are_held_out_one_by_one(rng):
    a, b = tuned(90, rng)
    way = judge(Layer(a), Layer(b), np.arange(90), tolerance=0.05).a_to_b.fits
    sharper = Sharper(way)
    points, (bandwidth, strength) = sharper._points @ sharper._turn(2), sharper._choice
    scale2 = sharper.scale2(points, bandwidth)
    [(out, left)] = sharper.by_group([2])
    assert set(out) == set(np.flatnonzero(sharper.groups == 2))
    for fold in np.unique(way.folds[out]):
        held, rest = np.flatnonzero(way.folds == fold), np.flatnonzero(way.folds != fold)
        kernel = kernel_matrix(points[rest], points[rest], scale2) + strength * np.eye(len(rest))
        predicted = kernel_matrix(points[held], points[rest], scale2) @ np.linalg.solve(kernel, way.target.z[rest])
        found = left[[int(np.flatnonzero(out == row)[0]) for row in held]]
        np.testing.assert_allclose(found, way.target.z[held] - predicted, rtol=1e-3, atol=1e-4)


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
    first, way = with_first_fit(rng, strength)
    out = Sharper(way).groups == 1
    rows, coefficients = first.coefficients(out)
    assert set(rows) == set(np.flatnonzero(~out))
    kernel = kernel_matrix(first.points[rows], first.points[rows], first.scale2) + strength * np.eye(len(rows))
    alone = np.linalg.solve(kernel, first.sketch[rows])
    np.testing.assert_allclose(coefficients, alone, rtol=1e-5, atol=1e-6 * np.abs(alone).max())


def with_first_fit(rng, strength):
    """Return the first fit at one strength, and its way."""
    a, b = tuned(80, rng)
    way = judge(Layer(a), Layer(b), np.arange(80), tolerance=0.05).a_to_b.fits
    way.regression.__dict__["choice"] = (1.4, strength)
    return _FirstFit(way, way.source.points, b - b.mean(axis=0)), way


def test_noise_predicts_nothing(rng):
    x, y = rng.standard_normal((2, 200, 5))
    ladder = judge(Layer(x), Layer(y), np.arange(200), tolerance=0.05)
    left = (left_by_all_groups(Sharper(ladder.a_to_b.fits)) ** 2).sum() / (ladder.b.z**2).sum()
    assert left > 0.97


def test_an_answer_that_rests_on_it_is_told_and_its_map_can_be_used(rng, monkeypatch):
    monkeypatch.delitem(SECOND_FITS, "straight")  # which leaves less
    a, b = tuned(160, rng, n=12)
    direction = judge(Layer(a), Layer(b), np.arange(160), tolerance=0.05).a_to_b
    standard = Standard(np.arange(160), 0.05, 0)
    first, second = direction.errors["smooth"].rows, direction.second_within("sharper")
    highs = [standard.ratio(e, direction.totals, level).high for e, level in ((first, 0.95), (second, 1 - 0.05 / 2))]
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
    fit, _ = with_first_fit(rng, 1e-5)
    rows, c = fit.coefficients(np.zeros(80, bool))
    x, step = fit.points, 1e-5

    def predicted(points):
        return matern52(squared_distances(points, x[rows]), fit.scale2) @ c

    slopes = np.stack(
        [(predicted(x + step * e) - predicted(x - step * e)) / (2 * step) for e in np.eye(x.shape[1])], axis=2
    )
    expected = np.einsum("ijk,ijl->kl", slopes, slopes)
    np.testing.assert_allclose(fit.slopes(np.zeros(80, bool)), expected, rtol=1e-4, atol=1e-5 * np.abs(expected).max())
