"""What callers ask for by a number or a place: taken as it is meant, or refused with what was expected."""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import Any

from conjugacy.errors import InputError


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
    found = None
    if not isinstance(given, (bool, str, bytes)):
        try:
            found = int(given)
        except (TypeError, ValueError, OverflowError):
            found = None
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
    found = math.nan
    if not isinstance(given, (bool, str, bytes)):
        try:
            found = float(given)
        except (TypeError, ValueError, OverflowError):
            found = math.nan
    if not math.isfinite(found):
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
    return Path(found).expanduser()
