"""The families of transformations, one file each: a file that is put here is a rung, and nothing else names it.

Files with a leading underscore are what several share.
"""

from __future__ import annotations

import importlib
import pkgutil
from typing import TYPE_CHECKING, Literal, TypeAlias

from conjugacy.errors import UnknownNameError
from conjugacy.transformations.rung import Rung


def _rung_in(name: str) -> Rung:
    module = importlib.import_module(f"{__name__}.{name}")
    (kind,) = (
        v
        for v in vars(module).values()
        if isinstance(v, type) and issubclass(v, Rung) and v.__module__ == module.__name__
    )
    if kind.name != name:
        raise ImportError(f"the rung {kind.name!r} stands in the file {name!r}; the file must be called as the rung is")
    return kind()


LADDER: tuple[Rung, ...] = tuple(
    sorted(
        (_rung_in(m.name) for m in pkgutil.iter_modules(__path__) if not m.name.startswith("_")),
        key=lambda rung: rung.place,
    )
)
"""All rungs, the narrowest first."""
RUNGS = tuple(rung.name for rung in LADDER)
"""Their names, in the order in which `rung` names the first that holds."""

if TYPE_CHECKING:
    RungName: TypeAlias = str
else:
    RungName = Literal[RUNGS]
"""The type of a knob that names a rung."""


def rung_named(name: str) -> Rung:
    """Return the rung of that name.

    Raises
    ------
    UnknownNameError
        Where there is none.

    Examples
    --------
    >>> rung_named("rotation").words
    'a rotation with one scale'
    """
    if name not in RUNGS:
        raise UnknownNameError.of("rung", name, RUNGS)
    return LADDER[RUNGS.index(name)]


def containments() -> tuple[tuple[str, str], ...]:
    """Return which rung is contained in which, (narrower, wider), without those that follow from two others.

    Examples
    --------
    >>> ("affine", "smooth") in containments(), ("identity", "smooth") in containments()
    (True, False)
    """
    found = {(low, rung.name) for rung in LADDER for low in rung.contains}
    found |= {(rung.name, high) for rung in LADDER for high in rung.inside}
    for middle in RUNGS:
        found |= {(low, high) for low, m in found if m == middle for n, high in found if n == middle}
    between = {(low, high) for low, m in found for n, high in found if m == n}
    return tuple((low, high) for high in RUNGS for low in RUNGS if (low, high) in found - between)
