"""The gate on pairs whose relation is known: what passes, what fails, what stays open, and where."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

import conjugacy as cj
from conjugacy.comparison.gate.facts import Facts
from conjugacy.comparison.matched_pair import make_pair
from conjugacy.comparison.setup import Setup
from conjugacy.errors import InputError, ShapeError, StimuliError
from conjugacy.results import Margins

ROWS, CLASSES = 1200, 4


def network(chosen, name, *, targets=None, ids=None, **layers):
    """Build a recording whose outputs choose these classes."""
    scores = np.eye(CLASSES)[chosen] * 5.0 + np.random.default_rng(9).normal(size=(len(chosen), CLASSES)) * 0.3
    return cj.Recording.from_arrays(
        {**layers, "outputs": scores},
        name=name,
        output_kind="logits",
        targets=targets,
        stimuli=np.arange(len(chosen)) if ids is None else ids,
    )


@pytest.fixture
def task(rng):
    return rng.integers(0, CLASSES, ROWS)


def changed(chosen, rows):
    """Decide otherwise on some rows."""
    found = chosen.copy()
    found[rows] = (found[rows] + 1) % CLASSES
    return found


@pytest.fixture
def old(task):
    return network(task, "old", targets=task)


def test_a_copy_passes_and_a_broken_one_fails(task, old):
    assert cj.gate(old, old).outcome == "passed"
    found = cj.gate(old, network(changed(task, slice(0, 300)), "new"))
    assert (found.outcome, found.exit_code, found.passed) == ("failed", 1, False)
    assert found.drop_in is not None
    assert (found.drop_in.answer, found.networks, found.rows) == ("no", ("old", "new"), ROWS)


def test_few_rows_leave_it_undecided(task):
    few = network(task[:40], "old"), network(task[:40], "new")
    assert cj.gate(*few).exit_code == 3


def test_what_was_wanted_of_a_counts(task):
    """B is right where A is wrong: it is A's list that says so."""
    a = network(changed(task, slice(0, 30)), "old", targets=task)
    b = network(task, "new", targets=changed(task, slice(0, 1200)))
    found = cj.gate(a, b, require=["error-change<0.01", "right-to-wrong<0.01"])
    assert found.outcome == "passed"
    assert found.conditions[0].value == pytest.approx(-30 / ROWS)


@pytest.mark.parametrize(("n", "above", "below"), [(60, "churn>0.02", "churn<0.2"), (600, "churn>0.4", "churn<0.6")])
def test_a_number_is_held_against_any_threshold_as_drop_in_holds_it_against_its_margin(task, old, n, above, below):
    b = network(changed(task, slice(0, n)), "new")
    found = cj.gate(old, b, require=[above, below], fail_on=f"churn>{n / ROWS}")
    assert [one.outcome for one in found.conditions] == ["passed", "passed", "undecided"]


def test_one_class_of_many_that_is_lost_fails(task, old):
    lost = np.where(task == 2, 3, task)
    found = cj.gate(old, network(lost, "new"), require="class-error<0.9", fail_on="class-error>0.5")
    assert [one.outcome for one in found.conditions] == ["failed", "failed"]
    assert "class-error (2) is 1" in found.conditions[0].why


def test_margins_move_the_answer(task, old):
    b = network(changed(task, slice(0, 120)), "new")
    wide = {"churn": 0.3, "error": 0.3, "class_error": 0.6}
    assert cj.gate(old, b).outcome == "failed"
    assert cj.gate(old, b, margins=wide).outcome == "passed"
    assert cj.gate(old, b, margins=Margins(**wide)).to_dict()["margins"]["churn"] == 0.3


def test_a_subgroup_that_is_lost_fails_and_one_that_is_small_is_named(task):
    country = np.where(np.arange(ROWS) < 1050, "de", np.where(np.arange(ROWS) < 1190, "fr", "li"))
    a = network(task, "old")
    hidden = network(changed(task, slice(1050, 1090)), "new")
    over_all = cj.gate(a, hidden)
    assert over_all.outcome == "passed"
    found = cj.gate(a, hidden, by=country)
    assert found.outcome == "failed"
    assert found.subgroups[0].label == "fr"
    assert "subgroup fr" in found.conditions[0].why
    same = cj.gate(a, a, by=country)
    assert same.outcome == "passed"
    assert [one.label for one in same.subgroups if one.too_few] == ["li"]
    assert "too few rows: li" in same.conditions[0].why


@pytest.mark.parametrize("missing", [None, float("nan"), "", "NaN"])
def test_rows_without_a_label_are_in_no_subgroup_and_counted_over_all(task, missing):
    labels = ["de"] * 1000 + ["fr"] * 188 + [missing] * 12
    a = network(task, "old")
    found = cj.gate(a, network(changed(task, slice(1188, 1200)), "new"), by=labels)
    assert [(one.label, one.rows) for one in found.subgroups] == [("de", 1000), ("fr", 188)]
    assert [one.drop_in.churn.value for one in found.subgroups] == [0.0, 0.0]
    assert found.drop_in.n_changed == 12
    assert "12 rows have no label: they are in no subgroup, and counted over all" in found.notes
    assert "12 rows have no label" in str(found)
    with pytest.raises(InputError, match="none of the 1200 rows has a label"):
        cj.gate(a, a, by=[missing] * ROWS)


def test_numbers_without_a_label_too(task):
    labels = np.where(np.arange(ROWS) < 12, np.nan, np.arange(ROWS) % 2)
    found = cj.gate(network(task, "old"), network(task, "new"), by=labels)
    assert [(one.label, one.rows) for one in found.subgroups] == [("0.0", 594), ("1.0", 594)]
    assert "12 rows have no label" in found.notes[0]


def test_one_of_many_subgroups_does_not_fail_by_chance(task):
    """Forty subgroups of thirty rows: so many changes in one are expected in one of forty, though not in that one."""
    labels = np.arange(ROWS) // 30
    b = network(changed(task, slice(0, 6)), "new")
    a = network(task, "old")
    alone = cj.gate(network(task[:30], "old"), network(changed(task[:30], slice(0, 6)), "new"))
    assert alone.outcome == "failed"
    assert "no" not in {one.drop_in.answer for one in cj.gate(a, b, by=labels).subgroups}


def test_labels_belong_to_the_rows_of_a(task, rng):
    order = rng.permutation(ROWS)
    labels = np.where(np.arange(ROWS) < 600, "first", "second")
    a = network(task, "old")
    b = changed(task, slice(0, 300))
    shuffled = network(b[order], "new", ids=np.arange(ROWS)[order])
    found = [cj.gate(a, one, by=labels).subgroups for one in (network(b, "new"), shuffled)]
    assert [(s.label, s.rows, s.drop_in.answer) for s in found[0]] == [
        (s.label, s.rows, s.drop_in.answer) for s in found[1]
    ]
    assert [s.drop_in.answer for s in found[0]] == ["no", "yes"]


def test_layers_are_told_in_the_order_of_a(task, rng):
    task, few = task[:200], 200
    h = rng.normal(size=(few, 3))
    a = network(task, "old", one=h, two=np.tanh(h), three=h**3)
    b = network(task, "new", one=2 * h[:, ::-1], two=rng.normal(size=(few, 3)), three=rng.normal(size=(few, 3)))
    found = cj.gate(a, b, require=["cka>0.9", "drop-in=yes"], layers=["three", "two", "one"])
    assert found.first_that_differs == ("two", "two")
    assert [(one.layers, one.outcome) for one in found.conditions[:3]] == [
        (("one", "one"), "passed"),
        (("two", "two"), "failed"),
        (("three", "three"), "failed"),
    ]
    crossed = cj.gate(a, b, require=["representation=permutation", "rung<=rotation"], layers=("one", "one"))
    assert crossed.outcome == "passed"
    assert crossed.drop_in is None
    with pytest.raises(InputError, match="did you mean 'three'"):
        cj.gate(a, b, require="cka>0.9", layers="tree")


def test_answers_are_those_of_a_comparison(task, rng):
    """What the gate computes at less cost is what `compare` says."""
    h = rng.normal(size=(200, 3))
    noisy = h + rng.normal(size=h.shape) * 0.5
    few = task[:200]
    a = network(few, "old", hidden=h, targets=few)
    others = [network(few, "b", hidden=2 * h), network(changed(few, slice(0, 60)), "c", hidden=noisy)]
    for b in others:
        full = cj.compare(a, b).verdict
        facts = Facts(Setup(make_pair(a, b, match="stimuli", groups=None), 0.05, 0, lambda _: None), Margins())
        layer = facts.layer_facts[0]
        assert facts.same_task.answer == full.function.answer
        assert (layer.axis.answer, layer.axis.rung) == (full.representation.answer, full.representation.rung)
        told = {result.rung: result.status for result in full.representation.rungs}
        assert layer.states.items() <= told.items()


def test_decisions_and_drop_in_fit_no_maps(task, old, monkeypatch):
    monkeypatch.setattr("conjugacy.verdict.known.judge", lambda *a, **k: pytest.fail("a ladder was fitted"))
    found = cj.gate(old, old, require=["drop-in=yes", "same-task=yes", "churn<0.01"], fail_on="class-error>0.1")
    assert found.outcome == "passed"


def test_outputs_that_are_missing_leave_it_open(rng):
    x = rng.normal(size=(50, 3))
    found = cj.gate(x, x)
    assert (found.outcome, found.exit_code) == ("undecided", 3)
    assert "no outputs" in found.conditions[0].why


def test_live_networks_are_recorded(rng):
    x = rng.normal(size=(600, 3))
    found = cj.gate(lambda x: x * 5, lambda x: x * 5 + 1, stimuli=x, targets=x.argmax(axis=1), require="churn<0.02")
    assert found.outcome == "passed"
    with pytest.raises(InputError, match="need stimuli"):
        cj.gate(lambda x: x, lambda x: x)


def test_several_seeds(task, rng):
    seeds = [network(changed(task, rng.choice(ROWS, 12, replace=False)), f"old{i}") for i in range(3)]
    good, bad = network(task, "good"), network(changed(task, slice(0, 400)), "bad")
    found = cj.gate(seeds, [good, bad])
    assert (found.outcome, len(found.pairs), found.share_passed) == ("failed", 6, 0.5)
    assert found.networks[1] == "bad"
    assert found.spread is not None
    assert 0.01 < found.spread.mean <= found.spread.largest < 0.03
    assert cj.gate(seeds, good).outcome == "passed"
    assert "3 As disagree among themselves" in str(found)
    apart = [network(task, "x"), network(changed(task, slice(0, 400)), "y")]
    assert "not even an A could replace every other A" in str(cj.gate(apart, good))
    with pytest.raises(InputError, match="empty list"):
        cj.gate([], good)


def test_the_record_is_plain(task, old):
    labels = np.arange(ROWS) % 2
    record = json.loads(cj.gate([old, replace(old, layers=dict(old.layers), name="too")], old, by=labels).to_json())
    assert (record["gate"], record["exit_code"], record["share_passed"]) == ("passed", 0, 1.0)
    assert record["pairs"][1]["networks"] == ["too", "old"]
    assert record["conditions"][0] == {
        **record["conditions"][0],
        "text": "drop-in=yes",
        "way": "require",
        "outcome": "passed",
        "layers": None,
    }


def test_wrong_input(task, old):
    short = network(task[:100], "short")
    for error, given in (
        (StimuliError, {"b": short}),
        (ShapeError, {"by": ["x"] * 3}),
        (InputError, {"by": np.arange(ROWS)}),
        (InputError, {"require": "drop-in=maybe"}),
        (InputError, {"layers": ["h"], "require": "churn<0.1"}),
    ):
        with pytest.raises(error):
            cj.gate(old, **{"b": old, **given})


def test_targets_that_are_given_belong_to_the_rows_of_a(task, rng):
    order = rng.permutation(ROWS)
    a = network(task[order], "old", ids=np.arange(ROWS)[order])
    b = network(changed(task, slice(0, 300)), "new", targets=task)
    found = cj.gate(a, b, targets=task[order], require="error-change<0.3")
    assert found.conditions[0].value == pytest.approx(0.25)
    shown = np.eye(4)[task] + 0.01 * rng.normal(size=(ROWS, 4))
    live = cj.gate(lambda x: x, lambda x: x, stimuli=shown, targets=task, require="error-change<0.1")
    assert live.passed


def test_an_output_that_is_broken_fails_and_one_alone_may_be_asked_for(task, rng):
    scores = np.eye(CLASSES)[task] * 5 + rng.normal(size=(ROWS, CLASSES)) * 0.2
    boxes = rng.normal(size=(ROWS, 4))
    a = cj.Recording.from_arrays({"outputs.boxes": boxes, "outputs.scores": scores}, stimuli=np.arange(ROWS))
    b = cj.Recording.from_arrays({"outputs.boxes": boxes[::-1], "outputs.scores": scores}, stimuli=np.arange(ROWS))
    both = cj.gate(a, b)
    assert both.outcome == "failed"
    assert "outputs.boxes" in both.conditions[0].why
    assert cj.gate(a, b, output="scores").outcome == "passed"
    assert cj.gate(a, b, require="identity<0.5").outcome == "failed"
    with pytest.raises(InputError, match="did you mean"):
        cj.gate(a, b, output="score")
    lone = cj.Recording.from_arrays({"outputs.scores": scores}, stimuli=np.arange(ROWS))
    assert cj.gate(a, lone).outcome != "passed"
