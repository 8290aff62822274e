"""Text from untrusted files as numpy text: measured block by block before room is taken for all."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from conjugacy.errors import FormatError
from conjugacy.storage.limits import require_even

_LAST, _HALVES = 0x10FFFF, (0xD800, 0xDFFF)

BLOCK = 2**15
"""Texts that are Python objects at the same time."""


def as_text(key: str, array: np.ndarray) -> np.ndarray:
    """Return an array of bytes or of text in another form as numpy unicode.

    Raises
    ------
    FormatError
        Where it holds anything else, bytes that are no UTF-8, or one text far longer than the others.

    Examples
    --------
    >>> as_text("stimuli", np.array([b"cat", b"dog"])).tolist()
    ['cat', 'dog']
    """
    flat = array.reshape(-1)
    longest = total = 0
    for _, texts in _blocks(key, flat):
        lengths = [len(text) for text in texts]
        longest, total = max(longest, *lengths), total + sum(lengths)
    require_even(repr(key), len(flat), longest, total)
    found = np.empty(len(flat), dtype=f"<U{max(longest, 1)}")
    for start, texts in _blocks(key, flat):
        found[start : start + len(texts)] = texts
    return found.reshape(array.shape)


def decoded(key: str, value: bytes) -> str:
    """Return text from bytes.

    Raises
    ------
    FormatError
        Where they are no UTF-8.
    """
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        raise FormatError(f"{key!r} holds bytes that are not UTF-8 text; save text as UTF-8") from None


def require_characters(key: str, array: np.ndarray) -> None:
    """Refuse numpy text that holds numbers which are no characters: nothing can be done with it.

    Raises
    ------
    FormatError
    """
    if not array.size or not array.dtype.itemsize:
        return
    codes = np.ascontiguousarray(array).reshape(-1).view(np.dtype(np.uint32).newbyteorder(array.dtype.byteorder))
    if codes.max() > _LAST or ((codes >= _HALVES[0]) & (codes <= _HALVES[1])).any():
        raise FormatError(f"{key!r} holds numbers that are not characters in its text; it is damaged, or no text")


def _blocks(key: str, flat: np.ndarray) -> Iterator[tuple[int, list[str]]]:
    # texts that may be large one by one are few at a time
    step = max(1, min(BLOCK, 2**23 // max(flat.dtype.itemsize, 1))) if flat.dtype.kind == "S" else BLOCK
    for start in range(0, len(flat), step):
        given: list[Any] = flat[start : start + step].tolist()
        texts = [decoded(key, x) if isinstance(x, bytes) else x for x in given]
        if not all(isinstance(x, str) for x in texts):
            raise FormatError(
                f"{key!r} is an array of Python objects; save numbers, or text as numpy.asarray(ids, dtype=str)"
            )
        yield start, texts
