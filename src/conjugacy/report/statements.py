"""A long text as statements, one for each line: who reads a terminal reads line by line."""

from __future__ import annotations

import re

_OPENING, _CLOSING = "([{", ")]}"
_ENDED = re.compile(r"(?<=[.?!])\s+(?=[A-Z])")


def statements(text: str) -> list[str]:
    """Return the statements that a text consists of: what stands between semicolons outside brackets, and whole sentences.

    Examples
    --------
    >>> statements("the data do not decide: 4 % [3, 6]; A determines B (p = .01; 5 rows); record more")
    ['the data do not decide: 4 % [3, 6]', 'A determines B (p = .01; 5 rows)', 'record more']
    """
    parts, depth, start = list[str](), 0, 0
    for i, letter in enumerate(text):
        depth = depth + (letter in _OPENING) - (letter in _CLOSING and depth > 0)
        if depth == 0 and text.startswith("; ", i):
            parts.append(text[start:i])
            start = i + 2
    parts.append(text[start:])
    return [one for part in parts for one in _ENDED.split(part) if one]


def words_in(statement: str) -> int:
    """Return how many words a statement has; a number with its sign counts as one, an arrow or a dash as none.

    Examples
    --------
    >>> words_in("4 % [3, 6] unexplained A -> B")
    6
    """
    return sum(any(letter.isalnum() for letter in word) for word in statement.split())
