"""What the page says, axis by axis: words and tables ready for the template, nothing drawn yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from conjugacy.report.comparison.where_view import ErrorTable, error_tables
from conjugacy.report.words import (
    AxisWords,
    axis_words,
    control_words,
    digits,
    factor,
    layers_words,
    percent,
    percent_of,
)
from conjugacy.results import AxisVerdict, Control, Estimate, Evidence, RungResult
from conjugacy.results.axis import AXES

if TYPE_CHECKING:
    from conjugacy.comparison import Comparison

MOST_LISTED = 100
HOW_TO = {
    "function": (
        "This axis needs the outputs of both networks on the same stimuli: name the output layer <code>outputs</code>, "
        "or say which it is with <code>--output-layer</code>."
    ),
    "representation": (
        "This axis needs a hidden layer of both networks on the same stimuli: "
        "<code>conjugacy record MODEL --layers NAME</code>."
    ),
    "dynamics": "This axis needs trajectories: layers of shape trials x time x units.",
}
HEADINGS = {"function": "Function: the outputs", "representation": "Representation: the internal units",
            "dynamics": "Dynamics: the trajectories"}  # fmt: skip
_TONE = {"equivalent": "holds", "undecided": "open", "not_tested": "none"}
_SIGN = {"holds": "✓", "fails": "✗", "open": "?", "none": "–", "plain": "≈"}  # noqa: RUF001


@dataclass(frozen=True)
class RungRow:
    """One line of the table under the ladder."""

    rung: str
    status: str
    a_to_b: str
    b_to_a: str
    controls: tuple[tuple[str, str], ...]
    advice: str


@dataclass(frozen=True)
class AxisView:
    """Everything that the page says of one axis."""

    verdict: AxisVerdict
    words: AxisWords
    heading: str
    tone: str
    sign: str
    facts: tuple[tuple[str, str], ...]
    rungs: tuple[RungRow, ...]
    sees: str
    gain: str
    evidence: tuple[tuple[str, str, str, str, str, str], ...]
    errors: tuple[ErrorTable, ...]

    @property
    def tested(self) -> bool:
        """Whether there is a ladder to draw."""
        return bool(self.verdict.rungs)


def axis_views(comparison: Comparison) -> tuple[AxisView, ...]:
    """Return the three axes in the order of the page."""
    return tuple(_axis_view(comparison, axis) for axis in AXES)


def _axis_view(comparison: Comparison, axis: str) -> AxisView:
    verdict: AxisVerdict = getattr(comparison.verdict, axis)
    tone = _tone(axis, verdict)
    return AxisView(
        verdict=verdict,
        words=axis_words(comparison, axis),
        heading=HEADINGS[axis],
        tone=tone,
        sign=_SIGN[tone],
        facts=tuple(_facts(verdict)),
        rungs=tuple(_rung_row(result, verdict.controls) for result in verdict.rungs),
        sees=_sees(verdict, comparison.tolerance),
        gain=_gain(axis, verdict),
        evidence=tuple(_evidence(e) for e in verdict.evidence),
        errors=error_tables(verdict.where),
    )


def _tone(axis: str, verdict: AxisVerdict) -> str:
    if axis == "representation" and verdict.answer == "equivalent" and not verdict.gain.shown:
        return "plain"  # no mark of success: nothing learned in common is shown
    return _TONE.get(verdict.answer, "fails")


def _facts(verdict: AxisVerdict) -> list[tuple[str, str]]:
    if verdict.answer == "not_tested":
        return []
    facts = [("simplest map within tolerance", verdict.rung or "none")]
    if verdict.exact_rung:
        facts.append(("simplest map not measurably worse than the best", verdict.exact_rung))
    if verdict.layers:
        choice = f" ({verdict.layer_choice})" if verdict.layer_choice else ""
        facts.append(("compared", layers_words(verdict.layers) + choice))
    if verdict.output_kinds:
        facts.append(("outputs taken for", " and ".join(dict.fromkeys(verdict.output_kinds))))
    floor = verdict.floor
    value = "" if floor.value is None else f"{_interval(floor.value, floor.low, floor.high, percent=True)}, "
    facts.append(("floor", value + floor.source))
    if verdict.p_independent is not None:
        facts.append(("chance that shuffled rows match as well", f"p = {digits(verdict.p_independent)}"))
    if verdict.margin is not None:
        facts.append(("margin to the tolerance", digits(verdict.margin)))
    return facts


def _rung_row(result: RungResult, controls: Sequence[Control]) -> RungRow:
    found: list[tuple[str, str]] = []
    for control in controls:
        own = next((r for r in control.rungs if r.rung == result.rung), None)
        found.append(("-", "-") if own is None else (_cell(own.a_to_b), _cell(own.b_to_a)))
    return RungRow(
        result.rung, result.status, _cell(result.a_to_b), _cell(result.b_to_a), tuple(found), result.advice or ""
    )


def _cell(estimate: Estimate) -> str:
    return "-" if estimate.unexplained is None else percent(estimate)


def _sees(verdict: AxisVerdict, tolerance: float) -> str:
    limit = f"the tolerance line at {percent_of(tolerance)}"
    if verdict.rung is not None:
        return (
            f"Read from the top: {verdict.rung} is the first family of maps whose marks, with their intervals, "
            f"lie left of {limit} in both directions."
        )
    ways = {"a_determines_b": "from A to B", "b_determines_a": "from B to A"}
    if verdict.answer in ways:
        return (
            f"Only {ways[verdict.answer]} does a family of maps come to lie left of {limit}; no family does both ways."
        )
    return f"No family of maps has both marks, with their intervals, left of {limit}."


def _gain(axis: str, verdict: AxisVerdict) -> str:
    if axis != "representation" or verdict.answer == "not_tested":
        return ""
    if verdict.answer == "equivalent":
        return control_words(verdict.gain, verdict.controls)
    found = [
        f"{factor(g)} times {way}"
        for g, way in ((verdict.gain.a_to_b, "from A to B"), (verdict.gain.b_to_a, "from B to A"))
        if g is not None
    ]
    if not found:
        return "untrained control: none" if not verdict.controls else "untrained control: see the hollow marks"
    return f"untrained copies leave {' and '.join(found)} as much unexplained ({verdict.gain.rung or 'smooth'} rung)"


def _evidence(evidence: Evidence) -> tuple[str, str, str, str, str, str]:
    interval = "-" if evidence.low is None or evidence.high is None else (
        f"[{digits(evidence.low)}, {digits(evidence.high)}]"
    )  # fmt: skip
    return (
        _evidence_name(evidence.name),
        digits(evidence.value),
        interval,
        digits(evidence.floor),
        digits(evidence.null),
        evidence.unit or "-",
    )


def _evidence_name(name: str) -> str:
    for end, words in (("_a_to_b", ", A to B"), ("_b_to_a", ", B to A"), ("_a", ", A"), ("_b", ", B")):
        if name.endswith(end):
            return name.removesuffix(end).replace("_", " ") + words
    return name.replace("_", " ")


def _interval(value: float, low: float | None, high: float | None, *, percent: bool) -> str:
    scale, unit = (100, " %") if percent else (1, "")
    ends = "" if low is None or high is None else f" [{digits(scale * low)}, {digits(scale * high)}]"
    return f"{digits(scale * value)}{unit}{ends}"


def score_rows(comparison: Comparison) -> list[tuple[str, str, str, str, str, str]]:
    """Return the further measures: id, value, interval, distance, similarity, status."""
    return [
        (
            s.measure,
            digits(s.value),
            "-" if s.interval is None else f"[{digits(s.interval[0])}, {digits(s.interval[1])}]",
            digits(s.distance()),
            digits(s.similarity()),
            s.status.value,
        )
        for s in comparison.measures
    ]
