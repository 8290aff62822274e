"""The lines of the verdict, in the order in which they are said: the axes, then drop-in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conjugacy.report.drop_in_words import drop_in_words
from conjugacy.report.words import AxisWords, axis_words
from conjugacy.results.axis import AXES

if TYPE_CHECKING:
    from conjugacy.comparison import Comparison


def lines_of(comparison: Comparison) -> list[AxisWords]:
    """Return what is said of every axis, and of drop-in.

    Examples
    --------
    >>> from conjugacy.comparison import Comparison
    >>> from conjugacy.results import AxisVerdict, Verdict
    >>> nothing = AxisVerdict.not_tested("one array was given")
    >>> [line.title for line in lines_of(Comparison(Verdict(nothing, nothing, nothing), 0.05, 0, ("x", "y"), 0, {}))]
    ['same task', 'representation', 'dynamics', 'drop-in']
    """
    return [*(axis_words(comparison, axis) for axis in AXES), drop_in_words(comparison.drop_in)]
