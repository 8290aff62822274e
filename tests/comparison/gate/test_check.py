"""A condition is met, not met, or open: decided from records made by hand."""

from __future__ import annotations

import numpy as np
import pytest

import conjugacy as cj
from conjugacy.comparison.gate.check import check
from conjugacy.comparison.gate.conditions import read_condition
from conjugacy.comparison.gate.facts import Facts
from conjugacy.comparison.gate.layer_facts import states_of
from conjugacy.comparison.gate.numbers import number_of
from conjugacy.comparison.matched_pair import Pair
from conjugacy.comparison.setup import Setup
from conjugacy.results import AxisVerdict, Change, DropIn, Estimate, Evidence, Margins, RungResult, Verdict
from conjugacy.results.reason import reasons
from conjugacy.transformations import RUNGS

RECORDING = cj.Recording({"h": cj.Activations(np.eye(3)), "outputs": cj.Activations(np.eye(3))})
OPPOSITE = {"passed": "failed", "failed": "passed", "undecided": "undecided"}


def change(name, value, low, high, margin=0.05, state="open", rows=1000):
    return Change(name, value, low, high, margin, state, rows)


def facts(drop_in="yes", same_task="equivalent", rungs=None, **numbers):
    """A pair of which everything is said."""
    states = rungs or dict.fromkeys(RUNGS, "holds")
    results = tuple(RungResult(r, s, Estimate(), Estimate(), 1, 1) for r, s in states.items())
    first = next((r for r, s in states.items() if s == "holds"), None)
    layer = AxisVerdict(
        "equivalent" if first else "undecided", reasons("maps", "so"), rung=first, rungs=results, layers=("h", "h")
    )
    verdict = Verdict(AxisVerdict(same_task, reasons("decisions", "so")), layer, AxisVerdict.not_tested("at rest"))
    setup = Setup(Pair(RECORDING, RECORDING, None, ()), 0.05, 0, lambda _: None)
    found = DropIn(drop_in, reasons("decisions", "so"), **numbers)
    return Facts(setup, Margins(), (("h", "h"),), said=(verdict, found))


def outcome(text, known, way="require"):
    (found,) = check(read_condition(text, way), known)
    return found.outcome


@pytest.mark.parametrize(
    ("text", "answer", "expected"),
    [
        ("drop-in=yes", "yes", "passed"),
        ("drop-in=yes", "no", "failed"),
        ("drop-in!=no", "yes", "passed"),
        ("drop-in=yes", "undecided", "undecided"),
        ("drop-in!=no", "undecided", "undecided"),
        ("drop-in=yes", "not_tested", "undecided"),
        ("drop-in=undecided", "undecided", "passed"),
        ("drop-in=undecided", "not_tested", "failed"),
        ("drop-in=yes|undecided", "undecided", "passed"),
        ("same-task=yes", "equivalent", "passed"),
        ("same-task=no", "unrelated", "passed"),
        ("same-task=no", "not_equivalent", "passed"),
        ("same-task=no", "a_determines_b", "failed"),
        ("same-task=yes", "not_equivalent", "failed"),
        ("same-task=one way", "not_equivalent", "undecided"),
        ("same-task!=unrelated", "not_equivalent", "undecided"),
        ("same-task=not equivalent", "not_equivalent", "passed"),
        ("same-task=one way", "b_determines_a", "passed"),
        ("same-task=yes", "undecided", "undecided"),
        ("function!=equivalent", "partly_related", "passed"),
    ],
)
def test_answers(text, answer, expected):
    known = facts(**{"drop_in" if text.startswith("drop") else "same_task": answer})
    assert outcome(text, known) == expected
    assert outcome(text, known, "fail-on") == OPPOSITE[expected]


def test_to_the_letter_undecided_is_not_yes():
    from dataclasses import replace

    one = replace(read_condition("function!=equivalent", "fail-on"), literal=True)
    assert check(one, facts(same_task="undecided"))[0].outcome == "failed"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("churn<0.05", "undecided"),
        ("churn<0.07", "passed"),
        ("churn<=0.06", "passed"),
        ("churn<0.06", "undecided"),
        ("churn>0.02", "passed"),
        ("churn<0.02", "failed"),
        ("churn>=0.03", "passed"),
        ("churn>0.03", "undecided"),
        ("agreement>0.9", "passed"),
        ("agreement>0.98", "failed"),
        ("agreement>0.95", "undecided"),
    ],
)
def test_a_number_whose_interval_straddles_the_threshold_is_open(text, expected):
    known = facts(churn=change("churn", 0.04, 0.03, 0.06))
    assert outcome(text, known) == expected
    assert outcome(text, known, "fail-on") == OPPOSITE[expected]


def test_without_an_interval_the_value_decides_and_without_a_value_nothing():
    known = facts(evidence=(Evidence("kl_divergence", 0.02),))
    assert [outcome(text, known) for text in ("kl<0.01", "kl<0.03")] == ["failed", "passed"]
    (found,) = check(read_condition("loss-change<0.1", "require"), known)
    assert (found.outcome, found.why) == (
        "undecided",
        "loss-change is not known: no logits or probabilities with targets",
    )


def test_the_worst_class_of_the_worst_output_counts():
    heads = tuple(
        DropIn(
            "no", reasons("decisions", "so"), head=name, class_errors=(change("7", value, value - 0.01, value + 0.01),)
        )
        for name, value in (("outputs.a", 0.02), ("outputs.b", 0.2))
    )
    found = number_of("class-error", DropIn("no", reasons("decisions", "so"), heads=heads))
    assert (found.value, found.low) == (0.2, 0.19)
    assert found.said.startswith("class-error of outputs.b (7) is 0.2")


def test_an_output_without_a_value_is_beyond_every_threshold_or_nothing():
    near = change("0", 0.01, 0.0, 0.02)

    def identity(*changes):
        return facts(identity=changes)

    broken, same = change("1", None, None, None, state="outside"), change("1", None, None, None, state="inside")
    for changes in ((broken,), (near, broken), (broken, near)):
        known = identity(*changes)
        for text in ("identity>0.05", "identity>0.9", "identity>1000"):
            assert outcome(text, known, "fail-on") == "failed"
        assert outcome("identity<0.05", known) == "failed"
        assert "(1) has no value" in number_of("identity", known.drop_in).said
    for changes in ((same,), (near, same)):
        assert outcome("identity>0.05", identity(*changes), "fail-on") == "passed"
    assert number_of("identity", identity(same).drop_in).value == 0.0
    churn = facts(churn=change("churn", None, None, None, state="outside"))
    assert (outcome("churn<0.9", churn), outcome("agreement>0.1", churn)) == ("failed", "failed")


def test_an_output_that_is_open_leaves_the_worst_open():
    near, unknown = change("0", 0.01, 0.0, 0.02), change("1", None, None, None)
    known = facts(identity=(near, unknown))
    assert outcome("identity<0.05", known) == "undecided"
    assert outcome("identity<0.05", facts(identity=(unknown,))) == "undecided"
    assert outcome("identity<0.05", facts(identity=(change("0", 0.01, 0.0, None),))) == "undecided"  # its bound is open
    far = change("0", 2.0, 1.5, 2.5, state="outside")
    assert outcome("identity>1.2", facts(identity=(far, unknown)), "fail-on") == "failed"


STATES = [
    (("fails", "fails", "fails", "holds", "holds"), {"rung<=affine": "passed", "rung>affine": "failed"}),
    (("fails", "undecided", "fails", "holds", "holds"), {"rung<=permutation": "undecided", "rung<=affine": "passed"}),
    (("fails", "fails", "fails", "fails", "undecided"), {"rung<=affine": "failed", "rung<=smooth": "undecided"}),
    (("fails", "fails", "fails", "fails", "fails"), {"rung=none": "passed", "rung>affine": "passed"}),
    (
        ("fails", "holds", "fails", "holds", "holds"),
        {"rung=permutation": "passed", "representation=rotation": "failed"},
    ),
]


@pytest.mark.parametrize(("states", "expected"), STATES)
def test_rungs_that_are_not_settled_may_leave_it_open(states, expected):
    known = facts(rungs=dict(zip(RUNGS, states, strict=True)))
    assert {text: outcome(text, known) for text in expected} == expected
    assert list(states_of(known.layer_facts[0].axis).values()) == list(states)


def test_where_there_is_nothing_to_look_at_it_is_open():
    assert outcome("dynamics=equivalent", facts()) == "undecided"
    bare = cj.Recording({"outputs": cj.Activations(np.eye(3))})
    known = Facts(Setup(Pair(bare, bare, None, ()), 0.05, 0, lambda _: None), Margins())
    (found,) = check(read_condition("cka>0.9", "require"), known)
    assert (found.outcome, "no hidden layer" in found.why) == ("undecided", True)
