"""Folds in groups: above 500 rows what is fitted besides a map is fitted without a third of the folds at a time."""

import numpy as np
import pytest

from conjugacy.transformations import Layer, judge
from conjugacy.transformations.fold_groups import GROUPS, group_last, group_residuals, groups_of
from conjugacy.transformations.kernel import kernel_matrix
from conjugacy.transformations.part import CHOICE_ROWS, factor_of
from conjugacy.transformations.second import SECOND_FITS


def test_groups_are_of_whole_folds(rng):
    for m, folds, count in ((600, 10, GROUPS), (600, 2, 2), (400, 10, 10)):
        fold = rng.permutation(np.arange(m) % folds)
        groups = groups_of(fold)
        assert len(np.unique(groups)) == count
        assert all(len(set(groups[fold == one])) == 1 for one in range(folds))


@pytest.mark.parametrize("strength", [1e-4, 0.01])
def test_every_fold_of_a_group_is_left_out_alone(strength, rng):
    points, folds = rng.standard_normal((520, 4)), rng.permutation(np.arange(520) % 10)
    targets = np.tanh(points[:, :2])
    order, sizes = group_last(folds, groups_of(folds) == 1)
    left = group_residuals(factor_of(points[order], 9.0, strength, CHOICE_ROWS), targets, order, sizes)
    rows = order[len(order) - len(left) :]
    assert set(rows) == set(np.flatnonzero(groups_of(folds) == 1))
    for fold in np.unique(folds[rows]):
        out, rest = np.flatnonzero(folds == fold), np.flatnonzero(folds != fold)
        kernel = kernel_matrix(points[rest], points[rest], 9.0) + strength * np.eye(len(rest))
        predicted = kernel_matrix(points[out], points[rest], 9.0) @ np.linalg.solve(kernel, targets[rest])
        found = left[[int(np.flatnonzero(rows == row)[0]) for row in out]]
        np.testing.assert_allclose(found, targets[out] - predicted, atol=2e-4)


@pytest.mark.slow
@pytest.mark.parametrize("name", SECOND_FITS)
def test_groups_leave_about_what_single_folds_leave(name, rng, monkeypatch):
    x = rng.standard_normal((800, 3))
    a = np.tanh(1.5 * x @ rng.standard_normal((3, 12)))
    b = np.hstack([x[:, :1] ** 2, np.sin(2 * x[:, :2])])
    left = []
    for groups in (3, 10):
        monkeypatch.setattr("conjugacy.transformations.fold_groups.GROUPS", groups)
        direction = judge(Layer(a), Layer(b), np.arange(800), tolerance=0.05).a_to_b
        left.append(direction.second_within(name).sum() / direction.totals.sum())
    assert 1e-4 < left[1] < 0.2
    assert left[0] == pytest.approx(left[1], rel=0.1)


def test_what_is_kept_of_scores_gives_what_they_give(rng):
    a = np.tanh(rng.standard_normal((520, 5)))
    b = a[:, :3] ** 2
    way = judge(Layer(a), Layer(b), np.arange(520), tolerance=0.05).a_to_b.fits
    straight = SECOND_FITS["straight"](way)
    straight.__dict__.update(_choice=(1.4, 0.01), as_scores=np.zeros(3, dtype=bool))
    (out, first), (_, again) = (next(straight.by_group([2])) for _ in range(2))
    np.testing.assert_array_equal(first, again)
    order, sizes = group_last(way.folds, straight.groups == 2)
    plain = group_residuals(straight._factor(2, order, (1.4, 0.01)), way.target.z, order, sizes)
    np.testing.assert_allclose(first, plain, atol=1e-3)
    assert set(out) == set(np.flatnonzero(straight.groups == 2))
