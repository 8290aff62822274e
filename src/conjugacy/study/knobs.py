"""Knobs that a study sets for a measure, unless the user did."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any, cast

from conjugacy.errors import InputError
from conjugacy.measure import Measure


def with_knob(measure: Measure, given: str, knob: str, value: Any) -> Measure:
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
            f"measure {given!r} compares classes, and the outputs are taken for regression; say otherwise with output_kind"
        )
    try:
        return with_knob(measure, given, "kind", kind)
    except InputError as error:
        raise InputError(
            f"measure {given!r} does not compare outputs of kind {kind!r} ({error}): leave it out, give outputs of another kind, "
            "or say otherwise with output_kind"
        ) from error
