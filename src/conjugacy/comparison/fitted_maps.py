"""The maps between two layers on all rows, each fitted when it is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from conjugacy.results import RungResult
from conjugacy.transformations import Ladder, Transformation


class FittedMaps(Mapping[str, Transformation]):
    """Every rung that applies, fitted on all rows when it is asked for; what it left unexplained held out goes with it."""

    def __init__(self, ladder: Ladder) -> None:
        self._ladder = ladder
        self._fit = cache(self._fitted)

    @property
    def _results(self) -> dict[str, RungResult]:
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
