"""How far a network's answers to the same rows differ from pass to pass, and a random state of its own."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np

from conjugacy.results.digits import per_cent

RANDOM = "draws at random in its pass, from a random state of its own"
SEEN = 1e-3  # of a unit's spread; smaller differences are those of rounding


@dataclass(frozen=True)
class RandomPass:
    """How far a network's answers to the same rows differ from pass to pass.

    Attributes
    ----------
    units, of : int
        Units that differ, and all.
    spread : float
        Of those, how far two passes lie apart, over how far two rows do (root mean squares).
    """

    units: int
    of: int
    spread: float

    @property
    def said(self) -> str:
        """One sentence."""
        by = f"{per_cent(self.spread)} of their spread over rows"
        return f"{RANDOM}: {self.units} of {self.of} units looked at differ between two passes, by {by}"


def passes_apart(first: np.ndarray, other: np.ndarray) -> RandomPass | None:
    """Return how far two passes over the same rows, (m, n), differ; None where they do not.

    Examples
    --------
    >>> x = np.random.default_rng(0).normal(size=(8, 3))
    >>> passes_apart(x, x) is None, passes_apart(x, x + [[1.0, 0.0, 0.0]]).units
    (True, 1)
    """
    if first.shape != other.shape:
        return None
    finite = np.isfinite(first) & np.isfinite(other)  # masks are no numbers
    first, other = np.where(finite, first, 0.0), np.where(finite, other, 0.0)
    apart = np.sqrt(((first - other) ** 2).mean(axis=0) / 2.0)
    spread = np.maximum(first.std(axis=0), other.std(axis=0))
    moved = apart > SEEN * spread
    if not moved.any():
        return None
    share = float(np.sqrt((apart[moved] ** 2).sum() / max(float((spread[moved] ** 2).sum()), 1e-300)))
    return RandomPass(int(moved.sum()), len(moved), share)


def own_seed(seed: int, network: str | bytes) -> tuple[int, int]:
    """Return a seed of a network's own: what another one draws has nothing to do with it."""
    given = network.encode() if isinstance(network, str) else network
    return seed, int.from_bytes(hashlib.sha256(given).digest()[:8], "big")
