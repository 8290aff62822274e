"""What a variable of a .mat file up to version 7 is made of, looked through before scipy follows it.

scipy trusts the types and the numbers of elements that stand in the file: where one is wrong, it reads beyond its buffers.
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass

from conjugacy.errors import FormatError
from conjugacy.storage.limits import require_count

NUMBERS = {1: 1, 2: 1, 3: 2, 4: 2, 5: 4, 6: 4, 7: 4, 9: 8, 12: 8, 13: 8}
"""Bytes of a number, by the type of a data element."""

LETTERS = {1: 1, 2: 1, 4: 2, 16: 1, 17: 2, 18: 4}
"""Bytes of a letter at least."""

MATRIX, TEXT, INT32, UINT32, UTF8 = 14, 1, 5, 6, 16
CELL, STRUCT, OBJECT, CHAR, SPARSE, FUNCTION, OPAQUE = 1, 2, 3, 4, 5, 16, 17
COMPLEX = 0x0800
DEEPEST, MOST_AXES = 16, 32


def require_sound_variable(raw: memoryview, order: str) -> None:
    """Walk through one variable, without the tag that it begins with.

    Parameters
    ----------
    raw : memoryview
        Its bytes.
    order : {"<", ">"}
        In which order numbers have their bytes.

    Raises
    ------
    FormatError
        Where an element has a type that does not belong there, or more or fewer numbers than its shape says.
    """
    _Walk(raw, order).matrix(len(raw), 0)


@dataclass
class _Walk:
    raw: memoryview
    order: str
    place: int = 0
    count: int = 0
    _type: int = 0  # of the element before
    _last: int = 0  # its bytes

    def matrix(self, end: int, depth: int) -> None:
        """Walk through one array up to its end; nested ones are walked through in turn."""
        self.count += 1
        require_count(self.count)
        if depth > DEEPEST:
            raise FormatError(f"a variable in it has more than {DEEPEST} cells or structs in each other")
        if self.place == end:
            return  # an empty cell
        flags = self._element(end, {UINT32}, 8)
        word = struct.unpack_from(self.order + "I", self.raw, flags)[0]
        kind = word & 0xFF
        if kind == OPAQUE:
            for _ in range(3):
                self._element(end, {TEXT})
            self._inner(end, depth)
            return
        axes = self._element(end, {INT32})
        shape = struct.unpack_from(f"{self.order}{self._last // 4}i", self.raw, axes)
        if not 2 <= len(shape) <= MOST_AXES or min(shape) < 0 or self._last % 4:
            raise FormatError(f"a variable in it has the impossible shape {shape[:4]}")
        self._element(end, {TEXT})
        self._content(kind, math.prod(shape), bool(word & COMPLEX), end, depth)
        if self.place > end:
            raise FormatError("an array in it is longer than what holds it")
        self.place = end

    def _content(self, kind: int, items: int, is_complex: bool, end: int, depth: int) -> None:
        if kind in (CELL, STRUCT, OBJECT):
            fields = 1 if kind == CELL else self._fields(kind, end)
            require_count(items * fields)
            for _ in range(items * fields):
                self._inner(end, depth)
        elif kind == FUNCTION:
            self._inner(end, depth)
        elif kind == CHAR:
            self._element(end, set(LETTERS))
            if (self._type == UTF8 and self._last < items) or (
                self._type != UTF8 and self._last != items * LETTERS[self._type]
            ):
                raise self._wrong(items)
        elif kind == SPARSE:
            for _ in range(4 if is_complex else 3):
                self._element(end, set(NUMBERS))
        elif 6 <= kind <= 15:
            for _ in range(2 if is_complex else 1):
                self._element(end, set(NUMBERS))
                if self._last != items * NUMBERS[self._type]:
                    raise self._wrong(items)
        else:
            raise FormatError(f"an array in it is of the unknown class {kind}")

    def _fields(self, kind: int, end: int) -> int:
        """Return how many fields a struct has; an object names its class first."""
        if kind == OBJECT:
            self._element(end, {TEXT})
        start = self._element(end, {INT32}, 4)
        length = struct.unpack_from(self.order + "i", self.raw, start)[0]
        self._element(end, {TEXT})
        if length < 1 or self._last % length:
            raise FormatError(f"the names of fields in it have {length} letters each and {self._last} together")
        return self._last // length

    def _inner(self, end: int, depth: int) -> None:
        start = self._element(end, {MATRIX})
        self.place, stop = start, start + self._last
        self.matrix(stop, depth + 1)
        self.place = stop

    def _element(self, end: int, types: set[int], expected: int | None = None) -> int:
        """Step over one element; return where its data begin. Its type and bytes are kept."""
        if self.place + 8 > end:
            raise FormatError("an array in it ends before its parts do")
        word, length = struct.unpack_from(self.order + "II", self.raw, self.place)
        start = self.place + 8
        if word >> 16:  # up to four bytes stand in the tag itself
            word, length, start = word & 0xFFFF, word >> 16, self.place + 4
            if length > 4:
                raise FormatError(f"a short part of an array in it has {length} bytes")
            self.place += 8
        else:
            self.place = start + (length if word == MATRIX else (length + 7) // 8 * 8)
        if word not in types or (expected is not None and length != expected) or start + length > end:
            raise FormatError(
                f"a part of an array in it has the type {word} and {length} bytes, which do not belong there"
            )
        self._type, self._last = word, length
        return start

    def _wrong(self, items: int) -> FormatError:
        return FormatError(
            f"an array in it has {items} elements by its shape, and {self._last} bytes of type {self._type}"
        )
