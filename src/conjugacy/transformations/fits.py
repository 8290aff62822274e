"""Every rung fitted in one direction, each when it is asked for, and what each leaves on held-out rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from conjugacy.transformations.fold_groups import MOST_PROMISED, MOST_ROWS
from conjugacy.transformations.layer import Layer
from conjugacy.transformations.more_rows import MoreRows
from conjugacy.transformations.pieces import left_in_pieces
from conjugacy.transformations.power import PowerCheck, power_check
from conjugacy.transformations.rungs import LADDER, RUNGS, rung_named
from conjugacy.transformations.second import SECOND_FITS
from conjugacy.transformations.way import Way

HELPS_MORE, ENOUGH = (
    0.8,
    3,
)  # times what it leaves of a third of the errors, the least that a second fit may leave of the rest
NEARLY = 2.0  # times what a second fit may leave: what the first one leaves, or the second promises, where it is tried


@dataclass(frozen=True, eq=False)
class RowErrors:
    """Squared held-out residuals, summed: per row over judged units, per unit over rows, and weighted by variance."""

    rows: np.ndarray
    units: np.ndarray
    by_variance: float

    @classmethod
    def of(cls, residuals: np.ndarray, target: Layer, weights: np.ndarray | None = None) -> RowErrors:
        """Sum the residuals (m, p), given in units of the target's standard deviations; rows weigh so much, all one without."""
        squares = np.square(residuals, out=residuals)  # theirs is the memory
        if weights is not None:
            squares *= weights[:, None]
        variance = target.std[target.live] ** 2
        units = squares.sum(axis=0)
        rows = squares @ target.judged.astype(np.float64)
        count = target.m if weights is None else weights.sum()
        return cls(rows, units * (target.m / count), float((units * variance).sum() / (count * variance.sum())))


@dataclass(frozen=True, eq=False)
class Fits(Way):
    """Every rung fitted from one network to another; each is computed when it is asked for, and once.

    Attributes
    ----------
    with_nulls : bool
        Whether there is a power check.
    found, back : dict
        What each rung's own map leaves, as far as it was asked for, in this direction and in the other one: what both share is
        computed once.
    seconds : dict
        What second fits leave, by name, as far as they were asked for.
    at_least : dict
        Whether rungs leave so much, before they are fitted, as far as it was asked.
    too_much : set of (str, float)
        Second fits, and shares that they leave more than, as far as they were made.
    """

    with_nulls: bool
    found: dict[str, RowErrors] = field(default_factory=dict[str, RowErrors])
    back: dict[str, RowErrors] = field(default_factory=dict[str, RowErrors])
    seconds: dict[str, RowErrors] = field(default_factory=dict[str, RowErrors], init=False)
    at_least: dict[tuple[str, float], bool] = field(default_factory=dict[tuple[str, float], bool], init=False)
    too_much: set[tuple[str, float]] = field(default_factory=set[tuple[str, float]], init=False)

    @cached_property
    def rungs(self) -> tuple[str, ...]:
        """The rungs that apply."""
        return tuple(rung.name for rung in LADDER if rung.advice(self.source, self.target) is None)

    def errors(self, rung: str) -> RowErrors:
        """Return the held-out errors of a rung that applies."""
        return self._own_errors(self.map_of(rung))

    def leaves(self, rung: str, enough: float) -> bool:
        """Return whether it is known, before a rung is fitted, that it leaves so much or more."""
        if (rung, enough) not in self.at_least:
            self.at_least[rung, enough] = rung_named(rung).least(self, enough) >= enough
        return self.at_least[rung, enough]

    def map_of(self, rung: str) -> str:
        """Return the rung whose map a rung takes: its own, or that of the rung that it `takes` where that is no worse."""
        narrower = rung_named(rung).takes
        if narrower is None or narrower not in self.rungs:
            return rung
        own = float(self._own_errors(rung).rows.sum())
        left = own / float(self.totals.sum())
        if narrower not in self.found and left < rung_named(narrower).least(self, left):
            return rung  # without fitting the narrower one
        no_worse = self.errors(narrower).rows.sum() <= own
        return self.map_of(narrower) if no_worse else rung

    def _own_errors(self, rung: str) -> RowErrors:
        if rung not in self.found:
            there, back = rung_named(rung).residuals_both_ways(self)
            self.found[rung] = RowErrors.of(there, self.target, self.weights)
            if back is not None:
                self.back[rung] = RowErrors.of(back, self.source, self.weights)
        return self.found[rung]

    def regraded(self, rung: str) -> float | None:
        """Return the unexplained fraction of the better of a rung's two fits, where it has a second one for the grade."""
        residuals = rung_named(rung).graded_residuals(self)
        if residuals is None:
            return None
        graded = RowErrors.of(residuals, self.target, self.weights).rows.sum()
        return float(min(graded, self.errors(rung).rows.sum()) / self.totals.sum())

    @cached_property
    def promised(self) -> dict[str, float]:
        """What cheap looks say that second fits may leave, by name; nothing is promised without nulls."""
        return {name: fit.promised(self) if self.with_nulls else np.inf for name, fit in SECOND_FITS.items()}

    def second_within(self, name: str, most: float) -> RowErrors | None:
        """Return what the smooth rung leaves by a second fit (`second`); None where that is too dear.

        None too where it leaves more than a share `most`, as soon as that is plain: groups of folds come in the order of what the
        first fit leaves of them, and it is given up where what is left of those that are fitted, and once these are a third of
        all, of the rest even if the second fit helps there a fifth more, is over that share.
        """
        if not (self.with_nulls and SECOND_FITS[name].applies(self, self._most_rows(name, most))):
            return None
        if name not in self.seconds and (name, most) not in self.too_much:
            second, first = SECOND_FITS[name](self), self.errors(RUNGS[-1]).rows
            weights = np.ones(self.target.m) if self.weights is None else self.weights
            found, left, before = np.empty_like(self.target.z), 0.0, 0.0
            limit, all_before = most * float(self.totals.sum()), float(first.sum())
            by_group = np.bincount(second.groups, first)
            for out, residuals in second.by_group(np.argsort(-by_group, kind="stable").tolist()):
                found[out] = residuals
                left += float(weights[out] @ (residuals[:, self.target.judged] ** 2).sum(axis=1))
                before += float(first[out].sum())
                rest = HELPS_MORE * left / before * (all_before - before) if ENOUGH * before >= all_before > 0 else 0.0
                if left + rest > limit:
                    self.too_much.add((name, most))
                    return None
            self.seconds[name] = RowErrors.of(found, self.target, self.weights)
        return None if (name, most) in self.too_much else self.seconds[name]

    def _most_rows(self, name: str, most: float) -> int:
        """Return of how many rows a second fit is made that is to leave at most a share: of more where it promises to, about."""
        few = self.source.m <= MOST_ROWS or not np.isfinite(most)
        return MOST_ROWS if few or self.promised[name] > NEARLY * most else MOST_PROMISED

    @cached_property
    def power(self) -> PowerCheck | None:
        """What is left of a known function of the source; None without nulls."""
        return power_check(self.division) if self.with_nulls else None

    @cached_property
    def in_pieces(self) -> float | None:
        """What maps in pieces leave, over what the smooth map leaves, where that is clearly less; None too without nulls."""
        first = self.errors(RUNGS[-1]).rows
        return left_in_pieces(self, first, self.totals, self.weights) if self.with_nulls else None

    @cached_property
    def more_rows(self) -> MoreRows | None:
        """What more rows would bring; None without nulls."""
        return MoreRows(self) if self.with_nulls else None
