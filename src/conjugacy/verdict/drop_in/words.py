"""What is said of a replacement: numbers and margins in plain English."""

from __future__ import annotations

from collections.abc import Sequence

from conjugacy.results import Change
from conjugacy.results.digits import digits, hundreds, per_cent, signed

FIVE_DIGITS = 10_000


def share(change: Change) -> str:
    """Return a share of rows in words.

    Examples
    --------
    >>> share(Change("churn", 0.031, 0.024, 0.039, 0.05, "inside", 2000))
    '3.1 % [2.4, 3.9]'
    """
    return per_cent(*_known(change))


def unexplained(change: Change) -> str:
    """Return an unexplained fraction in words; its upper bound may be open."""
    if change.high is not None:
        return f"{share(change)} unexplained"
    value, low, _ = _known(change)
    return f"{per_cent(value)} [{hundreds(low, value)}, open] unexplained"


def rise(change: Change) -> str:
    """Return a rise of a share in words, with its sign.

    Examples
    --------
    >>> rise(Change("error", -0.002, -0.006, 0.0021, 0.01, "inside", 2000))
    '-0.2 points [-0.6, +0.21]'
    """
    value, low, high = _known(change)
    return f"{signed(value)} points [{signed(low, value)}, {signed(high, value)}]"


def leaning(change: Change) -> str:
    """Return why so few rows hold a yes back, where they do.

    Examples
    --------
    >>> leaning(Change("7", 0.15, 0.05, 0.3, 0.05, "open", 40, leaning=True))
    ' (only 40 rows, too few to test, which lean to the worse and so hold a yes back)'
    """
    few = f"only {thousands(change.rows)} rows, too few to test, which lean to the worse and so hold a yes back"
    return f" ({few})" if change.leaning else ""


def recall(change: Change) -> str:
    """Return how the recall of a class changes.

    Examples
    --------
    >>> recall(Change("7", 0.08, 0.03, 0.14, 0.05, "open", 200, before=0.04, after=0.12))
    'class 7: recall 96 % -> 88 %'
    """
    before, after = (100 * (1 - (e or 0)) for e in (change.before, change.after))
    return f"class {change.name}: recall {digits(before)} % -> {digits(after)} %"


def right(change: Change) -> str:
    """Return how often a column is right on its lit or its unlit rows, before and after."""
    before, after = (100 * (1 - (e or 0)) for e in (change.before, change.after))
    return f"column {change.name}: right on {digits(before)} % -> {digits(after)} %"


def limit(change: Change) -> str:
    """Return the margin in words: ``5 %``."""
    return per_cent(change.margin)


def named(names: Sequence[str], most: int = 6) -> str:
    """Return names in a row, the last ones counted where there are many.

    Examples
    --------
    >>> named("abcdefgh"), named("ab")
    ('a, b, c, d, e, f and 2 more', 'a, b')
    """
    rest = len(names) - most
    return ", ".join(names) if rest <= 0 else f"{', '.join(names[:most])} and {rest} more"


def thousands(n: int) -> str:
    """Return a number with spaces between thousands from five digits on: ``1900``, ``12 000``."""
    return f"{n:,}".replace(",", " ") if n >= FIVE_DIGITS else str(n)


def needed(changes: Sequence[Change]) -> tuple[str, ...]:
    """Return how many rows would decide: the fewest that show a no, else the most that any margin asks for.

    Examples
    --------
    >>> needed([Change("churn", 0.04, 0.03, 0.06, 0.05, "open", 300, rows_needed=1900)])
    ('about 1900 rows would decide, were these estimates the truth',)
    """
    open_ = [c for c in changes if c.state == "open"]
    refuting = [c.rows_needed for c in open_ if c.rows_needed and c.value is not None and c.value > c.margin]
    asked = [c.rows_needed for c in open_]
    if refuting:
        return (f"about {thousands(min(refuting))} rows would decide, were these estimates the truth",)
    rows = [n for n in asked if n is not None]
    if not rows or len(rows) < len(asked):
        return ("more rows of this kind would not decide, were these estimates the truth",) if open_ else ()
    return (f"about {thousands(max(rows))} rows would decide, were these estimates the truth",)


def _known(change: Change) -> tuple[float, float, float]:
    """Return value and bounds; what is not known is nothing."""
    return change.value or 0.0, change.low or 0.0, change.high or 0.0
