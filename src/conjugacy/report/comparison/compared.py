"""What was compared, in a few words: for the first lines of the page and of the notebook."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from conjugacy.comparison import Comparison


def compared_words(comparison: Comparison) -> str:
    """Return how the networks' rows or trials belong together, and of how many.

    Examples
    --------
    >>> from conjugacy.comparison import Comparison
    >>> from conjugacy.results import AxisVerdict, Verdict
    >>> nothing = AxisVerdict.not_tested("one array was given")
    >>> compared_words(Comparison(Verdict(nothing, nothing, nothing), 0.05, 0, ("x", "y"), 12, {}))
    '12 matched rows'
    """
    sizes = [_sizes(comparison, side) for side in "ab"]
    trials = [one.get("trials") for one in sizes]
    rows = comparison.n_samples
    if trials[0] is not None:
        return f"{trials[0]} matched trials, {rows} time points in all" if rows else "trials without partners"
    if not rows:
        return "no rows that belong together"
    return f"{rows} matched rows"


def size_words(comparison: Comparison, side: str) -> str:
    """Return the size of what was compared of network `a` or `b`; empty where it is not known.

    Examples
    --------
    >>> from conjugacy.comparison import Comparison
    >>> from conjugacy.results import AxisVerdict, Verdict
    >>> nothing = AxisVerdict.not_tested("one array was given")
    >>> sizes = {"a": {"layer": "states", "trials": 9, "time_points": [80, 80], "units": 6, "dt": 0.15, "inputs": 1}}
    >>> found = Comparison(Verdict(nothing, nothing, nothing), 0.05, 0, ("x", "y"), 12, {"compared": sizes})
    >>> size_words(found, "a"), size_words(found, "b")
    ('9 trials of 80 time points, 6 units, dt 0.15, 1 input', '')
    """
    sizes = _sizes(comparison, side)
    parts = list[str]()
    if "trials" in sizes:
        shortest, longest = sizes["time_points"]
        points = counted(longest, "time point") if shortest == longest else f"{shortest} to {longest} time points"
        parts.append(f"{counted(sizes['trials'], 'trial')} of {points}")
    parts += [counted(sizes["units"], "unit")] if "units" in sizes else []
    parts += [f"dt {sizes['dt']:g}"] if "dt" in sizes else []
    for name in ("condition", "input", "output"):
        parts += [counted(sizes[f"{name}s"], name)] if f"{name}s" in sizes else []
    return ", ".join(parts)


def counted(number: int, what: str) -> str:
    """Return a number and what it counts.

    Examples
    --------
    >>> counted(1, "unit"), counted(2, "unit")
    ('1 unit', '2 units')
    """
    return f"{number} {what}{'' if number == 1 else 's'}"


def _sizes(comparison: Comparison, side: str) -> Mapping[str, Any]:
    known = comparison.settings.get("compared")
    found = cast("Mapping[str, Any]", known).get(side) if isinstance(known, Mapping) else None
    return cast("Mapping[str, Any]", found) if isinstance(found, Mapping) else {}
