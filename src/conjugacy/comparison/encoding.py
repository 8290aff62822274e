"""Frozen records as JSON and named arrays, and back; what is read is not trusted: only records known here are built."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from enum import Enum
from typing import Any, cast

import numpy as np

from conjugacy import results
from conjugacy.errors import ConjugacyError, FormatError
from conjugacy.results import Estimate, Reason, Status, plain
from conjugacy.results.field_types import wrong_field
from conjugacy.transformations import Transformation
from conjugacy.transformations.kinds import rebuild

MARK = "$"
RECORDS: Mapping[str, type] = {
    name: kind for name, kind in vars(results).items() if isinstance(kind, type) and is_dataclass(kind)
}
"""The records that may stand in a file, by name."""


def key_of(array: np.ndarray) -> str:
    """Return the name of an array: a checksum of what it holds."""
    whole = np.ascontiguousarray(array)
    head = f"{whole.dtype.str}{array.shape}".encode()
    return hashlib.blake2b(head + whole.tobytes(), digest_size=16).hexdigest()


@dataclass
class Encoder:
    """Turns records into what JSON can hold; arrays are kept aside, equal ones once."""

    arrays: dict[str, np.ndarray] = field(default_factory=dict[str, np.ndarray])

    def encode(self, value: Any) -> Any:
        """Return the value as JSON, with marked objects for all that JSON does not have."""
        if isinstance(value, Reason):
            return {MARK: "reason", "text": str(value), "about": value.about, "decided": value.decided}
        if isinstance(value, Transformation):
            return self._map(value)
        if isinstance(value, Enum):
            return {MARK: "status", "name": value.name} if isinstance(value, Status) else value.name
        if is_dataclass(value) and type(value).__name__ in RECORDS:
            own = {f.name: self.encode(getattr(value, f.name)) for f in fields(value)}
            return {MARK: "record", "kind": type(value).__name__, "fields": own}
        if isinstance(value, Mapping):
            items = cast("Mapping[Any, Any]", value).items()
            return {MARK: "mapping", "items": [[self.encode(k), self.encode(v)] for k, v in items]}
        if isinstance(value, np.ndarray):
            return {MARK: "array", "key": self._key(value)} if value.dtype.kind in "fiub" else plain(value)
        if isinstance(value, (list, tuple)):
            return [self.encode(one) for one in cast("list[Any]", value)]
        if isinstance(value, (float, np.floating)):
            return float(value) if math.isfinite(value) else {MARK: "float", "text": str(float(value))}
        return plain(value)

    def _map(self, value: Transformation) -> Any:
        arrays = {name: self._key(np.asarray(one)) for name, one in value.arrays().items()}
        return {MARK: "map", "kind": value.kind, "arrays": arrays, "held_out": self.encode(value.held_out)}

    def _key(self, array: np.ndarray) -> str:
        whole = np.ascontiguousarray(array).reshape(array.shape)
        key = key_of(whole)
        self.arrays.setdefault(key, whole)
        return key


@dataclass(frozen=True)
class Decoder:
    """Turns what an `Encoder` made back into records; lists come back as tuples.

    Raises
    ------
    FormatError
        Where something is of no kind that is known here, or does not fit together.
    """

    arrays: Mapping[str, np.ndarray]

    def decode(self, tree: Any) -> Any:
        """Return the value."""
        if isinstance(tree, list):
            return tuple(self.decode(one) for one in cast("list[Any]", tree))
        if not isinstance(tree, dict):
            return tree
        marked = cast("dict[str, Any]", tree)
        make = self._makers().get(str(marked.get(MARK)))
        if make is None:
            raise FormatError(f"{marked.get(MARK)!r} is of no kind that this version knows")
        try:
            return make(marked)
        except ConjugacyError:
            raise
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise FormatError(f"a {marked[MARK]} does not fit together ({type(error).__name__}: {error})") from None

    def _makers(self) -> dict[str, Callable[[dict[str, Any]], Any]]:
        return {
            "reason": lambda t: Reason(str(t["text"]), about=t["about"], decided=bool(t["decided"])),
            "status": lambda t: Status[t["name"]],
            "record": self._record,
            "mapping": lambda t: {self.decode(k): self.decode(v) for k, v in t["items"]},
            "array": lambda t: self._array(t["key"]),
            "float": lambda t: float(t["text"]),
            "map": self._map,
        }

    def _record(self, tree: dict[str, Any]) -> Any:
        kind = RECORDS[tree["kind"]]
        made = kind(**{name: self.decode(value) for name, value in tree["fields"].items()})
        if wrong := wrong_field(made):
            raise FormatError(f"a record {tree['kind']} does not fit together ({wrong})")
        return made

    def _map(self, tree: dict[str, Any]) -> Transformation:
        found = rebuild(str(tree["kind"]), {n: self._array(k) for n, k in tree["arrays"].items()}, "the map")
        held_out = self.decode(tree["held_out"])
        if held_out is None:
            return found
        forward, backward = held_out
        if not (isinstance(forward, Estimate) and isinstance(backward, Estimate)):
            raise FormatError("what a map left unexplained is not a pair of estimates")
        return found.judged(forward, backward)

    def _array(self, key: str) -> np.ndarray:
        array = self.arrays[key]
        if key_of(array) != key:
            raise FormatError("an array is not what was saved: the file is damaged")
        array.setflags(write=False)
        return array
