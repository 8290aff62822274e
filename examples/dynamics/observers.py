"""Lorenz, Lorenz at another parameter, and Roessler, each seen by several observers that share no trial.

python examples/dynamics/observers.py [--quick] [--out DIR] [--seed N]

Views of one system are equal by construction, whatever the instrument; views of two systems are different. Each view has its own
trials, which start on the attractor, so nothing can be compared trial by trial. Roessler runs 7.8 times as fast as it is
written. One turn then takes as long as a loop of Lorenz at rho 28, and speed alone does not tell them apart. Four of the
instruments (rotated, skewed, saturated, bent) are of the kinds that the verdict uses for a system's own halves, with other
constants. Two are not: bumps (units that answer to a region of the states), and one coordinate with its delays, which by Takens'
theorem is the whole state. One coordinate without delays is not a state; its truth is not known, and its answers are reported
separately.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from common import Experiment, plt, start
from matplotlib.axes import Axes
from own_trials import (
    COLOURS,
    METHODS,
    Pair,
    System,
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

Field = Callable[[np.ndarray], np.ndarray]
DT, WITHIN, SETTLING = 0.04, 4, 120  # time between two points, steps of the integration within it, points left out
FASTER = 7.8  # Roessler's turn of 5.86 in the .75 of Lorenz
DELAYS, BUMPS, WIDTH = 8, 40, 0.8  # width of a bump in units of the largest spread
NOISE = 0.01  # of the instrument, over the spread of what it shows
VIEWS = ("rotated", "delays", "skewed", "saturated", "bent", "bumps")
ALONE = "one coordinate alone"
KIND_COLOURS = {"Lorenz 28": "#0072b2", "Lorenz 60": "#6b4c9a", "Roessler": "#4d7c0f"}
SHOWN = {"Lorenz 28": (0, 2), "Lorenz 60": (0, 2), "Roessler": (0, 1)}


def lorenz(rho: float) -> Field:
    """Return the field of Lorenz (1963) with sigma 10 and beta 8/3."""

    def field(x: np.ndarray) -> np.ndarray:
        p, q, r = x[..., 0], x[..., 1], x[..., 2]
        return np.stack([10 * (q - p), p * (rho - r) - q, p * q - 8 / 3 * r], axis=-1)

    return field


def roessler(x: np.ndarray) -> np.ndarray:
    """Return the field of Roessler (1976) with a = b = .2, c = 5.7, sped up."""
    p, q, r = x[..., 0], x[..., 1], x[..., 2]
    return FASTER * np.stack([-q - r, p + 0.2 * q, 0.2 + r * (p - 5.7)], axis=-1)


FIELDS: dict[str, tuple[Field, np.ndarray, float]] = {  # where trials begin before they settle: middle and spread
    "Lorenz 28": (lorenz(28.0), np.array([0.0, 0.0, 25.0]), 5.0),
    "Lorenz 60": (lorenz(60.0), np.array([0.0, 0.0, 55.0]), 5.0),
    "Roessler": (roessler, np.array([0.0, -4.0, 0.1]), 1.0),
}


def course(kind: str, trials: int, points: int, rng: np.random.Generator) -> np.ndarray:
    """Return trials on the attractor, (trials, points, 3), by Runge-Kutta of order four."""
    field, middle, spread = FIELDS[kind]
    x, h = middle + spread * rng.uniform(-1, 1, (trials, 3)) * (1, 1, 0.1), DT / WITHIN
    out = np.empty((trials, points, 3))
    for t in range(SETTLING + points):
        if t >= SETTLING:
            out[:, t - SETTLING] = x
        for _ in range(WITHIN):
            k1 = field(x)
            k2 = field(x + h / 2 * k1)
            k3 = field(x + h / 2 * k2)
            x = x + h / 6 * (k1 + 2 * k2 + 2 * k3 + field(x + h * k3))
    return out


def observed(x: np.ndarray, view: str, rng: np.random.Generator) -> np.ndarray:
    """Return what an instrument drawn at random shows of states (trials, points, 3), with noise."""
    z = (x - x.mean(axis=(0, 1))) / x.std(axis=(0, 1)).max()
    turn = np.linalg.qr(rng.standard_normal((3, 3)))[0]
    if view == "rotated":
        y = z @ np.linalg.qr(rng.standard_normal((20, 20)))[0][:3]
    elif view == "skewed":
        y = z @ (turn * (1.0, 0.4, 0.2)) @ rng.standard_normal((3, 20))
    elif view == "saturated":
        y = np.tanh(z @ rng.standard_normal((3, 25)) + 0.5 * rng.standard_normal(25))
    elif view == "bent":
        u = z @ turn
        y = np.sinh(0.6 * (u + 0.2 * np.roll(u, -1, axis=-1) ** 2)) @ rng.standard_normal((3, 15))
    elif view == "bumps":
        centres = rng.permutation(z.reshape(-1, 3))[:BUMPS]
        y = np.exp(-((z[..., None, :] - centres) ** 2).sum(axis=-1) / (2 * WIDTH**2))
    else:
        y = z[..., :1]
    y = y + NOISE * y.std() * rng.standard_normal(y.shape)
    if view != "delays":
        return y
    return np.concatenate([y[:, i : y.shape[1] - DELAYS + 1 + i] for i in range(DELAYS)], axis=-1)


def systems_of(
    seed: int, views: tuple[str, ...], trials: int, points: int
) -> tuple[list[System], dict[str, np.ndarray]]:
    """Return every system through every instrument, each with its own trials, and the states behind the first of them."""
    rng, found, states = np.random.default_rng([seed, 21]), list[System](), dict[str, np.ndarray]()
    for kind in FIELDS:
        for view in views:
            x = course(kind, trials, points, rng)
            states.setdefault(kind, x)
            found.append(System(kind, f"{kind} {view}", cj.Trajectories(observed(x, view, rng), dt=DT)))
    return found, states


def truth(a: System, b: System) -> bool | None:
    """Return whether both are one system; of one coordinate alone nothing is known."""
    return None if ALONE in a.name + b.name else same_kind(a, b)


def views_of(p: Pair) -> str:
    """Return the instruments that do not show the state as a smooth map of it at the same time, if there is one."""
    return next((x for x in (ALONE, "delays", "bumps") if any(name.endswith(x) for name in p.names)), "the four others")


def main() -> None:
    """Judge all pairs of every seed."""
    experiment = start("One system, many observers: Lorenz and Roessler without shared trials")
    views = VIEWS[:2] if experiment.quick else (*VIEWS, ALONE)
    trials, points = (12, 50) if experiment.quick else (20, 120)
    experiment.report(
        "set-up",
        f"{trials} trials of {points} points, {DT * points:g} time units; instruments: {', '.join(views)}; "
        f"DSA with 10 delays and rank 20",
    )
    pairs, first, states = list[Pair](), list[System](), dict[str, np.ndarray]()
    for seed in experiment.seeds:
        systems, x = systems_of(seed, views, trials, points)
        first, states = (first, states) if first else (systems, x)
        pairs += judged(seed, systems, truth)
    report_pairs(experiment, "observers", pairs)
    known, alone = [[p for p in pairs if (p.equal is None) is x] for x in (False, True)]
    report_answers(experiment, "answers by systems", known, of_kinds)
    for word, equal in (("equal", True), ("different", False)):
        report_answers(
            experiment, f"answers on {word} pairs, by instrument", [p for p in known if p.equal is equal], views_of
        )
    if alone:
        report_answers(experiment, f"{ALONE}, without delays: answers by systems", alone, of_kinds)
        same = [p for p in alone if all(name.endswith(ALONE) for name in p.names)]
        report_answers(experiment, f"{ALONE} on both sides: answers by systems", same, of_kinds)
    check_verdict(experiment, "observers", first, pairs, 0, 1)
    draw(experiment, pairs, first, states)
    experiment.finish()


def draw(experiment: Experiment, pairs: list[Pair], systems: list[System], states: dict[str, np.ndarray]) -> None:
    """Draw the attractors, the curves through all instruments, the scores and the answers."""
    figure, axes = plt.subplots(2, 4, figsize=(15, 7.2), layout="constrained")
    for ax, (kind, x) in zip(axes[0], states.items(), strict=False):
        i, j = SHOWN[kind]
        for trial in x[:12]:
            ax.plot(trial[:, i], trial[:, j], color=KIND_COLOURS[kind], linewidth=0.5)
        ax.set_title(f"{kind}, 12 trials", fontsize=9)
        ax.set(xlabel=f"{'xyz'[i]} (model's unit)", ylabel=f"{'xyz'[j]} (model's unit)")
    draw_curves(axes[0, 3], systems)
    units = {
        "dynamics": "rms difference of curves (ranks)",
        "dsa": "angle, rad",
        "dsa_wasserstein": "distance of eigenvalues",
    }
    for ax, method in zip(axes[1], METHODS, strict=False):
        draw_scores(ax, pairs, method, units[method])
    draw_answers(axes[1, 3], [p for p in pairs if p.equal is not None])
    experiment.save(figure, "observers.png")


def draw_curves(ax: Axes, systems: list[System]) -> None:
    """Draw the mean rank over the time between states, a line for every instrument."""
    seen: set[str] = set()
    for system in systems:
        if ALONE in system.name:
            continue
        curves = METHODS["dynamics"].prepare(system.seen).curves
        style = "--" if system.name.endswith("delays") else "-"
        label = None if system.kind in seen else system.kind
        ax.plot(curves.times, curves.mean[0], style, color=KIND_COLOURS[system.kind], linewidth=0.9, label=label)
        seen.add(system.kind)
    ax.plot([], [], "--", color="#565d68", label="from delays of one coordinate")
    time_axis(ax, "model's unit")
    ax.set(ylabel="mean rank of their distance", ylim=(0, 1.4))
    ax.set_title("how states come back, every instrument", fontsize=9)
    ax.legend(fontsize=7, loc="upper right")


def draw_answers(ax: Axes, pairs: list[Pair]) -> None:
    """Draw what is answered, by systems."""
    names = sorted({of_kinds(p) for p in pairs}, key=lambda n: (len(set(n.split(" / "))), n), reverse=True)
    left = np.zeros(len(names))
    for answer, colour in COLOURS.items():
        counts = np.array([sum(p.answer == answer for p in pairs if of_kinds(p) == name) for name in names])
        ax.barh(names, counts, left=left, color=colour, label=answer)
        left += counts
    ax.set_xlabel("pairs")
    ax.set_title("verdict (and the colours of all pairs)", fontsize=9)
    ax.tick_params(labelsize=7)
    ax.legend(fontsize=7)


if __name__ == "__main__":
    main()
