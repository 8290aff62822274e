"""What costs less says the same: choices on fewer rows, landmarks, wide rotations, power checks that are bounded first."""

from dataclasses import replace

import numpy as np
import pytest

from conjugacy.transformations import Layer, compact, judge, kernel_regression, layer, part, way
from conjugacy.transformations.division import Division
from conjugacy.transformations.kernel_regression import KernelRegression
from conjugacy.verdict.relation import ladder_answer


def net(x, n, rng):
    return np.tanh(x @ rng.standard_normal((x.shape[1], n)) / np.sqrt(x.shape[1]) + 0.3 * rng.standard_normal(n))


def pair(m, seed, *, shared=4):
    rng = np.random.default_rng(seed)
    z = rng.standard_normal((m, 4))
    return net(net(z, 30, rng), 16, rng), net(net(z[:, 4 - shared :], 30, rng), 16, rng)


def climb(a, b):
    return judge(Layer(a), Layer(b), np.arange(len(a)), tolerance=0.05)


@pytest.mark.slow
def test_bandwidths_chosen_on_half_of_the_rows_do_as_well(monkeypatch):
    """The stated tolerance: what is left moves by less than a twentieth of itself, and no answer changes."""
    cases = [pair(700, seed, shared=shared) for seed, shared in ((0, 4), (1, 2))]
    few = [climb(*case) for case in cases]
    left = [d.unexplained("smooth") for ladder in few for d in ladder.directions]
    answers = [ladder_answer(ladder) for ladder in few]
    for module in (part, layer, kernel_regression):
        monkeypatch.setattr(module, "CHOICE_ROWS", 1000)
    every = [climb(*case) for case in cases]
    np.testing.assert_allclose(
        left, [d.unexplained("smooth") for ladder in every for d in ladder.directions], rtol=0.05
    )
    assert answers == [ladder_answer(ladder) for ladder in every]


def test_a_power_check_that_decides_nothing_is_not_made():
    a, b = pair(600, 2, shared=1)
    ladder = climb(b, a)
    assert ladder.standard.state(ladder.a_to_b, "smooth") == "fails"
    assert [name for name in ladder.a.power_checks if not name.startswith("few ")] == []
    check = ladder.a_to_b.power
    (few, total), (errors, same) = check.at_most, check.errors
    assert same == total
    assert errors.sum() < few.sum() < total


@pytest.mark.parametrize("far", [1, 12])  # rows that a part may hold none of count all the same
def test_what_few_rows_leave_bounds_what_all_leave(far):
    a, _ = pair(1500, 6)
    a[:5] *= far
    check = climb(a, a[:, ::-1] ** 3).a_to_b.power
    (few, total), (errors, _) = check.at_most, check.errors
    assert errors.sum() < few.sum() < total


def test_few_rows_are_fitted_without_the_fold_that_is_told():
    a, _ = pair(600, 2)
    folds = np.arange(600) % 10
    division = Division(Layer(a), folds, np.arange(600))
    target = division.source.power_target
    told = KernelRegression(division, target).residuals_of_few(target)
    changed = target.copy()
    changed[folds == 3] = 0.0
    np.testing.assert_allclose(
        KernelRegression(division, target).residuals_of_few(changed)[folds == 3], (told - target)[folds == 3], atol=1e-9
    )


def test_what_was_asked_before_changes_nothing():
    rng = np.random.default_rng(7)
    x, noise = rng.standard_normal((2, 600, 4))
    x[:5] *= 12
    noise[:5] *= 12
    y = np.hstack([x, 0.6 * noise]) @ np.linalg.qr(rng.standard_normal((8, 8)))[0]
    states = []
    for first in (False, True):
        ladder = climb(x, y)
        if first:
            ladder.standard.limit(ladder.a_to_b, "smooth")
        states.append([ladder.determines(d) for d in ladder.directions])
    assert states[0] == states[1]


def test_the_map_on_all_rows_takes_what_its_residuals_worked_out():
    a, b = pair(600, 3)
    ladder = climb(a, b)
    regression, target = ladder.a_to_b.fits.regression, ladder.b
    alone = replace(regression, coefficients={}).fit(target)
    residuals = regression.residuals_of(target)
    np.testing.assert_allclose(residuals, regression.residuals(target.z), atol=1e-10)
    np.testing.assert_allclose(regression.fit(target).apply(a[:20]), alone.apply(a[:20]), atol=1e-6)


def test_landmarks_stand_for_all_rows(monkeypatch):
    a, b = pair(700, 4)
    b = b + 0.3 * b.std(axis=0) * np.random.default_rng(4).standard_normal(b.shape)
    exact = climb(a, b).a_to_b.fits.regression
    want = (exact.residuals(Layer(b).z) ** 2).sum()
    for name, value in (("EXACT_ROWS", 600), ("EXACT_IN_SINGLE", 600), ("LANDMARKS", 400)):
        monkeypatch.setattr(kernel_regression, name, value)
    ladder = climb(a, b)
    regression = ladder.a_to_b.fits.regression
    found = (regression.residuals_of(ladder.b) ** 2).sum()
    assert found == pytest.approx(want, rel=0.02)
    monkeypatch.setattr(kernel_regression, "LANDMARKS", 60)  # fewer than a fold has rows: kept in single precision
    few = climb(a, b).a_to_b.fits.regression
    single = few.residuals(ladder.b.z)
    monkeypatch.setattr(kernel_regression, "SINGLE_STRENGTH", np.inf)
    np.testing.assert_allclose(single, few.residuals(ladder.b.z), atol=1e-5)
    monkeypatch.setattr(kernel_regression, "LANDMARKS", 400)
    told = regression.fit(ladder.b).apply(a)
    assert ((told - b) ** 2).sum() < 0.1 * ((b - b.mean(axis=0)) ** 2).sum()


@pytest.mark.parametrize("m", [300, 35])  # with more rows than units, and with fewer
def test_wide_rotations_leave_out_a_hundred_thousandth(monkeypatch, rng, m):
    x = rng.standard_normal((m, 40)) * 0.5 ** np.arange(40) @ np.linalg.qr(rng.standard_normal((40, 40)))[0]
    q = np.linalg.qr(rng.standard_normal((40, 40)))[0]
    for module in (compact, way):
        monkeypatch.setattr(module, "WIDE", 20)
    wide = climb(x, 2 * x @ q + 1)
    assert compact.compact_pair(wide.a, wide.b)[0][0].shape[1] < 20
    assert 0 < max(d.unexplained("rotation") for d in wide.directions) < 1e-4
    assert wide.state(wide.a_to_b, "rotation") == wide.state(wide.b_to_a, "rotation") == "holds"


def test_quiet_units_keep_their_coordinates(monkeypatch, rng):
    """Variance alone would leave them out, and every unit weighs the same."""
    x = rng.standard_normal((300, 30)) * 0.72 ** np.arange(30)
    q = np.linalg.qr(rng.standard_normal((30, 30)))[0]
    assert climb(x, 2 * x @ q + 1).rung == "rotation"
    for module in (compact, way):
        monkeypatch.setattr(module, "WIDE", 20)
    assert climb(x, 2 * x @ q + 1).rung == "rotation"


def test_the_same_numbers_fit_nothing(rng):
    x = rng.standard_normal((100, 5))
    ladder = climb(x, x.copy())
    assert [(r.status, r.a_to_b.unexplained, r.b_to_a.high) for r in ladder.results] == [("holds", 0.0, 0.0)] * 5
    assert set(ladder.a_to_b.fits.found) == {"identity"}
    assert ladder.grade == 1.0


@pytest.mark.parametrize("rung", ["identity", "permutation", "rotation", "affine", "smooth"])
def test_derivatives_are_pushed_as_they_are(rung, rng):
    a, b = pair(120, 5)
    found = climb(a, b).transformation(rung)
    directions = rng.standard_normal((6, 16, 2))
    np.testing.assert_allclose(found.push(a[:6], directions), found.jacobian(a[:6]) @ directions, atol=1e-9)


def quiet_units(seed, width, *, private=0.0):
    """Return two layers of few loud coordinates, (200, width): those of the second are the first's, and its own."""
    rng = np.random.default_rng(seed)
    z, own = rng.standard_normal((2, 200, 40)) * 0.6 ** np.arange(40)
    to_a, to_b = rng.standard_normal((2, 40, width))
    return z @ to_a, (z + private * own) @ to_b


@pytest.mark.parametrize("width", [60, 260])  # fewer units than rows, and more
@pytest.mark.parametrize("rung", ["affine", "smooth"])
def test_many_units_are_told_in_few_coordinates(monkeypatch, width, rung):
    a, b = quiet_units(0, width, private=0.5)
    exact = climb(a, b).a_to_b
    monkeypatch.setattr(compact, "WIDE", 20)
    few = climb(a, b).a_to_b
    told, basis = compact._cut(few.fits.target, compact._needed(few.fits.target, compact.LEFT_OUT), scaled=True)
    assert basis is not None
    assert told.shape[1] < min(width, 200)
    np.testing.assert_allclose(few.unexplained(rung), exact.unexplained(rung), rtol=1e-3)
    np.testing.assert_allclose(few.errors[rung].units, exact.errors[rung].units, rtol=0.02)


def test_what_coordinates_leave_out_never_counts_as_unexplained_where_a_map_tells_it(monkeypatch):
    """The second layer is a linear function of the first: coordinates would leave more than the map does."""
    a, b = quiet_units(0, 60)
    exact = climb(a, b).a_to_b.unexplained("affine")
    monkeypatch.setattr(compact, "WIDE", 20)
    assert climb(a, b).a_to_b.unexplained("affine") == pytest.approx(exact, rel=1e-6)
    monkeypatch.setattr(compact, "HARDLY", np.inf)  # then it would
    assert climb(a, b).a_to_b.unexplained("affine") > 100 * exact


def test_a_map_told_in_few_coordinates_goes_to_all_units(monkeypatch):
    a, b = quiet_units(1, 60, private=0.5)
    monkeypatch.setattr(kernel_regression, "CHOICE_ROWS", 100)
    way = climb(a, b).a_to_b.fits
    exact = way.regression.fit(way.target).apply(a)
    monkeypatch.setattr(compact, "WIDE", 20)
    way = climb(a, b).a_to_b.fits
    way.regression.residuals_of(way.target)
    assert way.regression.coefficients[way.target].shape[1] < 60
    assert ((way.regression.fit(way.target).apply(a) - exact) ** 2).sum() < 1e-4 * ((b - b.mean(axis=0)) ** 2).sum()
