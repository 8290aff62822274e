"""Version 7.3 of .mat files: HDF5 with MATLAB's classes as attributes, axes in reverse order, and cells as references."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from conjugacy.errors import FormatError, MissingExtraError
from conjugacy.storage.contents import require_key
from conjugacy.storage.laboratory.hdf5_tree import require_own_data, require_readable
from conjugacy.storage.laboratory.matlab_values import (
    MatlabCell,
    MatlabStruct,
    MatlabStructArray,
    Unread,
    Value,
    opaque,
)
from conjugacy.storage.limits import LEEWAY, require_count, require_memory

REFERENCES, OBJECTS = "#refs#", "#subsystem#"
DEEPEST = 16
LONGEST_NAME = 256
NUMBERS = {"double", "single", "logical", *(f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64))}


def hdf5_values(path: Path) -> dict[str, Value]:
    """Return the variables of a file by name.

    Raises
    ------
    MissingExtraError, FormatError
    """
    try:
        import h5py
    except ImportError:
        raise MissingExtraError.of("reading .mat files of version 7.3", "neuro") from None
    require_own_data(path)
    with h5py.File(path, "r") as opened:
        file: Any = opened
        reader = _Reader(h5py, file, path)
        names = [str(name) for name in file if name not in (REFERENCES, OBJECTS)]
        for name in names:
            require_key(name)
        return {name: reader.value(file[name], 0) for name in names}


@dataclass
class _Reader:
    h5py: Any
    file: Any
    path: Path
    known: dict[Any, Value] = field(default_factory=dict[Any, Value])
    kept: int = 0  # bytes that were read
    count: int = 0  # references that were followed

    def value(self, node: Any, depth: int) -> Value:
        """Return a data set or a group as MATLAB has it; what several references share is read once."""
        address = self.h5py.h5o.get_info(node.id).addr
        if address not in self.known:
            self.known[address] = Unread("it refers to itself")
            self.known[address] = self._read(node, depth)
        return self.known[address]

    def _read(self, node: Any, depth: int) -> Value:
        if depth > DEEPEST:
            return Unread(f"it lies more than {DEEPEST} cells or structs deep")
        kind = self._kind(node)
        if isinstance(node, self.h5py.Group):
            return opaque("sparse") if "MATLAB_sparse" in node.attrs else self._struct(node, depth)
        if "MATLAB_object_decode" in node.attrs or (kind and kind not in NUMBERS | {"char", "cell", "struct"}):
            return opaque(kind or "object of a class")
        if node.shape is None:
            return Unread("a data set without values")
        if (
            "MATLAB_empty" in node.attrs
            and node.attrs.get_id("MATLAB_empty").shape == ()
            and node.attrs["MATLAB_empty"]
        ):
            return self._empty(node, kind)
        if self._refers(node):
            return MatlabCell(self._elements(node, depth))
        return self._numbers(node, kind)

    def _kind(self, node: Any) -> str:
        if "MATLAB_class" not in node.attrs:
            return ""
        held = node.attrs.get_id("MATLAB_class")
        if held.shape != () or held.dtype.kind not in "SO" or held.dtype.itemsize > LONGEST_NAME:
            raise FormatError("the class of a variable in it is no name")
        said = node.attrs["MATLAB_class"]
        return said.decode("ascii", "replace") if isinstance(said, bytes) else str(said)

    def _refers(self, node: Any) -> bool:
        """Whether a data set holds references to others."""
        return isinstance(node, self.h5py.Dataset) and self.h5py.check_ref_dtype(node.dtype) is self.h5py.Reference

    def _struct(self, group: Any, depth: int) -> Value:
        """Return a struct; where each field is a data set of references without a class, an array of structs."""
        fields = {str(name): group[name] for name in group}
        require_count(len(fields))
        if fields and all(self._refers(one) and not self._kind(one) for one in fields.values()):
            return MatlabStructArray({name: MatlabCell(self._elements(one, depth)) for name, one in fields.items()})
        return MatlabStruct({name: self.value(one, depth + 1) for name, one in fields.items()})

    def _elements(self, data: Any, depth: int) -> list[Value]:
        require_readable(data.name, data, self.path)
        self.count += data.size
        require_count(self.count)
        found: list[Value] = []
        for reference in np.asarray(data[()]).reshape(-1):  # the file's own order is MATLAB's
            if not reference:
                found.append(Unread("a reference to nothing"))
                continue
            found.append(self.value(self.file[reference], depth + 1))
        return found

    def _empty(self, data: Any, kind: str) -> Value:
        """Return a variable without elements: what is stored is its shape."""
        if kind == "char":
            return np.array([""])
        if kind == "cell":
            return MatlabCell([])
        if data.size > 32:
            raise FormatError(f"{data.name!r} is empty and has {data.size} axes")
        shape = tuple(int(n) for n in np.asarray(data[()]).reshape(-1))
        if math.prod(shape) != 0:
            raise FormatError(f"{data.name!r} is said to be empty and has the shape {shape}")
        return np.empty(shape if max(shape) <= LEEWAY else (0,))

    def _numbers(self, data: Any, kind: str) -> Value:
        if data.dtype.kind not in "biuf":
            return Unread("complex numbers; save real(...) and imag(...)" if data.dtype.names else "no numbers")
        require_readable(data.name, data, self.path)
        self.kept += int(data.nbytes)
        require_memory("what the file holds", self.kept)
        values = np.asarray(data[()])
        if kind == "char":
            return _texts(values)
        return np.ascontiguousarray(values.T) if kind or values.ndim > 1 else values


def _texts(codes: np.ndarray) -> np.ndarray:
    """Return the rows of a char array, whose letters are UTF-16, as texts."""
    rows = codes.T.reshape(codes.shape[-1], -1) if codes.ndim == 2 else codes.reshape(1, -1)
    return np.array([row.astype("<u2").tobytes().decode("utf-16-le", "replace") for row in rows])
