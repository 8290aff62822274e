"""What the page says of the verdict as a whole: what it leaves open, how it came about, with which settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from conjugacy.report.words import AXES, digits
from conjugacy.results import AxisVerdict, Comparison, plain


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
        said.append('"Same task" is said of the outputs alone; nothing in the other sections can stand in for it.')
    if verdict.representation.answer != "not_tested" and not verdict.representation.gain.shown:
        said.append(
            "A map between internal units alone does not show that anything was learned in common: untrained networks "
            "that keep all their inputs apart can be carried onto each other, too."
        )
    elif verdict.representation.answer == "equivalent":
        said.append("The gain over untrained copies shows that something was learned in common, not what.")
    if verdict.dynamics.answer == "not_tested":
        said.append("Nothing is said of how the states move in time.")
    return said


def methods(comparison: Comparison) -> str:
    """Return how the verdict came about, in two or three sentences."""
    settings = comparison.settings
    judged = [axis.rungs[0] for axis in _axes(comparison) if axis.rungs]
    parts = [f"{comparison.n_samples} matched rows"]
    if settings.get("independent_groups") is not None:
        parts[0] += f" in {settings['independent_groups']} independent groups"
    if judged:
        parts.append(f"every family of maps fitted on about {judged[0].n_train} and judged on the rows held out")
    if settings.get("folds") is not None:
        parts.append(f"{settings['folds']} folds, so that each row is held out once")
    if settings.get("bootstrap_draws") is not None:
        parts.append(f"95 % intervals from {settings['bootstrap_draws']} bootstrap draws of groups")
    if settings.get("permutations") is not None:
        parts.append(f"{settings['permutations']} re-pairings of rows for the null")
    return (
        "; ".join(parts) + ". A family holds where the upper end of its interval is under the tolerance in both "
        "directions, and fails where the lower end is over it in one."
    )


def _axes(comparison: Comparison) -> list[AxisVerdict]:
    return [getattr(comparison.verdict, axis) for axis in AXES]


def setting_rows(comparison: Comparison) -> list[tuple[str, str]]:
    """Return the settings as flat name, value rows."""
    rows = [("tolerance", digits(comparison.tolerance)), ("seed", str(comparison.seed))]
    rows += [("matched rows", str(comparison.n_samples))]
    return rows + _flat("", plain(comparison.settings))


def _flat(prefix: str, settings: Mapping[str, Any]) -> list[tuple[str, str]]:
    rows: list[tuple[str, str]] = []
    for key, value in settings.items():
        name = f"{prefix}{key.replace('_', ' ')}"
        if isinstance(value, Mapping):
            rows += _flat(f"{name}: ", value)
        else:
            rows.append((name, _text(value)))
    return rows


def _text(value: Any) -> str:
    if value is None:
        return "not given"
    if isinstance(value, list):
        return ", ".join(str(v) for v in value) or "none"
    return str(value)
