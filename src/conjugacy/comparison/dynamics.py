"""The dynamics axis: the direct test on matched trials, with DSA beside it as a number that decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from conjugacy.comparison.copies import kind_of
from conjugacy.comparison.matched_dynamics import (
    EXCESS,
    driven_on_time,
    estimate_of,
    matched_test,
    put_together,
    with_drive_on_time,
)
from conjugacy.comparison.motion import spectrum_of, state_paths
from conjugacy.comparison.setup import Setup
from conjugacy.comparison.unmatched import unmatched_test
from conjugacy.data import Recording, Trajectories, deepest_or_output, how_chosen, match_trials
from conjugacy.dynamics import LinearDynamics
from conjugacy.dynamics.sweep import DELAYS as DELAYS_TRIED
from conjugacy.dynamics.sweep import sweep
from conjugacy.errors import InputError
from conjugacy.measure import Measure
from conjugacy.measures.dsa import DSA
from conjugacy.results import AxisVerdict, Evidence, Motion, Score, Spectrum, Sweep
from conjugacy.results.later import Later
from conjugacy.verdict.dynamics_numbers import MARGIN

DELAYS, RANK = 10, 20
MOST_DELAYED = 1500  # delayed units at most in a sweep: its time grows with their cube


@dataclass(frozen=True)
class DynamicsAxis:
    """What the axis gives: its verdict, measures on its trajectories, how well linear models forecast either, and pictures."""

    axis: AxisVerdict
    scores: tuple[Score, ...] = ()
    sweeps: tuple[Sweep, Sweep] | None = None
    motion: Later[Motion | None] | None = None


def dynamics_axis(setup: Setup, measures: Sequence[Measure] = ()) -> DynamicsAxis:
    """Test whether two recordings of trajectories have the same dynamics."""
    pair = setup.pair
    if pair.trials is None:
        return DynamicsAxis(AxisVerdict.not_tested("the recordings hold no trajectories"))
    names, choice = _layers(pair.trials, setup.layers)
    a, b = (_layer(r, name) for r, name in zip(pair.trials, names, strict=True))
    axis, pictures = _tested(setup, a, b, names)
    axis = replace(axis, layers=names, layer_choice=choice)
    motion: Later[Motion | None] = Later(
        lambda: replace(pictures, states=state_paths(a, b, matched=pair.matching is not None))
    )
    return DynamicsAxis(axis, tuple(measure(a, b) for measure in measures), _sweeps(a, b, setup), motion)


def _tested(setup: Setup, a: Trajectories, b: Trajectories, names: tuple[str, str]) -> tuple[AxisVerdict, Motion]:
    """Return the verdict, and what is drawn of it besides the states."""
    dsa, systems = _dsa(a, b, setup)
    pictures = Motion(spectra=_spectra(systems))
    if setup.pair.matching is None:
        setup.progress("comparing the systems with their own halves")
        without = unmatched_test(a, b, setup.seed, setup.delays or 1)
        axis = replace(without.verdict, evidence=(*without.verdict.evidence, *dsa))
        return axis, replace(pictures, recurrence=without.curves)
    setup.progress("testing whether each past predicts the other's next point")
    test = matched_test(a, b, setup.seed, setup.steps, setup.delays)
    found = test.verdict
    untrained, warning = _untrained(setup, names, (a, b), found.answer)
    axis = replace(found, evidence=(*found.evidence, *untrained, *dsa), warnings=(*found.warnings, *warning))
    return axis, replace(pictures, recurrence=test.curves, step_errors=test.errors)


def _spectra(systems: tuple[LinearDynamics, ...]) -> tuple[Spectrum, Spectrum] | None:
    """Return both systems' eigenvalues: of one step where steps are equal, else rates per unit of time."""
    if not systems:
        return None
    a, b = systems
    continuous = a.dt != b.dt
    return spectrum_of(a, continuous=continuous), spectrum_of(b, continuous=continuous)


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


def _untrained(
    setup: Setup, names: tuple[str, str], ends: tuple[Trajectories, Trajectories], answer: str
) -> tuple[tuple[Evidence, ...], tuple[str, ...]]:
    """Return the same test with an untrained copy in place of one network, and a warning where it does as well."""
    evidence, warnings = list[Evidence](), list[str]()
    on_time, late = driven_on_time(*ends) if None in setup.steps else (ends, ())
    for side, copies in enumerate(setup.controls):
        other = on_time[1 - side]
        for copy in [one for one in copies if kind_of(one) == "untrained"][:1]:
            layer = copy.layers.get(names[side])
            control = _like(layer, ends[side]) if isinstance(layer, Trajectories) else None
            if control is None:
                warnings.append(f"the untrained copy of {'AB'[side]} has other trials or layers, and was left out")
                continue
            control = with_drive_on_time(control) if late else control
            test, _, _ = put_together(control, other, setup.seed, setup.delays)
            found = {f"untrained_{'ab'[side]}_to_other": (0, 1), f"other_to_untrained_{'ab'[side]}": (1, 0)}
            evidence += [estimate_of(name, test.excess(*way)[0], EXCESS) for name, way in found.items()]
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


def _dsa(a: Trajectories, b: Trajectories, setup: Setup) -> tuple[tuple[Evidence, ...], tuple[LinearDynamics, ...]]:
    """Return DSA's distance, its bound from below, what halves of one network's trials show; and both linear systems."""
    shortest = min(*a.lengths, *b.lengths)
    delays = min(DELAYS, shortest // 3)
    if delays < 1:
        return (), ()
    setup.progress("fitting linear dynamics")
    measure = DSA(delays=delays, rank=RANK, seed=setup.seed)
    try:
        prepared = [measure.prepare(x) for x in (a, b)]
        score = measure.compare(prepared[0], prepared[1])
        halves = [_half_distance(x, measure, setup.seed) for x in (a, b)]
    except InputError:  # a layer that does not move: there is no linear system to compare
        return (), ()
    known = [h for h in halves if h is not None]
    floor = max(known) if known else None
    value = float(score.value) if np.isfinite(score.value) else None
    rank = max(score.details.get("ranks", [0]))
    unit = f"angle 0 to 3.14, {delays} delays, rank {rank}; says nothing of conjugacy"
    evidence = (
        Evidence("dsa", value, floor=floor, unit=unit),
        Evidence("dsa_lower_bound", score.details.get("lower"), unit="angle"),
    )
    return evidence, tuple(one.system for one in prepared)


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
