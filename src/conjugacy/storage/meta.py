"""What `meta` says, checked: it comes from an untrusted file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from conjugacy.data import OUTPUT_KINDS
from conjugacy.errors import FormatError, InputError, UnknownNameError

SHAPES = {"mn": 2, "ktn": 3, "ntd": 3, "nchw": 4}
"""Names of the forms a layer may have, and their numbers of dimensions."""

Shape = str | Mapping[str, str] | None
"""One of `SHAPES` for all layers, or by layer."""


@dataclass(frozen=True)
class Meta:
    """The fields of `meta` that the format knows."""

    name: str | None = None
    output_layer: str | None = None
    output_kind: str | Mapping[str, str] | None = None
    shape: Shape = None
    units: Mapping[str, Any] | None = None
    provenance: Mapping[str, Any] | None = None

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> Meta:
        """Check the fields of a JSON object.

        Examples
        --------
        >>> Meta.of({"format": 1, "name": "a"}).name
        'a'
        """
        if str(raw.get("format", 1)) != "1":
            raise FormatError(f"meta says format {raw['format']!r}; this version of conjugacy reads format 1")
        texts = {key: _text(raw, key) for key in ("name", "output_layer")}
        for key in ("units", "provenance"):
            if not isinstance(raw.get(key) or {}, Mapping):
                raise FormatError(f"meta holds {key} = {str(raw[key])[:60]!r}; expected a JSON object")
        _require_units(raw.get("units") or {})
        known = {key: raw.get(key) for key in ("shape", "units", "provenance")}
        return cls(**texts, output_kind=_kinds(raw.get("output_kind")), **known)


def form_of(layer: str, dims: int, shape: Any) -> str:
    """Return which of `SHAPES` a layer with `dims` dimensions has, where `shape` is one name, or one for each layer.

    A single name concerns the layers that have its number of dimensions; two-dimensional outputs may stand with tokens.

    Raises
    ------
    InputError
        Where `shape` is unknown or contradicts the array, or no form has that many dimensions.

    Examples
    --------
    >>> form_of("block", 3, None), form_of("block", 3, "ntd"), form_of("head", 2, "ntd")
    ('ktn', 'ntd', 'mn')
    """
    said: Any = cast("Mapping[str, Any]", shape).get(layer) if isinstance(shape, Mapping) else shape
    if said is not None and said not in tuple(SHAPES):
        raise UnknownNameError.of("shape", str(said), SHAPES)
    if said is not None and SHAPES[said] == dims:
        return said
    if said is not None and isinstance(shape, Mapping):
        raise InputError(f"layer {layer!r} has {dims} dimensions, and shape says {said!r}, which has {SHAPES[said]}")
    found = {2: "mn", 3: "ktn", 4: "nchw"}.get(dims)
    if found is None:
        hint = "reshape it to (rows, 1)" if dims == 1 else "reshape it to stimuli x units"
        raise InputError(f"layer {layer!r} has {dims} dimension{'s' * (dims != 1)}; expected 2, 3 or 4; {hint}")
    return found


def _require_units(units: Mapping[str, Any]) -> None:
    """Refuse names of units that are no list of texts or numbers for each layer."""
    for layer, names in units.items():
        listed = cast("list[Any]", names) if isinstance(names, list) else [None]
        if not all(isinstance(name, (str, int, float)) for name in listed):
            raise FormatError(
                f"meta holds units of layer {layer!r} = {str(cast('object', names))[:60]!r}; expected a list of names"
            )


def _kinds(said: Any) -> str | Mapping[str, str] | None:
    """Return what the outputs are said to be: one kind, or an object output -> kind."""
    kinds = cast("Mapping[str, Any]", said) if isinstance(said, Mapping) else {"": said}
    for kind in kinds.values():
        if kind is not None and kind not in OUTPUT_KINDS:
            raise FormatError(
                f"meta says output_kind {str(kind)[:60]!r}; expected one of {', '.join(OUTPUT_KINDS)}, or an object that says "
                "one for each output"
            )
    return kinds if isinstance(said, Mapping) else said


def _text(raw: Mapping[str, Any], key: str) -> str | None:
    value = raw.get(key)
    if value is not None and not isinstance(value, str):
        raise FormatError(f"meta holds {key} = {str(value)[:60]!r}; expected text")
    return value
