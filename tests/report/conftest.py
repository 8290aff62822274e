"""Lets the tests of this folder import the factory of comparisons, and compiles a template once, not for every page."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from jinja2 import Environment

sys.path.insert(0, str(Path(__file__).parent))

COMPILED: dict[Any, Any] = {}
compile_anew = Environment.compile


def compiled(self: Environment, source: Any, *args: Any, **named: Any) -> Any:
    """Return the code of a template; an environment that reads templates in another way has its own."""
    way = self.autoescape, self.undefined, self.trim_blocks, self.lstrip_blocks
    key = (source, way, args, tuple(named.items()))
    if key not in COMPILED:
        COMPILED[key] = compile_anew(self, source, *args, **named)
    return COMPILED[key]


Environment.compile = compiled  # type: ignore[method-assign]
