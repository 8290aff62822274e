"""The ladder: fits every family of transformations in both directions and judges it on held-out rows.

For each rung and direction the unexplained fraction is u = sum_ij e_ij^2 / sum_ij t_ij^2 over held-out rows i and judged
units j, every unit scaled to unit variance. A rung holds when the upper end of its interval is under the tolerance in both
directions, fails when the lower end is over it in one, and is undecided otherwise. The smooth rung fails only where
the same estimator does clearly better on a known rough function of the source (the power check).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from conjugacy.numerics.sameness import same_within
from conjugacy.results import Estimate, RungResult
from conjugacy.transformations.chance import Chance
from conjugacy.transformations.direction import Direction
from conjugacy.transformations.folds import FOLDS, MIN_CLUSTERS, MIN_ROWS
from conjugacy.transformations.layer import Layer
from conjugacy.transformations.rungs import LADDER, RUNGS, rung_named
from conjugacy.transformations.second import WORDS
from conjugacy.transformations.standard import Standard
from conjugacy.transformations.transformation import Transformation

EXACT_SHARE = 0.01  # an exact rung may be worse than the best by so much of the tolerance


@dataclass(frozen=True, eq=False)
class Ladder:
    """Both directions judged against one tolerance.

    Attributes
    ----------
    a, b : Layer
        The two networks, rows matched.
    a_to_b, b_to_a : Direction
        Held-out errors.
    clusters : int array, (m,)
        Rows that depend on each other.
    tolerance : float
        Largest unexplained fraction that counts as the same.
    seed : int
        Seeds folds, bootstrap and re-pairings.
    chance : Chance
        Whether the two have anything to do with each other, on all rows; of a series, on the means of its blocks.
    places : int array, (m,), or None
        Of a series: where every row stands.
    up_to : str
        The last rung that counts for `rung` and `determines`.
    first_alone : bool
        Whether maps are told by their first fits alone, chosen at the least cost. These may show a map, and deny none.
    near : Ladder or None
        Of a series: the same judged row by row, with neighbours among the rows that are fitted on. What is left unexplained even
        so is left of rows held out with their neighbours; so it may refute a map, and never shows one.
    states : dict
        What was found before, by direction and rung.
    """

    a: Layer
    b: Layer
    a_to_b: Direction
    b_to_a: Direction
    clusters: np.ndarray
    tolerance: float
    seed: int
    chance: Chance
    up_to: str = RUNGS[-1]
    places: np.ndarray | None = None
    first_alone: bool = False
    near: Ladder | None = None
    states: dict[tuple[Direction, str], str] = field(default_factory=dict[tuple[Direction, str], str], init=False)

    @property
    def directions(self) -> tuple[Direction, Direction]:
        """A to b, and b to a."""
        return self.a_to_b, self.b_to_a

    @cached_property
    def standard(self) -> Standard:
        """What both directions are compared with."""
        return Standard(self.clusters, self.tolerance, self.seed, self.up_to, self.places, not self.first_alone)

    @cached_property
    def same(self) -> float | None:
        """0 where both hold the same numbers, the spacing up to whose rounding they do, else None; nothing is fitted."""
        return same_within(self.a.values, self.b.values, self.tolerance)

    def state(self, direction: Direction, rung: str) -> str:
        """Return holds, fails or undecided for one rung in one direction; the same numbers hold, on however few rows."""
        if (direction, rung) not in self.states:
            self.states[direction, rung] = self._state(direction, rung)
        return self.states[direction, rung]

    def _state(self, direction: Direction, rung: str) -> str:
        if self.same is not None and self.is_known(rung):
            return "holds"  # the identity is one of every rung's maps
        own = self.standard.state(direction, rung)
        if self.near is None:
            return own
        if self.first_alone:
            low = self.near.standard.estimate(self._near(direction), rung).low if own == "holds" else None
            return "undecided" if low is not None and low > self.tolerance else own
        beside = self.near.standard.state(self._near(direction), rung)
        if own == "fails" == beside or {own, beside} == {"fails", "undecided"}:
            return "fails"
        return "holds" if own == "holds" and beside != "fails" else "undecided"

    def determines(self, direction: Direction) -> str:
        """Return holds where any rung that counts holds in this direction, else the state of the last one."""
        if self.same is not None:
            return "holds"
        if any(self.state(direction, rung) == "holds" for rung in self.standard.rungs):
            return "holds"
        return self.state(direction, self.up_to)

    def _near(self, direction: Direction) -> Direction:
        """Return a direction judged row by row."""
        assert self.near is not None
        return self.near.directions[self.directions.index(direction)]

    def estimate(self, direction: Direction, rung: str) -> Estimate:
        """Return what a rung leaves in one direction; of a series, row by row where that alone refutes it.

        Of the same numbers it is what the identity leaves, which every rung here contains.
        """
        if self.same is not None:
            return self.standard.estimate(direction, RUNGS[0])
        if self.near is not None and self.state(direction, rung) == "fails" != self.standard.state(direction, rung):
            return self.near.standard.estimate(self._near(direction), rung)
        return self.standard.estimate(direction, rung)

    @cached_property
    def results(self) -> tuple[RungResult, ...]:
        """Every rung with its status, both estimates and advice."""
        return tuple(self._result(rung) for rung in RUNGS)

    def _result(self, rung: str) -> RungResult:
        states = [self.state(direction, rung) for direction in self.directions]
        known = self.is_known(rung)
        status = "fails" if "fails" in states else "holds" if states == ["holds", "holds"] else "undecided"
        folds = min(FOLDS, self.standard.n_clusters)
        return RungResult(
            rung=rung,
            status=status,
            a_to_b=self.estimate(self.a_to_b, rung) if known else Estimate(),
            b_to_a=self.estimate(self.b_to_a, rung) if known else Estimate(),
            n_train=self.a.m - -(-self.a.m // folds),
            n_test=self.a.m,
            advice=self._advice(rung, states),
        )

    def is_known(self, rung: str) -> bool:
        """Whether a rung can be judged: of the same numbers on too few rows to fit any map, the first alone."""
        return rung == RUNGS[0] or (self.a.m >= MIN_ROWS and self.standard.n_clusters > 1)

    def _advice(self, rung: str, states: list[str]) -> str | None:
        width = rung_named(rung).advice(self.a, self.b)
        if width is not None:
            return width
        if "undecided" in states and (few := self.too_few(rung)) is not None:
            return few
        second = [] if self.same is not None else [self.standard.second(d, rung) for d in self.directions]
        if any(second) and "undecided" not in states:
            return "; ".join(words for name, words in WORDS.items() if name in second)
        if "undecided" not in states or "fails" in states:
            return None
        for direction, state in zip(self.directions, states, strict=True):
            low = self.standard.estimate(direction, rung).low or 0.0
            if state == "undecided" and rung_named(rung).power_check and low > self.tolerance:
                return f"over the tolerance, but {self.standard.too_weak(direction, rung)}: record more stimuli"
        return "the interval straddles the tolerance: record more stimuli"

    def too_few(self, rung: str) -> str | None:
        """Say that an interval rests on too few groups of rows, or runs of a series; None where it does not."""
        rests = [self.standard.rests_on(d, rung) for d in self.directions] if self.is_known(rung) else []
        count = min(rests, default=self.standard.n_clusters)
        if count >= MIN_CLUSTERS:
            return None
        what = (
            "independent groups of rows"
            if self.places is None
            else "runs of rows over which errors depend on each other"
        )
        return f"only {count} {what}; an interval needs at least {MIN_CLUSTERS}"

    @property
    def runs_told(self) -> tuple[str, ...]:
        """Say on how many runs of a series the intervals of the told rung rest; nothing where they rest on clusters."""
        if self.places is None or not self.is_known(self.told_rung):
            return ()
        count = min(self.standard.rests_on(direction, self.told_rung) for direction in self.directions)
        told = f"intervals rest on {count} runs of rows: errors of maps depend on each other within these, not beyond"
        if not self.standard.are_few(count):
            return (told,)
        return (f"{told}; so few count as half as many, and their upper ends are those of chi-square distributions",)

    @cached_property
    def rung(self) -> str | None:
        """The first rung that holds both ways; none beyond it is fitted for this."""
        return next((r for r in self.standard.rungs if self.holds(r)), None)

    def holds(self, rung: str) -> bool:
        """Return whether a rung holds both ways; of first fits it is not fitted where a bound before it speaks against it."""
        if self.first_alone and self.same is None and any(d.leaves(rung, self.tolerance) for d in self.directions):
            return False  # without fitting the other direction
        return all(self.state(direction, rung) == "holds" for direction in self.directions)

    @property
    def told_rung(self) -> str:
        """The rung whose numbers are told: the first that holds both ways, else the last of all."""
        return self.rung or RUNGS[-1]

    @cached_property
    def own_words(self) -> str | None:
        """What sentences call the map that holds, where that is more than its rung says of all its maps."""
        return None if self.rung is None else rung_named(self.rung).own_words(self.a_to_b.fits)

    @cached_property
    def exact_rung(self) -> str | None:
        """The first rung that is not measurably worse than the best one, both ways; None where no rung holds.

        Paired bootstrap of the difference; a difference under 1 % of the tolerance does not count.
        """
        if self.same is not None:
            return RUNGS[0]
        if self.rung is None:
            return None
        for rung in RUNGS:
            if all(self._is_exact(direction, rung) for direction in self.directions):
                return rung
        return None

    def _is_exact(self, direction: Direction, rung: str) -> bool:
        if rung not in direction.errors:
            return False
        best = min(direction.errors, key=direction.unexplained)
        worse = direction.errors[rung].rows - direction.errors[best].rows
        low = self.standard.difference(worse, direction.totals).low
        return low is not None and low <= EXACT_SHARE * self.tolerance

    @cached_property
    def grade(self) -> float:
        """1 minus the mean over the graded rungs of the worse direction's unexplained fraction, in [0, 1]."""
        if self.same is not None:
            return float(1.0 - max(d.unexplained(RUNGS[0]) for d in self.directions))
        worst = [max(d.graded(rung.name) for d in self.directions) for rung in LADDER if rung.graded]
        return float(1.0 - np.mean(np.minimum(worst, 1.0)))

    @property
    def p_independent(self) -> float:
        """How often rows that are re-paired look as dependent as these do; one p for both directions."""
        return self.chance.p

    def without(self, rows: np.ndarray) -> Ladder:
        """Return the same residuals judged without the given rows; nothing is refitted."""
        keep = np.setdiff1d(np.arange(self.a.m), rows)
        _, clusters = np.unique(self.clusters[keep], return_inverse=True)
        a_to_b, b_to_a = (Direction(direction.fits, keep) for direction in self.directions)
        places = None if self.places is None else self.places[keep]
        near = None if self.near is None else self.near.without(rows)
        return replace(self, a_to_b=a_to_b, b_to_a=b_to_a, clusters=clusters, places=places, near=near)

    def transformation(self, rung: str) -> Transformation:
        """Fit one rung on all rows."""
        ways = [replace(d.fits, second=self.standard.second(d, rung)) for d in self.directions]
        return rung_named(rung).fit(ways[0], ways[1])
