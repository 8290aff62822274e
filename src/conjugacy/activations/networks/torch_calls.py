"""What modules of a compiled torch network give while it runs: told by calls that were put into a copy of its program."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import cache
from typing import Any

OPERATORS = "conjugacy_calls"
Take = Callable[[str, Any], None]


class _Now:
    """Who is told of calls now, and where in the network the program is; one network runs at a time (`own_randomness`)."""

    take: Take | None = None
    path: tuple[str, ...] = ()


_now = _Now()


@contextmanager
def told_of_calls(take: Take) -> Generator[None]:
    """Have `take` told of every call in the programs that run: the module's name, and what it gave."""
    before = _now.take, _now.path
    _now.take, _now.path = take, ()
    try:
        yield
    finally:
        _now.take, _now.path = before


def gave(name: str, given: Any) -> None:
    """Tell that a module of this name gave something."""
    if _now.take is not None:
        _now.take(name, given)


@cache
def operators() -> Any:
    """Return the operators by which TorchScript tells where it is; they are defined once in a process.

    A type of module has one graph, however many modules are of that type: names are put together from the calls that are open.
    """
    import torch

    library = torch.library.Library(OPERATORS, "DEF")
    # conservative: they change something, so that they are not taken out as code without use
    library.define("enter(str name) -> ()", alias_analysis="CONSERVATIVE")
    library.define("leave(Tensor? given) -> ()", alias_analysis="CONSERVATIVE")
    library.impl("enter", _enter, "CompositeExplicitAutograd")
    library.impl("leave", _leave, "CompositeExplicitAutograd")
    return library


def _enter(name: str) -> None:
    _now.path = (*_now.path, name)


def _leave(given: Any) -> None:
    name, _now.path = ".".join(_now.path), _now.path[:-1]
    if given is not None:
        gave(name, given)
