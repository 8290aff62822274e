"""A torch module is called with one tensor, or with several by name."""

from __future__ import annotations

import math
from collections.abc import Mapping
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
    if isinstance(data, Mapping):
        return {name: part.clone() for name, part in cast("Mapping[str, Any]", data).items()}
    return data.clone()


def rows_of(data: Any, which: Any) -> Any:
    """Return some rows of a tensor, or of all in a mapping."""
    if isinstance(data, Mapping):
        return {name: part[which] for name, part in cast("Mapping[str, Any]", data).items()}
    return data[which]


def count_of(data: Any) -> int:
    """Return the number of rows."""
    first = next(iter(cast("Mapping[str, Any]", data).values())) if isinstance(data, Mapping) else data
    return len(first)


def numbers_of(data: Any) -> int:
    """Return how many numbers one row has."""
    parts = list(cast("Mapping[str, Any]", data).values()) if isinstance(data, Mapping) else [data]
    return sum(math.prod(part.shape[1:]) for part in parts)
