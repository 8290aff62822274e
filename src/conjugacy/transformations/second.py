"""The second fits of the smooth rung, by name, in the order in which they are tried where the first one leaves an answer open."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol

import numpy as np

from conjugacy.transformations.kernel_map import KernelMap
from conjugacy.transformations.layer import Layer
from conjugacy.transformations.sharper import Sharper
from conjugacy.transformations.straight import Straight
from conjugacy.transformations.sum_map import SumMap
from conjugacy.transformations.way import Way


class SecondFit(Protocol):
    """What a second fit of one direction can do."""

    @staticmethod
    def applies(way: Way) -> bool:
        """Whether it is worth its cost."""
        ...

    @property
    def groups(self) -> np.ndarray:
        """The group of folds that every row is in, (m,) int: what is fitted besides the map is fitted for one at a time."""
        ...

    def by_group(self, groups: Iterable[int]) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yield the rows of one group of folds after another, and their held-out residuals, each fold left out in turn."""
        ...

    def fit(self, target: Layer) -> KernelMap | SumMap:
        """Return the map to all units of the target, fitted on all rows."""
        ...


class _Of(Protocol):
    """What makes a second fit of a direction."""

    @staticmethod
    def applies(way: Way) -> bool: ...

    def __call__(self, way: Way) -> SecondFit: ...


SECOND_FITS: dict[str, _Of] = {"straight": Straight, "sharper": Sharper}
WORDS = {
    "straight": "by a second fit, from units as normal scores, which undoes how units saturate",
    "sharper": "by a second fit, with distances along the directions in which the map changes",
}
