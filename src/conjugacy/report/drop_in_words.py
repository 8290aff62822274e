"""The words for drop-in: what changes where B takes A's place, compared with the margins."""

from __future__ import annotations

from collections.abc import Iterable

from conjugacy.report.words import AxisWords, percent_of, which_output
from conjugacy.results import Change, DropIn
from conjugacy.results.digits import digits, hundreds, signed

TITLE = "drop-in"
STATES = {"inside": "inside", "outside": "outside", "open": "open", "not_testable": "too few rows"}
"""The words for how a change stands to its margin."""
MOST_NAMED, LONGEST = 5, 40
_ANSWERS = {"not_tested": "not tested"}
_EQUAL_OUTPUTS = "all outputs are equal to the last bit"
_EQUAL_WEIGHTS = "the weights are the same"


def drop_in_words(found: DropIn) -> AxisWords:
    """Return the line of the table that says whether B replaces A.

    Examples
    --------
    >>> churn = Change("churn", 0.031, 0.024, 0.039, 0.05, "inside", 2000)
    >>> seven = Change("7", 0.08, 0.061, 0.1, 0.05, "outside", 210, before=0.04, after=0.12)
    >>> words = drop_in_words(DropIn("no", ("class 7 falls",), churn=churn, class_errors=(seven,)))
    >>> words.answer, words.headline
    ('no', 'decisions change on 3.1 % [2.4, 3.9] of the inputs; worst class: 7, recall 96 % -> 88 %, margin 5 points')
    """
    told = drop_in_headline(found)
    carried = found.reasons[:1] if _carries(found) or (found.reasons and found.reasons[0] in told) else ()
    return AxisWords(
        "drop_in",
        TITLE,
        drop_in_answer(found),
        f"{_which(found)}{told}",
        tuple(reason for reason in found.reasons if reason not in carried),
        found.warnings,
        tuple((head.head or "outputs", drop_in_answer(head), drop_in_headline(head)) for head in found.heads),
    )


def _which(found: DropIn) -> str:
    """Name the output that the numbers are of, where there are several."""
    if not found.heads or found.head is None:
        return ""
    which = which_output(found.head)
    tested = sum(head.answer != "not_tested" for head in found.heads)
    return f"all {tested} inside their margins, the nearest {which}: " if found.answer == "yes" else f"{which}: "


def drop_in_answer(found: DropIn) -> str:
    """Return the answer in a word or two."""
    return _ANSWERS.get(found.answer, found.answer)


def drop_in_headline(found: DropIn) -> str:
    """Say in one sentence what changes; the reason that decides, where no number carries the answer."""
    if found.bit_equal:
        return f"{_EQUAL_OUTPUTS}, and {_EQUAL_WEIGHTS}" if found.equal_weights else _EQUAL_OUTPUTS
    numbers = list(_numbers(found))
    if not _carries(found):
        numbers.insert(0, found.reasons[0] if found.reasons else "the data do not decide")
    elif found.equal_weights:
        numbers.append(_EQUAL_WEIGHTS)
    if found.answer == "undecided":
        numbers += _rows_needed(found)
    return "; ".join(numbers)


def _carries(found: DropIn) -> bool:
    """Whether the numbers of the headline say why; the reason that decides then says it again."""
    if found.bit_equal:
        return True
    if found.answer == "yes":
        return not found.equal_weights and bool(changes(found))
    return any(_decides(found, one) for one in changes(found))


def changes(found: DropIn) -> tuple[Change, ...]:
    """Return everything that is compared with a margin."""
    overall = (found.churn, found.error_change, found.rows_beyond)
    return (*(one for one in overall if one is not None), *found.class_errors, *found.identity)


def of_churn(one: Change, what: str = "the inputs") -> str:
    """Say how many decisions change, of which column where that is said."""
    bounds = share_bounds(one)
    column = column_of(one)
    if column is None:
        return f"decisions change on {bounds} of {what}"
    return f"worst column: {shortened(column)}, its decision changes on {bounds} of {what}"


def column_of(one: Change) -> str | None:
    """Return the column whose decisions change most, where each decides by itself.

    Examples
    --------
    >>> column_of(Change("churn, column bin 40", 0.1, None, None, 0.05, "open", 9))
    'bin 40'
    """
    return None if one.name == "churn" else one.name.removeprefix("churn, column ")


def share_bounds(one: Change) -> str:
    """Return a share with its bounds: ``3.1 % [2.4, 3.9]``; a lower one that is nothing beside the share is 0.

    Examples
    --------
    >>> share_bounds(Change("churn", 0.0013, 8e-15, 0.036, 0.05, "inside", 800))
    '0.13 % [0, 3.6]'
    """
    if one.value is None:
        return "not measured"
    low, high = (None if end is None else hundreds(end, one.value) for end in (one.low, one.high))
    return f"{percent_of(one.value)}{_ends(low, high)}"


def off_bounds(one: Change) -> str:
    """Return how far an output of numbers is off; one that is constant in A has no variance to hold it against."""
    if one.value is None:
        return f"constant in A, and {'not the same' if one.state == 'outside' else 'the same'} in B"
    return share_bounds(one)


def point_bounds(one: Change) -> str:
    """Return a rise of a share with its bounds, in points: ``+8 [+6.1, +10]``."""
    if one.value is None:
        return "not measured"
    low, high = (None if end is None else signed(end, one.value) for end in (one.low, one.high))
    return f"{signed(one.value)}{_ends(low, high)}"


def shortened(name: str) -> str:
    """Return a name that fits into a sentence."""
    return name if len(name) <= LONGEST else f"{name[: LONGEST - 3]}..."


def named(names: Iterable[str]) -> str:
    """Return the first few names, and how many more there are."""
    every = list(names)
    more = f" and {len(every) - MOST_NAMED} more" if len(every) > MOST_NAMED else ""
    return f"{', '.join(shortened(name) for name in every[:MOST_NAMED])}{more}"


def not_testable(found: DropIn) -> tuple[str, ...]:
    """Return the names of what has too few rows to show that it is inside its margin."""
    return tuple(one.name for one in changes(found) if one.state == "not_testable")


def _numbers(found: DropIn) -> Iterable[str]:
    if found.churn is not None:
        yield f"{of_churn(found.churn)}{_margin(found, found.churn)}"
    if found.error_change is not None:
        yield _of_error(found, found.error_change)
    worst = next((one for one in found.class_errors if _decides(found, one)), None)
    if worst is not None:
        yield _of_class(found, worst)
    if found.identity:
        yield _of_output(found.identity[0], len(found.identity))
    if found.rows_beyond is not None and found.rows_beyond.value:
        yield _of_rows(found, found.rows_beyond)


def _of_error(found: DropIn, one: Change) -> str:
    rise, margin = f"{point_bounds(one)} points", _margin(found, one, "points")
    if one.before is None or one.after is None:
        return f"error {rise}{margin}"
    of = "" if one.name == "error" else f" of column {shortened(one.name)}"
    return f"error{of} {percent_of(one.before)} -> {percent_of(one.after)}{f' ({rise})' if margin else ''}{margin}"


def _of_class(found: DropIn, one: Change) -> str:
    who = "worst" if "sigmoids" in (found.kinds or ()) else "worst class"
    if one.before is None or one.after is None:
        change = f"error {point_bounds(one)} points"
    else:
        change = f"recall {percent_of(1 - one.before)} -> {percent_of(1 - one.after)}"
    return f"{who}: {shortened(one.name)}, {change}{_margin(found, one, 'points')}"


def _of_output(one: Change, count: int) -> str:
    which = f"worst output: {shortened(one.name)}, " if count > 1 else "outputs as they stand: "
    if one.value is None:
        return f"{which}{off_bounds(one)}"
    return f"{which}{share_bounds(one)} of its variance is off (tolerance {percent_of(one.margin)})"


def _of_rows(found: DropIn, one: Change) -> str:
    ids = f": {named(row.stimulus for row in found.rows)}" if 0 < found.n_changed <= MOST_NAMED else ""
    if "sigmoids" in (found.kinds or ()):
        return f"on {share_bounds(one)} of the rows mostly other columns say yes{_margin(found, one)}"
    return f"{share_bounds(one)} of the rows are far off{_margin(found, one)}{ids}"


def _decides(found: DropIn, one: Change) -> bool:
    return (found.answer, one.state) in (("no", "outside"), ("undecided", "open"))


def _margin(found: DropIn, one: Change, unit: str = "%") -> str:
    """Name the margin where it decides."""
    if not _decides(found, one):
        return ""
    margin = digits(100 * one.margin)
    return f", margin {margin} {'point' if unit == 'points' and margin == '1' else unit}"


def _rows_needed(found: DropIn) -> list[str]:
    """Say how many rows would decide: any one beyond its margin would do, else all have to be shown inside."""
    still_open = [one for one in changes(found) if one.state == "open"]
    if not still_open:
        return []
    beyond = [one for one in still_open if one.value is not None and one.value > one.margin]
    needed = [one.rows_needed for one in beyond or still_open]
    known = [rows for rows in needed if rows is not None]
    if not known or (not beyond and len(known) < len(needed)):
        return ["what is left open sits on its margin, and more rows may not decide"]
    return [f"about {min(known) if beyond else max(known)} rows would decide"]


def _ends(low: str | None, high: str | None) -> str:
    return "" if low is None and high is None else f" [{low or 'open'}, {high or 'open'}]"
