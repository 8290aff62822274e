"""The dynamics axis where no trial of one network belongs to a trial of the other."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from conjugacy.data import Trajectories
from conjugacy.dynamics.curve_bands import recurrence_curves
from conjugacy.dynamics.unmatched import Halves, Unmatched, compare_unmatched, prepared
from conjugacy.errors import InputError
from conjugacy.results import AxisVerdict, Evidence, RecurrenceCurves
from conjugacy.results.digits import digits
from conjugacy.results.reason import reasons
from conjugacy.transformations.distinct_courses import distinct_courses
from conjugacy.verdict.decide_unmatched import STRETCH, decide_unmatched

REPEATED = 0.5  # courses over trials, below which trials repeat a few conditions
STARTS = 0.1  # difference in how widely trials start, as a share of all distances, that is worth a warning


@dataclass(frozen=True, eq=False)
class UnmatchedTest:
    """The answer, and the curves that it was read off; None where there are none."""

    verdict: AxisVerdict
    curves: RecurrenceCurves | None = None


def unmatched_verdict(
    a: Trajectories, b: Trajectories, seed: int = 0, delays: int = 1, *, second: bool = False
) -> AxisVerdict:
    """Return the answer of `unmatched_test` alone."""
    return unmatched_test(a, b, seed, delays, second=second).verdict


def unmatched_test(
    a: Trajectories, b: Trajectories, seed: int = 0, delays: int = 1, *, second: bool = False
) -> UnmatchedTest:
    """Return the answer for two layers whose trials do not belong together.

    Deviations from condition means are compared where both layers carry conditions. Where trials repeat a few courses and there
    are no conditions, nothing is said: what is common to all systems that are driven alike would be compared. With `delays` a
    state is made of so many time points in a row; `second` says that another test could not tell.
    """
    both = a.conditions is not None and b.conditions is not None
    try:
        ends = [prepared(x, delays, "auto" if both else "no") for x in (a, b)]
        repeated = [] if both else [x for x in (a, b) if _repeats(x)]
        if repeated:
            said = (
                f"the {len(repeated[0].values)} trials of {repeated[0].name or 'a network'!r} repeat a few courses: their means, "
                "which any network driven alike shows, would be compared; give conditions: Trajectories(..., conditions=...)"
            )
            return UnmatchedTest(AxisVerdict("undecided", reasons("data", said)))
        halves = [Halves.of(x, seed=seed + i) for i, x in enumerate(ends)]
    except InputError as error:
        return UnmatchedTest(AxisVerdict("undecided", reasons("data", f"the trials are unmatched: {error}")))
    found = compare_unmatched(halves[0], halves[1], STRETCH)
    if not np.isfinite(found.distance):
        steps, longest = [x.dt for x in ends], [max(x.lengths) * x.dt for x in ends]
        said = (
            f"the trials share no times: A has steps of {steps[0]:g} over {longest[0]:g}, B of {steps[1]:g} over {longest[1]:g}; "
            "give dt in one unit, or record like spans"
        )
        return UnmatchedTest(AxisVerdict("undecided", reasons("data", said)))
    answer, because = decide_unmatched(found, second=second)
    verdict = AxisVerdict(answer, because, evidence=_evidence(found, halves), warnings=_starts(answer, halves))
    return UnmatchedTest(verdict, replace(recurrence_curves(*halves), deviations=both))


def _repeats(x: Trajectories) -> bool:
    return int(np.unique(distinct_courses(x.values)).size) <= REPEATED * len(x.values)


def _evidence(found: Unmatched, halves: list[Halves]) -> tuple[Evidence, ...]:
    unit = "rms difference of recurrence curves"
    return (
        Evidence("unmatched_distance", found.distance, floor=max(found.floors), unit=unit),
        Evidence("p_different", found.p_different, unit=f"p, {2 * len(halves[0].plain)} draws"),
        Evidence("p_same", found.p_same, unit=f"p, {2 * len(halves[0].plain)} draws"),
        Evidence("uneven_pace", found.pace, unit="rms difference of log speeds about their medians"),
        Evidence("p_pace", found.p_pace, unit=f"p, {2 * len(halves[0].plain)} draws"),
        Evidence("time_stretch", found.stretch, unit="factor of speed that counts as different"),
    )


def _starts(answer: str, halves: list[Halves]) -> tuple[str, ...]:
    """Warn where trials of one network start more widely than those of the other: that alone reads as other dynamics."""
    spread = [float(np.median([x.starts for draw in one.plain for x in draw])) for one in halves]
    if answer != "different" or abs(spread[0] - spread[1]) <= STARTS:
        return ()
    return (
        f"trials start {digits(spread[0])} apart in A and {digits(spread[1])} in B (as a rank among all distances): part of the "
        "difference may be where they start; record both from like states",
    )
