"""The second fit from units as normal scores: it undoes saturation, never with what is held out, and shows nothing of noise."""

import numpy as np
import pytest

from conjugacy.transformations import Layer, Transformation, judge
from conjugacy.transformations.score_map import ScoreMap
from conjugacy.transformations.straight import Straight, brought_back
from conjugacy.transformations.sum_map import SumMap


def saturated(m, rng, d=3, n=14):
    """Return a layer of saturated units, and what they saw with its squares."""
    x = rng.standard_normal((m, d))
    return np.tanh(2.0 * x @ rng.standard_normal((d, n)) / np.sqrt(d)), np.hstack([x, x**2]) @ rng.standard_normal(
        (2 * d, 12)
    )


def climb(a, b, tolerance=0.05):
    return judge(Layer(a), Layer(b), np.arange(len(a)), tolerance=tolerance)


def test_it_predicts_better_from_saturated_units(rng):
    layers = saturated(200, rng)
    way = climb(*layers).a_to_b
    second = way.second_within("straight")
    assert second.sum() < 0.6 * way.errors["smooth"].rows.sum()
    assert climb(*layers).a_to_b.second_within("straight", 0.1 * second.sum() / way.totals.sum()) is None


@pytest.mark.slow
def test_fresh_rows_leave_no_more_than_it_says():
    said, left = [], []
    for seed in range(6):
        a, b = saturated(1200, np.random.default_rng(seed))
        b = np.tanh(b)  # no rare rows that carry all
        way = climb(a[:120], b[:120]).a_to_b
        fitted = Straight(way.fits).fit(way.fits.target).apply(a[120:])
        left.append(((fitted - b[120:]) ** 2).sum() / ((b[120:] - b[120:].mean(axis=0)) ** 2).sum())
        said.append(way.second_within("straight").sum() / way.totals.sum())
    assert np.mean(left) < 1.1 * np.mean(said)


def chosen(ladder):
    """Return a second fit to half of the units as they are, and to half as scores, with bandwidths and strengths given."""
    straight = Straight(ladder.a_to_b.fits)
    straight.__dict__.update(_choice=(2.8, 1e-4), _choice_of_scores=(2.8, 1e-3), as_scores=np.arange(12) % 2 == 0)
    return straight


def test_what_is_held_out_plays_no_part(rng):
    a, b = saturated(80, rng)
    own, changed = climb(a, b).a_to_b.fits.folds == 3, (a.copy(), b.copy())
    changed[0][own], changed[1][own] = changed[0][own] ** 3, 0.0  # other values of unseen rows
    told = []
    for one in ((a, b), changed, (a, changed[1])):
        straight = chosen(climb(*one))
        out, left = next(straight.by_group([3]))
        target = straight.way.target
        assert np.array_equal(np.sort(out), np.flatnonzero(own))
        told.append((target.z[out] - left) * target.std + target.mean)  # what is predicted of these rows
    assert np.abs(told[0] - told[1]).max() > 1e-3  # from other values
    np.testing.assert_allclose(told[2], told[0], rtol=1e-3, atol=1e-3)


def two_layers(m, rng, d=12, n=40):
    """Return saturated units of d latents, twice."""
    x = rng.standard_normal((m, d))
    return [
        np.tanh(1.5 * x @ rng.standard_normal((d, n)) / np.sqrt(d) + 0.3 * rng.standard_normal(n)) for _ in range(2)
    ]


def left_of_units(way, as_scores=None):
    """Return what a second fit leaves of every unit on held-out rows."""
    straight = Straight(way.fits)
    if as_scores is not None:
        straight.__dict__["as_scores"] = np.full(way.fits.target.n, as_scores)
    found = np.concatenate([left for _, left in straight.by_group(range(int(straight.groups.max()) + 1))])
    return (found**2).mean(axis=0)


def test_units_are_told_as_scores_where_that_leaves_less(rng):
    a, b = two_layers(200, rng)
    b[:, :20] = np.cos(2 * b[:, :20])  # even functions, which scores make no simpler
    way = climb(a, b).a_to_b
    found, plain, scores = (left_of_units(way, one) for one in (None, False, True))
    # with d = 12 numbers and 200 rows a linear map leaves of normal scores hardly more than their steps
    assert found[20:].mean() < 0.02
    assert found[20:].mean() < 0.2 * plain[20:].mean()
    assert found[:20].mean() < 1.05 * min(plain[:20].mean(), scores[:20].mean())


@pytest.mark.parametrize("kept", [np.zeros(40, dtype=bool), np.arange(40) % 2 == 0, np.ones(40, dtype=bool)])
def test_the_map_is_that_of_its_parts(rng, kept):
    a, b = two_layers(150, rng)
    b[:, 3] = 2.0
    straight = Straight(climb(a, b).a_to_b.fits)
    straight.__dict__["as_scores"] = np.delete(kept, 3)
    found = straight.fit(straight.way.target)
    told = found.apply(a)
    assert (told[:, 3] == 2.0).all()
    assert (((told - b) ** 2).mean(axis=0) < 0.05).all()
    again = SumMap.from_arrays(found.arrays())
    np.testing.assert_array_equal(again.apply(a), told)


def test_noise_predicts_nothing(rng):
    x, y = rng.standard_normal((2, 150, 5))
    way = climb(x, y).a_to_b
    assert way.second_within("straight").sum() > 0.95 * way.totals.sum()


def test_an_answer_that_rests_on_it_is_told_and_its_map_can_be_kept(rng, tmp_path):
    a, b = saturated(200, rng)
    ladder = climb(a, b)
    direction, standard = ladder.a_to_b, ladder.standard
    errors = direction.errors["smooth"].rows, direction.second_within("straight")
    highs = [
        standard.ratio(e, direction.totals, level).high for e, level in zip(errors, (0.95, 1 - 0.05 / 3), strict=True)
    ]
    assert highs[1] < highs[0]
    ladder = climb(a, b, float(np.mean(highs)))
    assert ladder.determines(ladder.a_to_b) == "holds"
    assert ladder.standard.second(ladder.a_to_b, "smooth") == "straight"
    assert ladder.standard.estimate(ladder.a_to_b, "smooth").high == pytest.approx(highs[1])
    found = ladder.transformation("smooth")
    assert ((found(a) - b) ** 2).mean() / b.var() < ladder.tolerance
    found.save(tmp_path / "map.safetensors")
    np.testing.assert_array_equal(Transformation.load(tmp_path / "map.safetensors")(a), found(a))


def test_units_that_hardly_vary_are_left_out(rng):
    a, b = saturated(80, rng)
    a[:, 3] = 2.0
    fits = climb(a, b).a_to_b.fits
    assert not fits.source.scored.live[3]
    moved = a.copy()
    moved[:, 3] = 5.0
    found = Straight(fits).fit(fits.target)
    np.testing.assert_array_equal(found.apply(moved), found.apply(a))


def few_saturated(m, rng, *, private=False, n=9, gain=1.0):
    """Return n units of six latents, twice; of five and a private one the second time, where that is asked for."""
    s = rng.standard_normal((m, 6))
    other = np.hstack([s[:, :5], rng.standard_normal((m, 1))]) if private else s
    return [np.tanh(gain * one @ rng.standard_normal((6, n))) for one in (s, other)]


@pytest.mark.parametrize("seed", range(6))
def test_few_saturated_units_are_never_denied_what_they_determine(seed):
    """The smooth rung leaves a quarter, falling no faster than noise; a linear map between scores leaves hundredths."""
    ladder = climb(*few_saturated(150, np.random.default_rng(seed)))
    assert [ladder.determines(d) for d in ladder.directions] != ["fails", "fails"]
    assert all(
        ladder.determines(d) != "fails" or min(d.promised.values()) > ladder.standard.limit(d, "smooth")
        for d in ladder.directions
    )


def test_what_a_cheap_look_promises_is_kept(rng):
    ladder = climb(*few_saturated(300, rng, n=30))
    for direction in ladder.directions:
        assert direction.unexplained("smooth") > 2 * ladder.tolerance  # no second fit is made for that alone
        assert direction.promised["straight"] < 0.02
        assert direction.promised["sharper"] == np.inf
        assert ladder.determines(direction) == "holds"
        assert ladder.standard.second(direction, "smooth") == "straight"
    denied = climb(*few_saturated(300, rng, private=True, n=30))
    for direction in denied.directions:
        assert direction.promised["straight"] > 0.1
        assert denied.determines(direction) != "holds"


@pytest.mark.slow
def test_more_than_a_thousand_rows_have_it_where_it_is_promised(rng):
    ladder = climb(*few_saturated(1500, rng))
    assert [ladder.determines(d) for d in ladder.directions] == ["holds", "holds"]
    denied = climb(*few_saturated(1500, rng, private=True))
    assert [denied.determines(d) for d in denied.directions] == ["fails", "fails"]


def test_a_rare_value_is_brought_back_by_other_rows(rng):
    values = np.zeros((60, 1))
    values[::10, 0] = [1.0, 2.0, 3.0, 4.0, 5.0, 100.0]
    scores = ScoreMap.of(values).apply(values)
    assert ScoreMap.of(values).inverse.apply(scores)[50, 0] == 100.0
    for folds in (np.arange(60) // 6, np.arange(60) // 30):
        assert brought_back(scores, values, folds)[50, 0] < 6.0  # the largest of the rows in other folds
    assert brought_back(scores, values, np.full(60, 3))[50, 0] == 100.0  # there are no others


@pytest.mark.parametrize("count", [2, 3, 40])
def test_few_clusters_are_enough(count, rng):
    a, b = few_saturated(120, rng)
    way = judge(Layer(a), Layer(b), np.arange(120) % count, tolerance=0.05).a_to_b
    assert 0.0 < way.promised["straight"] < 10.0
    assert way.second_within("straight").shape == (120,)
