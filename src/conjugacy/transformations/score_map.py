"""A one-way map unit by unit: monotone, to about normal scores, which undoes how units saturate.

A unit that saturates holds what it sees squeezed into its ends. Its distribution tells how: ranks do not change under a monotone
function, so a saturated unit and the number behind it have the same normal scores. Between 33 knots the map is linear, beyond
the outermost ones constant: a straight line on from where a unit saturates would lead anywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.special import ndtr, ndtri

KNOTS = 33


@dataclass(frozen=True, eq=False)
class ScoreMap:
    """y = what lies between the scores of the two knots around x, unit by unit.

    Attributes
    ----------
    knots, scores : array, (k, n)
        Values of every unit, rising or equal, and their normal scores; equal ones have one score.
    """

    knots: np.ndarray
    scores: np.ndarray

    @classmethod
    def of(cls, values: np.ndarray) -> ScoreMap:
        """Take the distribution of every unit over rows (m, n).

        Examples
        --------
        >>> x = np.random.default_rng(0).normal(size=(500, 1))
        >>> squeezed, cubed = (ScoreMap.of(y).apply(y) for y in (np.tanh(3.0 * x), x**3))
        >>> bool(np.abs(squeezed - cubed).mean() < 0.05), bool(np.corrcoef(x.T, squeezed.T)[0, 1] > 0.99)
        (True, True)
        """
        m, rising = len(values), np.sort(values, axis=0)
        end = ndtri((m - 0.5) / m)
        at = np.rint(ndtr(np.linspace(-end, end, KNOTS)) * m - 0.5).astype(np.int64)
        knots = rising[np.unique(at.clip(0, m - 1))]
        below, upto = (places(rising, knots, side) for side in ("left", "right"))
        return cls(knots, ndtri((below + upto) / (2.0 * m)))  # the mean rank of equal values

    @property
    def inverse(self) -> ScoreMap:
        """From scores to values; equal values have one score, and scores up to the next one lie between the two."""
        return ScoreMap(self.scores, self.knots)

    @property
    def n_in(self) -> int:
        """Number of units it takes."""
        return self.knots.shape[1]

    @property
    def n_out(self) -> int:
        """Number of units it gives: as many."""
        return self.knots.shape[1]

    def _between(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the scores at rows (m, n), and the slopes there."""
        upto = places(self.knots, x, "right")
        last = len(self.knots) - 1
        left, right = np.clip(upto - 1, 0, last), np.clip(upto, 0, last)
        (x0, x1), (y0, y1) = (
            [np.take_along_axis(of, at, axis=0) for at in (left, right)] for of in (self.knots, self.scores)
        )
        apart = x1 - x0  # 0 beyond the outermost knots
        slopes = np.divide(y1 - y0, apart, out=np.zeros_like(apart), where=apart > 0)
        return y0 + slopes * (x - x0), slopes

    def apply(self, x: np.ndarray) -> np.ndarray:
        """Map rows (m, n_in)."""
        return self._between(x)[0]

    def jacobian(self, x: np.ndarray) -> np.ndarray:
        """Return the derivatives at rows (m, n_in), (m, n_out, n_in)."""
        return self._between(x)[1][:, :, None] * np.eye(self.n_in)

    def push(self, x: np.ndarray, directions: np.ndarray) -> np.ndarray:
        """Return what the derivatives at rows make of directions (m, n_in, d), (m, n_out, d)."""
        return self._between(x)[1][:, :, None] * directions

    def arrays(self) -> dict[str, np.ndarray]:
        """Return knots and scores."""
        return {"knots": self.knots, "scores": self.scores}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, np.ndarray]) -> ScoreMap:
        """Rebuild from knots and scores."""
        return cls(arrays["knots"], arrays["scores"])


def places(rising: np.ndarray, values: np.ndarray, side: Literal["left", "right"]) -> np.ndarray:
    """Return, column by column, how many rising numbers (m, n) lie below values (k, n); on the right, or are equal, (k, n).

    Examples
    --------
    >>> places(np.array([[1.0], [2.0], [2.0]]), np.array([[2.0], [3.0]]), "left").ravel().tolist()
    [1, 3]
    """
    found = np.empty(values.shape, dtype=np.int64)
    for j in range(values.shape[1]):
        found[:, j] = np.searchsorted(rising[:, j], values[:, j], side)
    return found
