"""The ladder on pairs whose relation is known by construction."""

import numpy as np
import pytest
from constructed import EQUIVALENT, NEITHER, ONE_WAY, pair

from conjugacy.errors import InputError, ShapeError
from conjugacy.transformations import Layer, judge
from conjugacy.verdict.relation import ladder_answer

LOWEST = {"permuted": "permutation", "rotated": "rotation"}


def climb(a, b, clusters=None, tolerance=0.05, seed=0):
    clusters = np.arange(len(a)) if clusters is None else clusters
    return judge(Layer(a), Layer(b), clusters, tolerance=tolerance, seed=seed)


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("kind", EQUIVALENT)
def test_equivalent_pairs(kind, seed):
    ladder = climb(*pair(kind, seed))
    assert ladder_answer(ladder) == "equivalent"
    assert ladder.rung == LOWEST.get(kind, ladder.rung)


def test_exact_rung_without_noise(rng):
    a, _ = pair("same_latent", 0, m=200)
    n = a.shape[1]
    q = np.linalg.qr(rng.standard_normal((n, n)))[0]
    assert climb(a, 3 * a[:, rng.permutation(n)] + 1).exact_rung == "permutation"
    assert climb(a, 3 * a @ q + 1).exact_rung == "rotation"
    assert climb(*pair("linear", 0)).exact_rung == "affine"
    assert climb(*pair("same_latent", 0)).exact_rung == "smooth"


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize(("kind", "answer"), [*ONE_WAY.items(), *NEITHER.items()])
def test_pairs_that_are_not_equivalent(kind, answer, seed):
    a, b = pair(kind, seed, m=200)
    assert ladder_answer(climb(a, b)) == answer
    flipped = {"a_determines_b": "b_determines_a", "b_determines_a": "a_determines_b"}
    assert ladder_answer(climb(b, a)) == flipped.get(answer, answer)


def test_rough_maps_of_many_inputs_are_undecided_not_denied():
    assert ladder_answer(climb(*pair("rectifiers", 0, d=8))) == "undecided"


def test_units_that_keep_their_places_are_the_same_units_rescaled(rng):
    x = rng.standard_normal((80, 4))
    x[:, 2] = 0.5  # a constant unit keeps its place too
    scales = np.array([2.0, -3.0, 1.0, 0.1])
    assert climb(x, x * scales + 1).own_words == "the same units, rescaled"
    assert climb(x, (x * scales)[:, [1, 0, 2, 3]]).own_words is None
    assert climb(x, x).own_words is None  # the identity: nothing is rescaled
    other = climb(x, rng.standard_normal((80, 4)))
    assert other.rung is None
    assert other.own_words is None


def test_identity_is_zero_and_needs_equal_widths(rng):
    x = rng.standard_normal((50, 4))
    ladder = climb(x, x)
    assert ladder.rung == "identity"
    assert ladder.results[0].a_to_b.unexplained == 0.0
    wider = climb(x, np.column_stack([x, x[:, 0]]))
    for result in wider.results[:2]:
        assert result.status == "fails"
        assert result.a_to_b.unexplained is None
        assert "4 and 5 units" in (result.advice or "")


def test_noise_of_known_size_is_the_unexplained_fraction(rng):
    x = rng.standard_normal((1000, 3))
    share = 0.2
    y = x + share * rng.standard_normal(x.shape)
    ladder = climb(x, y)
    # per unit var(y) = 1.04, noise .04 in b; the way back leaves .04 / 1.04 as well
    want = share**2 / (1 + share**2)
    for direction in ladder.directions:
        estimate = ladder.standard.estimate(direction, "affine")
        assert estimate.low < want < estimate.high


def test_quiet_units_count_as_much_as_loud_ones(rng):
    x = rng.standard_normal((300, 3))
    y = x.copy() * [100.0, 100.0, 0.01]
    y[:, 2] = 0.01 * rng.standard_normal(300)  # a quiet unit that is not shared
    direction = climb(x, y).a_to_b
    assert direction.unexplained("affine") == pytest.approx(1 / 3, abs=0.05)
    assert direction.errors["affine"].by_variance < 1e-3


def test_a_unit_that_fires_on_few_rows_is_no_target(rng):
    x = rng.standard_normal((400, 3))
    rare = np.zeros((400, 1))
    rare[:3] = 50.0
    network = Layer(np.column_stack([x, rare]))
    assert network.judged.tolist() == [True, True, True, False]
    assert climb(x, network.values).rung is not None


def test_constant_units_and_large_offsets_do_not_matter(rng):
    a, b = pair("same_latent", 0, m=200)
    plain = climb(a, b)
    odd = climb(np.column_stack([a * 1e-8, np.full(200, 3.0)]), b + 1e6)
    assert ladder_answer(odd) == ladder_answer(plain)
    assert odd.a_to_b.unexplained("smooth") == pytest.approx(plain.a_to_b.unexplained("smooth"), rel=1e-2)


def test_dependent_rows_widen_the_interval(rng):
    a, b = pair("noisy", 0, m=30)
    repeated = np.repeat(np.arange(30), 10)
    as_one = climb(a[repeated], b[repeated], clusters=repeated)
    as_many = climb(a[repeated], b[repeated])
    width = [e.high - e.low for e in (x.standard.estimate(x.a_to_b, "affine") for x in (as_one, as_many))]
    assert width[0] > 2 * width[1]
    # copies of a held-out row in the training rows would make it look known
    assert as_one.a_to_b.unexplained("smooth") > as_many.a_to_b.unexplained("smooth")


def test_few_independent_groups_decide_nothing(rng):
    a, b = pair("same_latent", 0, m=60)
    ladder = climb(a, b, clusters=np.arange(60) // 10)
    assert ladder_answer(ladder) == "undecided"
    assert "6 independent groups" in (ladder.results[-1].advice or "")


def test_too_few_rows_and_one_group_are_errors(rng):
    x = rng.standard_normal((8, 2))
    with pytest.raises(InputError, match="8 matched rows"):
        climb(x, 2 * x)
    with pytest.raises(InputError, match="one group"):
        climb(np.tile(x, (2, 1)), np.tile(2 * x, (2, 1)), clusters=np.zeros(16, dtype=int))
    with pytest.raises(ShapeError, match="do not match"):
        judge(Layer(x), Layer(x[:4]), np.arange(8), tolerance=0.05)
    with pytest.raises(InputError, match="no unit varies"):
        Layer(np.ones((20, 3)))


def test_landmarks_above_4000_rows_agree_with_the_exact_map(monkeypatch):
    from conjugacy.transformations import kernel_regression

    a, b = pair("same_latent", 0, m=600)
    exact = climb(a, b)
    monkeypatch.setattr(kernel_regression, "EXACT_ROWS", 500)
    monkeypatch.setattr(kernel_regression, "LANDMARKS", 400)
    landmarks = climb(a, b)
    assert ladder_answer(landmarks) == "equivalent"
    assert landmarks.a_to_b.unexplained("smooth") < exact.a_to_b.unexplained("smooth") + 1e-3
    t = landmarks.transformation("smooth")
    assert ((t(a) - b) ** 2).sum() / ((b - b.mean(axis=0)) ** 2).sum() < 0.01


def test_selection_on_a_part_of_the_rows(monkeypatch):
    from conjugacy.transformations import layer as network

    monkeypatch.setattr(network, "SELECTION_ROWS", 150)
    assert ladder_answer(climb(*pair("same_latent", 0))) == "equivalent"
    assert ladder_answer(climb(*pair("misses_half", 0))) == "a_determines_b"


def test_same_seed_same_bits(rng):
    a, b = pair("noisy", 1, m=120)
    assert climb(a, b, seed=3).results == climb(a, b, seed=3).results


@pytest.mark.parametrize("loud", [3e6, 1e12])
def test_one_shared_unit_however_loud_is_one_of_twelve(rng, loud):
    shared = loud * rng.standard_normal((500, 1))
    a, b = (np.column_stack([shared, rng.standard_normal((500, 11))]) for _ in range(2))
    ladder = climb(a, b)
    assert ladder_answer(ladder) == "partly_related"
    assert ladder.a_to_b.unexplained("affine") == pytest.approx(11 / 12, abs=0.1)


def test_a_unit_that_fires_in_one_fold_alone_makes_no_endless_gain(rng):
    """Without that fold nothing is left of it but the rounding of sums."""
    x, y = rng.standard_normal((2, 200, 5))
    x[:, 4] = 0.0
    x[7, 4] = 3.0
    ladder = judge(Layer(x), Layer(y), np.arange(200), tolerance=0.05)
    assert max(d.unexplained("permutation") for d in ladder.directions) < 10
