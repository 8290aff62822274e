"""Parts of a result that decide nothing, computed when they are first asked for, and once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from threading import RLock
from typing import Any, Generic, TypeVar

from conjugacy.numerics.process_wide import as_here

T = TypeVar("T")


@dataclass(frozen=True)
class Later(Generic[T]):
    """A value that is not computed yet; of several threads that ask one works, and the others wait.

    It is computed on as many BLAS threads as where it was put off.
    """

    work: Callable[[], T]
    lock: Any = field(default_factory=RLock, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "work", as_here(self.work))


class AskedFor(Generic[T]):
    """A field of a frozen dataclass that may be given as a value or as `Later`; who reads it gets the value.

    Examples
    --------
    >>> @dataclass(frozen=True)
    ... class Result:
    ...     answer: AskedFor[int] = AskedFor(0)
    >>> Result(Later(lambda: 42)).answer, Result().answer
    (42, 0)
    """

    def __init__(self, default: T) -> None:
        self._default = default

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, owner: Any, kind: type | None = None) -> T:
        if owner is None:
            return self._default  # where the dataclass looks for the default
        held = owner.__dict__[self._name]
        if isinstance(held, Later):
            with held.lock:
                if owner.__dict__[self._name] is held:
                    owner.__dict__[self._name] = held.work()  # pyright: ignore[reportUnknownMemberType]
                held = owner.__dict__[self._name]
        return held

    def __set__(self, owner: Any, value: T | Later[T]) -> None:
        owner.__dict__[self._name] = value


def worked_out(result: Any) -> dict[str, Any]:
    """Return the state of a frozen dataclass with everything computed: what is copied or sent elsewhere."""
    return {one.name: getattr(result, one.name) for one in fields(result)}
