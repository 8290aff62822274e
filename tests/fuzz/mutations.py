"""What may have happened to a file: bytes changed, cut, doubled or put elsewhere; fields of JSON that say something else."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable, Sequence
from typing import Any

Mutation = Callable[[bytes, random.Random], bytes]
NUMBERS = (-1, 0, 1, 2**31, 2**53, 1.5)
ODD_VALUES = (*NUMBERS, None, True, "", "a", "\x1b[31m", [], {}, [[]], [None], {"a": {}}, "float64", [3, 2], "zstd")
INTERESTING = (0, 1, 0x7F, 0x80, 0xFF, 0x22, 0x5B, 0x7B)


def _flip(raw: bytes, rng: random.Random) -> bytes:
    held = bytearray(raw)
    for _ in range(rng.choice((1, 1, 1, 2, 8))):
        held[rng.randrange(len(held))] ^= 1 << rng.randrange(8)
    return bytes(held)


def _replace(raw: bytes, rng: random.Random) -> bytes:
    place, length = rng.randrange(len(raw)), rng.choice((1, 2, 4, 8))
    return raw[:place] + bytes(rng.choice(INTERESTING) for _ in range(length)) + raw[place + length :]


def _cut(raw: bytes, rng: random.Random) -> bytes:
    start = rng.randrange(len(raw))
    return raw[:start] if rng.random() < 0.5 else raw[:start] + raw[start + rng.randrange(1, 40) :]


def _double(raw: bytes, rng: random.Random) -> bytes:
    start, to = rng.randrange(len(raw)), rng.randrange(len(raw))
    return raw[:to] + raw[start : start + rng.randrange(1, 60)] + raw[to:]


def _digit(raw: bytes, rng: random.Random) -> bytes:
    """Change a digit of a header: shapes, offsets, sizes."""
    places = [i for i, byte in enumerate(raw[:4000]) if 0x30 <= byte <= 0x39]
    if not places:
        return _flip(raw, rng)
    place = rng.choice(places)
    return raw[:place] + rng.choice((b"9", b"0", b"-", b"99", b"e")) + raw[place + 1 :]


BYTES: tuple[Mutation, ...] = (_flip, _flip, _replace, _cut, _double, _digit)


def changed(raw: bytes, rng: random.Random) -> bytes:
    """Return the bytes of a file with one thing, or some, that happened to them."""
    for _ in range(rng.choice((1, 1, 2))):
        raw = rng.choice(BYTES)(raw, rng) if raw else b"\0"
    return raw


def changed_within(raw: bytes, places: Sequence[tuple[int, int]], rng: random.Random) -> bytes:
    """Return the bytes of a file with some changed in one of these places, and none moved."""
    start, stop = rng.choice(places)
    part = raw[start:stop]
    for _ in range(rng.choice((1, 2, 5))):
        part = rng.choice((_flip, _replace))(part, rng)[: stop - start]
    return raw[:start] + part.ljust(stop - start, b"\0") + raw[stop:]


def changed_json(raw: bytes, rng: random.Random) -> bytes:
    """Return a JSON object with one field of it, however deep, gone, doubled under another name, or something odd."""
    try:
        value: Any = copy.deepcopy(json.loads(raw))
    except ValueError:
        return changed(raw, rng)
    place = value
    while isinstance(place, dict | list) and place:
        key: Any = rng.choice(list(place)) if isinstance(place, dict) else rng.randrange(len(place))
        if isinstance(place[key], dict | list) and place[key] and rng.random() < 0.8:
            place = place[key]
            continue
        how = rng.random()
        if how < 0.2:
            del place[key]
        elif how < 0.3 and isinstance(place, dict):
            place[f"{key}_"] = place[key]
        else:
            place[key] = rng.choice(ODD_VALUES)
        break
    return json.dumps(value).encode()


def changed_header(raw: bytes, rng: random.Random) -> bytes:
    """Return a .safetensors file whose header, JSON too, says something else, and is as long as it says."""
    length = int.from_bytes(raw[:8], "little")
    header = changed_json(raw[8 : 8 + length], rng)
    return len(header).to_bytes(8, "little") + header + raw[8 + length :]
