"""Something was learned in common: said where every copy fails, at one rung, with an interval; else why not."""

from __future__ import annotations

import numpy as np
import pytest

from conjugacy.results import Gain
from conjugacy.transformations import Layer, judge
from conjugacy.verdict.controls import GAIN_RUNGS, gain_over, judge_control
from conjugacy.verdict.sentences import of_gain

M = 160


def mixed(rng, latent, scale=1.0):
    """A layer of twelve tanh units of a latent."""
    return np.tanh(scale * latent @ rng.normal(size=(latent.shape[1], 12)))


@pytest.fixture
def world(rng):
    return rng.normal(size=(M, 9))


def ladder_of(a, b, tolerance=0.05):
    return judge(Layer(a), Layer(b), np.arange(M), tolerance=tolerance)


def gain_of(ladder, **copies):
    judged = [judge_control(kind, ladder, *ways, "made") for kind, ways in copies.items()]
    return gain_over([one for one in judged if one is not None], ladder, {"shuffled": "why not"})


def test_a_task_that_copies_do_not_carry_is_learned_in_common(rng, world):
    task = world[:, :2]
    ladder = ladder_of(mixed(rng, task, 0.5), mixed(rng, task, 0.5))
    ways = [mixed(rng, world) for _ in range(2)], [mixed(rng, world)]
    gain = gain_of(ladder, untrained=ways, shuffled=ways[::-1])
    assert (gain.state, gain.rung, gain.shown) == ("shown", GAIN_RUNGS[0], True)
    # of several copies the one that does best counts
    alone = [gain_of(ladder, untrained=(ways[0][i : i + 1], ways[1]), shuffled=ways).a_to_b for i in range(2)]
    assert gain.a_to_b == pytest.approx(min(min(alone), gain_of(ladder, shuffled=ways[::-1]).a_to_b))
    assert gain.low_a_to_b < gain.a_to_b < gain.high_a_to_b
    assert "something was learned in common" in of_gain(gain)
    assert gain_of(ladder, untrained=ways).state == "unshuffled"
    assert "; why not;" in of_gain(gain_of(ladder, untrained=ways))
    assert gain_of(ladder, shuffled=ways).state == "unreset"
    assert gain_of(ladder, untrained=(ways[0], []), shuffled=ways).state == "one_network"


def test_one_network_has_learned_nothing_in_common_with_itself(rng, world):
    a, b = (mixed(rng, world[:, :2], 0.5) for _ in range(2))
    blind = [mixed(rng, world)]
    ladder, alone = ladder_of(a, b), ladder_of(a, a)
    controls = [judge_control(kind, ladder, blind, blind, "made") for kind in ("untrained", "shuffled")]
    assert gain_over(controls, ladder).state == "shown"
    assert gain_over(controls, ladder, one_network=True).state == gain_over(controls, alone).state == "itself"
    assert of_gain(Gain(state="itself")) == "they are one network, so this says nothing about what it learned"


def test_one_copy_that_carries_it_is_enough_to_say_nothing(rng, world):
    task = world[:, :2]
    ladder = ladder_of(mixed(rng, task, 0.5), mixed(rng, task, 0.5))
    blind = [mixed(rng, world) for _ in range(2)]
    gain = gain_of(ladder, untrained=(blind, blind), shuffled=(blind, [blind[0], mixed(rng, task, 0.5)]))
    assert gain.state == "controls_hold"
    assert gain.b_to_a < gain_of(ladder, untrained=(blind, blind)).b_to_a


def test_where_the_pair_does_not_hold_nothing_is_said_however_bad_the_copies_are(rng, world):
    task = world[:, :2]
    noisy = mixed(rng, task, 0.5) + 0.2 * rng.normal(size=(M, 12))
    ladder = ladder_of(mixed(rng, task, 0.5), noisy)
    blind = [mixed(rng, world)]
    gain = gain_of(ladder, untrained=(blind, blind), shuffled=(blind, blind))
    assert gain.low_a_to_b > 0.1
    assert gain.low_b_to_a > 0.1
    assert gain.state == "no_pair"


def test_small_weights_are_told_as_such(rng, world):
    # layers of small weights are linear in what was shown; copies with other weights of the usual size are not
    small, usual = [mixed(rng, world, 0.01) for _ in range(4)], [mixed(rng, world) for _ in range(2)]
    ladder = ladder_of(small[0], small[1])
    gain = gain_of(ladder, untrained=(usual, usual), shuffled=(small[2:], small[2:]))
    assert min(gain_of(ladder, untrained=(usual, usual)).low_a_to_b, 1.0) > 0.1  # which alone would look like learning
    assert gain.state == "nearly_linear"
    assert "nearly linear whatever was learned" in of_gain(gain)


def test_controls_that_fail_by_little_are_no_gain(rng):
    b = rng.normal(size=(M, 12))
    a, worse_a, worse_b = (b + sd * rng.normal(size=b.shape) for sd in (0.28, 0.32, 0.14))
    copies = {"untrained": ([worse_a], [worse_b]), "shuffled": ([worse_a], [worse_b])}
    first = ladder_of(a, b)
    highest = max(first.standard.estimate(direction, GAIN_RUNGS[0]).high for direction in first.directions)
    judged = judge_control("untrained", first, [worse_a], [worse_b], "made")
    lowest = min(first.standard.estimate(way[0], GAIN_RUNGS[0]).low for way in judged.ways)
    assert highest < lowest  # a tolerance lies between
    gain = gain_of(ladder_of(a, b, (highest + lowest) / 2), **copies)
    assert gain.a_to_b > 0.0
    assert gain.state == "small"


@pytest.mark.parametrize(
    "state",
    ["no_control", "one_network", "no_pair", "controls_hold", "small", "unshuffled", "unreset", "nearly_linear"],
)
def test_every_state_but_one_says_that_nothing_is_shown(state):
    said = of_gain(Gain(0.2, 0.3, rung="smooth", state=state))
    assert "whether anything was learned in common is not shown" in said
    assert "something was learned in common" not in said
