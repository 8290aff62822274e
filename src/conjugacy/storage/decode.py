"""From named arrays and `meta` to a recording, as docs/format.md writes them down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from conjugacy.data import Activations, Recording, Trajectories, heads_among
from conjugacy.data.depth import BY_NAME, GUESSED
from conjugacy.data.foreign import with_widened
from conjugacy.errors import FormatError, InputError, ShapeError, UnknownNameError
from conjugacy.storage.contents import RESERVED_PREFIXES, RawFile, is_reserved
from conjugacy.storage.meta import SHAPES, Meta, Shape, form_of
from conjugacy.storage.reduce import reduce_layer, require_reducer

__all__ = ["SHAPES", "Choices", "decode"]

_ROW_KEYS = ("stimuli", "groups", "inputs")
_TRIAL_KEYS = ("trials", "conditions", "drive", "dt")


@dataclass(frozen=True)
class Choices:
    """What the user says beside the file; what is given here counts over the file's own `meta`.

    Attributes
    ----------
    name, output_layer : str, optional
    output_kind : str or mapping of str to str, optional
        As in `Recording`.
    layers : sequence of str, optional
        The layers to keep, in this order; an `output_layer` given here is kept too.
    shape : str or mapping of layer to str, optional
        How to read layers: `mn`, `ktn`, `ntd` or `nchw`.
    reducer : {"mean", "flatten"}, optional
        What to do with tokens and places.
    """

    name: str | None = None
    output_layer: str | None = None
    output_kind: str | Mapping[str, str] | None = None
    layers: Sequence[str] | None = None
    shape: Shape = None
    reducer: str | None = None

    def __post_init__(self) -> None:
        if self.reducer is not None:
            require_reducer(self.reducer)

    def keeps(self, layer: str) -> bool:
        """Whether a layer is to be read at all."""
        return self.layers is None or layer in self.layers or layer == self.output_layer


def decode(raw: RawFile, choices: Choices, *, default_name: str | None = None) -> Recording:
    """Return the recording that named arrays stand for.

    Raises
    ------
    InputError
        Where the arrays are no recording: the message names the key and says what to change.

    Examples
    --------
    >>> arrays = {"fc": np.zeros((2, 3)), "stimuli": np.array(["cat", "dog"])}
    >>> decode(RawFile(arrays, {}, {k: v.shape for k, v in arrays.items()}), Choices()).layers["fc"].stimuli.tolist()
    ['cat', 'dog']
    """
    meta = Meta.of(raw.meta)
    meta = replace(meta, name=choices.name or meta.name or default_name)
    shape = choices.shape or meta.shape
    _require_keys_in_place(raw, shape)
    names = _chosen_names(raw, choices)
    heads = _heads(raw, choices, meta)
    layers: dict[str, Activations | Trajectories] = {}
    forms: dict[str, str] = {}
    for key in names:
        array = raw.arrays[key]
        if array.ndim == 1 and key in heads:
            array = array.reshape(-1, 1)
        forms[key] = _form(key, array, shape, choices.reducer)
        layers[key] = _layer(raw, key, array, forms[key], choices, meta, heads, layers)
    _require_masks_in_place(raw, forms)
    tensors = {prefix: _beside_layers(raw, prefix, layers) for prefix in RESERVED_PREFIXES}
    return Recording(
        layers,
        name=meta.name,
        output_layer=choices.output_layer or (meta.output_layer if _kept(meta.output_layer, raw, layers) else None),
        output_kind=choices.output_kind or _kinds(meta, [head for head in heads if head in layers]),
        targets=raw.arrays.get("targets"),
        provenance=_provenance(raw, choices, meta, [name for name in names if name not in heads]),
        covariances=tensors["covariance/"],
        jacobians=tensors["jacobian/"],
    )


def _provenance(raw: RawFile, choices: Choices, meta: Meta, hidden: Sequence[str]) -> dict[str, Any]:
    """Return what the file says of its origin, and that the order of its layers is guessed where nobody says it."""
    said = with_widened(meta.provenance, {key: words for key, words in raw.widened.items() if not is_reserved(key)})
    guessed = choices.layers is None and len(hidden) > 1 and raw.order_is_guessed
    return said | {GUESSED: BY_NAME} if guessed else said


def _chosen_names(raw: RawFile, choices: Choices) -> list[str]:
    if not raw.layer_names:
        raise FormatError("there is no layer in it; expected at least one array whose key is not reserved")
    if choices.layers is None:
        return list(raw.layer_names)
    if isinstance(choices.layers, str):
        raise InputError(f"layers = {choices.layers!r} is a text; expected a list of names, as [{choices.layers!r}]")
    wanted = [*choices.layers, *([choices.output_layer] if choices.output_layer else [])]
    names: list[str] = list(dict.fromkeys(wanted))
    for name in names:
        if name not in raw.layer_names:
            raise UnknownNameError.of("layer", str(name), raw.layer_names)
    return names


def _heads(raw: RawFile, choices: Choices, meta: Meta) -> tuple[str, ...]:
    return heads_among(raw.layer_names, choices.output_layer or meta.output_layer)


def _kinds(meta: Meta, heads: Sequence[str]) -> str | Mapping[str, str] | None:
    """Return what the file says of the outputs that are kept."""
    if not heads or not isinstance(meta.output_kind, Mapping):
        return meta.output_kind if heads else None
    return {head: meta.output_kind[head] for head in heads if head in meta.output_kind}


def _kept(output: str | None, raw: RawFile, layers: Mapping[str, Any]) -> bool:
    # an output that was left out on purpose is no error; one that the file does not have is
    return output in layers or output not in raw.layer_names


def _form(key: str, array: np.ndarray, shape: Shape, reducer: str | None) -> str:
    form = form_of(key, array.ndim, shape)
    if form == "ktn" and reducer is not None and shape is None:
        raise InputError(
            f"layer {key!r} has three dimensions and is read as trials x time x units, which no reducer applies to; "
            "if it holds stimuli x tokens x units, pass shape='ntd'"
        )
    return form


def _layer(
    raw: RawFile,
    key: str,
    array: np.ndarray,
    form: str,
    choices: Choices,
    meta: Meta,
    heads: Sequence[str],
    before: Mapping[str, Activations | Trajectories],
) -> Activations | Trajectories:
    if form == "ktn":
        return _trajectories(raw, key, array, _lengths(raw, key, array), meta.name)
    matrix = array if form == "mn" else reduce_layer(array, key, form, choices.reducer, _mask(raw, key, array, form))
    labels: dict[str, Any] = {k: raw.arrays.get(k) for k in _ROW_KEYS}
    sibling = next((b for b in before.values() if isinstance(b, Activations)), None)
    if sibling is not None and sibling.shape[0] == len(matrix):
        # frozen once, shared by all layers
        labels = {k: getattr(sibling, k) for k in _ROW_KEYS}
    units = (meta.units or {}).get(key) if form == "mn" else None
    return Activations(matrix, **labels, units=units, name=meta.name, layer=key, masked=key in heads)


def _trajectories(
    raw: RawFile, key: str, array: np.ndarray, lengths: np.ndarray | None, name: str | None
) -> Trajectories:
    drive = raw.arrays.get("drive")
    if drive is not None and (drive.ndim != 3 or drive.shape[:2] != array.shape[:2]):
        raise ShapeError(
            f"'drive' has shape {drive.shape}; expected trials x time x inputs, with {array.shape[:2]} first"
        )
    return Trajectories(
        _unpadded(array, lengths, f"layer {key!r}"),  # pyright: ignore[reportArgumentType]
        dt=_dt(raw.arrays.get("dt")),
        trials=raw.arrays.get("trials"),
        conditions=raw.arrays.get("conditions"),
        drive=None if drive is None else _unpadded(drive, lengths, "'drive'"),  # pyright: ignore[reportArgumentType]
        name=name,
        layer=key,
    )


def _lengths(raw: RawFile, key: str, array: np.ndarray) -> np.ndarray | None:
    lengths = raw.arrays.get("lengths")
    if lengths is None:
        return None
    if lengths.shape != array.shape[:1] or lengths.dtype.kind not in "iu":
        raise ShapeError(
            f"'lengths' holds {lengths.dtype} of shape {lengths.shape}; layer {key!r} expects {len(array)} integers, one a row"
        )
    if lengths.size and (lengths.min() < 1 or lengths.max() > array.shape[1]):
        raise ShapeError(
            f"'lengths' runs from {lengths.min()} to {lengths.max()}; layer {key!r} has 1 to {array.shape[1]} points"
        )
    return lengths


def _mask(raw: RawFile, key: str, array: np.ndarray, form: str) -> np.ndarray | None:
    """Return which tokens or places of a layer count: its own mask, else that of all tokens, else the first so many."""
    own = raw.arrays.get(f"mask/{key}", raw.arrays.get("mask") if form == "ntd" else None)
    lengths = _lengths(raw, key, array) if form == "ntd" else None
    if own is None:
        return None if lengths is None else np.arange(array.shape[1]) < lengths[:, None]
    if lengths is not None:
        raise FormatError(f"both 'lengths' and a mask say which tokens of layer {key!r} count; keep one of them")
    expected = array.shape[:2] if form == "ntd" else (array.shape[0], *array.shape[2:])
    if own.shape != expected or own.dtype.kind not in "biu" or not np.isin(own, (0, 1)).all():
        raise ShapeError(
            f"the mask of layer {key!r} holds {own.dtype} of shape {own.shape}; expected {expected}, 1 where it counts, else 0"
        )
    empty = np.flatnonzero(~own.reshape(len(own), -1).any(axis=1))
    if empty.size:
        raise FormatError(f"the mask of layer {key!r} leaves nothing of row {empty[0]}; leave that stimulus out")
    return own.astype(bool)


def _require_masks_in_place(raw: RawFile, forms: Mapping[str, str]) -> None:
    """Refuse a mask that would be dropped without a word."""
    for key, form in forms.items():
        if f"mask/{key}" in raw.shapes and form not in ("ntd", "nchw"):
            raise FormatError(f"'mask/{key}' is for tokens (ntd) or places (nchw), and layer {key!r} is read as {form}")
    if "mask" in raw.shapes and "ntd" not in forms.values():
        raise FormatError("'mask' is for layers of tokens (ntd), and there is none; for places use 'mask/LAYER'")


def _unpadded(array: np.ndarray, lengths: np.ndarray | None, what: str) -> list[np.ndarray]:
    if array.dtype.kind not in "biuf":
        raise InputError(f"{what} holds values of type {array.dtype}; expected real numbers")
    if lengths is None:
        last = np.isnan(array[:, -1:].astype(np.float64)).all(axis=(1, 2)) if array.size else np.zeros(0, bool)
        if last.any():
            raise FormatError(
                f"{what} ends in NaN in trial {int(np.argmax(last))}; give the trials' lengths under the key 'lengths'"
            )
        return list(array)
    for i, length in enumerate(lengths):
        rest = array[i, length:].astype(np.float64)
        if not np.all(np.isnan(rest) | (rest == 0)):
            raise FormatError(f"{what} holds values in trial {i} after its length of {length}; expected NaN there")
    return [trial[:length] for trial, length in zip(array, lengths, strict=True)]


def _dt(value: np.ndarray | None) -> float:
    if value is None:
        return 1.0
    if value.size != 1 or value.dtype.kind not in "iuf":
        raise FormatError(f"'dt' holds {value.dtype} of shape {value.shape}; expected one number")
    return float(value.reshape(-1)[0])


def _beside_layers(raw: RawFile, prefix: str, layers: Mapping[str, Any]) -> dict[str, np.ndarray]:
    keys = [key for key in raw.shapes if key.startswith(prefix)]
    for key in keys:
        if key.removeprefix(prefix) not in raw.layer_names:
            raise UnknownNameError.of(f"layer for {key!r}", key.removeprefix(prefix), raw.layer_names)
    return {key.removeprefix(prefix): raw.arrays[key] for key in keys if key.removeprefix(prefix) in layers}


def _require_keys_in_place(raw: RawFile, shape: Shape) -> None:
    """Refuse labels that would be dropped without a word because no layer in the file has the kind they describe."""
    dims = [len(raw.shapes[key]) for key in raw.layer_names]
    said = [shape.get(key) if isinstance(shape, Mapping) else shape for key in raw.layer_names]
    moving = [d == 3 and s != "ntd" for d, s in zip(dims, said, strict=True)]
    if not any(moving):
        wrong, hint = _TRIAL_KEYS, "trajectories (trials x time x units); label rows with 'stimuli' and 'groups'"
    elif all(moving):
        wrong, hint = (
            _ROW_KEYS,
            "activations (stimuli x units); label trajectories with 'trials', 'conditions' and 'drive'",
        )
    else:
        return
    for key in wrong:
        if dims and key in raw.shapes:
            raise FormatError(f"{key!r} belongs to {hint}")
