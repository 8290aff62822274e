"""`study.json`: written twice, each time with a checksum; read as what an untrusted file may hold."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, cast

from conjugacy import __version__
from conjugacy.errors import FormatError
from conjugacy.storage.atomic import write_whole
from conjugacy.storage.json_text import json_memory, parse_json
from conjugacy.storage.limits import require_memory

FILE, COPY, FORMAT = "study.json", "study.copy.json", 2
CHECK = "check"
Record = dict[str, Any]


def sealed(record: Mapping[str, Any]) -> Record:
    """Return a record with the checksum of all else in it.

    Examples
    --------
    >>> sealed({"format": 2}) == sealed(sealed({"format": 2}))
    True
    """
    held = {key: value for key, value in record.items() if key != CHECK}
    text = json.dumps(held, sort_keys=True).encode()
    return {**held, CHECK: hashlib.blake2b(text, digest_size=16).hexdigest()}


def write_record(folder: Path, record: Mapping[str, Any]) -> None:
    """Write a record; the copy first, so that the file itself is never the newer of the two.

    Raises
    ------
    InputError
        Where the disk refuses.
    """
    text = json.dumps(sealed({"format": FORMAT, "version": __version__, **record})).encode()  # paths may be no text
    for name in (COPY, FILE):
        write_whole(folder / name, text)


def read_record(folder: Path) -> Record | None:
    """Return what a store says of itself, from the copy where the file is damaged or gone; None where there is neither.

    Raises
    ------
    FormatError
        Where both are damaged, or it was made by a newer version.
    """
    found: list[FormatError] = []
    for name in (FILE, COPY):
        try:
            return read_one(folder / name)
        except FileNotFoundError:
            continue
        except FormatError as error:
            found.append(error)
    if found:
        raise found[0]
    return None


class Newer(FormatError):  # noqa: N818 - says what it is
    """A store of a later version."""


def read_one(path: Path) -> Record:
    """Return one of the two files.

    Raises
    ------
    FileNotFoundError
    FormatError
        Where it is damaged.
    Newer
        Where a newer version made it.
    """
    try:
        text = path.read_bytes()
    except FileNotFoundError:
        raise
    except OSError as error:
        raise FormatError(f"{str(path)!r} cannot be read: {error.strerror or error}") from None
    needed = json_memory(text)
    require_memory(repr(str(path)), needed)
    try:
        record = parse_json(text, repr(str(path)), needed)
    except FormatError as error:
        if "half a character" not in str(error):
            raise FormatError(f"{error}; it is damaged, or no study") from None
        record = json.loads(text)  # paths may hold what is no text
    if not isinstance(record, dict):
        raise FormatError(f"{str(path)!r} holds no JSON object; it is damaged, or no study")
    return _of_today(path, cast("Record", record))


def _of_today(path: Path, record: Record) -> Record:
    said, check = record.get("format"), record.pop(CHECK, None)
    whole = check is not None and check == sealed(record)[CHECK]
    made_by = str(record.get("version"))[:40]
    if type(said) is not int or said < 1 or (said == FORMAT and not whole):
        raise FormatError(f"{str(path)!r} is damaged: its checksum does not fit what it holds")
    unknown = set(record) - {"format", "version", *_FIELDS}
    if said > FORMAT or (unknown and (whole or _is_later(made_by))):
        what = f"format {said}, expected {FORMAT} at most" if said > FORMAT else f"fields {sorted(unknown)[:5]}"
        raise Newer(f"{str(path)!r} was made by a newer conjugacy ({made_by}; {what}): use that version for it")
    known = {key: value for key, value in record.items() if key not in ("format", "version")}
    try:
        return {key: _FIELDS[key](value) for key, value in known.items()}
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise FormatError(f"{str(path)!r} is damaged: {type(error).__name__} {error}") from None


def _is_later(version: str) -> bool:
    def parts(text: str) -> list[int]:
        return [int(x) for x in re.findall(r"\d+", text)][:4]

    return parts(version) > parts(__version__)


def _texts(value: Any) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(x, str) for x in cast("list[Any]", value)):
        raise TypeError(f"{str(value)[:40]!r} is not a list of texts")
    return cast("list[str]", value)


def _names(value: Any) -> list[str]:
    found = _texts(value)
    if len(set(found)) != len(found):
        raise ValueError("a name stands there twice")
    return found


def _tuples(size: int) -> Callable[[Any], list[tuple[str, ...]]]:
    def read(value: Any) -> list[tuple[str, ...]]:
        found = [tuple(_texts(one)) for one in cast("list[Any]", value if isinstance(value, list) else [value])]
        if any(len(one) != size for one in found):
            raise ValueError(f"not {size} texts each")
        return found

    return read


def _whole(least: int) -> Callable[[Any], int]:
    def read(value: Any) -> int:
        if type(value) is not int or value < least:
            raise ValueError(f"{str(value)[:40]!r} is not a whole number of at least {least}")
        return value

    return read


def _text_or_none(value: Any) -> str | None:
    if value is not None and not isinstance(value, str):
        raise TypeError(f"{str(value)[:40]!r} is not text")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{str(value)[:40]!r} is not text")
    return value


def _each(read: Callable[[Any], Any]) -> Callable[[Any], dict[str, Any]]:
    def found(value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise TypeError(f"{str(value)[:40]!r} is not an object")
        return {key: read(one) for key, one in cast("dict[str, Any]", value).items()}

    return found


def _object(needed: Mapping[str, Callable[[Any], Any]], **others: Callable[[Any], Any]) -> Callable[[Any], Record]:
    known = {**needed, **others}

    def found(value: Any) -> Record:
        held = _each(lambda one: one)(value)
        if set(needed) - set(held) or set(held) - set(known):
            raise KeyError(f"fields {sorted(set(needed) ^ set(held))[:5]}")
        return {key: known[key](one) for key, one in held.items()}

    return found


_HASH = re.compile(r"[0-9a-f]{32}")


def _hash(value: Any) -> str:
    if not _HASH.fullmatch(_text(value)):
        raise ValueError(f"{value[:40]!r} is not a hash")
    return value


def _list_of(read: Callable[[Any], Any]) -> Callable[[Any], list[Any]]:
    def found(value: Any) -> list[Any]:
        if not isinstance(value, list):
            raise TypeError(f"{str(value)[:40]!r} is no list")
        return [read(one) for one in cast("list[Any]", value)]

    return found


def _some(value: Any) -> list[str]:
    found = _names(value)
    if not found:
        raise ValueError("no name, expected one at least")
    return found


_JOINED = _object(
    {
        **dict.fromkeys(("compared", "audited", "near"), _whole(0)),
        "classes": _list_of(_object({"members": _some, "representatives": _some, "holding": _whole(0)})),
        "audit": _object(dict.fromkeys(("hold", "open", "fail"), _whole(0))),
    }
)


_FIELDS: dict[str, Callable[[Any], Any]] = {
    "measures": _names,
    "layer_pairs": _tuples(2),
    "seed": _whole(0),
    "draws": _whole(0),
    "block": _whole(1),
    "reading": _object(dict.fromkeys(("output_layer", "output_kind", "shape", "reducer"), _text_or_none)),
    "kind": _text_or_none,
    "rows": _names,
    "cols": lambda value: None if value is None else _names(value),
    "prepared": _each(
        _object(
            {
                "network": _object(dict.fromkeys(("name", "path", "stamp", "content", "state", "reason"), _text)),
                "keys": _each(_hash),  # names of files
                "failures": _each(_text),
                "nbytes": _whole(0),
                "version": _text,
            },
            rules=_whole(0),
            layers=_each(_text),
            read_as=_texts,
        )
    ),
    "refusals": _tuples(4),
    "notes": _texts,
    "groups": _each(_names),
    "near": _whole(1),
    "joined": lambda value: _JOINED(value) if value else {},
}
"""The fields of a record, and what each may hold."""
