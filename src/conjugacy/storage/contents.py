"""What every file type is reduced to: named arrays of numbers or text, and `meta`; all of it untrusted."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np

from conjugacy.data import OUTPUT_NAMES, is_head, natural_order
from conjugacy.errors import FormatError
from conjugacy.storage.json_text import parse_json
from conjugacy.storage.texts import as_text, decoded, require_characters

LABEL_KEYS = ("stimuli", "groups", "trials", "conditions")
"""Keys that may hold text; .safetensors, which has no text, keeps them as JSON lists in its metadata."""

RESERVED_KEYS = (*LABEL_KEYS, "inputs", "targets", "lengths", "mask", "drive", "dt", "meta")
"""Keys that are no layers; so are all keys that begin with one of `RESERVED_PREFIXES`."""

RESERVED_PREFIXES = ("covariance/", "jacobian/", "mask/")


@dataclass(frozen=True, eq=False)
class RawFile:
    """What a file holds, before anybody says what it means.

    Attributes
    ----------
    arrays : mapping of str to array
        The arrays that were asked for, read-only: numbers, or text as numpy unicode.
    meta : mapping
        The JSON object under `meta`; empty where there is none.
    shapes : mapping of str to tuple of int
        Shape of every array in the file, also of those that were not read.
    widened : mapping of str to str
        Arrays whose type numpy does not have, and what they were read as: `bfloat16 as float32`.
    """

    arrays: Mapping[str, np.ndarray]
    meta: Mapping[str, Any]
    shapes: Mapping[str, tuple[int, ...]]
    widened: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def layer_names(self) -> tuple[str, ...]:
        """Names of all layers in the file, in the order that `meta` gives; what it does not name follows, by natural order."""
        names = natural_order(key for key in self.shapes if not is_reserved(key))
        places = {name: place for place, name in enumerate(self._said)}
        return tuple(sorted(names, key=lambda name: places.get(name, len(places))))

    @property
    def order_is_guessed(self) -> bool:
        """Whether `meta` leaves the order of some layers open, the output aside: its place says nothing."""
        outputs = {self.meta.get("output_layer"), *OUTPUT_NAMES, *filter(is_head, self.layer_names)}
        return len(set(self.layer_names) - set(self._said) - outputs) > 0

    @property
    def _said(self) -> list[str]:
        given: Any = self.meta.get("layers")
        order: list[Any] = cast("list[Any]", given) if isinstance(given, list) else []
        return [name for name in order if isinstance(name, str)]


@dataclass(frozen=True)
class Entry:
    """One array that a file says it holds; nothing is read before `read` is called."""

    key: str
    shape: tuple[int, ...]
    nbytes: int
    read: Callable[[], Any]
    widened: str | None = None  # what its type is read as, where numpy does not have it
    is_float: bool = False  # kept as it is read; other values are copied into float64
    beside: int = 0  # bytes that reading takes besides: a chunk

    @property
    def cost(self) -> int:
        """Bytes of memory that reading takes: what is no float is copied into float64, what is widened into four bytes."""
        copy = 8 * math.prod(self.shape)
        if self.is_float:
            return self.nbytes + self.beside + (copy // 2 if self.widened else 0)
        return self.beside + (self.nbytes if self.nbytes == copy else self.nbytes + copy)

    @property
    def declared(self) -> int:
        """Bytes that the file says are in it, a chunk of them at least."""
        return max(self.nbytes, self.beside)


def is_reserved(key: str) -> bool:
    """Whether `key` is no layer."""
    return key in RESERVED_KEYS or key.startswith(RESERVED_PREFIXES)


def require_key(key: str) -> None:
    """Refuse a key that cannot be a name: empty, or with control characters that would reach a terminal."""
    if not key.strip() or any(unicodedata.category(c) in ("Cc", "Cs") for c in key):
        raise FormatError(f"the key {key!r} is not a name: it is empty or holds control characters; rename that array")


def as_plain(key: str, value: Any) -> np.ndarray:
    """Return what a file type read as a read-only array of numbers or text, or refuse it.

    Examples
    --------
    >>> import numpy as np
    >>> as_plain("stimuli", np.array([b"cat", b"dog"])).tolist()
    ['cat', 'dog']
    """
    array = np.asarray(value)
    if array.dtype.kind in "OST":
        array = as_text(key, array)
    if array.dtype.kind not in "biufcU":
        # numpy and h5py write bfloat16 and float8 arrays as bytes without a type
        lost = array.dtype.kind == "V" and not array.dtype.names and array.dtype.itemsize <= 2
        hint = "; if it was bfloat16 or float8, save it as float32, or as a .safetensors file" if lost else ""
        raise FormatError(f"{key!r} holds values of type {array.dtype}; expected numbers or text{hint}")
    if array.dtype.kind == "U":
        require_characters(key, array)
    array.setflags(write=False)
    return array


def parse_meta(value: Any) -> dict[str, Any]:
    """Return `meta` as a mapping, from JSON text, bytes, an array of either, or a mapping.

    Examples
    --------
    >>> import numpy as np
    >>> parse_meta(np.frombuffer(b'{"name": "a"}', np.uint8))
    {'name': 'a'}
    """
    if isinstance(value, np.ndarray):
        array = cast("np.ndarray", value)
        value = array.tobytes() if array.dtype == np.uint8 else array.reshape(-1)[0] if array.size == 1 else value
    if isinstance(value, bytes):
        value = decoded("meta", value)
    if isinstance(value, str):
        value = parse_json(value, "'meta'")
    if not isinstance(value, Mapping):
        raise FormatError(
            f"'meta' holds a {type(value).__name__}; expected the text of a JSON object, as json.dumps({{...}})"
        )
    return {str(k): v for k, v in cast("Mapping[Any, Any]", value).items()}
