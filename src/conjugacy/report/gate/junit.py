"""A gate as JUnit XML, which CI systems show beside tests."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree

from conjugacy.report.comparison.table import printable
from conjugacy.report.gate import words
from conjugacy.results.gate import Checked

if TYPE_CHECKING:
    from conjugacy.comparison.gate import GateResult

_TAG = {"failed": "failure", "undecided": "error"}


def junit_xml(result: GateResult) -> str:
    """Return a gate as JUnit XML: one suite for each pair of networks, one case for each condition.

    What fails is a `failure`; what is undecided an `error`, so that the two can be told apart.

    Examples
    --------
    >>> from conjugacy.comparison.gate import GateResult
    >>> from conjugacy.results.gate import Checked
    >>> one = Checked("churn<0.02", "require", "failed", "churn is 0.4")
    >>> '<failure message="churn is 0.4"' in junit_xml(GateResult("failed", ("old", "new"), 2000, (one,)))
    True
    """
    suites = ElementTree.Element("testsuites", name="conjugacy gate")
    for pair in result.pairs or (result,):
        suites.append(_suite(pair))
    for name in ("tests", "failures", "errors"):
        suites.set(name, str(sum(int(suite.get(name, "0")) for suite in suites)))
    ElementTree.indent(suites)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(suites, encoding="unicode") + "\n"


def _suite(result: GateResult) -> ElementTree.Element:
    outcomes = [one.outcome for one in result.conditions]
    suite = ElementTree.Element(
        "testsuite",
        name=printable(f"gate: {words.networks(result)}"),
        tests=str(len(outcomes)),
        failures=str(outcomes.count("failed")),
        errors=str(outcomes.count("undecided")),
        skipped="0",
        time=f"{result.seconds:.3f}",
    )
    for one in result.conditions:
        suite.append(_case(one, result))
    return suite


def _case(one: Checked, result: GateResult) -> ElementTree.Element:
    where = (
        "" if one.layers is None else f" at {one.layers[0] if one.layers[0] == one.layers[1] else ':'.join(one.layers)}"
    )
    case = ElementTree.Element(
        "testcase", classname="conjugacy.gate", name=printable(f"{words.condition(one)}{where}"), time="0"
    )
    if one.outcome in _TAG:
        found = ElementTree.SubElement(case, _TAG[one.outcome], message=printable(one.why), type=one.outcome)
        found.text = printable("; ".join([one.why, *words.rows_told(result)]))
    else:
        ElementTree.SubElement(case, "system-out").text = printable(one.why)
    return case
