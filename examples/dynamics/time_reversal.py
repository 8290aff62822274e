"""The arrow of time: systems and the same trials run backwards, without matched trials.

python examples/dynamics/time_reversal.py [--quick] [--out DIR] [--seed N]

The distance of two states of a trial does not show which came first: curves of distances are the same for trials run backwards.
Only the change of the density of states from one to the other changes its sign. Three systems, each against its own reverse:

- a focus, which spirals in: its reverse spirals out; different.
- a relaxation oscillator (van der Pol, with independent noise in each trial), started on its cycle. Forwards it speeds up to the
  jump and lands at once on the slow branch; backwards it leaves at once and lands slowly; different.
- a noisy limit cycle that looks the same at every phase (Hopf), started from its stationary states. With rotational symmetry the
  reversed process has the drift -b + s^2 grad log p: the same pull to the cycle and the opposite turn. In a mirror this is
  the same process. It is equal by construction, and no method that ignores the instrument may tell it from its reverse.

Every trial is seen forwards by some instruments and, run backwards, by others.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from common import Experiment, plt, start
from matplotlib.axes import Axes
from own_trials import (
    METHODS,
    Pair,
    System,
    Truth,
    answers_legend,
    auprc,
    check_verdict,
    draw_scores,
    judged,
    of_kinds,
    report_answers,
    report_pairs,
    same_kind,
    time_axis,
)

import conjugacy as cj
from conjugacy.dynamics.recurrence import WEIGHTS, recurrence

Field = Callable[[np.ndarray], np.ndarray]
# steps of the integration within a time point; the instrument's noise over the spread of what it shows
WITHIN, NOISE = 10, 0.005
WAYS = ("forwards", "backwards")
VIEWS = ("rotated", "skewed", "saturated")
QUICK_POINTS = 60
CLIMBS = ("climb", "climb_skew")  # curves that change their sign


@dataclass(frozen=True)
class Kind:
    """A system: its field, the noise on its way, where trials begin, and how long they settle and run.

    Trials begin anywhere in the square of this half-width.
    """

    field: Field
    noise: float
    width: float
    dt: float
    settling: int
    points: int
    reverse_is_equal: bool


def focus(x: np.ndarray) -> np.ndarray:
    """Return the field of a focus: half as far out after 2.8 time units, once round in 6.3."""
    return -0.25 * x + np.stack([-x[..., 1], x[..., 0]], axis=-1)


def relaxation(x: np.ndarray) -> np.ndarray:
    """Return the field of van der Pol with mu = 2."""
    return np.stack([x[..., 1], 2.0 * (1 - x[..., 0] ** 2) * x[..., 1] - x[..., 0]], axis=-1)


def hopf(x: np.ndarray) -> np.ndarray:
    """Return the field of a limit cycle of radius 1, gone round at the same speed everywhere."""
    return x * (1 - (x**2).sum(axis=-1, keepdims=True)) + np.stack([-x[..., 1], x[..., 0]], axis=-1)


KINDS = {
    "focus": Kind(focus, 0.0, 2.0, 0.1, 0, 80, reverse_is_equal=False),
    "relaxation": Kind(relaxation, 0.1, 2.0, 0.15, 150, 120, reverse_is_equal=False),
    "Hopf": Kind(hopf, 0.25, 1.0, 0.15, 150, 120, reverse_is_equal=True),
}


def course(kind: Kind, trials: int, points: int, rng: np.random.Generator) -> np.ndarray:
    """Return trials after settling, (trials, points, 2), by Heun's steps with noise of their own."""
    x, h = rng.uniform(-kind.width, kind.width, (trials, 2)), kind.dt / WITHIN
    out = np.empty((trials, points, 2))
    for t in range(kind.settling + points):
        if t >= kind.settling:
            out[:, t - kind.settling] = x
        for _ in range(WITHIN):
            kick = kind.noise * np.sqrt(h) * rng.standard_normal(x.shape)
            now = kind.field(x)
            x = x + h * (now + kind.field(x + h * now + kick)) / 2 + kick
    return out


def observed(x: np.ndarray, view: str, rng: np.random.Generator) -> np.ndarray:
    """Return what an instrument drawn at random shows of states (trials, points, 2), with noise."""
    z = (x - x.mean(axis=(0, 1))) / x.std(axis=(0, 1)).max()
    if view == "rotated":
        y = z @ np.linalg.qr(rng.standard_normal((12, 12)))[0][:2]
    elif view == "skewed":
        y = z @ (np.linalg.qr(rng.standard_normal((2, 2)))[0] * (1.0, 0.3)) @ rng.standard_normal((2, 12))
    else:
        y = np.tanh(z @ rng.standard_normal((2, 20)) + 0.5 * rng.standard_normal(20))
    return y + NOISE * y.std() * rng.standard_normal(y.shape)


def systems_of(name: str, seed: int, views: Sequence[str], trials: int, quick: bool) -> tuple[list[System], np.ndarray]:
    """Return one system seen forwards and its trials seen backwards, and the states behind the first of them."""
    kind, rng = KINDS[name], np.random.default_rng([seed, 31, list(KINDS).index(name)])
    found, states = list[System](), list[np.ndarray]()
    for view in views:
        x = course(kind, trials, QUICK_POINTS if quick else kind.points, rng)
        states.append(x)
        for way, run in zip(WAYS, (x, x[:, ::-1]), strict=True):
            found.append(
                System(f"{name} {way}", f"{name} {way} {view}", cj.Trajectories(observed(run, view, rng), dt=kind.dt))
            )
    return found, states[0]


def truth_of(name: str) -> Truth:
    """Return the truth of pairs of one system's recordings."""
    return lambda a, b: True if KINDS[name].reverse_is_equal else same_kind(a, b)


def check_signs(experiment: Experiment, states: dict[str, np.ndarray]) -> None:
    """Expect that of the same states run backwards the curves of distance are the same, and those of density their negatives."""
    same, turned = 0.0, 0.0
    for name, run in states.items():
        # few enough states that none is left out: which are left out would depend on the way
        forth, back = (recurrence(cj.Trajectories(y, dt=KINDS[name].dt)).mean for y in (run[:12], run[:12, ::-1]))
        for at, curve in enumerate(WEIGHTS):
            power = 3 if curve == "climb_skew" else 1  # the cube root makes much of what rounding leaves of a mean cube
            x, y = forth[at] ** power, back[at] ** power
            off = float(np.abs(x + y if curve in CLIMBS else x - y).max())
            same, turned = (same, max(turned, off)) if curve in CLIMBS else (max(same, off), turned)
    experiment.line(
        "the same states run backwards: change of the curves of distance; what density rises by, both ways added",
        "under 1e-9", f"{same:.1g}; {turned:.1g}", max(same, turned) < 1e-9,
    )  # fmt: skip


def report_curves(experiment: Experiment, pairs: dict[str, list[Pair]]) -> None:
    """Say how well each curve alone ranks pairs of one way before pairs of both ways."""
    for name, found in pairs.items():
        ways = [p for p in found if p.equal is not None]
        parts = list[str]()
        for curve in WEIGHTS:
            across, within = ([p.curves[curve] for p in ways if (p.kinds[0] == p.kinds[1]) is x] for x in (False, True))
            area = "" if KINDS[name].reverse_is_equal else f"{_area(ways, curve)}, "
            parts.append(f"{curve} {area}{np.median(within):.2g} and {np.median(across):.2g}")
        measured = "medians" if KINDS[name].reverse_is_equal else "AUPRC and medians"
        experiment.report(f"{name}, each curve alone: {measured} of pairs of one way and of both", "; ".join(parts))


def _area(pairs: Sequence[Pair], curve: str) -> str:
    area, low, high = auprc(pairs, lambda p: p.curves[curve])
    return f"{area:.2f} [{low:.2f}, {high:.2f}]"


def main() -> None:
    """Judge every system against its reverse."""
    experiment = start("The arrow of time: systems and their reverse without matched trials")
    views, trials = (VIEWS[:2], 12) if experiment.quick else (VIEWS, 24)
    experiment.report("set-up", f"{trials} trials; instruments: {', '.join(views)}; DSA with 10 delays and rank 20")
    pairs: dict[str, list[Pair]] = {name: [] for name in KINDS}
    first, states = dict[str, list[System]](), dict[str, np.ndarray]()
    for seed in experiment.seeds[:1] if experiment.quick else experiment.seeds:
        for name in KINDS:
            systems, x = systems_of(name, seed, views, trials, experiment.quick)
            first.setdefault(name, systems)
            states.setdefault(name, x)
            pairs[name] += judged(seed, systems, truth_of(name))
    check_signs(experiment, states)
    told = [p for name in ("focus", "relaxation") for p in pairs[name]]
    for name in ("focus", "relaxation"):
        report_pairs(experiment, f"{name} and its reverse", pairs[name])
    report_symmetric(experiment, pairs["Hopf"])
    report_curves(experiment, pairs)
    report_answers(experiment, "answers", told + pairs["Hopf"], of_kinds)
    check_verdict(experiment, "focus", first["focus"], pairs["focus"], 0, 1)
    draw(experiment, pairs, first, states)
    experiment.finish()


def report_symmetric(experiment: Experiment, pairs: Sequence[Pair]) -> None:
    """Expect that the limit cycle is hardly ever told from its mirror image, and say how it ranks."""
    both = [p for p in pairs if p.kinds[0] != p.kinds[1]]
    wrong = [p for p in pairs if p.wrong]
    experiment.line(
        f"Hopf and its reverse, equal in a mirror: wrong answers on {len(pairs)} pairs, {len(both)} of them of both ways",
        "at most 5 %", f"{len(wrong)}, {100 * len(wrong) / len(pairs):.1f} %", len(wrong) <= 0.05 * len(pairs),
    )  # fmt: skip
    for method in METHODS:
        values = {
            word: [p.scores[method] for p in pairs if (p in both) is x]
            for word, x in (("one way", False), ("both", True))
        }
        experiment.report(
            f"Hopf: {method} within one way and between both, all equal",
            "; ".join(f"{word} {min(v):.2g} to {max(v):.2g}, median {np.median(v):.2g}" for word, v in values.items()),
        )
    experiment.numbers.setdefault("pairs", []).extend(
        {"study": "Hopf", "names": p.names, "seed": p.seed, "scores": p.scores, "answer": p.answer} for p in pairs
    )


def draw(
    experiment: Experiment,
    pairs: dict[str, list[Pair]],
    systems: dict[str, list[System]],
    states: dict[str, np.ndarray],
) -> None:
    """Draw trials of every system, its curves of distance and of density both ways, and the scores of `dynamics` and of DSA."""
    figure, axes = plt.subplots(3, 5, figsize=(17, 9.5), layout="constrained")
    for row, name in zip(axes, KINDS, strict=True):
        for trial in states[name][:8]:
            row[0].plot(trial[:, 0], trial[:, 1], color="#565d68", linewidth=0.6)
            row[0].plot(*trial[0], "o", color="#16181d", markersize=3)
        row[0].set_title(f"{name}: 8 trials forwards, dots where they begin", fontsize=9)
        row[0].set(xlabel="x", ylabel="y")
        draw_curve(row[1], systems[name], "mean", "mean rank of distance")
        draw_curve(row[2], systems[name], "climb" if name == "focus" else "climb_skew", "rise of density's rank")
        for ax, method, unit in (
            (row[3], "dynamics", "rms difference of curves (ranks)"),
            (row[4], "dsa", "angle, rad"),
        ):
            draw_ways(ax, pairs[name], method, unit) if KINDS[name].reverse_is_equal else draw_scores(
                ax, pairs[name], method, unit
            )
    answers_legend(axes[0, 3])
    experiment.save(figure, "time_reversal.png")


def draw_ways(ax: Axes, pairs: Sequence[Pair], method: str, unit: str) -> None:
    """Draw scores of pairs that are all equal, of one way and of both."""
    for at, across in enumerate((False, True)):
        values = [p.scores[method] for p in pairs if (p.kinds[0] != p.kinds[1]) is across]
        ax.plot(at + np.linspace(-0.3, 0.3, len(values)), values, "x", color="#16181d", markersize=3)
    ax.set_xticks([0, 1], ["one way", "both ways"])
    ax.set_xlim(-0.5, 1.5)
    ax.set_ylim(bottom=0.0)
    ax.set_title(f"{method}\nall pairs equal", fontsize=9)
    ax.set_ylabel(unit, fontsize=8)
    ax.tick_params(labelsize=8)


def draw_curve(ax: Axes, systems: Sequence[System], curve: str, label: str) -> None:
    """Draw one curve of all recordings."""
    at, named = list(WEIGHTS).index(curve), set[str]()
    for system in systems:
        way = system.kind.split()[-1]
        found = METHODS["dynamics"].prepare(system.seen).curves
        colour = "#0072b2" if way == WAYS[0] else "#c14d00"
        ax.plot(found.times, found.mean[at], color=colour, linewidth=0.9, label=None if way in named else way)
        named.add(way)
    time_axis(ax, "time units")
    ax.set_ylabel(label)
    ax.set_title(f"{curve}: every instrument", fontsize=9)
    ax.legend(fontsize=7)


if __name__ == "__main__":
    main()
