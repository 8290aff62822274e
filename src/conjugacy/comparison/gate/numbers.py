"""The numbers of drop-in that a condition may name: which they are, what was found, and whether they are beyond a threshold."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from math import inf

from conjugacy.results import Change, DropIn

JUDGED_TOGETHER = {"class-error": "class_error", "identity": "tolerance", "churn": "churn", "agreement": "churn"}
"""Numbers of which there may be many, and the margin that judges them all: that of a condition takes its place."""

_EVIDENCE = {"kl": "kl_divergence", "loss-change": "loss_change"}
_MISSING = {
    "churn": "the outputs decide nothing",
    "agreement": "the outputs decide nothing",
    "error-change": "no targets to compare decisions with",
    "class-error": "no targets to compare decisions with",
    "right-to-wrong": "no targets to compare decisions with",
    "kl": "the outputs are no logits or probabilities",
    "loss-change": "no logits or probabilities with targets",
    "identity": "the outputs are no numbers",
    "rows-beyond": "the outputs are no numbers",
}


@dataclass(frozen=True)
class Number:
    """A number with its interval, and what it is of, in words; None where there is none."""

    value: float | None
    low: float | None
    high: float | None
    said: str

    def beyond(self, threshold: float, *, strictly: bool) -> bool | None:
        """Tell whether it is over a threshold (at least at it, where not strictly); None where the interval straddles it.

        Examples
        --------
        >>> one = Number(0.06, 0.04, 0.09, "")
        >>> one.beyond(0.01, strictly=True), one.beyond(0.1, strictly=True), one.beyond(0.05, strictly=True)
        (True, False, None)
        """
        if self.value is None or self.value != self.value:
            return None
        low = self.value if self.low is None else self.low
        high = self.value if self.high is None else self.high
        if low > threshold or (low == threshold and not strictly):
            return True
        return False if high < threshold or (high == threshold and strictly) else None


def number_of(name: str, found: DropIn) -> Number:
    """Return one number of drop-in, of several outputs the worst."""
    if found.answer == "not_tested":
        return Number(None, None, None, found.reasons[0])
    numbers = [number for head in found.heads or (found,) for number in _of_head(name, head)]
    if not numbers:
        return Number(None, None, None, f"{name} is not known: {_MISSING[name]}")
    known = [one for one in numbers if one.value is not None]
    if not known:
        return numbers[0]
    side = -1.0 if name == "agreement" else 1.0
    worst = max(known, key=lambda one: side * (one.value or 0.0))
    if len(known) == len(numbers) or abs(worst.value or 0.0) == inf:
        return worst
    return replace(worst, **{"low" if side < 0 else "high": side * inf})  # one that is open may be worse


def are_many(name: str, found: DropIn) -> bool:
    """Tell whether a number is the worst of many: one of fifty classes is over a threshold by chance."""
    if name in ("class-error", "identity"):
        return len(_changes(name, found)) > 1
    heads = found.heads or (found,)
    return name in JUDGED_TOGETHER and any("sigmoids" in (head.kinds or ()) for head in heads)


def any_beyond(name: str, found: DropIn) -> bool | None:
    """Tell whether any of many numbers is outside its margin, where they are judged together; None where that is open.

    Those with too few rows are passed over unless they are clearly over.
    """
    states = {change.state for change in _changes("churn" if name == "agreement" else name, found)}
    if "outside" in states:
        return True
    return False if "inside" in states and states <= {"inside", "not_testable"} else None


def _changes(name: str, found: DropIn) -> list[Change]:
    return [change for head in found.heads or (found,) for change in _changes_of(name, head)]


def _changes_of(name: str, head: DropIn) -> tuple[Change, ...]:
    if name == "class-error":
        return head.class_errors
    if name == "identity":
        return head.identity
    one = {"churn": head.churn, "error-change": head.error_change, "rows-beyond": head.rows_beyond}[name]
    return () if one is None else (one,)


def _of_head(name: str, head: DropIn) -> Iterable[Number]:
    where = "" if head.head is None else f" of {head.head}"
    if name in _EVIDENCE:
        for one in head.evidence:
            if one.name == _EVIDENCE[name] and one.value is not None:
                yield Number(one.value, one.low, one.high, f"{name}{where} is {told(one.value, one.low, one.high)}")
        return
    if name == "right-to-wrong":
        one = head.right_to_wrong
        if one is not None and one.unexplained is not None:
            said = f"right-to-wrong{where} is {told(one.unexplained, one.low, one.high)}"
            yield Number(one.unexplained, one.low, one.high, said)
        return
    for change in _changes_of("churn" if name == "agreement" else name, head):
        yield _of_change(name, where, change)


def _of_change(name: str, where: str, change: Change) -> Number:
    """Return a change as a number; one that has none is beyond every threshold where it is outside, and 0 where it is inside."""
    value, low, high = change.value, change.low, change.high
    which = f" ({change.name})" if name in ("class-error", "identity") else ""  # of many, which one
    if value is None and change.state in ("outside", "inside"):
        value = low = high = inf if change.state == "outside" else 0.0
    if name == "agreement":
        value, low, high = (None if one is None else 1.0 - one for one in (value, high, low))
    elif high is None and low is not None:
        high = inf  # a bound that is open
    said = f"{name}{where}{which} is {told(value, low, high)}"
    if change.value is None and change.state == "outside":
        said = f"{name}{where}{which} has no value, and is beyond any threshold: A does not vary there, and B differs"
    if change.before is not None and change.after is not None:
        said += f", from {told(change.before)} to {told(change.after)}"
    return Number(value, low, high, f"{said}, {change.rows} rows")


def told(value: float | None, low: float | None = None, high: float | None = None) -> str:
    """Return a number in the unit of its condition, with so many digits that it can be compared with one.

    Examples
    --------
    >>> told(0.99551, 0.99147, 0.99794)
    '0.9955 [0.9915, 0.9979]'
    """
    interval = "" if low is None or high is None else f" [{low:.4g}, {high:.4g}]"
    return "not known" if value is None else f"{value:.4g}{interval}"
