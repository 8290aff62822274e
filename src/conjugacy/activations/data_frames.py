"""Stimuli in data frames of pandas: told without importing it, and their rows and columns."""

from __future__ import annotations

from typing import Any

import numpy as np


def is_frame(given: Any) -> bool:
    """Whether something is a data frame, or a series, of pandas."""
    return hasattr(given, "iloc")


def frame_rows(frame: Any, which: Any, *, whole: bool) -> Any:
    """Return a copy of some rows: as a data frame, or as an array."""
    some = frame.iloc[which]
    return some.copy() if whole else np.array(some)


def frame_columns(frame: Any) -> list[tuple[str, Any]]:
    """Return the columns that tell one row from another: all in one where all are numbers, else each by its name.

    Examples
    --------
    >>> import pandas as pd
    >>> [name for name, _ in frame_columns(pd.DataFrame({"age": [3, 4], "town": ["x", "y"]}))]
    ['age', 'town']
    """
    if frame.ndim != 2 or np.asarray(frame.iloc[:1]).dtype.kind in "biuf":
        return [("", frame)]
    return [(str(name), frame.iloc[:, i]) for i, name in enumerate(frame.columns)]
