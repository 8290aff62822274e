"""What training added: how much more copies of the networks that learned nothing leave unexplained."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from conjugacy.report.comparison.section import Section
from conjugacy.report.words import control_words, factor
from conjugacy.results import AxisVerdict

if TYPE_CHECKING:
    from conjugacy.comparison import Comparison


def _values(comparison: Comparison, place: str) -> Mapping[str, Any] | None:
    verdict = comparison.verdict.representation
    if not verdict.rungs or verdict.answer == "not_tested" or verdict.gain.state == "itself":
        return None
    return {"verdict": verdict, "gain": _gain(verdict)}


def _gain(verdict: AxisVerdict) -> str:
    gain = verdict.gain
    if verdict.answer == "equivalent":
        return control_words(gain)
    found = [
        f"{factor(gain, name)} times {way}"
        for name, way in (("a_to_b", "from A to B"), ("b_to_a", "from B to A"))
        if getattr(gain, name) is not None
    ]
    if not found:
        because = "" if gain.reason is None else f" ({gain.reason})"
        return f"untrained control: none{because}"
    return f"copies that learned nothing leave {' and '.join(found)} as much unexplained ({gain.rung} rung)"


SECTION = Section(("representation",), _values, title="Against networks that learned nothing")
