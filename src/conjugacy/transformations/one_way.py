"""What a map in one direction can do."""

from __future__ import annotations

from typing import Protocol

import numpy as np


class OneWay(Protocol):
    """A map in one direction, with its derivatives: a `LinearMap`, a `KernelMap` or a `ScoreMap`."""

    def apply(self, x: np.ndarray) -> np.ndarray:
        """Map rows (m, n_in)."""
        ...

    def jacobian(self, x: np.ndarray) -> np.ndarray:
        """Return the derivatives at rows, (m, n_out, n_in)."""
        ...

    def push(self, x: np.ndarray, directions: np.ndarray) -> np.ndarray:
        """Return what the derivatives at rows make of directions (m, n_in, d), (m, n_out, d), without forming them."""
        ...
