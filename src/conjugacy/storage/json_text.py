"""JSON from untrusted files: what it will take as Python objects is known from its characters, before it is read."""

from __future__ import annotations

import json
from typing import Any

from conjugacy.errors import FormatError
from conjugacy.storage.limits import LEEWAY, amount

_OF_TEXT = 4
"""Bytes of one character, at most."""

_OF_VALUE, _OF_LIST, _OF_OBJECT = 72, 88, 240
"""Bytes of a text or number and its place, of a list, of an object with its first pairs."""


def json_memory(text: str | bytes) -> int:
    """Return a bound of the bytes that a JSON text takes once it is read.

    Examples
    --------
    >>> json_memory("[1, 2]") < 1000 < json_memory("[" * 1000)
    True
    """
    comma, bracket, brace = (",", "[", "{") if isinstance(text, str) else (b",", b"[", b"{")
    counted = (text.count(sign) for sign in (comma, bracket, brace))  # pyright: ignore[reportArgumentType]
    values, lists, objects = counted
    wide = 1 if text.isascii() else _OF_TEXT
    return wide * len(text) + _OF_VALUE * (values + 1) + _OF_LIST * lists + (_OF_OBJECT + _OF_VALUE) * objects


def parse_json(text: str | bytes, what: str, most: float = 2 * LEEWAY) -> Any:
    """Return what a JSON text holds.

    Raises
    ------
    FormatError
        Where it is no JSON, or takes more memory than `most`.

    Examples
    --------
    >>> parse_json('{"a": 1}', "meta")
    {'a': 1}
    """
    needed = json_memory(text)
    if needed > most:
        raise FormatError(
            f"{what} is JSON that takes up to {amount(needed)} of memory, expected {amount(most)} at most; "
            "keep large things in arrays"
        )
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise FormatError(f"{what} is not JSON text ({str(error)[:80]})") from None
    if _holds_halves(text, found):
        raise FormatError(f"{what} holds half a character (a lone surrogate), which is no text; write it as UTF-8")
    return found


def _holds_halves(text: str | bytes, found: Any) -> bool:
    """Whether JSON holds surrogates without their other half: no file, page or terminal takes them."""
    sign = "\\u" if isinstance(text, str) else b"\\u"
    if sign not in text and (isinstance(text, bytes) or text.isascii()):  # pyright: ignore[reportOperatorIssue]
        return False
    try:
        json.dumps(found, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return True
    except (ValueError, RecursionError):
        return False
    return False
