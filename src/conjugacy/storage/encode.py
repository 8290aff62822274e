"""From a recording to named arrays and `meta`, as docs/format.md writes them down."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from conjugacy.data import Activations, Recording, Trajectories
from conjugacy.errors import FormatError, InputError
from conjugacy.storage.contents import is_reserved, require_key

FORMAT = 1


def encode(recording: Recording) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Return the arrays and the `meta` of a recording.

    Raises
    ------
    InputError
        Where a layer has a name that no file can hold, or layers disagree about what a file holds once.

    Examples
    --------
    >>> import conjugacy as cj
    >>> arrays, meta = encode(cj.Recording({"fc": cj.Activations([[0.0], [1.0]], stimuli=["cat", "dog"])}))
    >>> sorted(arrays), meta["layers"]
    (['fc', 'stimuli'], ['fc'])
    """
    for name in recording.layers:
        require_layer_name(name)
    arrays = {name: _values(layer) for name, layer in recording.layers.items()}
    arrays |= _trial_arrays(recording) if recording.is_dynamic else _row_arrays(recording)
    if recording.targets is not None:
        arrays["targets"] = recording.targets
    for prefix, tensors in (("covariance", recording.covariances), ("jacobian", recording.jacobians)):
        arrays |= {f"{prefix}/{layer}": narrow(array) for layer, array in tensors.items()}
    return arrays, _meta(recording)


def require_layer_name(name: str) -> None:
    """Refuse a name of a layer that no file can hold."""
    if is_reserved(name):
        raise InputError(f"layer {name!r} has a name that format 1 keeps for itself; rename the layer before saving")
    try:
        require_key(name)
    except FormatError as error:
        raise InputError(f"a layer cannot be saved: {error}") from None


def _values(layer: Activations | Trajectories) -> np.ndarray:
    return narrow(_padded(layer.values)) if isinstance(layer, Trajectories) else narrow(layer.stored)


def _row_arrays(recording: Recording) -> dict[str, np.ndarray]:
    shared = {key: _shared(recording, key) for key in ("stimuli", "groups", "inputs")}
    return {key: narrow(array) for key, array in shared.items() if array is not None}


def _trial_arrays(recording: Recording) -> dict[str, np.ndarray]:
    arrays = {key: _shared(recording, key) for key in ("trials", "conditions")}
    drive = _shared(recording, "drive")
    arrays["drive"] = None if drive is None else narrow(_padded(drive))
    arrays["dt"] = np.asarray(_shared(recording, "dt"), dtype=np.float64)
    first = recording.first
    if isinstance(first, Trajectories) and len(set(first.lengths)) > 1:
        arrays["lengths"] = np.asarray(first.lengths, dtype=np.int64)
    return {key: array for key, array in arrays.items() if array is not None}


def _shared(recording: Recording, key: str) -> Any:
    """Return what all layers say under `key`: a file has one place for it."""
    said = [(name, getattr(layer, key)) for name, layer in recording.layers.items() if getattr(layer, key) is not None]
    for name, value in said[1:]:
        if not _same(value, said[0][1]):
            raise InputError(
                f"layers {said[0][0]!r} and {name!r} carry different {key}; a file holds one for all layers: "
                "give all layers the same, or save two recordings"
            )
    return said[0][1] if said else None


def _same(x: Any, y: Any) -> bool:
    if isinstance(x, tuple):
        return len(x) == len(y) and all(np.array_equal(i, j) for i, j in zip(x, y, strict=True))
    return x is y or bool(np.array_equal(x, y))


def _padded(trials: tuple[np.ndarray, ...]) -> np.ndarray:
    padded = np.full((len(trials), max(len(t) for t in trials), trials[0].shape[1]), np.nan)
    for row, trial in zip(padded, trials, strict=True):
        row[: len(trial)] = trial
    return padded


def narrow(array: np.ndarray) -> np.ndarray:
    """Return float64 values as float32 where nothing is lost: most were float32 when they were recorded."""
    if array.dtype != np.float64:
        return array
    with np.errstate(over="ignore"):
        narrow = array.astype(np.float32)
    return narrow if np.array_equal(narrow, array, equal_nan=True) else array


def _meta(recording: Recording) -> dict[str, Any]:
    layers: Mapping[str, Activations | Trajectories] = recording.layers
    units = {
        name: list(layer.units)
        for name, layer in layers.items()
        if isinstance(layer, Activations)
        and layer.units
        and layer.units != tuple(str(i) for i in range(layer.shape[1]))
    }
    meta: dict[str, Any] = {
        "format": FORMAT,
        "name": recording.name,
        "output_layer": recording.output_layer,
        "output_kind": dict(kind) if isinstance(kind := recording.output_kind, Mapping) else kind,
        "shape": "ktn" if recording.is_dynamic else "mn",
        "layers": list(layers),
        "provenance": dict(recording.provenance),
    }
    return {**meta, "units": units} if units else meta
