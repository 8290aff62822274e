"""The arrays of a file without the units or the rows that miss values, and without padding, where that is asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

import numpy as np

from conjugacy.data.missing import DROPS, TRIALS, UNPAD, Remainder, kept, nan_cells, padding_words, zero_tails
from conjugacy.storage.contents import RawFile, is_reserved

LEFT_OUT_ROWS = "left_out_rows"
"""What a provenance calls the ids, or places, of rows that were left out for NaN."""

_NOT_OF_ROWS = ("dt", "meta")


def complete(raw: RawFile, asked: Sequence[str]) -> RawFile:
    """Return what is left of a file's arrays, with sentences on what went in the provenance, under `passes`.

    Examples
    --------
    >>> arrays = {"h": np.array([[0.0, np.nan], [1.0, 2.0]])}
    >>> complete(RawFile(arrays, {}, {"h": (2, 2)}), ("drop-units",)).arrays["h"].tolist()
    [[0.0], [1.0]]
    """
    arrays, told = dict(raw.arrays), list[str]()
    if UNPAD in asked:
        told += _unpadded(arrays)
    meta = dict(raw.meta)
    layers = {name: array for name, array in arrays.items() if not is_reserved(name) and array.ndim in (2, 3)}
    floats = {name: _cells(arrays, array) for name, array in layers.items() if array.dtype.kind == "f"}
    if floats and set(asked) & set(DROPS):
        names: Any = meta.get("units")
        rows = "trials" if any(array.ndim == 3 for array in layers.values()) else "stimuli"
        found = kept(floats, asked, rows, cast("Mapping[str, Any]", names) if isinstance(names, dict) else None)
        meta = _taken(arrays, meta, found, with_ids=TRIALS in asked)
        told += found.told
    return replace(
        raw,
        arrays=arrays,
        meta=with_passes(meta, told),
        shapes={**raw.shapes, **{k: tuple(x.shape) for k, x in arrays.items()}},
    )


def with_passes(meta: Mapping[str, Any], told: Sequence[str]) -> dict[str, Any]:
    """Return a `meta` whose provenance says what was done on the way."""
    said: Any = meta.get("provenance")
    before: dict[str, Any] = cast("dict[str, Any]", said) if isinstance(said, dict) else {}
    passes: Any = before.get("passes")
    known: list[Any] = cast("list[Any]", passes) if isinstance(passes, list) else []
    return {**meta, "provenance": {**before, "passes": [*known, *told]}} if told else dict(meta)


def _cells(arrays: Mapping[str, np.ndarray], array: np.ndarray) -> np.ndarray:
    lengths = arrays.get("lengths")
    if array.ndim == 3 and lengths is not None and lengths.shape == array.shape[:1] and lengths.dtype.kind in "iu":
        return nan_cells([trial[: max(0, int(length))] for trial, length in zip(array, lengths, strict=True)])
    return nan_cells(array)


def _unpadded(arrays: dict[str, np.ndarray]) -> list[str]:
    """Put the lengths of trials beside layers that are padded with zeros."""
    moving = [x for name, x in arrays.items() if not is_reserved(name) and x.ndim == 3 and x.dtype.kind in "iuf"]
    if not moving or "lengths" in arrays or len({x.shape[:2] for x in moving}) > 1:
        return []
    together = np.concatenate(moving, axis=2)
    lengths = zero_tails(list(together))
    if lengths is None:
        return []
    arrays["lengths"] = np.asarray(lengths, dtype=np.int64)
    return [f"{padding_words([together.shape[1]] * len(together), lengths)}; they were taken for padding and cut"]


def _taken(arrays: dict[str, np.ndarray], meta: dict[str, Any], found: Remainder, *, with_ids: bool) -> dict[str, Any]:
    """Take units and rows out of all arrays that have them; return the `meta` that fits."""
    count = len(found.rows)
    gone = np.flatnonzero(~found.rows)
    ids = next((arrays[key] for key in ("trials", "stimuli") if key in arrays), None)
    trials = any(x.ndim == 3 for name, x in arrays.items() if name in found.units)
    if ids is None and with_ids:  # rows keep the places that they had, so that those of the other network can be found
        ids = arrays["trials" if trials else "stimuli"] = np.arange(count)
    left = ids[gone].tolist() if ids is not None and len(ids) == count else gone.tolist()
    for name, array in arrays.items():
        of_rows = array.ndim and len(array) == count and name not in _NOT_OF_ROWS
        arrays[name] = array[found.rows] if of_rows and gone.size else array
    for layer, units in found.units.items():
        arrays[layer] = arrays[layer][..., units]
        for prefix in ("covariance/", "jacobian/"):
            if (key := prefix + layer) in arrays:
                arrays[key] = arrays[key][:, units]
        if (key := "covariance/" + layer) in arrays:
            arrays[key] = arrays[key][:, :, units]
    said = {LEFT_OUT_ROWS: left} if left else {}
    return {**meta, **_names(meta, found), "provenance": {**_provenance(meta), **said}}


def _provenance(meta: Mapping[str, Any]) -> dict[str, Any]:
    said: Any = meta.get("provenance")
    return cast("dict[str, Any]", said) if isinstance(said, dict) else {}


def _names(meta: Mapping[str, Any], found: Remainder) -> dict[str, Any]:
    """Return the names of the units that are left."""
    said: Any = meta.get("units")
    if not isinstance(said, dict):
        return {}
    names, left = cast("dict[str, Any]", said), dict[str, Any]()
    for layer, own in names.items():
        listed = cast("list[Any]", own) if isinstance(own, list) else []
        keep = found.units.get(layer, np.zeros(0, bool))
        fits = len(listed) == len(keep) > 0
        left[layer] = [name for name, stays in zip(listed, keep, strict=True) if stays] if fits else own
    return {"units": left}
