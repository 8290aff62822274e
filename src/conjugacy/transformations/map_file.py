"""A transformation as a safetensors file; nothing executable is stored."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np

from conjugacy.asked import place, yes_or_no
from conjugacy.errors import FormatError, InputError
from conjugacy.results import Estimate
from conjugacy.storage.atomic import write_whole
from conjugacy.storage.plain_file import require_plain
from conjugacy.storage.safetensors_file import TRANSFORMATION
from conjugacy.transformations.kinds import rebuild

if TYPE_CHECKING:
    from conjugacy.transformations.transformation import Transformation

FORMAT = f"{TRANSFORMATION}1"


def write_map(found: Transformation, path: str | Path, *, overwrite: bool = False) -> Path:
    """Write the map with what it left unexplained; returns the path.

    Raises
    ------
    InputError
        Where there is such a file, or no such folder.
    """
    from safetensors.numpy import save as to_bytes

    target, overwrite = place("path", path), yes_or_no("overwrite", overwrite)
    tensors = {key: np.ascontiguousarray(value) for key, value in found.arrays().items()}
    meta = {"format": FORMAT, "kind": found.kind}
    if found.held_out is not None:
        meta["held_out"] = json.dumps([[e.unexplained, e.low, e.high] for e in found.held_out])
    data = to_bytes(tensors, metadata=meta)
    if not target.parent.is_dir():
        raise InputError(f"{target}: there is no folder {target.parent}; make it first")
    if target.exists() and not overwrite:
        raise InputError(f"{target} exists; give another path, or overwrite=True")
    return write_whole(target, data)


def read_map(path: str | Path) -> Transformation:
    """Read a map that `write_map` wrote.

    Raises
    ------
    FormatError
        Where the file is damaged or no transformation.
    """
    from safetensors import SafetensorError, safe_open

    path = place("path", path)
    require_plain(path)
    try:
        with safe_open(str(path), framework="numpy") as file:
            meta = cast("dict[str, str]", file.metadata() or {})
            arrays = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118 - not a dict
    except (SafetensorError, OSError, ValueError) as error:
        raise FormatError(f"{path}: cannot be read as a saved transformation ({error})") from None
    if meta.get("format") != FORMAT:
        raise FormatError(f"{path}: is no saved transformation (format {meta.get('format')!r}, expected {FORMAT!r})")
    found = rebuild(meta.get("kind", ""), arrays, str(path))
    return found if "held_out" not in meta else found.judged(*_estimates(meta["held_out"], str(path)))


def _estimates(text: str, where: str) -> tuple[Estimate, Estimate]:
    try:
        forward, backward = (Estimate(*(None if x is None else float(x) for x in three)) for three in json.loads(text))
    except (ValueError, TypeError, RecursionError) as error:
        raise FormatError(f"{where}: what the map left unexplained cannot be read ({error})") from None
    return forward, backward
