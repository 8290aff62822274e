"""A comparison as one file: its record and its arrays, so that pages, figures and maps need nothing else."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import numpy as np

from conjugacy.asked import place, yes_or_no
from conjugacy.comparison.encoding import Decoder, Encoder
from conjugacy.errors import FormatError, InputError
from conjugacy.results.field_types import wrong_field
from conjugacy.storage.atomic import write_whole
from conjugacy.storage.json_text import parse_json
from conjugacy.storage.limits import LEEWAY
from conjugacy.storage.plain_file import require_plain
from conjugacy.storage.safetensors_file import COMPARISON_KEY

if TYPE_CHECKING:
    from conjugacy.comparison.comparison import Comparison

T = TypeVar("T")
FORMAT = 1
ENDING = ".safetensors"
MOST_RECORD = 8 * LEEWAY
"""Bytes that a record may take in memory; what is large stands in arrays beside it."""


def write_comparison(found: Comparison, path: str | Path, *, overwrite: bool) -> Path:
    """Write a comparison; what may be asked is in `Comparison.save`."""
    from safetensors.numpy import save as to_bytes

    target = place("path", path)
    if target.suffix.lower() != ENDING:
        raise InputError(f"save: got {str(target)!r}, expected a name that ends in {ENDING}")
    if not target.parent.is_dir():
        raise InputError(f"save: there is no folder {str(target.parent)!r}; create it first")
    if target.is_dir():
        raise InputError(f"save: got {str(target)!r}, which is a folder; give a file")
    if not yes_or_no("overwrite", overwrite) and target.exists():
        raise InputError(f"{str(target)!r} exists; give another path, or overwrite=True")
    encoder = Encoder()
    own = {f.name: encoder.encode(getattr(found, f.name)) for f in fields(found)}
    body = json.dumps(own, ensure_ascii=False, allow_nan=False)
    head = json.dumps({"format": FORMAT, "sum": checksum(body), "body": body})
    arrays = dict(sorted(encoder.arrays.items()))
    return write_whole(target, to_bytes(arrays or {"none": np.zeros(0)}, metadata={COMPARISON_KEY: head}))


def read_comparison(path: str | Path) -> dict[str, Any]:
    """Return the fields of a comparison that `write_comparison` wrote.

    Raises
    ------
    FormatError
        Where the file is not a saved comparison, is damaged, or is of a later version.
    """
    source = place("path", path)
    if source.suffix.lower() == ".json":
        raise FormatError(
            f"{str(source)!r} is a JSON record, which has no arrays; result.save('NAME{ENDING}') keeps everything"
        )
    head, arrays = _contents(source)
    try:
        known = cast("Mapping[str, Any]", parse_json(head, "its record", MOST_RECORD))
        version, body = known["format"], str(known["body"])
        if version != FORMAT:
            raise FormatError(
                f"{str(source)!r} has format {version!r}, and this version reads {FORMAT}: update conjugacy"
            )
        if known["sum"] != checksum(body):
            raise FormatError(f"{str(source)!r} is damaged: its record is not what was saved")
        tree = cast("Mapping[str, Any]", parse_json(body, "its record", MOST_RECORD))
        decoder = Decoder(arrays)
        return {str(name): decoder.decode(value) for name, value in tree.items()}
    except FormatError as error:
        raise FormatError(
            f"{str(source)!r} cannot be read: {error}" if str(source) not in str(error) else str(error)
        ) from None
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise FormatError(f"{str(source)!r} cannot be read as a saved comparison ({type(error).__name__})") from None


def _contents(source: Path) -> tuple[str, dict[str, np.ndarray]]:
    from safetensors import SafetensorError, safe_open

    require_plain(source)
    try:
        with safe_open(str(source), framework="numpy") as file:
            meta = cast("dict[str, str]", file.metadata() or {})
            if COMPARISON_KEY not in meta:
                raise FormatError(
                    f"{str(source)!r} is not a saved comparison; result.save(path) and conjugacy compare --save make one"
                )
            return meta[COMPARISON_KEY], {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118 - not a dict
    except (SafetensorError, OSError, ValueError) as error:
        if isinstance(error, FormatError):
            raise
        raise FormatError(f"{str(source)!r} cannot be read as a saved comparison ({error})") from None


def checksum(body: str) -> str:
    """Return what is shown beside a record, so that damage is told."""
    return hashlib.blake2b(body.encode(), digest_size=16).hexdigest()


def checked_comparison(kind: type[T], source: str | Path) -> T:
    """Build what a file holds, each field of the type that it declares.

    Raises
    ------
    FormatError
        If the file is damaged, is not a saved comparison, or comes from another version.
    """
    try:
        found = kind(**read_comparison(source))
    except TypeError as error:
        raise FormatError(f"{str(source)!r} is of another version ({error}); compare again") from None
    if wrong := wrong_field(found):
        raise FormatError(f"{str(source)!r} is not a complete comparison: {wrong}; compare again")
    return found
