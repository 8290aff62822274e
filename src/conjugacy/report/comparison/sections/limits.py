"""What the verdict does not say, in sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from conjugacy.report.comparison.section import END, Section

if TYPE_CHECKING:
    from conjugacy.comparison import Comparison


def _values(comparison: Comparison, place: str) -> Mapping[str, Any]:
    return {"limits": limits(comparison)}


def limits(comparison: Comparison) -> list[str]:
    """Return what the verdict does not say, in sentences."""
    verdict = comparison.verdict
    said = [
        "It speaks of these stimuli and this tolerance; on other stimuli the same networks may differ.",
        "The name of a map is the simplest one within tolerance, not a claim that the true map is of that kind.",
        "A difference smaller than the tolerance can still matter, a rare class for instance.",
        "Intervals come from resampling the stimuli; they do not hold the spread between training runs.",
    ]
    if verdict.function.answer != "equivalent":
        said.append('"Same task" is about the outputs alone; no other section can replace it.')
    gain = verdict.representation.gain
    if verdict.representation.answer != "not_tested" and not gain.shown and gain.state != "itself":
        said.append(
            "A map between internal units alone does not show that anything was learned in common: untrained networks "
            "that keep all their inputs apart can be carried onto each other, too."
        )
    elif verdict.representation.answer == "equivalent" and gain.shown:
        said.append("The gain over untrained copies shows that something was learned in common, not what.")
    if verdict.representation.answer != "not_tested" and comparison.few_units is None:
        said.append(
            "It does not say how few units suffice: that needs at least 60 rows in 20 independent groups; record more "
            "stimuli, or more trials."
        )
    if verdict.dynamics.answer == "not_tested":
        said.append("It says nothing about how the states move in time.")
    return said


SECTION = Section((END,), _values, title="What this does not show", id="limits")
