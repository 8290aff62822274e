"""One network's rows, how they are divided into folds, and which of them look at each question of the kernel estimator."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import blake2b
from weakref import ref

import numpy as np

from conjugacy.numerics.kept import Kept
from conjugacy.transformations.folds import depend
from conjugacy.transformations.layer import Layer
from conjugacy.transformations.part import Part

KEPT = 16_100_000  # bytes of factors of kernels: four of a thousand rows


_shared: ContextVar[Kept | None] = ContextVar("factors of kernels", default=None)


def kept_factors() -> Kept:
    """Return a place for the factors of kernels that several questions of one pair ask for, or many pairs."""
    return _shared.get() or Kept(KEPT)


def place_for(most: float) -> Kept | None:
    """Return a place for the factors of kernels of many pairs, up to so many bytes; None where a pair alone may keep as many."""
    return Kept(int(most)) if most > KEPT else None


@contextmanager
def factors_shared(place: Kept | None) -> Generator[None]:
    """Keep factors of kernels over all pairs that are compared in the block, and in other blocks with the same place."""
    token = _shared.set(place)
    try:
        yield
    finally:
        _shared.reset(token)


@dataclass(frozen=True, eq=False)
class Division:
    """What all kernel regressions from one network share.

    Attributes
    ----------
    source : Layer
    folds : int array, (m,)
        Fold numbers; also used for the choice where rows depend on each other.
    clusters : int array, (m,)
        Rows with the same number depend on each other.
    kept : Kept
        Factors of its kernels.
    """

    source: Layer
    folds: np.ndarray
    clusters: np.ndarray
    kept: Kept = field(default_factory=kept_factors)

    @cached_property
    def is_dependent(self) -> bool:
        """Whether some rows depend on each other."""
        return depend(self.clusters)

    @cached_property
    def left_out(self) -> np.ndarray:
        """What is left out at a time where bandwidth and strength are chosen: a fold, or a row where all are independent."""
        return self.left_out_of(self.source.choice_rows)

    def left_out_of(self, rows: np.ndarray) -> np.ndarray:
        """Return the same of any rows."""
        return self.folds[rows] if self.is_dependent else np.arange(len(rows))

    @cached_property
    def name(self) -> bytes:
        """What tells these folds from others."""
        return blake2b(self.folds.tobytes(), digest_size=16).digest()

    @property
    def selected(self) -> Part:
        """The rows on which more is looked for than on all."""
        return self._part(self.source.selection)

    @property
    def all(self) -> Part:
        """All rows."""
        return self._part(np.arange(self.source.m))

    def _part(self, rows: np.ndarray) -> Part:
        """Return some rows, with what preparation computed of them where the choice is made on all of them."""
        source, folds = self.source, self.folds[rows]
        eigen = source.eigen if len(source.choice_rows) == len(rows) else {}
        name = (ref(source), self.name, len(rows))  # which keeps no network that others have let go of
        return Part(rows, source.points_at, source.median_distance, folds, folds, eigen, self.kept, name)
