"""What callers ask for by a number or a place: taken as it is meant, or refused with what was expected."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar, cast

from conjugacy.errors import InputError

T = TypeVar("T", int, float)


def whole_number(name: str, given: Any, least: int = 0) -> int:
    """Return a whole number of any type; 3.0 is one, and 1.5, True and "3" are none.

    Raises
    ------
    InputError

    Examples
    --------
    >>> whole_number("seed", 3.0)
    3
    """
    found = _converted(int, given)
    if found is None or found != given or found < least:
        raise InputError(f"{name}: got {given!r}, expected a whole number from {least} on")
    return found


def number(name: str, given: Any, expected: str = "a number") -> float:
    """Return a finite number of any type as float.

    Raises
    ------
    InputError

    Examples
    --------
    >>> number("tolerance", 0.05)
    0.05
    """
    found = _converted(float, given)
    if found is None or not math.isfinite(found):
        raise InputError(f"{name}: got {given!r}, expected {expected}")
    return found


def place(name: str, given: Any) -> Path:
    """Return a path, the home folder written out; an empty one is none.

    Raises
    ------
    InputError

    Examples
    --------
    >>> place("store", "results").name
    'results'
    """
    if not isinstance(given, (str, os.PathLike)) or not os.fspath(given):
        raise InputError(f"{name}: got {given!r}, expected the path of a file or folder")
    found = os.fspath(given)
    if not isinstance(found, str):
        raise InputError(f"{name}: got {given!r}, expected a path of text")
    if "\0" in found:
        raise InputError(f"{name}: got {given!r}, expected a path; no path holds a zero")
    try:
        return Path(found).expanduser()
    except RuntimeError as error:  # the home of somebody who is not there
        raise InputError(f"{name}: got {given!r}; {error}") from None


def text(name: str, given: Any) -> str | None:
    """Return text as it is, or None.

    Raises
    ------
    InputError

    Examples
    --------
    >>> text("name", "net")
    'net'
    """
    if given is not None and not isinstance(given, str):
        raise InputError(f"{name}: got {type(given).__name__}, expected text")
    return given


def mapping(name: str, given: Any, expected: str) -> Mapping[Any, Any]:
    """Return a mapping as it is.

    Raises
    ------
    InputError

    Examples
    --------
    >>> mapping("layers", {"fc": 1}, "layer names to arrays")
    {'fc': 1}
    """
    if not isinstance(given, Mapping):
        raise InputError(f"{name}: got {type(given).__name__}, expected a mapping from {expected}")
    return cast("Mapping[Any, Any]", given)


def name_of(given: str) -> str:
    """Return a name as text: what a file name holds that is none is written out.

    Examples
    --------
    >>> name_of("net" + chr(0xDCFF)) == "net" + chr(92) + "udcff"
    True
    """
    return given.encode("utf-8", "backslashreplace").decode()


def _converted(kind: Callable[[Any], T], given: Any) -> T | None:
    """Return what is given as a number of a kind; None of words, of yes and no, and of what is no number."""
    if isinstance(given, (bool, str, bytes)):
        return None
    try:
        return kind(given)
    except (TypeError, ValueError, OverflowError):
        return None
