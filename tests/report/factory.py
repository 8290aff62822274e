"""Comparisons built by hand: every answer on every axis, with and without what may be missing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from drop_in_factory import drop_ins

from conjugacy.comparison import Comparison
from conjugacy.results import (
    AxisVerdict,
    ClassErrors,
    Control,
    CurveBand,
    Estimate,
    Evidence,
    Floor,
    Gain,
    LayerMap,
    LayerPlanes,
    Motion,
    Plane,
    RecurrenceCurves,
    RungResult,
    Score,
    SkippedUnit,
    Spectrum,
    StatePaths,
    Status,
    StepErrors,
    Verdict,
    WhereErrors,
    WorstStimulus,
    WorstUnit,
)
from conjugacy.transformations import RUNGS

HOSTILE = "<script>alert(1)</script>"
STRANGE = ("Ünïcødé 网络 🧠 $x^2$ & \"quotes\" 'single' {{ 7 * 7 }}", HOSTILE)
TOLERANCE = 0.05
# unexplained fractions of identity, permutation, rotation, affine, smooth; None: does not apply
_PROFILES: dict[str, tuple[tuple[float | None, ...], tuple[float | None, ...]]] = {
    "equivalent": ((None, None, 0.036, 0.017, 0.004), (None, None, 0.033, 0.011, 0.002)),
    "a_determines_b": ((None, None, 0.31, 0.07, 0.011), (None, None, 1.02, 0.83, 0.65)),
    "b_determines_a": ((None, None, 1.02, 0.83, 0.65), (None, None, 0.31, 0.07, 0.011)),
    "partly_related": ((1.9, 1.4, 0.95, 0.8, 0.69), (2.3, 1.5, 0.97, 0.78, 0.67)),
    "unrelated": ((2.1, 1.7, 1.1, 1.02, 1.008), (1.9, 1.6, 1.1, 1.03, 1.007)),
    "not_equivalent": ((1.9, 1.4, 0.95, 0.8, 0.06), (2.3, 1.5, 0.97, 0.78, 0.67)),
    "undecided": ((0.9, 0.6, 0.2, 0.07, 0.049), (0.9, 0.6, 0.2, 0.08, 0.053)),
}
_REASONS = {
    "equivalent": "a rotation with one scale carries one onto the other, both ways: 3.6 % from A to B, 3.3 % from B to A",
    "a_determines_b": "A determines B, and not back: 1.1 % of the variance unexplained from A to B, 65 % from B to A",
    "b_determines_a": "B determines A, and not back: 65 % of the variance unexplained from A to B, 1.1 % from B to A",
    "partly_related": "neither determines the other, and they are not independent: 69 % and 67 % unexplained",
    "unrelated": "neither predicts the other better than chance: 101 % and 101 % unexplained (permutation p = .7)",
    "not_equivalent": "no map carries one onto the other both ways; which relation is left stays open",
    "undecided": "the data do not decide: 4.9 % and 5.3 % unexplained; record more stimuli",
}


def estimate(value: float | None, spread: float = 0.15) -> Estimate:
    return Estimate() if value is None else Estimate(value, value * (1 - spread), value * (1 + spread))


def rung_results(forward: tuple[float | None, ...], backward: tuple[float | None, ...]) -> tuple[RungResult, ...]:
    found: list[RungResult] = []
    for rung, there, back in zip(RUNGS, forward, backward, strict=True):
        a, b = estimate(there), estimate(back)
        if a.high is None or b.high is None or a.low is None or b.low is None:
            found.append(RungResult(rung, "fails", a, b, 717, 797, "64 and 96 units cannot be paired one to one"))
            continue
        holds, fails = max(a.high, b.high) < TOLERANCE, max(a.low, b.low) > TOLERANCE
        status = "holds" if holds else "fails" if fails else "undecided"
        advice = None if holds or fails else "the interval straddles the tolerance: record more stimuli"
        found.append(RungResult(rung, status, a, b, 717, 797, advice))
    return tuple(found)


def control() -> Control:
    rungs = rung_results((None, None, 0.55, 0.09, 0.04), (None, None, 0.46, 0.22, 0.15))
    return Control("untrained", "3 re-initialised copies of each network", 3, rungs)


SHUFFLED = "3 copies of each network: the entries of every weight tensor in random order"
GAIN = Gain(1.1, 1.4, 0.1, "smooth", 1.0, 1.2, 1.3, 1.5, "shown")
NO_GAIN = Gain(0.1, -0.2, 0.1, "smooth", 0.0, 0.2, -0.3, -0.1, "controls_hold")


def axis(answer: str, *, with_control: bool = False, gain: bool = False, full: bool = False) -> AxisVerdict:
    """Return an axis with that answer; `full` adds floor, evidence, skipped units, decisive rows and warnings."""
    if answer == "not_tested":
        return AxisVerdict.not_tested("nothing was recorded for this axis")
    if answer == "different":
        return AxisVerdict(answer="different", reasons=("the flows differ by more than their spread within a network",))
    rungs = rung_results(*_PROFILES[answer])
    found = AxisVerdict(
        answer=answer,
        reasons=(_REASONS[answer],),
        rung=next((r.rung for r in rungs if r.status == "holds"), None),
        exact_rung="smooth" if answer == "equivalent" else None,
        layers=("hidden2", "hidden2"),
        layer_choice="the deepest hidden layer of each network",
        rungs=rungs,
        gain=(GAIN if gain else NO_GAIN) if with_control or gain else Gain(),
        controls=(control(), replace(control(), name="shuffled", source=SHUFFLED)) if with_control or gain else (),
        p_independent=0.7 if answer == "unrelated" else 0.02,
        evidence=(
            Evidence("power_a_to_b", 0.012, 0.010, 0.014, unit="unexplained fraction"),
            Evidence("power_b_to_a", 0.018, 0.015, 0.021, unit="unexplained fraction"),
        ),
    )
    return _full(found) if full else found


def _full(found: AxisVerdict) -> AxisVerdict:
    return replace(
        found,
        floor=Floor(0.006, 0.004, 0.009, "the networks' own spread over repeats of a stimulus"),
        margin=0.4,
        evidence=(
            *found.evidence,
            Evidence("agreement", 0.985, 0.975, 0.992, floor=0.965, unit="share of rows"),
            Evidence("agreement_beyond_chance", 0.98, null=0.0, unit="Cohen's kappa"),
            Evidence("inputs_from_outputs_a", None, unit="unexplained fraction"),
        ),
        units_not_judged=(
            SkippedUnit("digits-64", "hidden2", "17", "constant over these stimuli"),
            SkippedUnit("digits-96", "hidden2", "3", "its variance rests on about 5 rows", 5.2),
        ),
        decisive_rows=("712", "1033"),
        warnings=("A to B: the loud units say otherwise: 9.1 % unexplained when weighted by variance",),
        output_kinds=("logits", "logits"),
    )


def where(name: str = "image", *, classes: int = 10) -> WhereErrors:
    """Return errors of stimuli, classes and units under one kind of name."""
    worst = np.linspace(3.0, 0.5, 8)
    return WhereErrors(
        rung="rotation",
        stimuli=tuple(WorstStimulus(f"{name} {i}", float(v), float(v) / 2) for i, v in enumerate(worst)),
        classes=tuple(
            ClassErrors(f"{name} {i}", 80 + i, estimate(0.02 + 0.01 * i), estimate(0.03)) for i in range(classes)
        ),
        units_a=tuple(WorstUnit(f"{name} {i}", float(v) / 30) for i, v in enumerate(worst)),
        units_b=tuple(WorstUnit(f"{name} {i}", float(v) / 40) for i, v in enumerate(worst)),
    )


def layer_planes(count: int, drawn: Plane, seed: int = 1) -> LayerPlanes:
    """Return layers of which B's are A's, turned by a right angle and mirrored."""
    rng = np.random.default_rng(seed)
    rows = np.unique(np.linspace(0, len(drawn.rows) - 1, min(300, len(drawn.rows))).astype(int))
    a = tuple(drawn.a[rows] + 0.1 * rng.normal(size=(len(rows), 2)) for _ in range(count))
    return LayerPlanes(a, tuple(points @ np.array([[0.0, 1.0], [1.0, 0.0]]) for points in a), rows)


def layer_map(count: int, seed: int = 0) -> LayerMap:
    names = tuple(f"transformer.encoder.layers.{i}.mlp" if count > 4 else f"hidden{i}" for i in range(1, count + 1))
    depth = np.arange(count)
    values = np.exp(-np.abs(depth[:, None] - depth) / max(count / 4, 1))
    values *= 1 - 0.1 * np.random.default_rng(seed).random(values.shape)
    rows = [[float(v) for v in row] for row in values]
    return LayerMap(names, names, tuple(tuple(row) for row in rows), "cka", tuple((i, i) for i in range(count)))


def plane(m: int = 300, *, classes: int | None = None, seed: int = 0) -> Plane:
    rng = np.random.default_rng(seed)
    groups = rng.integers(0, classes or 1, m)
    a = rng.normal(size=(m, 2)) + 4 * np.column_stack([np.cos(groups), np.sin(2 * groups)])
    b = np.tanh(a / 3) * 3 + 0.2 * rng.normal(size=(m, 2))
    colours = groups.astype(np.float64) if classes else a[:, 0]
    source = "target of each stimulus" if classes else "first principal coordinate of A"
    return Plane(a, b, colours, source, tuple(str(i) for i in range(m)))


def comparison(
    function: AxisVerdict | str = "not_tested",
    representation: AxisVerdict | str = "not_tested",
    dynamics: AxisVerdict | str = "not_tested",
    **changes: Any,
) -> Comparison:
    function, representation, dynamics = (
        axis(a) if isinstance(a, str) else a for a in (function, representation, dynamics)
    )
    settings = {
        "layers": None,
        "controls": "auto",
        "measures": ["cka"],
        "folds": 10,
        "bootstrap_draws": 500,
        "permutations": 49,
        "independent_groups": 797,
        "versions": {"python": "3.11.2", "numpy": "2.4.6", "conjugacy": "0.1.0"},
        "provenance": {"a": {"source": "digits-64.npz"}, "b": {}},
    }
    made = Comparison(
        verdict=Verdict(function, representation, dynamics),
        tolerance=TOLERANCE,
        seed=0,
        networks=("digits-64", "digits-96"),
        n_samples=797,
        settings=settings,
    )
    return replace(made, **changes)


def paths(colours: str = "condition") -> StatePaths:
    """Return paths of five trials of A and six of B, of unequal lengths."""
    rng = np.random.default_rng(0)
    a, b = (np.cumsum(rng.normal(size=(k, 30, 2)), axis=1) / 5 for k in (5, 6))
    a[1, 20:] = np.nan
    named = colours == "condition"
    names = ("left", "a condition with a name that is too long for a legend") if named else ()
    means = [np.repeat(x[2:].mean(axis=0, keepdims=True), len(names), axis=0) for x in (a, b)]
    groups = [np.arange(k) % 2 if named else np.arange(k) for k in (5, 6)]
    by = {"condition": "conditions", "trial": "trials", "time": "none"}[colours]
    if colours == "trial":
        b, groups[1] = b[:5], groups[0]
    return StatePaths(a, b, *means, *groups, names, colours, by, (0.9, 0.8), (5, 60))


def motion(colours: str = "condition", *, matched: bool = False, continuous: bool = False) -> Motion:
    """Return all pictures of the dynamics axis: errors of the next point of matched trials, else recurrence curves."""
    rng = np.random.default_rng(1)
    turns = rng.uniform(-0.9, 0.9, (9, 2))
    spectra = (
        Spectrum(turns, np.geomspace(1e-7, 3.0, 9), continuous, 5, 0.1, 1 if continuous else 0),
        Spectrum(0.9 * turns[:4], np.full(4, 0.2), continuous, 5, 0.2 if continuous else 0.1),
    )
    times = np.geomspace(0.1, 9.0, 12)
    own = np.stack([np.linspace(0.1, 0.8, 12), np.linspace(0.0, -0.1, 12)])
    band = CurveBand(own, np.stack([own - 0.1, own + 0.1]), np.stack([own - 0.2, own + 0.15]))
    curves = RecurrenceCurves(times, ("mean", "climb"), band, CurveBand(own + 0.3, band.floor, band.null), True)
    left = np.stack([np.full(20, v) for v in (0.02, 0.001, 0.9)])
    errors = np.stack([left, 0.5 * left, 2.0 * left], axis=1)
    steps = StepErrors(np.arange(1.0, 21.0), errors, 3.0 * errors, 7)
    return Motion(paths(colours), spectra, None if matched else curves, steps if matched else None)


def moving(colours: str = "condition", *, matched: bool = False, continuous: bool = False) -> Comparison:
    """Return a comparison of trajectories with all their pictures."""
    made = comparison(dynamics="different")
    return replace(made, motion=motion(colours, matched=matched, continuous=continuous))


def same_task() -> Comparison:
    """Everything there is: both axes equivalent, gain shown, plane by class, layer map, measures."""
    drawn = plane(797, classes=10)
    return comparison(
        replace(axis("equivalent", full=True), where=where()),
        replace(axis("equivalent", gain=True, full=True), where=where()),
        notes=("trials are matched by position: a trial id is missing",),
        measures=(
            Score("cka", 0.93, 0.37, 0.93, interval=(0.91, 0.95)),
            Score("procrustes", 0.41, 0.41, 0.6, status=Status.TOO_FEW_ROWS),
        ),
        layer_map=replace(layer_map(2), layers_a=("hidden1", "hidden2"), layers_b=("hidden1", "hidden2")),
        plane=drawn,
        layer_planes=layer_planes(2, drawn),
    )


def hostile() -> Comparison:
    """Names and sentences of someone who wants to run a script in the reader's browser."""
    nasty = (
        HOSTILE,
        "x" * 200,
        '"><img src=x onerror=alert(2)>',
        "</script><script>alert(3)</script>",
        "$\\frac{1}{$ \x1b[31m",
    )
    found = axis("equivalent", gain=True, full=True)
    representation = replace(
        found,
        reasons=nasty,
        layers=(HOSTILE, "x" * 200),
        layer_choice=HOSTILE,
        controls=(replace(control(), name=HOSTILE, source=HOSTILE),),
        floor=replace(found.floor, source=HOSTILE),
        evidence=(*found.evidence, Evidence(HOSTILE, 1.0, unit=HOSTILE)),
        units_not_judged=(SkippedUnit(HOSTILE, HOSTILE, HOSTILE, HOSTILE),),
        decisive_rows=nasty,
        warnings=nasty,
        rungs=tuple(replace(r, advice=HOSTILE) for r in found.rungs),
        where=where(HOSTILE),
    )
    drawn = plane(40)
    return comparison(
        "undecided",
        representation,
        "not_tested",
        networks=STRANGE,
        notes=nasty,
        measures=(Score(HOSTILE, 1.0, 0.0, 1.0),),
        layer_map=LayerMap((HOSTILE, "y" * 200), ("x" * 200, "层 é"), ((0.5, None), (0.1, 1.0)), HOSTILE),
        plane=replace(drawn, rows=tuple(HOSTILE for _ in drawn.rows), colour_source=HOSTILE),
        layer_planes=layer_planes(2, drawn),
        settings={HOSTILE: {HOSTILE: [HOSTILE]}, "folds": 10},
    )


def everything() -> dict[str, Comparison]:
    """Return a comparison for every answer on every axis and for every thing that may be missing, by name."""
    found: dict[str, Comparison] = {"same-task": same_task(), "hostile": hostile(), "nothing": comparison()}
    for answer in (*_PROFILES, "not_tested"):
        found[f"function-{answer}"] = comparison(axis(answer, full=answer != "not_tested"), "undecided")
        found[f"representation-{answer}"] = comparison("unrelated", axis(answer, with_control=True), plane=plane(60))
        found[f"dynamics-{answer}"] = comparison(dynamics=axis(answer))
    found |= {f"drop-in-{name}": comparison(drop_in=made) for name, made in drop_ins().items()}
    found["dynamics-different"] = comparison(dynamics="different")
    found["moving"] = moving()
    smooth_only = replace(axis("undecided"), rung="smooth", rungs=axis("equivalent").rungs)
    found["undecided-with-rung"] = comparison(smooth_only)
    found["no-control"] = comparison("equivalent", "equivalent")
    one_sided = replace(axis("equivalent", with_control=True), gain=Gain(0.9, None, rung="smooth", state="one_network"))
    for state in ("no_pair", "nearly_linear", "small", "unshuffled", "unreset"):
        gain = replace(NO_GAIN, state=state, reason="none was given" if state.startswith("un") else None)
        found[f"gain-{state}"] = comparison(representation=replace(axis("equivalent", with_control=True), gain=gain))
    found["one-control"] = comparison(representation=one_sided)
    found["one-layer"] = comparison("equivalent", "equivalent", layer_map=layer_map(1), plane=plane(30))
    thirty = replace(axis("equivalent", gain=True), layers=("transformer.encoder.layers.12.mlp",) * 2)
    drawn = plane(2000)
    found["thirty-layers"] = comparison(
        "partly_related", thirty, layer_map=layer_map(30), plane=drawn, layer_planes=layer_planes(30, drawn)
    )
    found["sixty-layers"] = comparison(
        "partly_related", thirty, layer_map=layer_map(60), plane=drawn, layer_planes=layer_planes(60, drawn)
    )
    tiny = rung_results((1e-9, 1e-9, 3e-8, 1e-10, 0.0), (1e-9, 1e-9, 3e-8, 1e-10, 0.0))
    huge = rung_results((4e6, 40.0, 1.2, 1e-3, 1e-4), (5e6, 3.0, 1.1, 1e-3, 1e-4))
    found["tiny"] = comparison(replace(axis("equivalent"), rungs=tiny, rung="identity"))
    found["huge"] = comparison(replace(axis("equivalent"), rungs=huge, rung="affine"))
    return found
