"""Floats that numpy does not have, as they lie in files: bfloat16 and those of 8 bits, as wider floats that hold each of them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

BYTES = {"BF16": 2, "F8_E5M2": 1, "F8_E4M3": 1, "F8_E5M2FNUZ": 1, "F8_E4M3FNUZ": 1, "F8_E8M0": 1}
"""Bytes of one value, by the name of the type in a .safetensors file."""

WIDENED = {
    "BF16": "bfloat16 as float32",
    "F8_E5M2": "float8_e5m2 as float16",
    "F8_E4M3": "float8_e4m3fn as float16",
    "F8_E5M2FNUZ": "float8_e5m2fnuz as float16",
    "F8_E4M3FNUZ": "float8_e4m3fnuz as float16",
    "F8_E8M0": "float8_e8m0fnu as float32",
}
"""What becomes of each, in the words of `conjugacy.data.foreign.widening`."""


def widened(kind: str, raw: bytes) -> np.ndarray:
    """Return the values of one of these types, exactly, as a flat array of float32 or float16.

    Examples
    --------
    >>> widened("BF16", bytes([0x80, 0x3F, 0x40, 0x40])).tolist(), widened("F8_E4M3", bytes([0x38, 0x7E])).tolist()
    ([1.0, 3.0], [1.0, 448.0])
    """
    if kind == "BF16":  # the upper half of a float32
        return (np.frombuffer(raw, "<u2").astype(np.uint32) << 16).view(np.float32)
    return _TABLES[kind]()[np.frombuffer(raw, np.uint8)]


def _table(mantissa: int, bias: int, not_numbers: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """Return the 256 values of a sign, an exponent and a mantissa of so many bits."""
    code = np.arange(256)
    exponent, part = (code & 127) >> mantissa, (code & 127) & (2**mantissa - 1)
    size = np.where(
        exponent == 0, part * 2.0 ** (1 - bias - mantissa), (1 + part / 2**mantissa) * 2.0 ** (exponent - bias)
    )
    found = np.where(code >= 128, -size, size)
    found[not_numbers(code)] = np.nan
    return found.astype(np.float16)


_TABLES: dict[str, Callable[[], np.ndarray]] = {
    "F8_E5M2": lambda: (np.arange(256, dtype=np.uint16) << 8).view(np.float16),  # the upper half of a float16
    "F8_E4M3": lambda: _table(3, 7, lambda code: (code & 127) == 127),
    "F8_E5M2FNUZ": lambda: _table(2, 16, lambda code: code == 128),
    "F8_E4M3FNUZ": lambda: _table(3, 8, lambda code: code == 128),
    "F8_E8M0": lambda: np.append(2.0 ** np.arange(-127, 128), np.nan).astype(np.float32),
}
