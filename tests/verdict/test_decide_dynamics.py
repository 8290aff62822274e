"""From the numbers of the direct test to an answer: what gates allow, what live steps may say, and what they may not."""

from dataclasses import replace

import pytest

from conjugacy.results import Estimate
from conjugacy.verdict.decide_dynamics import decide_dynamics, without_partners
from conjugacy.verdict.dynamics_numbers import DynamicsNumbers, Live, SystemNumbers, WayNumbers

SMALL, LARGE = Estimate(0.02, 0.01, 0.03), Estimate(0.5, 0.4, 0.6)
CLEAR = {"power": 0.0, "half": 0.0, "growth": 0.0, "later": 0.0}


def numbers(excess=SMALL, left=0.9, limits=None, live=None, **options):
    way, system = WayNumbers(excess, left), SystemNumbers(SMALL, LARGE, SMALL, limits=CLEAR | (limits or {}))
    maps = None if live is None else (SMALL, SMALL)
    known = {"p_partners": 0.01, "courses": 20, "drive_known": True} | options
    return DynamicsNumbers(way, way, system, system, live=None if live is None else (live, live), maps=maps, **known)


def answer(**options):
    return decide_dynamics(numbers(**options))[0]


def test_data_alone():
    assert answer() == "equivalent"
    assert answer(excess=LARGE) == "different"
    assert answer(left=0.05) == "undecided"  # the drive tells both
    assert answer(left=0.05, excess=LARGE) == "undecided"  # and nothing is left to be told wrongly
    assert answer(courses=5) == "undecided"


@pytest.mark.parametrize("gate", ["power", "half", "growth"])
def test_different_needs_power(gate):
    assert answer(excess=LARGE, limits={gate: 0.25}) == "different"
    found = decide_dynamics(numbers(excess=LARGE, limits={gate: 0.35}))
    assert found[0] == "undecided"
    assert "not known well enough" in found[1][0]


@pytest.mark.parametrize("excess", [Estimate(0.8), Estimate(3.0, 2.0, 4.0)])
def test_maps_that_were_not_learnt_show_nothing(excess):
    assert answer(excess=excess) == "undecided"


def test_a_common_input_that_is_not_recorded_leaves_equal_courses_open():
    assert answer(drive_known=False, news=0.05) == "equivalent"
    assert answer(drive_known=False, news=0.5) == "undecided"
    assert answer(drive_known=True, news=0.5) == "equivalent"


def test_noise_in_the_law_and_partners_that_tell_nothing_go_to_the_test_without_partners():
    assert without_partners(numbers(excess=LARGE)) is None
    assert "noise of their own" in without_partners(numbers(excess=LARGE, limits={"later": 0.2}))
    assert (
        without_partners(numbers(excess=LARGE, p_partners=0.5)) is None
    )  # their starts tell that they belong together
    assert "tell nothing" in without_partners(numbers(excess=LARGE, p_partners=0.5, p_starts=0.5))
    assert without_partners(numbers(limits={"later": 0.9}, p_partners=0.5, p_starts=0.5)) is None  # nothing fails


def test_states_and_margins_are_told():
    found = numbers(cycles=2.0)
    system = replace(found.a, hidden=True, points=4)
    said = " ".join(decide_dynamics(replace(found, a=system))[1])
    assert "units of A hide a part" in said
    assert "on delay states (windows of up to 4 time points)" in said
    assert "0.18 of a cycle in a trial, which is 8.9 % of speed" in said


def test_live_steps_that_agree_decide_what_the_drive_leaves_open():
    assert answer(left=0.05, live=Live(SMALL, SMALL, SMALL)) == "equivalent"


@pytest.mark.parametrize(
    ("live", "right"),
    [
        (Live(LARGE, SMALL, SMALL), "different"),
        (Live(SMALL, LARGE, SMALL), "different"),
        (Live(SMALL, SMALL, LARGE), "different"),
        (Live(SMALL, LARGE, LARGE, affine=0.2), "undecided"),  # a curved map is a guess off the visited states
        (Live(LARGE, SMALL, SMALL, affine=0.2), "different"),  # on them it is known
        (Live(LARGE, LARGE, LARGE, floors=(0.6, 0.6, 0.6)), "undecided"),  # slips of the maps make as much
        (Live(SMALL, SMALL, SMALL, floors=(0.0, 0.5, 0.0)), "undecided"),
        (Live(LARGE, SMALL, SMALL, floors=(0.12, 0.0, 0.0)), "undecided"),  # not three times over the slips and the margin
    ],
)  # fmt: skip
def test_live_steps_say_no_more_than_the_maps_allow(live, right):
    assert answer(live=live) == right


def test_one_way_needs_its_own_direction_only():
    live = Live(SMALL, SMALL, SMALL), Live(LARGE, LARGE, LARGE)
    found = replace(numbers(), b_to_a=WayNumbers(LARGE, 0.9), live=live, maps=(SMALL, LARGE))
    assert decide_dynamics(found)[0] == "a_determines_b"
    assert without_partners(replace(found, live=None)) is None


def test_live_steps_that_agree_beside_a_next_point_that_is_not_told_decide_nothing():
    live = Live(SMALL, SMALL, SMALL)
    found = decide_dynamics(numbers(excess=LARGE, live=live))
    assert found[0] == "undecided"
    assert "agree within the margin, and one past does not tell" in found[1][0]
    assert answer(excess=LARGE, left=0.05, live=live) == "equivalent"  # nothing is left to be told wrongly


def test_words_fit_what_is_there():
    def said(**options):
        return " ".join(decide_dynamics(numbers(**options))[1])

    live = Live(SMALL, SMALL, SMALL)
    assert "give live steps" in said(left=0.05)
    known = replace(numbers(left=0.05, live=live), maps=(LARGE, SMALL))
    told = " ".join(decide_dynamics(known)[1])
    assert "maps of states leave up to 60 % A->B, 3 % B->A, too much" in told
    assert "give live steps" not in told
    assert "hide a part" not in said(live=live)
    hidden = replace(numbers(live=live), a=replace(known.a, hidden=True))
    assert "hide a part" not in " ".join(decide_dynamics(hidden)[1])
    # of what the drive tells nearly alone an excess is a ratio of nothing
    assert "50 %" not in said(excess=LARGE, left=0.05, live=live)
    assert "beyond the drive, pasts predict too little of the next point for a test: 5 % A->B, 5 % B->A" in said(
        left=0.05, live=live
    )
