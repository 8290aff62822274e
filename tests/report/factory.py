"""Comparisons built by hand: every answer on every axis, with and without what may be missing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from conjugacy.results import (
    ANSWERS,
    RUNGS,
    AxisVerdict,
    Comparison,
    Control,
    Estimate,
    Evidence,
    Floor,
    Gain,
    LayerMap,
    Plane,
    RungResult,
    Score,
    SkippedUnit,
    Verdict,
)

HOSTILE = "<script>alert(1)</script>"
LONG = "a-name-that-goes-on-" * 10
_HELD = {  # unexplained fractions per rung, A to B and B to A
    "equivalent": ((None, None), (0.6, 0.62), (0.02, 0.03), (0.004, 0.006), (0.003, 0.005)),
    "a_determines_b": ((None, None), (0.9, 0.95), (0.4, 0.8), (0.02, 0.7), (0.004, 0.66)),
    "b_determines_a": ((None, None), (0.95, 0.9), (0.8, 0.4), (0.7, 0.02), (0.66, 0.004)),
    "partly_related": ((1.7, 1.8), (0.95, 0.96), (0.8, 0.7), (0.5, 0.5), (0.4, 0.3)),
    "unrelated": ((2.0, 2.1), (1.01, 1.02), (1.0, 1.01), (1.02, 1.01), (1.0, 1.0)),
    "undecided": ((None, None), (0.5, 0.5), (0.2, 0.2), (0.06, 0.05), (0.05, 0.045)),
}


def estimate(u: float | None, spread: float = 0.25) -> Estimate:
    """Return an estimate with an interval around it, or an empty one."""
    return Estimate() if u is None else Estimate(u, u * (1 - spread), u * (1 + spread))


def rung_result(rung: str, a_to_b: float | None, b_to_a: float | None, tolerance: float = 0.05) -> RungResult:
    """Return one rung with the status that its numbers have at the tolerance."""
    both = (estimate(a_to_b), estimate(b_to_a))
    highs, lows = [e.high for e in both], [e.low for e in both]
    if None in highs:
        return RungResult(rung, "fails", *both, 160, 200, "the networks have different widths: 30 and 40 units")
    if any(low > tolerance for low in lows if low is not None):
        return RungResult(rung, "fails", *both, 160, 200)
    if all(high < tolerance for high in highs if high is not None):
        return RungResult(rung, "holds", *both, 160, 200)
    return RungResult(rung, "undecided", *both, 160, 200, "the interval straddles the tolerance: record more stimuli")


def ladder(answer: str) -> tuple[RungResult, ...]:
    """Return the five rungs that lead to an answer."""
    return tuple(rung_result(rung, *u) for rung, u in zip(RUNGS, _HELD[answer], strict=True))


def control(one_network: bool = False) -> Control:
    """Return an untrained control, whole or for A alone."""
    values = ((None, None), (0.9, 0.9), (0.5, 0.5), (0.06, 0.09), (0.05, 0.08))
    rungs = tuple(rung_result(rung, a, None if one_network else b) for rung, (a, b) in zip(RUNGS, values, strict=True))
    return Control("untrained", "3 re-initialised copies of each network", 3, rungs)


def axis(answer: str, *, name: str = "hidden2") -> AxisVerdict:
    """Return a verdict with one answer and nothing but what it must have."""
    if answer == "not_tested":
        return AxisVerdict.not_tested("the recordings hold no such thing")
    rungs = ladder("unrelated" if answer == "different" else answer)
    holds = next((r.rung for r in rungs if r.status == "holds"), None)
    return AxisVerdict(
        answer=answer,
        reasons=(f"a sentence that carries the answer {answer}",),
        rung=holds,
        exact_rung=None if holds is None else "smooth",
        layers=(name, name),
        layer_choice="the deepest of 3 layers of the same name",
        rungs=rungs,
        p_independent=0.4 if answer == "unrelated" else 0.005,
        evidence=(
            Evidence("power_a_to_b", 0.002, 0.001, 0.004, unit="unexplained fraction"),
            Evidence("power_b_to_a", 0.003, 0.002, 0.005, unit="unexplained fraction"),
        ),
    )


def full_axis(answer: str, *, name: str = "hidden2", shown: bool = True) -> AxisVerdict:
    """Return a verdict with everything that a verdict can carry."""
    gain = Gain(1.1, 1.0, 0.3, "affine") if shown else Gain(0.1, 0.05, 0.3, "affine")
    return replace(
        axis(answer, name=name),
        floor=Floor(0.011, 0.008, 0.014, "the two networks' own held-out errors against the targets, added"),
        gain=gain,
        controls=(control(),),
        evidence=(
            *axis(answer, name=name).evidence,
            Evidence("agreement", 0.96, 0.93, 0.98, floor=0.95, unit="share of rows"),
            Evidence("agreement_beyond_chance", 0.95, null=0.0, unit="Cohen's kappa"),
        ),
        units_not_judged=(
            SkippedUnit("A", name, "7", "too rare: it differs from its most common value on 4 rows", 4.0),
        ),
        decisive_rows=("12", name),
        warnings=("2 rows decide the answer: without them it would be undecided",),
    )


def plane(rows: int = 60, names: str = "stimulus") -> Plane:
    """Return two noisy copies of one circle."""
    t = np.linspace(0, 2 * np.pi, rows, endpoint=False)
    a = np.column_stack([np.cos(t), np.sin(t)])
    b = a + 0.05 * np.random.default_rng(0).normal(size=a.shape)
    return Plane(a, b, t % 3 // 1, "target of each stimulus", tuple(f"{names} {i}" for i in range(rows)))


def layer_map(n_a: int, n_b: int, name: str = "hidden") -> LayerMap:
    """Return a layer map with one value missing."""
    values = tuple(tuple(1 / (1 + abs(i - j) / 4) for j in range(1, n_b + 1)) for i in range(1, n_a + 1))
    values = (*values[:-1], (None, *values[-1][1:])) if n_b > 1 else values
    a, b = ((name + str(i) for i in range(1, n + 1)) for n in (n_a, n_b))
    return LayerMap(tuple(a), tuple(b), values, "cka:debiased=true")


def comparison(
    function: AxisVerdict | None = None,
    representation: AxisVerdict | None = None,
    dynamics: AxisVerdict | None = None,
    *,
    networks: tuple[str, str] = ("net-a", "net-b"),
    **more: object,
) -> Comparison:
    """Return a comparison; axes that are not given are not tested."""
    nothing = AxisVerdict.not_tested("the recordings hold no trajectories")
    verdict = Verdict(function or nothing, representation or nothing, dynamics or nothing)
    settings = {
        "layers": None,
        "folds": 5,
        "versions": {"python": "3.11.7", "numpy": "2.0.0"},
        "provenance": {"a": {}, "b": {}},
    }
    settings.update(more.pop("settings", {}))  # type: ignore[call-overload]
    return Comparison(verdict, 0.05, 0, networks, 200, settings, **more)  # type: ignore[arg-type]


def full(
    name: str = "hidden", networks: tuple[str, str] = ("net-a", "net-b"), layers: int = 3, **more: object
) -> Comparison:
    """Return a comparison in which nothing is missing."""
    compared = f"{name}2" if layers > 1 else f"{name}1"
    return comparison(
        full_axis("equivalent", name="outputs"),
        full_axis("equivalent", name=compared),
        networks=networks,
        notes=(f"rows of {networks[1]} were put in the order of {networks[0]}",),
        measures=(Score("cka:debiased=true", 0.91, 0.09, 0.91, interval=(0.88, 0.93)),),
        layer_map=layer_map(layers, layers, name),
        plane=plane(names=name),
        **more,
    )


def every() -> Iterator[tuple[str, Comparison]]:
    """Return all comparisons by name."""
    for answer in ANSWERS:
        yield f"function {answer}", comparison(axis(answer, name="outputs"))
        yield f"representation {answer}", comparison(None, axis(answer))
        yield f"dynamics {answer}", comparison(None, None, axis(answer))
        if answer != "not_tested":
            yield f"full {answer}", comparison(full_axis(answer, name="outputs"), full_axis(answer), plane=plane())
    yield "dynamics different", comparison(None, None, axis("different"))
    yield "no gain", comparison(None, full_axis("equivalent", shown=False))
    yield (
        "one control",
        comparison(None, replace(axis("equivalent"), controls=(control(True),), gain=Gain(0.5, None, 0.3, "affine"))),
    )
    yield "full", full()
    yield "one layer", full(layers=1)
    yield "thirty layers", full(layers=30)
    yield "hostile", full(HOSTILE, (HOSTILE, HOSTILE), settings={"asked": HOSTILE, "</script>": "\u2028"})
    yield "long", full(LONG, (LONG, LONG[::-1]))


EVERY = dict(every())
