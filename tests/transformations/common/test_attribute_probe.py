"""Attributes that a direction carries by construction, and those that it does not."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import balanced_accuracy_score

from conjugacy.numerics.resample import draw_folds
from conjugacy.transformations import Standard
from conjugacy.transformations.common.attribute_probe import AttributeProbe, Labelled, told_of

M = 300


def told(z, values, *, is_class=False, clusters=None, draws=199):
    standard = Standard(np.arange(len(z)) if clusters is None else clusters, 0.05, 0)
    folds = draw_folds(standard.clusters, 5, 0)
    return told_of(AttributeProbe.of(z, folds, 0), Labelled(values, is_class, folds, standard), draws)


def test_what_is_carried_is_told_and_what_is_not_is_not(rng):
    z, noise = rng.standard_normal((M, 1)), rng.standard_normal(M)
    straight = told(z, 2.0 * z[:, 0] + noise)
    assert straight.told.value == pytest.approx(0.8, abs=0.05)  # 4 of 5 parts of the variance
    assert straight.told.low < 0.8 < straight.told.high
    assert straight.p == 1 / 200
    assert told(z, z[:, 0] ** 2).told.value > 0.95  # even: a linear probe would tell nothing
    nothing = told(z, noise)
    assert nothing.told.value < 0.02
    assert nothing.p > 0.05
    assert nothing.draws < 199  # it stops where it is known


def test_classes_weigh_the_same(rng):
    values = (rng.random(M) < 0.1).astype(int)
    z = 3.0 * values[:, None] + rng.standard_normal((M, 1))
    found = told(z, values, is_class=True)
    best = balanced_accuracy_score(values, z[:, 0] > 1.5)  # the middle: best where both weigh the same
    assert found.told.value == pytest.approx(best, abs=0.05)
    assert found.told.null == pytest.approx(0.5, abs=0.04)
    assert found.p == 1 / 200


def test_several_directions_tell_what_none_tells_alone(rng):
    z = np.sign(rng.standard_normal((M, 2))) * (1.0 + 0.2 * rng.random((M, 2)))
    values = (z[:, 0] * z[:, 1] > 0).astype(int)
    assert told(z, values, is_class=True).told.value > 0.95
    assert told(z[:, :1], values, is_class=True).p > 0.01


def test_groups_are_paired_anew_as_a_whole(rng):
    """Both are what a group is, and independent: with rows taken one by one all would look related."""
    clusters = np.repeat(np.arange(30), 10)
    p = {"groups": [], "rows": []}
    for _ in range(20):
        z, values = rng.standard_normal((2, 30, 1))[:, clusters]
        p["groups"].append(told(z, values[:, 0], clusters=clusters, draws=99).p)
        p["rows"].append(told(z, values[:, 0], draws=99).p)
    assert np.mean(np.array(p["groups"]) <= 0.05) <= 0.2
    assert np.mean(np.array(p["rows"]) <= 0.05) >= 0.5


@pytest.mark.slow
def test_p_is_uniform_where_nothing_is_carried(rng):
    p = np.array([told(rng.standard_normal((60, 1)), rng.standard_normal(60), draws=39).p for _ in range(400)])
    assert 0.06 < np.mean(p <= 0.1) < 0.14
    assert 0.43 < np.mean(p <= 0.5) < 0.57
