"""Several seeds of A against several of B: every B in the place of every A, and how far the As differ among themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

from conjugacy.comparison.as_they_stand import as_they_stand, judge_outputs
from conjugacy.comparison.gate.given import Wanted
from conjugacy.comparison.gate.result import GateResult
from conjugacy.comparison.matched_pair import make_pair
from conjugacy.comparison.setup import Setup
from conjugacy.data import Recording
from conjugacy.results.gate import Spread, worst_of

ORDER = ("failed", "undecided", "passed")


def together(found: Sequence[GateResult], a: Sequence[Recording], wanted: Wanted) -> GateResult:
    """Return all pairs as one: it passes where every pair does, and what it tells is of the worst."""
    worst = min(found, key=_rank)
    return replace(
        worst,
        outcome=worst_of(tuple(one.outcome for one in found)),
        pairs=tuple(found),
        spread=_spread(a, wanted),
        seconds=sum(one.seconds for one in found),
    )


def _rank(one: GateResult) -> tuple[int, float]:
    churn = None if one.drop_in is None or one.drop_in.churn is None else one.drop_in.churn.value
    return ORDER.index(one.outcome), -(churn or 0.0)


def _spread(a: Sequence[Recording], wanted: Wanted) -> Spread | None:
    """Return how often two As decide otherwise; None of one A, or where they decide nothing."""
    churns: list[float] = []
    for one, other in combinations(a, 2):
        pair = make_pair(one, other, match="stimuli", groups=wanted.groups)
        setup = Setup(pair, wanted.tolerance, wanted.seed, lambda _: None)
        churn = judge_outputs(as_they_stand(setup, wanted.margins)).churn
        if churn is None or churn.value is None:
            return None
        churns.append(churn.value)
    return Spread(len(a), sum(churns) / len(churns), max(churns)) if churns else None
