"""A gate on the screen, as Markdown and as JUnit XML: what it says, that it fits, and that names do no harm."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from conjugacy.comparison.gate import GateResult
from conjugacy.report.gate import gate_text
from conjugacy.results import Change, ChangedRow, DropIn
from conjugacy.results.gate import Checked, Spread, Subgroup
from conjugacy.results.reason import reasons

HOSTILE = 'a|b <script>alert("x")</script> `c` \x1b[31m\x00 & ]]> $(rm)'


def drop_in(answer, n=0):
    rows = tuple(ChangedRow(f"s{i}", i, "1", "2", "1") for i in range(min(n, 20)))
    churn = Change("churn", 0.1, 0.08, 0.13, 0.05, "outside", 1000)
    return DropIn(
        answer, reasons("decisions", f"it is {answer}"), churn=churn, rows=rows, n_changed=n, warnings=("beware",)
    )


CHECKED = (
    Checked("drop-in=yes", "require", "failed", "no: decisions change on 10 % of the rows"),
    Checked("cka>0.98", "require", "undecided", "layer h: cka has no value", layers=("h", "h")),
    Checked("churn>0.5", "fail-on", "passed", "churn is 0.1"),
)
FEW = tuple(Subgroup(f"g{i}", 10 + i, drop_in("undecided"), too_few=i > 7) for i in range(12))


@pytest.fixture
def failed():
    return GateResult(
        "failed", ("old", "new"), 1000, CHECKED, drop_in("no", 100), FEW, ("h", "h"), notes=("matched by position",)
    )


@pytest.fixture
def hostile():
    one = Checked(f"cka>0.98{HOSTILE}", "require", "failed", HOSTILE, layers=(HOSTILE, HOSTILE))
    return GateResult("failed", (HOSTILE, HOSTILE), 10, (one,), subgroups=(Subgroup(HOSTILE, 3, drop_in("no")),))


def test_one_screen_says_why(failed):
    text = str(failed)
    lines = text.splitlines()
    assert (
        lines[0] == "gate       failed     3 conditions: 1 failed, 1 undecided, 1 ok; the first layer that differs: h"
    )
    assert "FAILED     drop-in=yes    no: decisions change on 10 % of the rows" in lines
    assert "ok         not churn>0.5  churn is 0.1" in lines
    for sign in (
        "g0 (10 rows): undecided",
        "and 6 more",
        "g11",
        "s0 (row 0): 1 -> 2, wanted 1",
        "and 95 more",
        "beware",
    ):
        assert sign in text
    assert len(lines) < 40
    assert max(map(len, gate_text(failed, 70).splitlines())) <= 70


def test_pairs_are_counted_and_the_seeds_of_a_among_themselves(failed):
    passed = GateResult("passed", ("old", "other"), 1000, CHECKED[2:])
    both = GateResult("failed", ("old", "new"), 1000, CHECKED, pairs=(passed, failed), spread=Spread(3, 0.02, 0.08))
    text = str(both)
    assert "1 of 2 pairs pass; the worst: new in place of old" in text
    assert text.index("new in place of old: failed") < text.index("other in place of old: passed")
    assert "3 As disagree among themselves on 2 % of the rows" in text
    assert "not even an A" in text


def test_what_a_terminal_would_obey_is_not_shown(hostile):
    assert "\x1b" not in str(hostile)
    assert "\x00" not in str(hostile)


def test_markdown_is_a_table_of_three_columns_whatever_the_names(failed, hostile):
    for result in (failed, hostile):
        text = result.markdown()
        rows = [line for line in text.splitlines() if line.startswith("|")]
        cells = [line.replace("\\|", "").count("|") for line in rows]
        assert cells == [4] * (len(result.conditions) + 2)
        assert "<" not in text.replace("\\<", "")
        assert "`" not in text.replace("\\`", "")
        assert text.startswith("### ❌ Gate failed\n")
        assert "\x1b" not in text


def test_junit_tells_failures_from_what_is_undecided(failed):
    root = ElementTree.fromstring(failed.junit())
    assert {k: root.get(k) for k in ("tests", "failures", "errors")} == {"tests": "3", "failures": "1", "errors": "1"}
    (suite,) = root
    assert [case.get("name") for case in suite] == ["drop-in=yes", "cka>0.98 at h", "not churn>0.5"]
    assert [[child.tag for child in case] for case in suite] == [["failure"], ["error"], ["system-out"]]
    assert suite[0][0].get("message") == "no: decisions change on 10 % of the rows"


def test_junit_has_a_suite_for_every_pair_and_stands_any_name(failed, hostile):
    both = GateResult("failed", ("old", "new"), 1000, CHECKED, pairs=(failed, hostile))
    root = ElementTree.fromstring(both.junit())
    assert [suite.get("tests") for suite in root] == ["3", "1"]
    assert (root.get("tests"), root.get("failures")) == ("4", "2")
    assert "<script>" in str(root[1].get("name"))
