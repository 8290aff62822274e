"""Options of a measure: read from its id, checked, set by a study unless the user did."""

from __future__ import annotations

from dataclasses import fields, replace
from types import NoneType, UnionType
from typing import Any, Literal, cast, get_args, get_origin, get_type_hints

from conjugacy.errors import InputError, UnknownNameError
from conjugacy.measure.interface import Measure


def check_choices(measure: Measure) -> None:
    """Refuse a knob that is none of the words its type lists.

    Raises
    ------
    InputError
        Naming the knob, what was given and the words that are known.
    """
    for key, kind in get_type_hints(type(measure)).items():
        if get_origin(kind) is Literal and getattr(measure, key) not in get_args(kind):
            known = " or ".join(repr(word) for word in get_args(kind))
            raise InputError(f"{key}: got {getattr(measure, key)!r}, expected {known}")


def parse_options(kind: type[Measure], options: str) -> dict[str, Any]:
    """Return the options of an id, as `debiased=false`.

    Raises
    ------
    UnknownNameError, InputError
        Where a measure has no such option, or the value cannot be read.
    """
    hints = get_type_hints(kind)
    parsed: dict[str, Any] = {}
    for part in filter(None, options.split(",")):
        key, equals, text = part.partition("=")
        key = key.strip()
        if not equals:
            raise InputError(f"option {part!r}: expected key=value, for example cka:debiased=false")
        if key not in hints:
            raise UnknownNameError.of("knob", key, [f.name for f in fields(cast(Any, kind))])
        parsed[key] = _parse_value(key, text.strip(), hints[key])
    return parsed


def _parse_value(key: str, text: str, kind: Any) -> Any:
    if kind is bool:
        if text.lower() not in ("true", "false"):
            raise InputError(f"option {key}={text}: expected true or false")
        return text.lower() == "true"
    if get_origin(kind) is Literal:
        return text  # the measure itself checks its words
    if get_origin(kind) is UnionType:
        if text.lower() == "none" and NoneType in get_args(kind):
            return None
        kinds = [k for k in get_args(kind) if k is not NoneType]
    else:
        kinds = [kind]
    for one in kinds:
        try:
            return one(text) if one in (int, float, str) else text
        except ValueError:
            continue
    raise InputError(f"option {key}={text}: expected {' or '.join(one.__name__ for one in kinds)}")


def with_option(measure: Measure, given: str, knob: str, value: Any) -> Measure:
    """Return the measure with a knob set, where it has it and the id as given does not say otherwise."""
    has_it = knob in {f.name for f in fields(cast(Any, measure))}
    return (
        replace(cast(Any, measure), **{knob: value})
        if has_it and value is not None and f"{knob}=" not in given
        else measure
    )


def of_kind(measure: Measure, given: str, kind: str | None) -> Measure:
    """Return the measure for outputs of a kind, unless the id as given names another.

    Raises
    ------
    InputError
        Where it compares no outputs of that kind.
    """
    if kind == "regression":
        raise InputError(
            f"measure {given!r} compares classes, and the outputs are taken for regression; set output_kind if that is wrong"
        )
    try:
        return with_option(measure, given, "kind", kind)
    except InputError as error:
        raise InputError(
            f"measure {given!r} does not compare outputs of kind {kind!r} ({error}): leave it out, give outputs of another kind, "
            "or set output_kind if that is wrong"
        ) from error
