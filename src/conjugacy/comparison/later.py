"""Parts of a comparison that decide nothing, worked out when they are first asked for, and once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Generic, TypeVar

from conjugacy.transformations import Ladder, Transformation

T = TypeVar("T")


@dataclass(frozen=True)
class Later(Generic[T]):
    """A value that is not worked out yet."""

    work: Callable[[], T]


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
            held = owner.__dict__[self._name] = held.work()  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]
        return held

    def __set__(self, owner: Any, value: T | Later[T]) -> None:
        owner.__dict__[self._name] = value


class FittedMaps(Mapping[str, Transformation]):
    """Every rung that applies, fitted on all rows when it is asked for; what it left unexplained held out goes with it."""

    def __init__(self, ladder: Ladder) -> None:
        self._ladder = ladder
        self._fit = cache(self._fitted)

    @property
    def _results(self) -> dict[str, Any]:
        ladder = self._ladder
        return {
            result.rung: result
            for result in ladder.results
            if result.rung in ladder.a_to_b.errors and ladder.is_known(result.rung)
        }

    def _fitted(self, rung: str) -> Transformation:
        result = self._results[rung]
        return self._ladder.transformation(rung).judged(result.a_to_b, result.b_to_a)

    def __getitem__(self, rung: str) -> Transformation:
        if rung not in self._results:
            raise KeyError(rung)
        return self._fit(rung)

    def __contains__(self, rung: object) -> bool:
        return rung in self._results  # without fitting it

    def __iter__(self) -> Iterator[str]:
        return iter(self._results)

    def __len__(self) -> int:
        return len(self._results)

    def __reduce__(self) -> Any:
        return dict, (dict(self),)
