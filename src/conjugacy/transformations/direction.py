"""One direction of the ladder: from one network to another, judged on held-out rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from conjugacy.errors import InputError, ShapeError
from conjugacy.numerics.sameness import same_numbers
from conjugacy.transformations.fits import Fits, RowErrors
from conjugacy.transformations.folds import make_folds
from conjugacy.transformations.layer import Layer
from conjugacy.transformations.more_rows import MoreRows
from conjugacy.transformations.power import PowerCheck
from conjugacy.transformations.rungs import rung_named


class _Errors(Mapping[str, RowErrors]):
    """The errors of the rungs that apply, on the kept rows."""

    def __init__(self, fits: Fits, kept: np.ndarray | None) -> None:
        self._fits, self._kept = fits, kept

    def __getitem__(self, rung: str) -> RowErrors:
        if rung not in self._fits.rungs:
            raise KeyError(rung)
        found = self._fits.errors(rung)
        return found if self._kept is None else RowErrors(found.rows[self._kept], found.units, found.by_variance)

    def __contains__(self, rung: object) -> bool:
        return rung in self._fits.rungs  # without fitting it

    def __iter__(self) -> Iterator[str]:
        return iter(self._fits.rungs)

    def __len__(self) -> int:
        return len(self._fits.rungs)


@dataclass(frozen=True, eq=False)
class Direction:
    """One direction, judged: errors of every rung that applies, the totals they are fractions of, and the power check.

    Attributes
    ----------
    fits : Fits
    kept : int array or None
        The rows that are judged; all, where None.
    """

    fits: Fits
    kept: np.ndarray | None = None

    @property
    def errors(self) -> Mapping[str, RowErrors]:
        """The errors of the rungs that apply; a rung is fitted when its errors are asked for."""
        return _Errors(self.fits, self.kept)

    @property
    def totals(self) -> np.ndarray:
        """What errors are fractions of, per row."""
        return self.fits.totals if self.kept is None else self.fits.totals[self.kept]

    def second_within(self, name: str, most: float = np.inf) -> np.ndarray | None:
        """Return errors per row of a second fit of the smooth rung (`second`); None where there is none.

        None too where it leaves more than a share `most` of all rows, without fitting all of it.
        """
        found = self.fits.second_within(name, most if self.kept is None else np.inf)
        return None if found is None else found.rows if self.kept is None else found.rows[self.kept]

    @property
    def promised(self) -> Mapping[str, float]:
        """What cheap looks say that second fits of the smooth rung may leave, all rows judged, by name."""
        return self.fits.promised

    @property
    def in_pieces(self) -> float | None:
        """What maps in pieces leave, over what the smooth map leaves, where that is clearly less, all rows judged."""
        return self.fits.in_pieces

    @property
    def power(self) -> PowerCheck | None:
        """What is left of a known rough function of the source; None without nulls."""
        return self.fits.power

    @property
    def power_there(self) -> PowerCheck | None:
        """The same of a rough function of what the source predicts of the target; None without nulls."""
        return None if self.fits.more_rows is None else self.fits.more_rows.power

    def judged(self, found: tuple[np.ndarray, float]) -> tuple[np.ndarray, float]:
        """Return a power check's squared held-out errors on the kept rows, and their total, from those on all."""
        errors, total = found
        return found if self.kept is None else (errors[self.kept], total * len(self.kept) / len(errors))

    @property
    def more_rows(self) -> MoreRows | None:
        """What more rows would bring, all rows judged; None without nulls."""
        return self.fits.more_rows

    def leaves(self, rung: str, enough: float) -> bool:
        """Return whether it is known, before a rung is fitted, that it leaves so much or more."""
        return self.kept is None and self.fits.leaves(rung, enough)

    def unexplained(self, rung: str) -> float:
        """Return the unexplained fraction of a rung."""
        return float(self.errors[rung].rows.sum() / self.totals.sum())

    def graded(self, rung: str) -> float:
        """Return what counts for the grade: the unexplained fraction, of the better of two fits where a rung has a second."""
        better = self.fits.regraded(rung)
        return self.unexplained(rung) if better is None else better


def judge_direction(
    source: Layer,
    target: Layer,
    clusters: np.ndarray,
    *,
    seed: int = 0,
    with_nulls: bool = True,
) -> Direction:
    """Return every rung from source to target with its held-out errors, each fitted when it is asked for.

    Parameters
    ----------
    source, target : Layer
        Rows matched.
    clusters : int array, (m,)
        Rows with one number depend on each other and are held out together.
    seed : int
        Draws the folds and the re-pairings.
    with_nulls : bool
        Whether to run the power check; controls need none.
    """
    _require_rows(source, target, clusters, seed)
    return Direction(Fits(source, target, clusters, seed, with_nulls))


def judge_both_ways(
    a: Layer, b: Layer, clusters: np.ndarray, *, seed: int = 0, first_alone: bool = False
) -> tuple[Direction, Direction]:
    """Return the directions a to b and b to a, which share what is the same for both; first fits alone have no nulls."""
    _require_rows(a, b, clusters, seed)
    there = Fits(a, b, clusters, seed, with_nulls=not first_alone, first_alone=first_alone)
    return Direction(there), Direction(replace(there, source=b, target=a, found=there.back, back=there.found))


def _require_rows(source: Layer, target: Layer, clusters: np.ndarray, seed: int) -> None:
    if source.m != target.m or len(clusters) != source.m:
        raise ShapeError(f"rows do not match: {source.m}, {target.m} and {len(clusters)} cluster numbers")
    try:
        make_folds(clusters, seed)  # rows that cannot be divided are told before the work
    except InputError:
        if same_numbers(source.values, target.values) is None:
            raise  # the same numbers are the same on however few rows


def held_out_predictions(source: Layer, target: Layer, clusters: np.ndarray, rung: str, *, seed: int = 0) -> np.ndarray:
    """Return what a rung predicts of every unit of the target, (m, n), each row by a map fitted without its fold.

    Raises
    ------
    InputError
        Where the rung does not apply to these widths.
    """
    fits = Fits(source, target, clusters, seed, with_nulls=False)
    if rung not in fits.rungs:
        raise InputError(f"the rung {rung!r} does not apply between {source.n} and {target.n} units")
    residuals = rung_named(rung).residuals(fits)
    found = np.tile(target.mean, (target.m, 1))
    found[:, target.live] = target.values[:, target.live] - residuals * target.std[target.live]
    return found
