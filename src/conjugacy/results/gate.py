"""What a gate says: every condition with its outcome, and the drop-in of every subgroup; nothing is computed here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from conjugacy.results.drop_in import DropIn

Outcome = Literal["passed", "failed", "undecided"]
Way = Literal["require", "fail-on"]
EXIT_CODES: dict[Outcome, int] = {"passed": 0, "failed": 1, "undecided": 3}
"""With what a gate leaves; 2 is wrong input."""


@dataclass(frozen=True)
class Checked:
    """One condition compared with what was found.

    Attributes
    ----------
    text : str
        The condition as it was given.
    way : {"require", "fail-on"}
        Whether it is wanted, or what must not be.
    outcome : {"passed", "failed", "undecided"}
        What it means for the gate: a required one that is met has passed, and so has one of fail-on that is not.
    why : str
        What was found, in words.
    value, low, high : float or None
        The number and its interval, where the condition is about one.
    layers : (str, str) or None
        Where, if it is about layers.
    """

    text: str
    way: Way
    outcome: Outcome
    why: str
    value: float | None = None
    low: float | None = None
    high: float | None = None
    layers: tuple[str, str] | None = None


@dataclass(frozen=True)
class Subgroup:
    """The rows of one label, judged by themselves.

    Attributes
    ----------
    label : str
    rows : int
    drop_in : DropIn
    too_few : bool
        Whether so few rows could not show that B replaces A even where nothing changed; such a subgroup can refute alone.
    """

    label: str
    rows: int
    drop_in: DropIn
    too_few: bool = False


@dataclass(frozen=True)
class Spread:
    """How far seeds of A differ among themselves: share of rows on which two decide otherwise, in the mean and at most."""

    networks: int
    mean: float
    largest: float


def worst_of(outcomes: tuple[Outcome, ...]) -> Outcome:
    """Return failed where any has, else undecided where any is, else passed.

    Examples
    --------
    >>> worst_of(("passed", "undecided")), worst_of(())
    ('undecided', 'passed')
    """
    if "failed" in outcomes:
        return "failed"
    return "undecided" if "undecided" in outcomes else "passed"
