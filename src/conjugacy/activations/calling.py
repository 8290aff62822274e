"""A torch module is called with one tensor, or with several by name."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, cast


def call(model: Any, data: Any) -> Any:
    """Call a network with a tensor, or with those of a mapping by their names.

    One that says what its main input is called, as those of transformers do, gets a single tensor under that name.
    """
    if isinstance(data, Mapping):
        return model(**cast("Mapping[str, Any]", data))
    return model(data)


def copied(data: Any) -> Any:
    """Return a copy of a tensor, or of all in a mapping."""
    return _each(data, lambda part: part.clone())


def rows_of(data: Any, which: Any) -> Any:
    """Return some rows of a tensor, or of all in a mapping."""
    return _each(data, lambda part: part[which])


def count_of(data: Any) -> int:
    """Return the number of rows."""
    return len(_with_rows(data)[0])


def numbers_of(data: Any) -> int:
    """Return how many numbers one row has."""
    return sum(math.prod(part.shape[1:]) for part in _with_rows(data))


def is_one_number(part: Any) -> bool:
    """Whether an input is a number that goes with all stimuli, as a sampling rate does."""
    return isinstance(part, (bool, int, float))


def _each(data: Any, change: Callable[[Any], Any]) -> Any:
    if not isinstance(data, Mapping):
        return change(data)
    parts = cast("Mapping[str, Any]", data).items()
    return {name: part if is_one_number(part) else change(part) for name, part in parts}


def _with_rows(data: Any) -> list[Any]:
    if not isinstance(data, Mapping):
        return [data]
    return [part for part in cast("Mapping[str, Any]", data).values() if not is_one_number(part)]
