"""The scores of further measures in words, for the terminal, the notebook and the page."""

from __future__ import annotations

from collections.abc import Iterable

from conjugacy.results import Score
from conjugacy.results.digits import digits, interval

COLUMNS = ("measure", "value", "95 % interval", "distance", "similarity", "status")


def score_row(score: Score) -> tuple[str, ...]:
    """Return id, value, interval, distance, similarity and status as words; a dash where there is none.

    Examples
    --------
    >>> score_row(Score("cka", 0.5, 0.5, 0.5, interval=(0.4, 0.6)))
    ('cka', '0.5', '[0.4, 0.6]', '0.5', '0.5', 'computed as asked')
    """
    ends = "-" if score.interval is None else interval(score.value, *score.interval).strip()
    numbers = digits(score.distance()), digits(score.similarity())
    return score.measure, digits(score.value), ends, *numbers, score.status.value


def score_lines(scores: Iterable[Score]) -> list[str]:
    """Return one line for every score: its value, its interval, what else is known of it.

    Examples
    --------
    >>> score_lines([Score("cka", 0.5, 0.5, 0.5, interval=(0.4, 0.6))])
    ['cka 0.5 [0.4, 0.6]; similarity 0.5']
    """
    return [_line(score) for score in scores]


def _line(score: Score) -> str:
    name, value, interval, _, similarity, status = score_row(score)
    parts = [f"{name} {value}" + ("" if score.interval is None else f" {interval}")]
    parts += [f"similarity {similarity}"] if similarity not in (value, "-") or score.interval is not None else []
    parts += [] if score.status.is_ok else [status]
    return "; ".join(parts)
