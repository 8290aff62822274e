"""Values as MATLAB has them, whatever version of file they come from, and what they are as named arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from conjugacy.storage.laboratory.held import Held
from conjugacy.storage.limits import require_count

DEEPEST = 16


@dataclass(frozen=True, eq=False)
class MatlabCell:
    """A cell array, in MATLAB's order of elements."""

    values: Sequence[Value]


@dataclass(frozen=True, eq=False)
class MatlabStruct:
    """A struct, or an array of structs: by field one value for each."""

    fields: Mapping[str, Value]


@dataclass(frozen=True, eq=False)
class MatlabStructArray:
    """An array of structs that is not a single one: by field a cell with one value for each."""

    fields: Mapping[str, MatlabCell]


@dataclass(frozen=True)
class Unread:
    """What is not read, and why."""

    why: str


Value = np.ndarray | MatlabCell | MatlabStruct | MatlabStructArray | Unread
"""Numbers with MATLAB's axes, or texts: one for each row of a char array."""


def stripped(texts: np.ndarray) -> np.ndarray:
    """Return texts without the blanks and zeros that fill the rows of a char array.

    Examples
    --------
    >>> stripped(np.array(["cat  ", "horse"])).tolist()
    ['cat', 'horse']
    """
    # numpy.char.rstrip of numpy 2.0.0 takes single letters off, too
    return np.array([str(one).rstrip(" \0") for one in texts.reshape(-1).tolist()], dtype=str)


def opaque(kind: str) -> Unread:
    """Return why an object of a class is not read, and what to do in MATLAB.

    Examples
    --------
    >>> opaque("string").why
    'a MATLAB string; save cellstr(...) of it'
    """
    ways = {
        "string": "cellstr(...)",
        "table": "table2struct(...)",
        "categorical": "cellstr(...)",
        "sparse": "full(...)",
    }
    way = f"save {ways[kind]} of it" if kind in ways else "save numbers, char, cells or structs"
    return Unread(f"a MATLAB {kind}; {way}")


def as_held(values: Mapping[str, Value]) -> Held:
    """Return the variables of a file as named arrays and lists; fields of structs are named `struct.field`.

    Examples
    --------
    >>> ids = MatlabCell([np.array(["a"]), np.array(["b"])])
    >>> as_held({"s": MatlabStruct({"rates": np.eye(2), "ids": ids})}).arrays["s.ids"].tolist()
    ['a', 'b']
    """
    found = _Flat()
    for name, value in values.items():
        found.add(name, value, 0)
    return Held(found.arrays, lists=found.lists, left_out=found.left_out)


@dataclass
class _Flat:
    arrays: dict[str, np.ndarray] = field(default_factory=dict[str, np.ndarray])
    lists: dict[str, tuple[np.ndarray, ...]] = field(default_factory=dict[str, tuple[np.ndarray, ...]])
    left_out: dict[str, str] = field(default_factory=dict[str, str])
    count: int = 0

    def add(self, name: str, value: Value, depth: int) -> None:
        self.count += 1
        require_count(self.count)
        if depth > DEEPEST:
            self.left_out[name] = f"it lies more than {DEEPEST} structs deep"
        elif isinstance(value, np.ndarray):
            self._array(name, value)
        elif isinstance(value, Unread):
            self.left_out[name] = value.why
        elif isinstance(value, MatlabCell):
            self._cell(name, list(value.values), depth)
        else:
            for key, inner in value.fields.items():
                self.add(f"{name}.{key}", inner, depth + 1)

    def _array(self, name: str, value: np.ndarray) -> None:
        if value.dtype.kind == "U":
            self.arrays[name] = stripped(value)
        elif value.dtype.kind not in "biuf":
            self.left_out[name] = (
                "complex numbers; save real(...) and imag(...)" if value.dtype.kind == "c" else "no numbers"
            )
        elif not value.size:
            self.left_out[name] = f"it is empty ({' x '.join(map(str, value.shape))})"
        else:
            self.arrays[name] = value

    def _cell(self, name: str, values: list[Value], depth: int) -> None:
        """Take a cell for what its elements are: texts, numbers, structs, or arrays."""
        structs = [one for one in values if isinstance(one, MatlabStruct)]
        if not values:
            self.left_out[name] = "it is empty"
        elif len(structs) == len(values) and all(one.fields.keys() == structs[0].fields.keys() for one in structs):
            for key in structs[0].fields:
                self.add(f"{name}.{key}", MatlabCell([one.fields[key] for one in structs]), depth + 1)
        elif all(isinstance(one, np.ndarray) and one.dtype.kind == "U" for one in values):
            texts: list[Any] = [stripped(one) for one in values if isinstance(one, np.ndarray)]
            if any(len(one) > 1 for one in texts):
                self.left_out[name] = "a cell of char arrays with several rows"
            else:
                self.arrays[name] = np.array([str(one[0]) if len(one) else "" for one in texts])
        elif all(isinstance(one, np.ndarray) and one.dtype.kind in "biuf" for one in values):
            numbers = [one for one in values if isinstance(one, np.ndarray)]
            if all(one.size == 1 for one in numbers):
                self.arrays[name] = np.array([one.reshape(-1)[0] for one in numbers])
            else:
                self.lists[name] = tuple(numbers)
        else:
            self.left_out[name] = "a cell whose elements are of several kinds"
