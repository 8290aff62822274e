"""Whose object something is, found out without importing anything."""

from __future__ import annotations

import sys
from typing import Any


def comes_from(thing: Any, package: str, name: str) -> bool:
    """Whether something is an object of a package's class, which is not imported to find out.

    Examples
    --------
    >>> import pathlib
    >>> comes_from(pathlib.Path("x"), "pathlib", "PurePath"), comes_from("x", "onnx", "ModelProto")
    (True, False)
    """
    if package not in sys.modules:
        return False
    return any(
        f"{kind.__module__}.".startswith(f"{package}.") and kind.__name__ == name for kind in type(thing).__mro__
    )
