"""Conditions are read as they are written in the table, and what there is not is refused with the list of what there is."""

from __future__ import annotations

import pytest

from conjugacy.comparison.gate.conditions import read_condition
from conjugacy.comparison.gate.given import wanted_of
from conjugacy.errors import InputError, UnknownNameError
from conjugacy.measure import measure_names

NO = {"partly_related", "unrelated", "not_equivalent"}
ONE_WAY = {"a_determines_b", "b_determines_a"}


@pytest.mark.parametrize(
    ("text", "subject", "words"),
    [
        ("drop-in=yes", "drop-in", {"yes"}),
        ("drop_in = not tested", "drop-in", {"not_tested"}),
        ("same-task=yes", "same-task", {"equivalent"}),
        ("Same Task=no", "same-task", NO),
        ("same-task!=one way", "same-task", ONE_WAY),
        ("same-task=one-way", "same-task", ONE_WAY),
        ("same-task=a_determines_b", "same-task", {"a_determines_b"}),
        ("same-task=yes|one way|undecided", "same-task", {"equivalent", "undecided", *ONE_WAY}),
        ("function==equivalent", "same-task", {"equivalent"}),
        ("function!=equivalent", "same-task", {"equivalent"}),
        ("representation=rotation", "representation", {"rotation"}),
        ("representation=partly", "representation", {"partly_related"}),
        ("dynamics!=different", "dynamics", {"different"}),
        ("rung>affine", "rung", {"smooth", "none"}),
        ("rung<=permutation", "rung", {"identity", "permutation"}),
        ("output-rung!=none", "output-rung", {"identity", "permutation", "rotation", "affine", "smooth"}),
    ],
)
def test_answers_and_rungs(text, subject, words):
    found = read_condition(text, "require")
    assert (found.subject, set(found.words), found.text) == (subject, words, text)


@pytest.mark.parametrize(
    ("text", "subject", "name", "sign", "threshold"),
    [
        ("churn>0.05", "number", "churn", ">", 0.05),
        ("agreement < .99", "number", "agreement", "<", 0.99),
        ("error_change>=1e-2", "number", "error-change", ">=", 0.01),
        ("cka<0.98", "measure", "cka", "<", 0.98),
        ("cka:debiased=false<=0.98", "measure", "cka:debiased=false", "<=", 0.98),
    ],
)
def test_numbers(text, subject, name, sign, threshold):
    found = read_condition(text, "fail-on")
    assert (found.subject, found.name, found.sign, found.threshold) == (subject, name, sign, threshold)


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("churn", "expected NAME=ANSWER"),
        ("<0.05", "expected NAME=ANSWER"),
        ("churn>", "expected NAME=ANSWER"),
        ("churn=0.05", "a number is compared with a threshold"),
        ("churn>much", "expected a number"),
        ("churn>nan", "expected a number"),
        ("drop-in>yes", "an answer is one or another"),
        ("rung>none", "no rung is > none"),
        ("rung>=identity", "every rung is >= identity"),
        ("verdict:axis=function<0.1", "ask for same-task"),
    ],
)
def test_what_says_nothing_is_refused_with_its_option(text, sign):
    with pytest.raises(InputError, match=sign):
        read_condition(text, "require")


@pytest.mark.parametrize("text", ["chrun>0.05", "ckaa<0.98", "drop=yes", "same-task=maybe", "rung=afine"])
def test_unknown_words_get_the_list(text):
    with pytest.raises(UnknownNameError, match="did you mean") as error:
        read_condition(text, "require")
    assert text in str(error.value)
    if "task" in text:
        assert all(f"'{word}'" in str(error.value) for word in ("yes", "no", "one way", "not_tested"))
    elif "rung" in text:
        assert all(f"'{word}'" in str(error.value) for word in ("identity", "smooth", "none"))
    else:
        assert all(f"'{word}'" in str(error.value) for word in ("drop-in", "churn", "class-error", *measure_names()))


def test_options_of_a_measure_are_checked():
    with pytest.raises(UnknownNameError, match="debiased"):
        read_condition("cka:debias=false<0.9", "require")


def wanted(require=(), fail_on=(), layers=None, margins=None, **given):
    settings = {"by": None, "groups": None, "tolerance": 0.05, "seed": 0, **given}
    return wanted_of(require, fail_on, layers, margins, **settings)


def test_without_conditions_drop_in_is_required_and_named_layers_are_looked_at():
    assert [one.text for one in wanted().conditions] == ["drop-in=yes"]
    assert [one.text for one in wanted(layers=["h"]).conditions] == ["drop-in=yes", "representation=equivalent"]
    assert [one.text for one in wanted(fail_on="churn>0.1").conditions] == ["churn>0.1"]
    with pytest.raises(InputError, match="no condition is about layers"):
        wanted("drop-in=yes", layers=["h"])


def test_margins_by_name():
    assert wanted(margins={"churn": 0.02}, tolerance=0.1).margins.tolerance == 0.1
    with pytest.raises(UnknownNameError, match="did you mean 'churn'"):
        wanted(margins={"chrun": 0.02})
    for wrong in ({"margins": {"churn": 0.0}}, {"tolerance": 5.0}, {"seed": -1}):
        with pytest.raises(InputError, match="expected"):
            wanted(**wrong)
