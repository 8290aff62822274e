"""The same numbers: told before anything is fitted, on however few rows, and in these words."""

from __future__ import annotations

import numpy as np

from conjugacy.numerics.sameness import precision, same_numbers, same_within
from conjugacy.verdict.known import KnownLayers, KnownOutputs


def same_layers(known: KnownLayers) -> str | None:
    """Say that two layers hold the same numbers; None where they do not."""
    ladder = known.ladder
    return None if ladder.same is None else of_sameness(ladder.same, f"{ladder.a.m} rows and {ladder.a.n} units")


def same_outputs(known: KnownOutputs) -> str | None:
    """Say that two outputs are the same numbers as they were recorded, and that nobody wanted others; None where not."""
    (wanted_a, wanted_b), (a, b) = known.targets, (known.a.values, known.b.values)
    if wanted_a is not None and wanted_b is not None and not np.array_equal(wanted_a, wanted_b):
        return None  # answers to two questions
    spaced = same_within(a, b, known.asked.tolerance)
    # masks, or their kinds, may make the compared forms differ more than the numbers do
    if spaced is None or same_numbers(known.outputs.a, known.outputs.b) is None:
        return None
    return of_sameness(spaced, f"{len(a)} rows and {a.shape[1]} output{'s' if a.shape[1] > 1 else ''}")


def of_sameness(spaced: float, where: str) -> str:
    """Say that two networks answer with the same numbers.

    Examples
    --------
    >>> of_sameness(2.0**-23, "12 rows and 5 units")
    'the same numbers up to rounding of single precision in all 12 rows and 5 units'
    """
    return f"the same numbers{f' up to rounding of {precision(spaced)}' if spaced else ''} in all {where}"
