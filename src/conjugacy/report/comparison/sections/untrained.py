"""What training added: how much more untrained copies of the networks leave unexplained."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from conjugacy.report.comparison.section import Section
from conjugacy.report.words import control_words, factor
from conjugacy.results import AxisVerdict
from conjugacy.transformations import RUNGS

if TYPE_CHECKING:
    from conjugacy.comparison import Comparison


def _values(comparison: Comparison, place: str) -> Mapping[str, Any] | None:
    verdict = comparison.verdict.representation
    if not verdict.rungs or verdict.answer == "not_tested":
        return None
    return {"verdict": verdict, "gain": _gain(verdict)}


def _gain(verdict: AxisVerdict) -> str:
    if verdict.answer == "equivalent":
        return control_words(verdict.gain, verdict.controls)
    found = [
        f"{factor(g)} times {way}"
        for g, way in ((verdict.gain.a_to_b, "from A to B"), (verdict.gain.b_to_a, "from B to A"))
        if g is not None
    ]
    if not found:
        return "untrained control: none" if not verdict.controls else "untrained control: see the hollow marks"
    return f"untrained copies leave {' and '.join(found)} as much unexplained ({verdict.gain.rung or RUNGS[-1]} rung)"


SECTION = Section(("representation",), _values, title="Against untrained networks")
