"""Whether what a record holds is of the types that its fields declare: for records that come from files."""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import fields
from functools import cache
from typing import Any, Union, cast, get_args, get_origin, get_type_hints

from conjugacy.results.later import AskedFor


def wrong_field(record: Any) -> str | None:
    """Return the first field of a dataclass that holds what it does not declare, or None.

    What records hold was made before them, and is not looked at again.

    Examples
    --------
    >>> from conjugacy.results import Estimate
    >>> wrong_field(Estimate(0.1, 0.0, "a"))
    "high is 'a', expected float | None"
    >>> wrong_field(Estimate(0.1, None, 1))
    """
    hints = _hints(type(record))
    for one in fields(record):
        value = vars(record).get(one.name)
        if not fits(value, hints[one.name]):
            expected = hints[one.name]
            name = expected.__name__ if isinstance(expected, type) else str(expected)
            return f"{one.name} is {repr(value)[:60]}, expected {name.replace('conjugacy.results.', '')}"
    return None


@cache
def _hints(kind: type) -> Mapping[str, Any]:
    return get_type_hints(kind)


def fits(value: Any, hint: Any) -> bool:
    """Whether a value is of a type as it is written in an annotation; whole numbers are numbers, yes and no are not.

    Examples
    --------
    >>> fits((1, 2.5), tuple[float, ...]), fits((1, 2), tuple[float]), fits(True, int), fits(None, str | None)
    (True, False, False, True)
    """
    if hint is Any:
        return True
    origin, args = get_origin(hint), get_args(hint)
    if origin in (types.UnionType, Union):
        return any(fits(value, one) for one in args)
    if origin is AskedFor:  # computed when it was saved
        return fits(value, args[0])
    if origin is tuple:
        return isinstance(value, tuple) and _fit_each(cast("tuple[Any, ...]", value), args)
    if origin is not None and issubclass(origin, Mapping):
        items = cast("Mapping[Any, Any]", value).items() if isinstance(value, Mapping) else None
        return items is not None and all(fits(k, args[0]) and fits(v, args[1]) for k, v in items)
    if hint in (int, float):
        return isinstance(value, (int, float) if hint is float else int) and not isinstance(value, bool)
    return isinstance(value, origin or hint)


def _fit_each(values: tuple[Any, ...], args: tuple[Any, ...]) -> bool:
    if len(args) == 2 and args[1] is Ellipsis:
        return all(fits(one, args[0]) for one in values)
    return len(values) == len(args) and all(fits(one, hint) for one, hint in zip(values, args, strict=True))
