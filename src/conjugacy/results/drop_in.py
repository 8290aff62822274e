"""What is said of one network as a replacement for another, as it stands and without any map; nothing is computed here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, cast

from conjugacy.asked import number
from conjugacy.errors import InputError, UnknownNameError
from conjugacy.results.axis import Estimate, Evidence
from conjugacy.results.reason import reasons

DROP_IN_ANSWERS = ("yes", "no", "undecided", "not_tested")
STATES_OF_A_CHANGE = ("inside", "outside", "open", "not_testable")


@dataclass(frozen=True)
class Margins:
    """How much may change where one network takes the other's place.

    Attributes
    ----------
    churn : float
        Largest share of rows whose decision changes (of numbers: whose values are far off).
    error : float
        Largest rise of the share of rows that are wrong, against the targets.
    class_error : float
        Largest rise of the share of one class's rows that are wrong.
    tolerance : float
        Largest unexplained fraction of an output of numbers, under the identity.
    threshold : float
        From which value on a sigmoid says yes.
    """

    churn: float = 0.05
    error: float = 0.01
    class_error: float = 0.05
    tolerance: float = 0.05
    threshold: float = 0.5

    @classmethod
    def of(cls, given: Any, tolerance: float) -> Margins:
        """Return margins by name, others as they are by default; the tolerance is that of the comparison.

        Raises
        ------
        UnknownNameError
            Where there is no margin of a name.

        Examples
        --------
        >>> Margins.of({"churn": 0.02}, 0.05).churn
        0.02
        """
        if isinstance(given, Margins):
            return given
        known = [f.name for f in fields(cls)]
        if given is not None and not isinstance(given, Mapping):
            raise InputError(f"margins: got {given!r}, expected a mapping as {{'churn': 0.02}}, or Margins")
        named = cast("Mapping[str, Any]", given or {})
        for name in named:
            if name not in known:
                raise UnknownNameError.of("margin", name, known)
        return cls(**{"tolerance": tolerance, **named})

    def __post_init__(self) -> None:
        for name in ("churn", "error", "class_error", "tolerance", "threshold"):
            value = number(name, getattr(self, name), "a share between 0 and 1")
            if not 0 < value < 1:
                raise InputError(f"{name}: got {value}, expected a share between 0 and 1")


@dataclass(frozen=True)
class Change:
    """One number compared with its margin.

    Attributes
    ----------
    name : str
        What changes: `churn`, `error`, a class, or an output.
    value, low, high : float or None
        The estimate with its one-sided 97.5 % bounds: a share of rows, a rise of one, or an unexplained fraction.
    margin : float
        What it may be at most.
    state : str
        One of `STATES_OF_A_CHANGE`. `not_testable`: so few rows that even no change at all would not show it to be inside.
    rows : int
        On how many rows it rests.
    before, after : float or None
        What A and B show by themselves: the share of wrong rows, say.
    rows_needed : int or None
        Where it is open: about how many rows would decide, were the estimate the truth.
    leaning : bool
        Whether its rows are too few to be tested and it is open all the same, as they lean to the worse (one-sided p at most .1).
    """

    name: str
    value: float | None
    low: float | None
    high: float | None
    margin: float
    state: str
    rows: int
    before: float | None = None
    after: float | None = None
    rows_needed: int | None = None
    leaning: bool = False


@dataclass(frozen=True)
class ChangedRow:
    """A row that carries the difference: its id, its place in A's recording, what A and B answer and what was wanted."""

    stimulus: str
    position: int
    a: str
    b: str
    target: str | None = None
    size: float | None = None


@dataclass(frozen=True)
class DropIn:
    """Whether B, as it stands, is a replacement for A on these inputs; of several outputs the one that decides, and all of them.

    Attributes
    ----------
    answer : str
        One of `DROP_IN_ANSWERS`.
    reasons : tuple of str
        The one that decides first.
    head : str or None
        The output that the numbers are of, where there are several.
    kinds : (str, str) or None
        What the outputs are taken for.
    bit_equal, equal_weights : bool
        Whether all outputs are equal to the last bit; whether the weights are, as far as both recordings say.
    churn : Change or None
        Share of rows whose decision changes.
    error_change, class_errors : Change or None, tuple of Change
        The rise of the error against the targets, over all rows and by class, the worst first.
    right_to_wrong : Estimate or None
        Share of rows that A gets right and B wrong.
    identity : tuple of Change
        Of numbers: the unexplained fraction of every output under the identity, the worst first.
    rows_beyond : Change or None
        Of numbers: the share of rows that are far off. Of several columns of yes and no: the share of rows on which under half of
        what either says yes to is said by both.
    evidence : tuple of Evidence
        Divergence of probabilities, change of the loss.
    n_changed, rows : int, tuple of ChangedRow
        How many rows carry the difference, and those that carry most of it.
    margins : Margins
    warnings : tuple of str
    heads : tuple of DropIn
        One for each output, where there are several.
    """

    answer: str
    reasons: tuple[str, ...]
    head: str | None = None
    kinds: tuple[str, str] | None = None
    bit_equal: bool = False
    equal_weights: bool = False
    churn: Change | None = None
    error_change: Change | None = None
    class_errors: tuple[Change, ...] = ()
    right_to_wrong: Estimate | None = None
    identity: tuple[Change, ...] = ()
    rows_beyond: Change | None = None
    evidence: tuple[Evidence, ...] = ()
    n_changed: int = 0
    rows: tuple[ChangedRow, ...] = ()
    margins: Margins = Margins()
    warnings: tuple[str, ...] = ()
    heads: tuple[DropIn, ...] = ()

    @classmethod
    def not_tested(cls, reason: str) -> DropIn:
        """Build the record where there is nothing to test.

        Examples
        --------
        >>> DropIn.not_tested("no outputs were recorded").answer
        'not_tested'
        """
        return cls("not_tested", reasons("data", reason))
