"""What callers ask for by a number or a place: taken as it is meant, or refused with what was expected."""

from __future__ import annotations

import difflib
import inspect
import math
import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar, cast

from conjugacy.errors import InputError, UnknownNameError

T = TypeVar("T", int, float)
MOST_SHOWN, MOST_NAMED = 60, 12  # letters of what was given, and names that are known, in a message


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
        raise InputError(f"{name}: got {shown(given)}, expected a whole number of at least {least}")
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
        raise InputError(f"{name}: got {shown(given)}, expected {expected}")
    return found


def share(name: str, given: Any) -> float:
    """Return a number between 0 and 1, neither of which is one.

    Raises
    ------
    InputError

    Examples
    --------
    >>> share("q", 0.05)
    0.05
    """
    found = number(name, given, "a share between 0 and 1")
    if not 0 < found < 1:
        raise InputError(f"{name}: got {shown(given)}, expected a share between 0 and 1")
    return found


def yes_or_no(name: str, given: Any) -> bool:
    """Return True or False as they are: text such as "no" would count as yes.

    Raises
    ------
    InputError

    Examples
    --------
    >>> yes_or_no("overwrite", True)
    True
    """
    if type(given).__name__ not in ("bool", "bool_"):  # numpy's own kind is not imported for this
        raise InputError(f"{name}: got {shown(given)}, expected True or False")
    return bool(given)


def one_of(name: str, given: Any, known: Iterable[str], where: str = "") -> str:
    """Return text that is one of the known names; `where` follows what was given in the message.

    Raises
    ------
    InputError, UnknownNameError
        Where it is no text; where it is no such name, with the nearest ones.

    Examples
    --------
    >>> one_of("axis", "function", ("function", "representation"))
    'function'
    """
    names = list(known)
    if not isinstance(given, str):
        raise InputError(f"{name}: got {shown(given)}, expected one of {', '.join(map(repr, names[:MOST_NAMED]))}")
    if given not in names:
        raise UnknownNameError.of(name, given, names, where=where)
    return given


def several_of(name: str, given: Any, what: str) -> tuple[str, ...]:
    """Return names as a tuple; a text alone is no list of its letters.

    Raises
    ------
    InputError

    Examples
    --------
    >>> several_of("first", ["a", "b"], "networks")
    ('a', 'b')
    """
    if isinstance(given, (str, bytes)):
        raise InputError(f"{name}: got {shown(given)}, expected a list of {what}, as [{given!r}]")
    if not isinstance(given, Iterable):
        raise InputError(f"{name}: got {shown(given)}, expected a list of {what}")
    found = tuple(cast("Iterable[Any]", given))
    for one in found:
        if not isinstance(one, str):
            raise InputError(f"{name}: got {shown(one)} among the {what}, expected names as text")
    return tuple(str(one) for one in found)


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
        raise InputError(f"{name}: got {shown(given)}, expected the path of a file or folder")
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


def keywords(given: Iterable[str], door: Callable[..., Any], beside: Iterable[str] = ()) -> None:
    """Refuse keywords that a door does not have, and name the nearest one.

    Parameters
    ----------
    given : iterable of str
        The keywords that its `**` took.
    door : callable
        The public function, with its parameters.
    beside : iterable of str
        Further keywords that it takes through its `**`.

    Raises
    ------
    TypeError
        As Python does for a function without `**`.

    Examples
    --------
    >>> def gate(a, *, churn=0.05, **options): ...
    >>> keywords(["chrun"], gate, ["mask"])
    Traceback (most recent call last):
        ...
    TypeError: gate() got an unexpected keyword argument 'chrun'; did you mean 'churn'? known: a, churn, mask
    """
    parameters = inspect.signature(door).parameters.values()
    named = [one.name for one in parameters if one.kind not in (one.VAR_KEYWORD, one.VAR_POSITIONAL)]
    known = list(dict.fromkeys([*named, *beside]))
    for keyword in given:
        if keyword not in known:
            near = difflib.get_close_matches(keyword, known, n=1, cutoff=0.5)
            hint = f"did you mean {near[0]!r}? " if near else ""
            said = f"{door.__name__}() got an unexpected keyword argument {keyword!r}"
            raise TypeError(f"{said}; {hint}known: {', '.join(known)}")


def name_of(given: str) -> str:
    """Return a name as text: what a file name holds that is none is written out.

    Examples
    --------
    >>> name_of("net" + chr(0xDCFF)) == "net" + chr(92) + "udcff"
    True
    """
    return given.encode("utf-8", "backslashreplace").decode()


def shown(given: Any) -> str:
    """Return how something given stands in a message: as Python writes it, a long one cut.

    Examples
    --------
    >>> shown("x"), shown("many words " * 9)[-12:]
    ("'x'", 'y words  ...')
    """
    try:
        words = repr(given)
    except Exception:
        words = f"something of type {type(given).__name__}"
    return words if len(words) <= MOST_SHOWN else words[: MOST_SHOWN - 4] + " ..."


def _converted(kind: Callable[[Any], T], given: Any) -> T | None:
    """Return what is given as a number of a kind; None of words, of yes and no, and of what is no number."""
    if isinstance(given, (bool, str, bytes)):
        return None
    try:
        return kind(given)
    except (TypeError, ValueError, OverflowError):
        return None
