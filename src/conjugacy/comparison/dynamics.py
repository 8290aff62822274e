"""The dynamics axis: the direct test on matched trials, with DSA beside it as a number that decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from conjugacy.comparison.copies import kind_of
from conjugacy.comparison.setup import Setup
from conjugacy.comparison.unmatched import unmatched_verdict
from conjugacy.data import Recording, Trajectories, deepest_or_output, how_chosen, match_trials
from conjugacy.dynamics.sweep import DELAYS as DELAYS_TRIED
from conjugacy.dynamics.sweep import sweep
from conjugacy.errors import InputError
from conjugacy.measure import Measure
from conjugacy.measures.dsa import DSA
from conjugacy.numerics.columns import any_varies
from conjugacy.numerics.sameness import same_numbers
from conjugacy.results import AxisVerdict, Estimate, Evidence, Score, Sweep
from conjugacy.results.axis import WAYS
from conjugacy.results.reason import reasons
from conjugacy.transformations.distinct_courses import distinct_courses
from conjugacy.transformations.flows import Matched, Step
from conjugacy.verdict.decide_dynamics import FEWEST_COURSES, MARGIN, DynamicsNumbers, Live, WayNumbers, decide_dynamics
from conjugacy.verdict.sameness import of_sameness

FEWEST_TRIALS, FEWEST_POINTS = 6, 12
DELAYS, RANK = 10, 20
MOST_DELAYED = 1500  # delayed units at most in a sweep: its time grows with their cube


@dataclass(frozen=True)
class DynamicsAxis:
    """What the axis gives: its verdict, the measures on its trajectories, and how well linear models of either forecast."""

    axis: AxisVerdict
    scores: tuple[Score, ...] = ()
    sweeps: tuple[Sweep, Sweep] | None = None


def dynamics_axis(setup: Setup, measures: Sequence[Measure] = ()) -> DynamicsAxis:
    """Test whether two recordings of trajectories have the same dynamics."""
    pair = setup.pair
    if pair.trials is None:
        return DynamicsAxis(AxisVerdict.not_tested("the recordings hold no trajectories"))
    names, choice = _layers(pair.trials, setup.layers)
    a, b = (_layer(r, name) for r, name in zip(pair.trials, names, strict=True))
    axis = replace(_verdict(setup, a, b, names), layers=names, layer_choice=choice)
    return DynamicsAxis(axis, tuple(measure(a, b) for measure in measures), _sweeps(a, b, setup))


def _verdict(setup: Setup, a: Trajectories, b: Trajectories, names: tuple[str, str]) -> AxisVerdict:
    dsa, said = _dsa(a, b, setup), same_trials(a, b)
    if said is not None and None in setup.steps:  # live steps may part where no trial has been
        return AxisVerdict("equivalent", reasons("identity", said), evidence=dsa, margin=MARGIN)
    if setup.pair.matching is None:
        setup.progress("holding the systems against their own halves")
        found = unmatched_verdict(a, b, setup.seed, setup.delays)
        return replace(found, evidence=(*found.evidence, *dsa))
    short = _too_little(a)
    if short is not None:
        return AxisVerdict("undecided", reasons("data", short), evidence=dsa, margin=MARGIN)
    setup.progress("testing whether a map of states carries one flow onto the other")
    found = matched_verdict(a, b, setup.seed, setup.steps)
    untrained, warning = _untrained(setup, names, (a, b), found.answer)
    return replace(found, evidence=(*found.evidence, *untrained, *dsa), warnings=(*found.warnings, *warning))


def matched_verdict(
    a: Trajectories, b: Trajectories, seed: int = 0, steps: tuple[Step | None, Step | None] = (None, None)
) -> AxisVerdict:
    """Return the direct test of two layers whose trial i, time point by time point, belongs together."""
    matched, courses, same_drive = _matched(a, b, seed)
    numbers = _numbers(matched, courses, same_drive, steps)
    answer, said, warnings = decide_dynamics(numbers)
    return AxisVerdict(answer, said, margin=MARGIN, evidence=_evidence(numbers), warnings=warnings)


def _layers(ends: tuple[Recording, Recording], asked: tuple[str, str] | None) -> tuple[tuple[str, str], str]:
    """Return the layers whose states are compared, and how they were chosen."""
    if asked is not None:
        return asked, "as asked"
    found = [deepest_or_output(recording) for recording in ends]
    return (found[0].name, found[1].name), how_chosen(found)


def _layer(recording: Recording, name: str) -> Trajectories:
    layer = recording.layer(name)
    if not isinstance(layer, Trajectories):
        raise InputError(f"layer {name!r} of {recording.name!r} holds no trajectories")
    return layer


def same_trials(a: Trajectories, b: Trajectories) -> str | None:
    """Say that all trials hold the same numbers, at one step and under one drive as far as it is known; else None."""
    if a.dt != b.dt or a.lengths != b.lengths or not _same_drive(a, b):
        return None
    one, other = (np.concatenate(x.values) for x in (a, b))
    spaced = same_numbers(one, other) if any_varies(one) else None
    if spaced is None:
        return None
    return of_sameness(spaced, f"{len(a.values)} trials, {len(one)} time points and {one.shape[1]} units")


def _too_little(a: Trajectories) -> str | None:
    trials, shortest = len(a.values), min(a.lengths)
    if trials < FEWEST_TRIALS:
        return f"{trials} trials are too few for the direct test, which needs {FEWEST_TRIALS}: record more trials"
    if shortest < FEWEST_POINTS:
        return f"the shortest trial has {shortest} time points; the direct test needs {FEWEST_POINTS}: record longer trials"
    return None


def _matched(a: Trajectories, b: Trajectories, seed: int) -> tuple[Matched, int, bool]:
    """Put both together; return also how many courses the trials run, and whether both were fed the same, as far as known."""
    known, same = [x.drive for x in (a, b) if x.drive is not None], _same_drive(a, b)
    drive = known[0] if known and same else None
    courses = np.minimum(*(_same_start(distinct_courses(x.values)) for x in (a, b)))
    _, courses = np.unique(courses, return_inverse=True)
    found = int(courses.max()) + 1
    # few courses cannot be divided: trials are then held out one by one, which the decision knows
    courses = courses if found >= FEWEST_COURSES else np.arange(len(a.values))
    return Matched(a.values, b.values, drive, courses, seed), found, same


def _same_drive(a: Trajectories, b: Trajectories) -> bool:
    known = [x.drive for x in (a, b) if x.drive is not None]
    return len(known) < 2 or all(
        u.shape == v.shape and np.allclose(u, v, atol=1e-6 * (1.0 + float(np.abs(u).max())))
        for u, v in zip(known[0], known[1], strict=True)
    )


def _same_start(courses: np.ndarray) -> np.ndarray:
    """Return courses named by their first trial, so that those of two networks can be held together."""
    _, first = np.unique(courses, return_index=True)
    return first[courses]


def _numbers(
    matched: Matched, courses: int, same_drive: bool, steps: tuple[Step | None, Step | None]
) -> DynamicsNumbers:
    ways = (matched, matched.swapped_once)
    f, g = steps
    live = None
    if f is not None and g is not None:
        live = tuple(_live(way, x, y) for way, x, y in ((ways[0], f, g), (ways[1], g, f)))
    both = [WayNumbers(way.unexplained(), way.commutation(), way.one_step(), way.drive_alone()) for way in ways]
    return DynamicsNumbers(
        a_to_b=both[0],
        b_to_a=both[1],
        p_partners=matched.p_partners(),
        courses=courses,
        drive_known=matched.drive is not None,
        same_drive=same_drive,
        live=None if live is None else (live[0], live[1]),
    )


def _live(way: Matched, f: Step, g: Step) -> Live:
    found = way.live(f, g, away=False), way.live(f, g, away=True), way.tangent(f, g)
    return Live(
        found[0][0], found[1][0], found[2][0], (found[0][1], found[1][1], found[2][1]), way.affine_unexplained()
    )


def _evidence(found: DynamicsNumbers) -> tuple[Evidence, ...]:
    ways = (found.a_to_b, found.b_to_a)
    floor = sum(way.step.unexplained or 0.0 for way in ways) / 2.0
    evidence: list[Evidence] = []
    for name, way in zip(WAYS, ways, strict=True):
        evidence.append(_of(f"state_map_{name}", way.states, "unexplained fraction"))
        evidence.append(replace(_of(f"commutation_{name}", way.commutation, "of the squared step"), floor=floor))
    for name, way in zip("ab", ways, strict=True):
        evidence.append(_of(f"own_step_{name}", way.step, "unexplained fraction of the step"))
        evidence.append(_of(f"drive_alone_{name}", way.drive, "unexplained fraction"))
    evidence.append(Evidence("interchangeable_partners", found.p_partners, unit="p"))
    evidence.append(Evidence("distinct_courses", float(found.courses), unit="trials"))
    for name, live in zip(WAYS, found.live or (), strict=False):
        for what, (residual, floor) in zip(("on", "away", "tangent"), live.over_floors, strict=True):
            evidence.append(replace(_of(f"live_{what}_{name}", residual, "of the squared step"), floor=floor))
    return tuple(evidence)


def _of(name: str, estimate: Estimate, unit: str) -> Evidence:
    return Evidence(name, estimate.unexplained, estimate.low, estimate.high, unit=unit)


def _untrained(
    setup: Setup, names: tuple[str, str], ends: tuple[Trajectories, Trajectories], answer: str
) -> tuple[tuple[Evidence, ...], tuple[str, ...]]:
    """Return the same test with an untrained copy in place of one network, and a warning where it does as well."""
    evidence, warnings = list[Evidence](), list[str]()
    for side, copies in enumerate(setup.controls):
        other = ends[1 - side]
        for copy in [one for one in copies if kind_of(one) == "untrained"][:1]:
            layer = copy.layers.get(names[side])
            control = _like(layer, ends[side]) if isinstance(layer, Trajectories) else None
            if control is None:
                warnings.append(f"the untrained copy of {'AB'[side]} has other trials or layers, and was left out")
                continue
            test, _, _ = _matched(control, other, setup.seed)
            found = {f"untrained_{'ab'[side]}_to_other": test, f"other_to_untrained_{'ab'[side]}": test.swapped_once}
            evidence += [_of(name, way.unexplained(), "unexplained fraction") for name, way in found.items()]
    as_good = evidence and all(e.high is not None and e.high < MARGIN for e in evidence)
    if answer == "equivalent" and as_good:
        warnings.append("untrained copies map onto the other network as well: nothing learned in common is shown")
    return tuple(evidence), tuple(warnings)


def _like(layer: Trajectories, end: Trajectories) -> Trajectories | None:
    """Return a layer's trials in the order, at the step and in the lengths of another's; None where they do not fit."""
    layer = layer.resampled(end.dt)
    found = match_trials(end, layer, same_length=False)
    if found is None:
        return None
    layer = layer.take(found[1][np.argsort(found[0])])
    if any(own < wanted for own, wanted in zip(layer.lengths, end.lengths, strict=True)):
        return None
    return layer.cut(end.lengths)


def _dsa(a: Trajectories, b: Trajectories, setup: Setup) -> tuple[Evidence, ...]:
    """Return DSA's distance, its bound from below, and what halves of one network's trials show."""
    shortest = min(*a.lengths, *b.lengths)
    delays = min(DELAYS, shortest // 3)
    if delays < 1:
        return ()
    setup.progress("fitting linear dynamics")
    measure = DSA(delays=delays, rank=RANK, seed=setup.seed)
    try:
        prepared = [measure.prepare(x) for x in (a, b)]
        score = measure.compare(prepared[0], prepared[1])
        halves = [_half_distance(x, measure, setup.seed) for x in (a, b)]
    except InputError:  # a layer that does not move: there is no linear system to compare
        return ()
    known = [h for h in halves if h is not None]
    floor = max(known) if known else None
    value = float(score.value) if np.isfinite(score.value) else None
    rank = max(score.details.get("ranks", [0]))
    unit = f"angle 0 to 3.14, {delays} delays, rank {rank}; says nothing of conjugacy"
    return (
        Evidence("dsa", value, floor=floor, unit=unit),
        Evidence("dsa_lower_bound", score.details.get("lower"), unit="angle"),
    )


def _sweeps(a: Trajectories, b: Trajectories, setup: Setup) -> tuple[Sweep, Sweep] | None:
    """Return how well linear models of either network forecast, over delays and ranks that both can hold."""
    shortest = min(*a.lengths, *b.lengths)
    units = max(a.n_units, b.n_units)
    delays = [q for q in DELAYS_TRIED if q <= shortest // 3 and q * units <= MOST_DELAYED]
    if not delays:
        return None
    setup.progress("sweeping delays and ranks")
    try:
        return sweep(a, delays=delays, seed=setup.seed), sweep(b, delays=delays, seed=setup.seed)
    except InputError:  # nothing varies, or a single short trial
        return None


def _half_distance(x: Trajectories, measure: DSA, seed: int) -> float | None:
    """Return DSA between two halves of one network's trials."""
    k = len(x.values)
    if k < 2:
        return None
    order = np.random.default_rng(seed).permutation(k)
    one, two = (measure.prepare(x.take(np.sort(part))) for part in (order[: k // 2], order[k // 2 :]))
    return float(measure.compare(one, two).value)
