"""Rows for stimuli out of layers that answer with many tokens or places."""

from __future__ import annotations

import numpy as np

from conjugacy.errors import InputError, UnknownNameError

REDUCERS = ("mean", "flatten")


def reduce_layer(
    array: np.ndarray, layer: str, form: str, reducer: str | None, lengths: np.ndarray | None = None
) -> np.ndarray:
    """Return (m, n) from stimuli x tokens x units (`ntd`) or stimuli x channels x height x width (`nchw`).

    Parameters
    ----------
    array : array, (m, t, d) or (m, c, h, w)
        One layer.
    layer, form : str
        Its name, and which of the two it is.
    reducer : {"mean", "flatten"} or None
        The mean over tokens or places, or all of them side by side.
    lengths : int array, (m,), optional
        How many tokens count for every stimulus.

    Raises
    ------
    InputError
        Where no reducer is given, or tokens of unequal number are to be laid side by side.

    Examples
    --------
    >>> reduce_layer(np.arange(12.0).reshape(2, 3, 2), "block", "ntd", "mean").tolist()
    [[2.0, 3.0], [8.0, 9.0]]
    """
    what = {"ntd": "tokens", "nchw": "places"}[form]
    if reducer is None:
        raise InputError(
            f"layer {layer!r} has shape {array.shape} ({form}) and needs one row of units for each stimulus; "
            f"pass reducer='mean' (mean over {what}) or reducer='flatten' (all {what} side by side)"
        )
    require_reducer(reducer)
    if form == "ntd" and lengths is not None:
        return _mean_of_first(array, layer, reducer, lengths)
    if reducer == "flatten":
        return array.reshape(len(array), -1)
    return array.mean(axis=1 if form == "ntd" else (2, 3), dtype=np.float64)


def require_reducer(reducer: str) -> None:
    """Refuse a word that is no reducer, also where no layer needs one."""
    if reducer not in REDUCERS:
        raise UnknownNameError.of("reducer", reducer, REDUCERS)


def _mean_of_first(array: np.ndarray, layer: str, reducer: str, lengths: np.ndarray) -> np.ndarray:
    if reducer == "flatten":
        raise InputError(
            f"layer {layer!r} has stimuli of unequal length, which cannot lie side by side; pass reducer='mean'"
        )
    return np.stack([row[:length].mean(axis=0, dtype=np.float64) for row, length in zip(array, lengths, strict=True)])
