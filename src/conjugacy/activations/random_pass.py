"""Whether a network's answers are random, found by running a few rows twice under different seeds."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

ROWS = 8  # shown to find out
SEEDS = (1, 2)
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
    seeded : bool
        Whether the same seed gives the same pass; otherwise it keeps states or draws from a generator of its own.
    """

    units: int
    of: int
    spread: float
    seeded: bool = True

    @property
    def said(self) -> str:
        """One sentence."""
        apart = f"{self.units} of {self.of} units differ between two passes over the same rows, by {100 * self.spread:.2g} %"
        whose = "this network was given a random state of its own" if self.seeded else "one seed does not repeat it"
        return f"the pass is random: {apart} of their spread over rows; {whose}"


def random_pass(run: Callable[[int], Mapping[str, np.ndarray]]) -> RandomPass | None:
    """Run twice under different seeds; return how far the answers differ, None where they do not.

    Parameters
    ----------
    run : callable
        From a seed to layers (m, ...) by name, on the same few rows.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.random.default_rng(0).normal(size=(8, 3))
    >>> random_pass(lambda seed: {"outputs": x}) is None
    True
    >>> random_pass(lambda seed: {"outputs": x + np.random.default_rng(seed).normal(size=x.shape)}).units
    3
    """
    layers = run(SEEDS[0])
    names = list(layers)
    # the last module gives the outputs once more
    once = [name for i, name in enumerate(names) if not any(_same(layers[name], layers[k]) for k in names[i + 1 :])]
    first = _together(layers, once)
    found = passes_apart(first, _together(run(SEEDS[1]), once))
    if found is None:
        return None
    return RandomPass(found.units, found.of, found.spread, passes_apart(first, _together(run(SEEDS[0]), once)) is None)


def passes_apart(first: np.ndarray, other: np.ndarray) -> RandomPass | None:
    """Return how far two passes over the same rows, (m, n), differ; None where they do not."""
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


def _same(x: np.ndarray, y: np.ndarray) -> bool:
    return x.shape == y.shape and np.array_equal(x, y)


def _together(layers: Mapping[str, np.ndarray], names: Sequence[str]) -> np.ndarray:
    parts = [layers[name] for name in names if name in layers]
    return np.concatenate([np.asarray(x, dtype=np.float64).reshape(len(x), -1) for x in parts], axis=1)
