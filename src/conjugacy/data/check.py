"""Checks at the public door: what enters as an array leaves as a read-only float64 array, or as an error."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

import numpy as np

from conjugacy.asked import mapping, name_of, text
from conjugacy.data.foreign import plain_array
from conjugacy.data.missing import nan_words
from conjugacy.errors import InputError, NotFiniteError, ShapeError
from conjugacy.numerics.columns import LARGEST


def label(kind: str, name: str | None, layer: str | None) -> str:
    """Say which array a message is about: ``activations of 'a', layer 'head'``."""
    for what, given in (("name", name), ("layer", layer)):
        text(what, given)
    parts = [kind] + ([f"of {name!r}"] if name else []) + ([f"layer {layer!r}"] if layer else [])
    return parts[0] + (" " + ", ".join(parts[1:]) if len(parts) > 1 else "")


def write_out_names(given: Any, *fields: str) -> None:
    """Give an object names that any file and terminal can hold: what is no text is written out."""
    for field in fields:
        if isinstance(name := getattr(given, field), str):
            object.__setattr__(given, field, name_of(name))


_INSTEAD = {
    "Trajectories": "; rows are compared here: give np.concatenate(x.values), or choose a measure of dynamics",
    "Recording": "; give one of its layers, x.layer(name)",
}


def as_numeric(values: Any, what: str) -> np.ndarray:
    """Return `values` as an array of real numbers; tensors are detached, nothing is copied that need not be."""
    array = plain_array(values, what)
    if array.dtype.kind == "O" and array.ndim == 0:
        kind = type(values).__name__
        raise InputError(f"{what}: got {kind}, expected an array of real numbers{_INSTEAD.get(kind, '')}")
    if array.dtype.kind not in "biuf":
        hint = "convert text, complex or object data to floats first"
        if array.dtype.kind == "c":
            hint = "record its real and imaginary part side by side: np.concatenate([z.real, z.imag], axis=-1)"
        raise InputError(f"{what}: got values of type {array.dtype}, expected real numbers; {hint}")
    return array


def require_kinds(recording: Any) -> None:
    """Refuse a recording whose fields are of other kinds than they say."""
    require_texts(vars(recording))
    for field in ("layers", "covariances", "jacobians", "provenance"):
        if field != "provenance" or recording.provenance is not None:
            mapping(field, getattr(recording, field), "names")


def require_texts(settings: Mapping[str, Any]) -> None:
    """Refuse names that are no text."""
    for field in ("name", "output_layer"):
        text(field, settings.get(field))


def frozen_again(state: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what was pickled with its arrays read-only, as they were."""
    for value in state.values():
        for array in cast("tuple[Any, ...]", value) if isinstance(value, tuple) else (value,):
            if isinstance(array, np.ndarray):
                array.setflags(write=False)
    return state


KEPT_TYPES = (np.dtype(np.float16), np.dtype(np.float32), np.dtype(np.float64))
"""What values are kept in; all others become float64."""


def frozen_floats(
    array: np.ndarray, what: str, *, allow_nan: bool = False, allow_masks: bool = False, narrow: bool = False
) -> np.ndarray:
    """Copy into read-only float64, refusing NaN and infinity unless told otherwise; `allow_masks` lets -inf alone in.

    With `narrow`, float32 and float16 stay what they are. An array that is read-only and owns its data is not copied again:
    layers of one recording share their inputs.
    """
    native = array.dtype.newbyteorder("=")
    kept = native if narrow and native in KEPT_TYPES else np.dtype(np.float64)
    own = array.dtype == kept and not array.flags.writeable and array.base is None and array.flags.c_contiguous
    with np.errstate(over="ignore"):  # what a longer float held is infinite here, and refused
        copy = array if own else np.array(array, dtype=kept, order="C")
    bad = np.isinf(copy) if allow_nan else ~np.isfinite(copy)
    if allow_masks and bad.any():
        bad &= ~np.isneginf(copy)
    if bad.any():
        first = tuple(int(i) for i in np.argwhere(bad)[0])
        masked = "; -inf alone may stay, where it stands for masked classes of outputs"
        way_out = masked if allow_masks else f"{masked} (masked=True)" if np.isneginf(copy[bad]).all() else ""
        gaps = np.isnan(copy) if narrow and copy.ndim == 2 else np.zeros((0, 0), bool)
        remove = f"{nan_words(gaps, 'stimuli')}" if gaps.any() else "remove those stimuli from both networks"
        raise NotFiniteError(
            f"{what}: {int(bad.sum())} of {copy.size} values are NaN or infinite, the first at {first}; "
            f"{remove}, or repair the recording{way_out}"
        )
    copy.setflags(write=False)
    return copy


def require_squares(array: np.ndarray, what: str) -> None:
    """Refuse rows of numbers so large that their squares overflow: nothing could be said of any unit beside them.

    They are no activations; outputs, which are compared with each other by other means, may be larger.

    Raises
    ------
    NotFiniteError
    """
    if array.dtype == np.float64 and array.size and max(array.max(), -array.min()) > LARGEST:
        flat = array.reshape(len(array), -1)
        row, unit = np.unravel_index(int(np.abs(flat).argmax()), flat.shape)
        raise NotFiniteError(
            f"{what}: the value {flat[row, unit]:.3g} of unit {unit} in row {row} is so large that its square overflows; "
            "remove that stimulus from both networks, or repair the recording"
        )


def frozen_labels(labels: Any, count: int, what: str, *, unit: str = "rows") -> np.ndarray | None:
    """Return one int or text label per row as a read-only array, or None."""
    if labels is None:
        return None
    array = plain_array(labels, what)
    if array.dtype == object and all(isinstance(x, str) for x in array.ravel()):
        array = array.astype(str)
    if array.ndim != 1 or len(array) != count:
        got = f"{len(array)} labels" if array.ndim == 1 else f"shape {array.shape}"
        raise ShapeError(f"{what}: got {got}, expected one for each of the {count} {unit}")
    if array.dtype.kind == "f" and np.all(np.isfinite(array)) and np.all(array == np.round(array)):
        array = array.astype(np.int64)
    if array.dtype.kind not in "iubUS":
        raise InputError(f"{what}: got labels of type {array.dtype}, expected integers or text")
    array = _written_out(array.astype(str)) if array.dtype.kind in "US" else array.astype(np.int64)
    array.setflags(write=False)
    return array


def _written_out(labels: np.ndarray) -> np.ndarray:
    """Return text labels as they are, or written out where one of them is no text that a file could hold."""
    known: list[str] = labels.tolist()
    try:
        "".join(known).encode()
    except UnicodeEncodeError:
        return np.array([name_of(one) for one in known])
    return labels


def require_ndim(array: np.ndarray, ndim: int, what: str, expected: str) -> None:
    """Refuse an array with another number of dimensions."""
    if array.ndim != ndim:
        hint = "; for one unit pass values.reshape(-1, 1)" if array.ndim == 1 and ndim == 2 else ""
        if array.ndim == 3 and ndim == 2:
            hint = "; for trials x time x units pass Trajectories(values); else average or flatten an axis, or give a reducer"
        hint = hint or ("; average or flatten the other axes first, or give a reducer" if array.ndim > ndim else "")
        raise ShapeError(f"{what}: got shape {array.shape}, expected {ndim} dimensions ({expected}){hint}")


def unit_names(units: Sequence[Any] | None, count: int, what: str) -> tuple[str, ...]:
    """Return a name per unit, '0', '1', ... where none are given."""
    if units is None:
        return tuple(str(i) for i in range(count))
    if not isinstance(units, Iterable):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InputError(f"{what}: got units of type {type(units).__name__}, expected a name for each of {count} units")
    names = tuple(name_of(str(u)) for u in units)
    if len(names) != count:
        raise ShapeError(f"{what}: got {len(names)} unit names for {count} units")
    return names


def frozen_targets(targets: Any, rows: int, who: str) -> np.ndarray:
    """Return targets, one for each of the rows, as a read-only copy: whole numbers stay such."""
    array = as_numeric(targets, f"targets of {who}")
    if array.ndim not in (1, 2) or len(array) != rows:
        raise ShapeError(f"targets of {who}: got shape {array.shape}, expected ({rows},) or ({rows}, q)")
    if array.dtype.kind in "iub":
        copy = array.astype(np.int64)
        copy.setflags(write=False)
        return copy
    return frozen_floats(array, f"targets of {who}")
