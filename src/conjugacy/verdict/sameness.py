"""The same numbers: told before anything is fitted, on however few rows, and in these words."""

from __future__ import annotations

from conjugacy.numerics.sameness import precision
from conjugacy.verdict.known import KnownLayers, KnownOutputs


def same_layers(known: KnownLayers) -> str | None:
    """Say that two layers hold the same numbers; None where they do not."""
    ladder = known.ladder
    return None if ladder.same is None else _of_sameness(ladder.same, f"{ladder.a.m} rows and {ladder.a.n} units")


def same_outputs(known: KnownOutputs) -> str | None:
    """Say that two outputs are the same numbers as they were recorded, and that nobody wanted others; None where not."""
    rows, columns = known.a.values.shape
    said = f"{rows} rows and {columns} output{'s' if columns > 1 else ''}"
    return None if known.same is None else _of_sameness(known.same, said)


def _of_sameness(spaced: float, where: str) -> str:
    """Say that two networks answer with the same numbers.

    Examples
    --------
    >>> _of_sameness(2.0**-23, "12 rows and 5 units")
    'the same numbers up to rounding of single precision in all 12 rows and 5 units'
    """
    return f"the same numbers{f' up to rounding of {precision(spaced)}' if spaced else ''} in all {where}"
