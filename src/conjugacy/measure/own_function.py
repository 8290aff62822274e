"""A function of two arrays as a measure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from conjugacy.asked import number
from conjugacy.measure.interface import Measure, Traits
from conjugacy.results import Score

NAN = float("nan")


@dataclass(frozen=True)
class OwnFunction(Measure):
    """Any function of two arrays (m, n) that returns a number or a `Score`.

    It promises nothing: which way it runs is not known, so it has no distance and no similarity.

    Examples
    --------
    >>> import numpy as np
    >>> def mean_gap(x, y):
    ...     return abs(x.mean() - y.mean())
    >>> score = OwnFunction(mean_gap)(np.zeros((4, 2)), np.ones((4, 2)))
    >>> score.measure, score.value
    ('mean_gap', 1.0)
    """

    function: Callable[[np.ndarray, np.ndarray], Any]

    traits: ClassVar[Traits] = Traits(
        symmetric=False, metric=False, larger_is_more_similar=True, identity_value=None, invariances=frozenset()
    )

    def prepare(self, data: Any) -> np.ndarray:
        """Return the values alone: nothing is known that could be done once per network."""
        return np.asarray(getattr(data, "values", data), dtype=float)

    def compare(self, a: np.ndarray, b: np.ndarray) -> Score:
        """Call the function.

        Raises
        ------
        InputError
            Where it returns neither a number nor a `Score`.
        """
        found = self.function(a, b)
        if isinstance(found, Score):
            return found
        value = number(f"measure {self.id!r}", found, "that the function returns one finite number, or a Score")
        return Score(self.id, value, NAN, NAN)

    @property
    def id(self) -> str:
        """The function's own name."""
        return str(getattr(self.function, "__name__", type(self.function).__name__))
