"""ConjTest and ConjTest+ on the pairs of their paper: rotations, reparametrised rotations, the logistic and the tent map."""

import numpy as np
import pytest
from scipy.spatial.distance import directed_hausdorff, pdist

import conjugacy as cj
from conjugacy.measures.conjtest import ConjTest
from conjugacy.measures.conjtest_plus import ConjTestPlus

ANGLE = 2 * np.pi * np.sqrt(2) / 10
BOTH = pytest.mark.parametrize("kind", [ConjTest, ConjTestPlus])


def rotation(angle, start=0.0, n=500):
    """An irrational rotation of the circle, (1, n, 2)."""
    theta = start + angle * np.arange(n)
    return np.stack([np.cos(theta), np.sin(theta)], axis=1)[None]


def bend(x, strength=0.6):
    """A homeomorphism of the circle that is no rotation: theta to theta + strength sin(theta)."""
    theta = np.arctan2(x[..., 1], x[..., 0])
    theta = theta + strength * np.sin(theta)
    return np.stack([np.cos(theta), np.sin(theta)], axis=-1)


def logistic(start, n=600, r=4.0):
    x = [start]
    for _ in range(n - 1):
        x.append(r * x[-1] * (1 - x[-1]))
    return np.array(x)[None, :, None]


def to_tent(x):
    return 2 * np.arcsin(np.sqrt(x)) / np.pi


def to_logistic(x):
    return np.sin(np.pi * x / 2) ** 2


def hausdorff(x, y):
    return max(directed_hausdorff(x, y)[0], directed_hausdorff(y, x)[0])


def by_the_definition(x, y, h, k, t, plus):
    """One direction, loop by loop; x and y are single trials."""
    now_x, now_y = x[:-t], y[:-t]
    total = 0.0
    for a in range(len(now_x)):
        near = np.argsort(np.linalg.norm(now_x - now_x[a], axis=1))[: k + 1]
        image = [int(np.linalg.norm(now_y - h(now_x[j][None])[0], axis=1).argmin()) for j in near]
        if plus:
            order = np.argsort(np.linalg.norm(now_y - now_y[image[0]], axis=1)).tolist()
            image = order[: max(order.index(i) for i in image) + 1]
        total += hausdorff(h(x[near + t]), y[np.array(image) + t])
    return total / (len(now_x) * pdist(y).max())


@BOTH
def test_the_definition_loop_by_loop(kind, rng):
    x, y = (np.cumsum(rng.standard_normal((1, n, d)), axis=1) for n, d in ((90, 2), (70, 3)))
    view = rng.standard_normal((2, 3))
    measure = kind(neighbours=4, steps=3)
    expected = by_the_definition(x[0], y[0], lambda s: s @ view, 4, 3, kind is ConjTestPlus)
    found = measure.directed(measure.prepare(x), measure.prepare(y), lambda s: s @ view)
    assert found == pytest.approx(expected, rel=1e-9)


@BOTH
@pytest.mark.parametrize("other", [1.1, 2.0, -1.0])
def test_rotations_are_apart_by_what_their_angles_differ(kind, other):
    """By the identity f^t(x) and g^t(x) lie a chord of t (beta - alpha) apart: |sin(t (beta - alpha) / 2)| of the diameter."""
    measure = kind(map="identity")
    assert measure(rotation(ANGLE), rotation(ANGLE, start=1.0)).value < 0.02
    expected = abs(np.sin(5 * (other - 1) * ANGLE / 2))
    assert measure(rotation(ANGLE), rotation(other * ANGLE, start=1.0)).value == pytest.approx(expected, abs=0.02)


@BOTH
def test_a_reflection_takes_a_rotation_to_its_negative(kind):
    measure = kind()
    a, b = (measure.prepare(rotation(angle)) for angle in (ANGLE, -ANGLE))
    assert measure.directed(a, b, lambda x: x * [1, -1]) < 0.02


@BOTH
def test_a_reparametrised_rotation_is_conjugate_by_its_map(kind):
    measure = kind(map="identity")
    plain, bent, other = (
        measure.prepare(x) for x in (rotation(ANGLE), bend(rotation(ANGLE, 1.0)), bend(rotation(1.1 * ANGLE)))
    )
    assert measure.directed(plain, bent, bend) < 0.02
    assert measure.directed(plain, other, bend) > 10 * measure.directed(plain, bent, bend)
    assert measure.directed(plain, bent, lambda x: x) > 3 * measure.directed(plain, bent, bend)


@BOTH
def test_logistic_and_tent_map_are_conjugate_by_the_sine(kind):
    measure = kind(steps=2)
    wave, other, tent = (measure.prepare(x) for x in (logistic(0.2), logistic(0.2, r=3.6), to_tent(logistic(0.21))))
    there, back = measure.directed(wave, tent, to_tent), measure.directed(tent, wave, to_logistic)
    assert max(there, back) < 0.03
    assert measure.directed(wave, tent, lambda x: 1 - x) > 0.2
    assert measure.directed(other, tent, to_tent) > 3 * there


def test_matched_rotations_by_their_index():
    """Index to index a bent copy is near, a rotation by another angle, whose partners are torn apart, is not."""
    measure = ConjTestPlus()
    assert measure(rotation(ANGLE), bend(rotation(ANGLE))).value < 0.03
    assert measure(rotation(ANGLE), rotation(1.1 * ANGLE)).value > 0.3


def test_index_to_index_conjtest_would_be_zero_for_any_two(rng):
    """Why ConjTest has no map=index: the partner of a state goes where the partner of its successor is."""
    x, y = rng.standard_normal((2, 1, 80, 2))
    partner = {tuple(a): b for a, b in zip(x[0], y[0], strict=True)}
    measure = ConjTest(neighbours=3, steps=2)
    assert (
        measure.directed(measure.prepare(x), measure.prepare(y), lambda s: np.array([partner[tuple(a)] for a in s]))
        == 0.0
    )


def test_partners_of_near_states_tell_matched_trials_from_unmatched(rng):
    """A curved view of the same trials is near by map=nearest, whatever its units; the same trials in another order are not."""
    start = np.linspace(0, 2 * np.pi, 20, endpoint=False)
    turns = np.concatenate([rotation(0.2, s, 40) * (1 + 0.5 * np.sin(s)) for s in start])
    seen = np.tanh(0.7 * turns @ rng.standard_normal((2, 7)))
    for kind in (ConjTest, ConjTestPlus):
        measure = kind(map="nearest")
        assert measure(turns, seen).value < 0.25 * measure(turns, seen[rng.permutation(20)]).value


def test_trials_are_matched_by_their_ids(rng):
    x = np.cumsum(rng.standard_normal((8, 40, 3)), axis=1)
    y = np.tanh(x @ rng.standard_normal((3, 4)))
    order = rng.permutation(8)
    ids = np.array(list("abcdefgh"))
    measure = ConjTestPlus()
    shuffled = measure(cj.Trajectories(x, trials=ids), cj.Trajectories(y[order], trials=ids[order]))
    assert shuffled.value == pytest.approx(measure(x, y).value, rel=1e-9)
    with pytest.raises(cj.ConjugacyError, match="do not belong together"):
        measure(cj.Trajectories(x, trials=ids), cj.Trajectories(y, trials=np.arange(8)))


def test_what_the_map_gives_is_checked(rng):
    measure = ConjTest()
    a, b = measure.prepare(rotation(ANGLE)), measure.prepare(rng.standard_normal((1, 50, 3)))
    with pytest.raises(cj.ConjugacyError, match="expected"):
        measure.directed(a, b, lambda x: x)
    with pytest.raises(cj.ConjugacyError, match="NaN"):
        measure.directed(a, b, lambda x: np.full((len(x), 3), np.nan))
    with pytest.raises(cj.ConjugacyError, match="one trial"):
        ConjTest(map="nearest")(rotation(ANGLE), rotation(ANGLE))
