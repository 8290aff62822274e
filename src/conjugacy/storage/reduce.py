"""Rows for stimuli out of layers that answer with many tokens or places."""

from __future__ import annotations

import numpy as np

from conjugacy.errors import InputError, UnknownNameError

REDUCERS = ("mean", "flatten")


def reduce_layer(
    array: np.ndarray, layer: str, form: str, reducer: str | None, mask: np.ndarray | None = None
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
    mask : bool array, (m, t) or (m, h, w), optional
        Which tokens or places count for every stimulus.

    Raises
    ------
    InputError
        Where no reducer is given, or what a mask leaves is to be laid side by side.

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
    if mask is not None and not mask.all():
        return _mean_of_some(array, layer, form, reducer, mask)
    if reducer == "flatten":
        return array.reshape(len(array), -1)
    return array.mean(axis=1 if form == "ntd" else (2, 3), dtype=np.float64)


def require_reducer(reducer: str) -> None:
    """Refuse a word that is no reducer, also where no layer needs one."""
    if not isinstance(reducer, str) or reducer not in REDUCERS:  # pyright: ignore[reportUnnecessaryIsInstance]
        raise UnknownNameError.of("reducer", reducer, REDUCERS)


def _mean_of_some(array: np.ndarray, layer: str, form: str, reducer: str, mask: np.ndarray) -> np.ndarray:
    what = {"ntd": "tokens", "nchw": "places"}[form]
    if reducer == "flatten":
        raise InputError(
            f"layer {layer!r} has stimuli of which some {what} do not count, so they cannot be laid "
            "side by side; pass reducer='mean'"
        )
    where, axes = (mask[:, :, None], (1,)) if form == "ntd" else (mask[:, None], (2, 3))
    where = np.broadcast_to(where, array.shape)
    return array.mean(axis=axes, dtype=np.float64, where=where)
