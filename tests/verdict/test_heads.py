"""Several outputs: which belong together, and one answer of many."""

import itertools

import pytest

from conjugacy.results import ANSWERS, AxisVerdict
from conjugacy.results.reason import reasons
from conjugacy.verdict.heads import combined, combined_answer, pair_heads


def verdict(answer, name, rung=None):
    return AxisVerdict(answer, reasons("maps", f"{name} because"), rung=rung, layers=(name, name), warnings=("mind",))


def test_one_answer_of_many_does_not_depend_on_their_order():
    for answers in itertools.combinations_with_replacement(ANSWERS, 3):
        found = {combined_answer(list(order)) for order in itertools.permutations(answers)}
        assert len(found) == 1, answers


@pytest.mark.parametrize("answer", ANSWERS)
def test_a_yes_needs_all_and_a_no_one(answer):
    found = combined_answer(["equivalent", answer])
    assert (found == "equivalent") == (answer in ("equivalent", "not_tested"))
    if answer in ("unrelated", "partly_related", "not_equivalent"):
        assert found in ("partly_related", "not_equivalent")
        assert combined_answer(["undecided", answer]) == "not_equivalent"


def test_both_ways_by_other_outputs_is_neither():
    assert combined_answer(["a_determines_b", "b_determines_a"]) == "partly_related"


def test_the_deciding_output_is_told_and_all_are_kept():
    pairs = pair_heads(["x", "y", "z"], ["x", "y", "z"])
    found = combined(
        [verdict("equivalent", "x", "identity"), verdict("unrelated", "y"), verdict("undecided", "z")], pairs
    )
    assert found.answer == "not_equivalent"
    assert found.layers == ("y", "y")
    assert [one.answer for one in found.heads] == ["equivalent", "unrelated", "undecided"]
    assert found.deciding == "y because"
    assert found.warnings == ("x: mind", "y: mind", "z: mind")
    widest = combined([verdict("equivalent", "x", "affine"), verdict("equivalent", "y", "identity")], pairs)
    assert (widest.answer, widest.rung) == ("equivalent", "affine")


def test_outputs_without_a_counterpart_leave_a_yes_open():
    pairs = pair_heads(["outputs.a", "outputs.b"], ["outputs.a"])
    found = combined([verdict("equivalent", "outputs.a", "identity")], pairs)
    assert (found.answer, found.rung) == ("undecided", None)
    assert "'outputs.b' of A has no counterpart" in found.deciding
    assert combined([verdict("unrelated", "outputs.a")], pairs).answer == "unrelated"


def test_one_output_each_is_a_pair_whatever_the_names():
    assert pair_heads(["logits"], ["outputs"]).pairs == (("logits", "outputs"),)
    alone = verdict("equivalent", "logits")
    assert combined([alone], pair_heads(["logits"], ["outputs"])) is alone
