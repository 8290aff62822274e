"""The direct test of two layers of trajectories on matched trials: what is measured, what is said, and what is shown with it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace

import numpy as np

from conjugacy.comparison.unmatched import unmatched_test
from conjugacy.data import Trajectories
from conjugacy.dynamics.drive_time import on_time, one_late
from conjugacy.dynamics.moved import cycles
from conjugacy.results import AxisVerdict, Estimate, Evidence, RecurrenceCurves, StepErrors
from conjugacy.results.axis import WAYS
from conjugacy.results.digits import digits
from conjugacy.results.reason import reasons
from conjugacy.transformations.distinct_courses import distinct_courses
from conjugacy.transformations.flows import Matched, Step
from conjugacy.transformations.next_point import NextPoint
from conjugacy.transformations.speed import speed_factor
from conjugacy.transformations.step_errors import step_errors
from conjugacy.verdict.decide_dynamics import decide_dynamics, without_partners
from conjugacy.verdict.dynamics_numbers import FEWEST_COURSES, MARGIN, DynamicsNumbers, Live, SystemNumbers, WayNumbers

FEWEST_TRIALS, FEWEST_POINTS = 6, 12
AHEAD = 3  # time points behind a window that are told from it at least
EXCESS = "of what can be predicted of the next point"
EQUAL = 1e-6  # share of the variance, and of the squared step, up to which two recordings are one
UNLIKE = 0.5  # share of the variance left, above which no speed makes two systems alike, and a system is led
LED = 0.15  # growth of errors above which equal recordings without a drive are led by what is not recorded
FED_APART = "the two networks were fed different inputs: the same trajectories need not be the same dynamics"
ONE_COURSE = "all trials run the same course: record other starts or inputs"
Steps = tuple[Step | None, Step | None]


@dataclass(frozen=True, eq=False)
class MatchedTest:
    """The answer, and what is drawn of it; None where nothing was fitted, and where trials were not compared without partners."""

    verdict: AxisVerdict
    errors: StepErrors | None = None
    curves: RecurrenceCurves | None = None


def matched_verdict(
    a: Trajectories, b: Trajectories, seed: int = 0, steps: Steps = (None, None), delays: int | None = None
) -> AxisVerdict:
    """Return the answer of `matched_test` alone."""
    return matched_test(a, b, seed, steps, delays).verdict


def matched_test(
    a: Trajectories, b: Trajectories, seed: int = 0, steps: Steps = (None, None), delays: int | None = None
) -> MatchedTest:
    """Return the direct test of two layers whose trial i, time point by time point, belongs together.

    `delays` is how many time points make a state; without it, every map chooses. Equal recordings under equal drives are said to
    be so, and nothing is fitted.
    """
    same = _identity(a, b)
    equal, lives = max(same) < EQUAL, None not in steps
    if equal and a.drive is not None and b.drive is not None and _same_drive(a, b) and not lives:
        return MatchedTest(_identical(same))
    short = _too_little(a, delays)
    if short is not None:
        return MatchedTest(AxisVerdict("undecided", reasons("data", short), margin=MARGIN))
    (a, b), told = ((a, b), ()) if lives else driven_on_time(a, b)
    told += tuple(
        f"the drive is known of {has} alone, and is taken for that of {other}; give it to both"
        for has, other, x, y in (("A", "B", a, b), ("B", "A", b, a))
        if x.drive is not None and y.drive is None
    )
    test, courses, same_drive = put_together(a, b, seed, delays)
    if not same_drive or courses < 2:
        said = FED_APART if not same_drive else ONE_COURSE
        return MatchedTest(AxisVerdict("undecided", reasons("data", said), margin=MARGIN))
    if equal and not lives and test.drive is None and not _led(test):
        return MatchedTest(_identical(same))
    numbers = _numbers(test, courses, steps)
    answer, said, warnings = decide_dynamics(numbers)
    evidence = _evidence(test, numbers)
    verdict = AxisVerdict(answer, said, margin=MARGIN, evidence=evidence, warnings=(*told, *warnings))
    found = MatchedTest(verdict, step_errors(test, a.dt))
    why = without_partners(numbers)
    return found if why is None else _without_partners(found, why, (a, b), seed, test)


def _without_partners(
    found: MatchedTest, why: str, ends: tuple[Trajectories, Trajectories], seed: int, test: NextPoint
) -> MatchedTest:
    """Return what is said of the trials without their partners, and that they were compared so."""
    without = unmatched_test(*ends, seed, max(test.points(0), test.points(1)), second=True)
    own, other = found.verdict, without.verdict
    # equal up to a time scale is less than was asked
    answer = other.answer if other.answer == "different" else "undecided"
    said = reasons("flows", f"matched trials cannot tell: {why}; compared without partners: {other.reasons[0]}")
    verdict = replace(
        own,
        answer=answer,
        reasons=(*said, *own.reasons),
        evidence=(*own.evidence, *other.evidence),
        warnings=(*own.warnings, *other.warnings),
    )
    return replace(found, verdict=verdict, curves=without.curves)


def _identity(a: Trajectories, b: Trajectories) -> tuple[float, float]:
    """Return |y - x|^2 over the variance, and the same of steps; infinite where the recordings are of other shapes."""
    if a.lengths != b.lengths or a.n_units != b.n_units:
        return np.inf, np.inf
    missed, total = np.zeros(2), np.zeros(2)
    mean = np.sum([x.sum(axis=0) for x in b.values], axis=0) / sum(b.lengths)
    for x, y in zip(a.values, b.values, strict=True):
        off, steps = y - x, np.diff(y, axis=0)
        missed += (off**2).sum(), (np.diff(off, axis=0) ** 2).sum()
        total += ((y - mean) ** 2).sum(), (steps**2).sum()
    value, step = (missed / np.where(total > 0, total, np.nan)).tolist()
    return (value, step) if np.isfinite(value) and np.isfinite(step) else (np.inf, np.inf)


def _identical(same: tuple[float, float]) -> AxisVerdict:
    said = (
        "identical on what was recorded: on every visited state and input both take the same step; "
        "states not visited are not covered"
    )
    off = f"their states differ by {digits(same[0])} of the variance, their steps by {digits(same[1])}"
    evidence = (
        Evidence("identity", same[0], unit="of the variance"),
        Evidence("identity_of_steps", same[1], unit="of the squared step"),
    )
    return AxisVerdict("equivalent", reasons("flows", said, off), margin=MARGIN, evidence=evidence)


def _led(test: NextPoint) -> bool:
    """Say whether a system without a recorded drive is moved by one: its past does not tell its step.

    Noise of an instrument is not told either, but is the lesser part of the variance and does not grow with time.
    """
    split = test.splits[0]
    news = split.own_step(0).unexplained or 0.0
    return split.untold_step(0) > MARGIN and (news > UNLIKE or (split.growth(0, split.lag(0)).unexplained or 0.0) > LED)


def _too_little(a: Trajectories, delays: int | None) -> str | None:
    trials, shortest = len(a.values), min(a.lengths)
    needed = max(FEWEST_POINTS, (delays or 1) + AHEAD)
    if trials < FEWEST_TRIALS:
        return f"{trials} trials are too few for the direct test, which needs {FEWEST_TRIALS}: record more trials"
    if shortest < needed:
        short = [i for i, length in enumerate(a.lengths) if length < needed]
        fewer = f", or give fewer delays than {delays}" if needed > FEWEST_POINTS else ""
        without = f", or leave out the {len(short)} that are shorter" if trials - len(short) >= FEWEST_TRIALS else ""
        points = f"{shortest} time point{'s' if shortest > 1 else ''}"
        return f"the shortest trial has {points}; the direct test needs {needed}: record longer trials{without}{fewer}"
    return None


def driven_on_time(a: Trajectories, b: Trajectories) -> tuple[tuple[Trajectories, Trajectories], tuple[str, ...]]:
    """Return both with their drives moved to the step that they act on, where all stand a time point late, and say so."""
    known = [end for end in (a, b) if end.drive is not None]
    left = [one_late(end.values, end.drive or ()) for end in known]
    if not known or None in left:
        return (a, b), ()
    moved = [with_drive_on_time(end) for end in (a, b)]
    with_next, with_own = (max(100 * (one or (0.0, 0.0))[i] for one in left) for i in (1, 0))
    said = (
        f"the drive stands a time point late, and was moved; a linear map leaves {digits(with_next)} % of the step from t with "
        f"what stands at t + 1, and {digits(with_own)} % with what stands at t; drive[t] is what acts on the step from t to t + 1"
    )
    return (moved[0], moved[1]), (said,)


def with_drive_on_time(x: Trajectories) -> Trajectories:
    """Return trajectories with their drive, where it is known, moved to the step that it acts on."""
    return x if x.drive is None else replace(x, drive=on_time(x.drive))


def _same_drive(a: Trajectories, b: Trajectories) -> bool:
    """Say whether both were fed the same, as far as known."""
    if a.drive is None or b.drive is None:
        return True
    return all(
        u.shape == v.shape and np.allclose(u, v, atol=1e-6 * (1.0 + float(np.abs(u).max())))
        for u, v in zip(a.drive, b.drive, strict=True)
    )


def put_together(a: Trajectories, b: Trajectories, seed: int, delays: int | None) -> tuple[NextPoint, int, bool]:
    """Put both together; return also how many courses the trials run, and whether both were fed the same, as far as known."""
    same, drive = _same_drive(a, b), a.drive if a.drive is not None else b.drive
    courses = np.minimum(*(_same_start(distinct_courses(x.values)) for x in (a, b)))
    _, courses = np.unique(courses, return_inverse=True)
    found = int(courses.max()) + 1
    # few courses cannot be divided: trials are then held out one by one, which the decision knows
    courses = courses if found >= FEWEST_COURSES else np.arange(len(a.values))
    return NextPoint(a.values, b.values, drive if same else None, courses, seed, delays, MARGIN), found, same


def _same_start(courses: np.ndarray) -> np.ndarray:
    """Return courses named by their first trial, so that those of two networks can be held together."""
    _, first = np.unique(courses, return_index=True)
    return first[courses]


def _numbers(test: NextPoint, courses: int, steps: Steps) -> DynamicsNumbers:
    ways = [WayNumbers(*test.excess(i, 1 - i), points=test.points_across(i)) for i in (0, 1)]
    open_ = any(w.testable and (w.excess.low or 0.0) > MARGIN for w in ways)
    ends = list[SystemNumbers]()
    for i in (0, 1):
        gain, hidden = test.hidden(i)
        limits = asdict(test.limits[i]) if open_ else {}
        ends.append(SystemNumbers(test.own_step(i), test.drive_alone(i), gain, hidden, test.points(i), limits))
    f, g = steps
    live, maps = None, None
    if f is not None and g is not None:
        pair = Matched(test.a, test.b, test.drive, test.courses, test.seed)
        live = _live(pair, f, g), _live(pair.swapped_once, g, f)
        maps = pair.unexplained(), pair.swapped_once.unexplained()
    return DynamicsNumbers(
        a_to_b=ways[0],
        b_to_a=ways[1],
        a=ends[0],
        b=ends[1],
        p_partners=test.p_partners(),
        courses=courses,
        drive_known=test.drive is not None,
        p_starts=test.p_starts() if open_ else 0.0,
        news=test.shared_news(),
        live=live,
        maps=maps,
        cycles=cycles(test.splits[0].sides[0]),
    )


def _live(way: Matched, f: Step, g: Step) -> Live:
    found = way.live(f, g, away=False), way.live(f, g, away=True), way.tangent(f, g)
    return Live(
        found[0][0], found[1][0], found[2][0], (found[0][1], found[1][1], found[2][1]), way.affine_unexplained()
    )


def _evidence(test: NextPoint, found: DynamicsNumbers) -> tuple[Evidence, ...]:
    ways, ends = (found.a_to_b, found.b_to_a), (found.a, found.b)
    evidence = [estimate_of(f"next_point_{name}", way.excess, EXCESS) for name, way in zip(WAYS, ways, strict=True)]
    for name, way in zip(WAYS, ways, strict=True):
        evidence.append(Evidence(f"left_to_tell_{name}", way.left, unit="of the target's variance, beyond the drive"))
        evidence.append(Evidence(f"window_{name}", float(way.points), unit="time points"))
    for name, end in zip("ab", ends, strict=True):
        evidence.append(estimate_of(f"own_step_{name}", end.step, "of the variance of the next point"))
        evidence.append(estimate_of(f"drive_alone_{name}", end.drive, "of the variance of the next point"))
        evidence.append(estimate_of(f"delays_add_{name}", end.gain, "of the variance, when states have moved"))
        evidence.append(Evidence(f"state_{name}", float(end.points), unit="time points"))
        evidence += [Evidence(f"{what}_{name}", value, unit=LIMIT_UNITS[what]) for what, value in end.limits.items()]
    evidence.append(Evidence("interchangeable_partners", found.p_partners, unit="p"))
    evidence.append(Evidence("distinct_courses", float(found.courses), unit="trials"))
    evidence.append(Evidence("shared_news", found.news, unit="of a squared step"))
    evidence += _speed(test)
    for name, states in zip(WAYS, found.maps or (), strict=False):
        evidence.append(estimate_of(f"state_map_{name}", states, "unexplained fraction"))
    for name, live in zip(WAYS, found.live or (), strict=False):
        for what, (residual, floor) in zip(("on", "away", "tangent"), live.over_floors, strict=True):
            evidence.append(replace(estimate_of(f"live_{what}_{name}", residual, "of the squared step"), floor=floor))
    return tuple(evidence)


LIMIT_UNITS = {
    "power": "left of a random instrument of its own states",
    "half": "left of one half of its units by the other",
    "growth": "of what its past tells, growth of its own error",
    "later": "of what can be told, not foreseen half a trial on: upper limit",
}


def _speed(test: NextPoint) -> list[Evidence]:
    """Return by which factor B is faster, where no drive sets the pace, and what is left of B's states then and at 1."""
    if test.drive is not None:
        return []
    back = max(test.points(0), test.points_across(0)) - 1
    factor, left, plain = speed_factor(test.a, test.b, test.courses, back, test.seed)
    return [
        Evidence(
            "speed_factor",
            factor if left < UNLIKE else None,
            unit="of B over A, where A stretched in time predicts B best",
        ),
        Evidence("left_at_that_speed", left, unit="of B's variance"),
        Evidence("left_at_equal_speed", plain, unit="of B's variance"),
    ]


def estimate_of(name: str, estimate: Estimate, unit: str) -> Evidence:
    """Return a number with its interval as evidence."""
    return Evidence(name, estimate.unexplained, estimate.low, estimate.high, unit=unit)
