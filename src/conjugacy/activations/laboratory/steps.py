"""Times as one step, where they are even."""

from __future__ import annotations

import numpy as np

from conjugacy.errors import InputError

UNEVEN = 1e-3  # of a step, by which times may differ from even ones


def even_step(times: np.ndarray, name: str) -> float:
    """Return the step of even times.

    Raises
    ------
    InputError
        Where they are not even, or do not rise.

    Examples
    --------
    >>> even_step(np.array([0.0, 0.5, 1.0]), "t")
    0.5
    """
    steps = np.diff(times.astype(np.float64))
    step = float(np.median(steps))
    if not step > 0 or np.abs(steps - step).max() > UNEVEN * step:
        raise InputError(
            f"the times in {name!r} are not even: steps run from {steps.min():g} to {steps.max():g}; interpolate the data to "
            "even times first, or say dt (--dt), if they only seem uneven"
        )
    return float(
        f"{(times[-1] - times[0]) / (len(times) - 1):.12g}"
    )  # 0.02, not what rounding of the times makes of it
