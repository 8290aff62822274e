"""What was prepared of a network, as a file: a tree of dataclasses and arrays, without pickle."""

from __future__ import annotations

import importlib
import io
import json
import math
import zipfile
from collections.abc import Mapping
from dataclasses import is_dataclass
from enum import Enum
from pathlib import Path
from types import MappingProxyType
from typing import Any, cast

import numpy as np

from conjugacy.errors import FormatError
from conjugacy.storage.atomic import replacing

TREE = "tree"


class NotPackable(TypeError):  # noqa: N818 - says what the object is, and is never shown
    """An object holds something that is neither a dataclass nor an array nor plain data."""


def write_packed(path: Path, value: Any) -> int:
    """Write an object made of dataclasses, arrays and plain data, as a whole or not at all; return its bytes on disk.

    Attributes that a dataclass has computed and keeps (cached properties) are written with it. What is referred to several
    times is written once.

    Raises
    ------
    NotPackable
        Where it holds anything else.
    OSError
        Where the disk refuses.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "a.npz"
    >>> _ = write_packed(path, {"x": np.arange(3), "n": 2})
    >>> read_packed(path, ())["x"].tolist()
    [0, 1, 2]
    """
    packer = _Packer()
    tree = packer.node(value)
    text = json.dumps(tree, allow_nan=False).encode()
    arrays = {str(i): array for i, array in enumerate(packer.arrays)}
    with replacing(path) as temporary, temporary.open("wb") as stream:
        np.savez(stream, **{TREE: np.frombuffer(text, np.uint8)}, **cast("dict[str, Any]", arrays))
    return path.stat().st_size


def read_packed(path: Path, packages: tuple[str, ...] | None) -> Any:
    """Read such a file; only dataclasses and enumerations of `packages` are built, and none of their code runs.

    Without packages the arrays are read, and nothing is built.

    Raises
    ------
    FormatError
        Where the file is damaged, truncated, or names a class of another package.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            if any(member.compress_type != zipfile.ZIP_STORED for member in archive.infolist()):
                raise FormatError("it is compressed, which it never is")
            arrays = {name.removesuffix(".npy"): _array(archive, name) for name in archive.namelist()}
        tree = json.loads(arrays.pop(TREE).tobytes())
        if packages is None:
            return tree
        return _Unpacker(arrays, packages).value(tree)
    except FileNotFoundError:
        raise
    except Exception as error:  # damaged bytes raise many kinds of errors; all of them mean: prepare again
        raise FormatError(f"{str(path)!r} is damaged or no prepared network: {type(error).__name__}") from None


def _array(archive: zipfile.ZipFile, name: str) -> np.ndarray:
    array = np.load(io.BytesIO(archive.read(name)), allow_pickle=False)  # zip's checksums are verified by reading all
    array.setflags(write=False)
    return array


class _Packer:
    """Turns an object into a JSON tree and a list of arrays."""

    def __init__(self) -> None:
        self.arrays: list[np.ndarray] = []
        self._seen: dict[int, int] = {}  # objects by identity
        self._alive: list[Any] = []
        self._places: dict[int, int] = {}  # arrays by identity

    def node(self, value: Any) -> Any:
        if value is None or isinstance(value, (bool, str)) or type(value) is int:
            return value
        if type(value) is float:
            return value if math.isfinite(value) else {"f": repr(value)}
        if isinstance(value, (np.ndarray, np.generic)):
            return self._array_node(value)
        if isinstance(value, bytes):
            return {"b": value.hex()}
        if isinstance(value, Enum):
            return {"e": _path(type(value)), "n": value.name}
        if isinstance(value, (tuple, list)):
            kind = "t" if isinstance(value, tuple) else "l"
            return {kind: [self.node(v) for v in cast("tuple[Any, ...]", value)]}
        if isinstance(value, (dict, MappingProxyType)):
            kind = "d" if isinstance(value, dict) else "m"
            return {kind: [[self.node(k), self.node(v)] for k, v in cast("dict[Any, Any]", value).items()]}
        if is_dataclass(value) and not isinstance(value, type):
            return self._object_node(value)
        raise NotPackable(f"{type(value).__name__} cannot be written")

    def _array_node(self, value: Any) -> Any:
        array = np.asarray(value)
        if array.dtype.hasobject:
            raise NotPackable("an array of objects cannot be written")
        key = id(value)
        if key not in self._places:
            self._places[key] = len(self.arrays)
            self.arrays.append(array)
            self._alive.append(value)
        return {"a" if isinstance(value, np.ndarray) else "g": self._places[key]}

    def _object_node(self, value: Any) -> Any:
        if id(value) in self._seen:
            return {"r": self._seen[id(value)]}
        self._seen[id(value)] = len(self._seen)
        self._alive.append(value)
        return {"c": _path(type(value)), "s": {k: self.node(v) for k, v in vars(value).items()}}


class _Unpacker:
    """Turns the tree and the arrays back."""

    def __init__(self, arrays: Mapping[str, np.ndarray], packages: tuple[str, ...]) -> None:
        self.arrays, self.packages = arrays, packages
        self._objects: list[Any] = []

    def value(self, node: Any) -> Any:
        if not isinstance(node, dict):
            return node
        ((kind, content), *more) = cast("dict[str, Any]", node).items()
        simple = {
            "a": lambda: self.arrays[str(content)],
            "g": lambda: self.arrays[str(content)][()],
            "f": lambda: float(content),
            "b": lambda: bytes.fromhex(content),
            "r": lambda: self._objects[content],
            "t": lambda: tuple(self.value(v) for v in content),
            "l": lambda: [self.value(v) for v in content],
            "d": lambda: {self.value(k): self.value(v) for k, v in content},
            "m": lambda: MappingProxyType({self.value(k): self.value(v) for k, v in content}),
        }
        if kind in simple:
            return simple[kind]()
        if kind == "e":
            return self._class(content, Enum)[more[0][1]]
        return self._object(content, more[0][1])

    def _object(self, path: str, state: Mapping[str, Any]) -> Any:
        made = object.__new__(self._class(path, None))
        self._objects.append(made)
        for key, value in state.items():
            object.__setattr__(made, key, self.value(value))
        return made

    def _class(self, path: str, kind: type | None) -> Any:
        module, _, name = path.partition(":")
        if module.partition(".")[0] not in self.packages:
            raise FormatError(f"class {path!r} is of another package")
        found = getattr(importlib.import_module(module), name)
        fine = isinstance(found, type) and (is_dataclass(found) if kind is None else issubclass(found, kind))
        if not fine:
            raise FormatError(f"{path!r} is nothing that is written")
        return found


def _path(kind: type) -> str:
    return f"{kind.__module__}:{kind.__name__}"
