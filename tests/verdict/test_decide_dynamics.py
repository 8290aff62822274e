"""From the numbers of the direct test to an answer: what live steps may say, and what they may not."""

import pytest

from conjugacy.results import Estimate
from conjugacy.verdict.decide_dynamics import DynamicsNumbers, Live, WayNumbers, decide_dynamics

SMALL, LARGE = Estimate(0.02, 0.01, 0.03), Estimate(0.5, 0.4, 0.6)


def numbers(live=None, states=SMALL, drive=LARGE, commutation=SMALL):
    way = WayNumbers(states, commutation, SMALL, drive)
    return DynamicsNumbers(
        way, way, 0.01, courses=20, drive_known=True, same_drive=True, live=None if live is None else (live, live)
    )


def answer(**options):
    return decide_dynamics(numbers(**options))[0]


def test_data_alone():
    assert answer() == "equivalent"
    assert answer(states=LARGE) == "different"
    assert answer(drive=SMALL) == "undecided"  # the drive explains both
    assert answer(drive=SMALL, states=LARGE) == "different"  # which stands


def test_live_steps_that_agree_decide_what_the_drive_leaves_open():
    assert answer(drive=SMALL, live=Live(SMALL, SMALL, SMALL)) == "equivalent"


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
    there, back = WayNumbers(SMALL, SMALL, SMALL, LARGE), WayNumbers(LARGE, LARGE, SMALL, LARGE)
    live = Live(SMALL, SMALL, SMALL), Live(LARGE, LARGE, LARGE)
    found = DynamicsNumbers(there, back, 0.01, courses=20, drive_known=True, same_drive=True, live=live)
    assert decide_dynamics(found)[0] == "a_determines_b"
