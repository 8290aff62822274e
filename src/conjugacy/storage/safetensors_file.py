"""The .safetensors file type: numbers as tensors, text as JSON lists in the metadata."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import numpy as np

from conjugacy.errors import FormatError, InputError
from conjugacy.storage import small_floats
from conjugacy.storage.contents import LABEL_KEYS, Entry
from conjugacy.storage.json_text import json_memory, parse_json
from conjugacy.storage.limits import MOST_ARRAYS, amount, require_even, require_memory

_BYTES = (
    {"F64": 8, "F32": 4, "F16": 2, "BOOL": 1}
    | small_floats.BYTES
    | {f"{s}{8 * b}": b for s in "IU" for b in (1, 2, 4, 8)}
)
COMPARISON_KEY = "conjugacy-comparison"
"""The metadata entry of a saved comparison."""
TRANSFORMATION = "conjugacy-transformation-"
"""How the metadata entry `format` of a saved transformation begins."""
_META_KEYS = ("name", "output_layer", "output_kind", "shape", "provenance")


class SafetensorsFile:
    """Tensors behind a header of JSON."""

    endings = (".safetensors",)
    is_folder = False
    extra = None

    def is_own(self, path: Path) -> bool:
        """Whether it is a plain file."""
        return path.is_file()

    @contextmanager
    def entries(self, path: Path) -> Generator[list[Entry]]:
        """Open a .safetensors file and list its tensors and the text in its metadata."""
        from safetensors import safe_open

        _require_short_header(path)
        with safe_open(str(path), framework="np") as file:
            metadata = file.metadata() or {}
            _require_recording(metadata)
            yield [*_text_entries(metadata), *(_tensor_entry(file, path, key) for key in file.keys())]  # noqa: SIM118

    def write(self, path: Path, arrays: Mapping[str, np.ndarray], meta: str) -> None:
        """Write a .safetensors file."""
        from safetensors import SafetensorError
        from safetensors.numpy import save_file

        texts = {key: array for key, array in arrays.items() if array.dtype.kind == "U"}
        for key in texts.keys() - set(LABEL_KEYS):
            raise InputError(f"{key!r} holds text, which .safetensors has no place for; save numbers, or choose .npz")
        numbers = {
            key: np.ascontiguousarray(array).reshape(array.shape) for key, array in arrays.items() if key not in texts
        }
        metadata = {key: json.dumps(array.tolist(), ensure_ascii=False) for key, array in texts.items()}
        try:
            save_file(numbers, str(path), metadata={**metadata, "meta": meta})
        except SafetensorError as error:
            raise OSError(str(error)) from None


def _require_short_header(path: Path) -> None:
    """Refuse a header that the file cannot hold, and one of more tensors than any network has: it is read as a whole."""
    with path.open("rb") as stream:
        size = int.from_bytes(stream.read(8), "little")
        if size > os.fstat(stream.fileno()).st_size:
            raise FormatError(
                f"its header says that it takes {amount(size)}, more than the file; it is damaged or incomplete"
            )
        objects = 0
        while size > 0 and (piece := stream.read(min(size, 2**20))):
            objects += piece.count(b"{")
            size -= len(piece)
    if objects > 2 * MOST_ARRAYS:
        raise FormatError(f"its header holds {objects} objects; expected {2 * MOST_ARRAYS} at most")


def _require_recording(metadata: Mapping[str, str]) -> None:
    """Refuse what is saved in the same type of file and is no recording, with what opens it."""
    if COMPARISON_KEY in metadata:
        raise FormatError("it is a saved comparison; open it with Comparison.load")
    if metadata.get("format", "").startswith(TRANSFORMATION):
        raise FormatError("it is a saved transformation; open it with Transformation.load")


def _text_entries(metadata: Mapping[str, str]) -> list[Entry]:
    found = [_meta_entry(metadata)]
    for key in LABEL_KEYS:
        if key in metadata:
            labels = _label_list(key, metadata[key])
            found.append(Entry(key, (len(labels),), len(metadata[key]), lambda labels=labels: np.array(labels)))
    return found


def _meta_entry(metadata: Mapping[str, str]) -> Entry:
    if "meta" in metadata:
        return Entry("meta", (), len(metadata["meta"]), lambda: metadata["meta"])
    # writers that know plain metadata only: one entry a field; "format" there belongs to others ("pt")
    loose: dict[str, Any] = {key: metadata[key] for key in _META_KEYS if key in metadata}
    for key in ("shape", "provenance"):
        if loose.get(key, "").startswith("{"):
            loose[key] = parse_json(loose[key], f"the metadata entry {key!r}")
    if not isinstance(loose.get("provenance", {}), dict):
        loose["provenance"] = {"note": loose["provenance"]}
    return Entry("meta", (), 0, lambda: loose)


def _label_list(key: str, text: str) -> list[Any]:
    needed = json_memory(text)
    require_memory(f"the text in {key!r}", needed)
    try:
        labels: Any = parse_json(text, key, needed)
    except FormatError:
        labels = None
    if isinstance(labels, list):
        listed = cast("list[Any]", labels)
        if all(isinstance(x, str) for x in listed):
            lengths = [len(x) for x in listed]
            require_even(repr(key), len(listed), max(lengths, default=0), sum(lengths))
            return listed
        if all(type(x) is int and abs(x) < 2**63 for x in listed):
            return listed
    raise FormatError(f"the metadata entry {key!r} is not a JSON list of texts or of integers")


def _tensor_entry(file: Any, path: Path, key: str) -> Entry:
    info = file.get_slice(key)
    kind, shape = str(info.get_dtype()), tuple(int(n) for n in info.get_shape())
    if kind not in _BYTES:
        raise FormatError(f"{key!r} holds values of type {kind}; convert them to float32 before saving")
    if kind in small_floats.BYTES:
        read = lambda: small_floats.widened(kind, _bytes(path, key)).reshape(shape)  # noqa: E731
        return Entry(key, shape, math.prod(shape) * _BYTES[kind], read, small_floats.WIDENED[kind], is_float=True)
    nbytes = math.prod(shape) * _BYTES[kind]
    return Entry(key, shape, nbytes, lambda: file.get_tensor(key), is_float=kind.startswith("F"))


def _bytes(path: Path, key: str) -> bytes:
    # the header was validated when the file was opened
    with path.open("rb") as stream:
        size = int.from_bytes(stream.read(8), "little")
        start, end = json.loads(stream.read(size))[key]["data_offsets"]
        stream.seek(8 + size + start)
        return stream.read(end - start)
