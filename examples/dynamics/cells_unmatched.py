"""Vanilla, gated and long short-term memory networks of one task, recorded on trials that they do not share.

python examples/dynamics/cells_unmatched.py [--quick] [--out DIR] [--seed N]

Three bits are set by pulses and held (the networks of flip_flops.py). Each recording has its own inputs, and no trial of one
belongs to a trial of another. Known by construction: a network is equal to itself on other trials, and through an instrument
(saturated mixtures of its units with noise). It is not equal to itself at half the speed. An untrained network of the same kind,
with such inputs, is not equal to the trained one. The truth about two trained networks is not known: their distance is reported
with the floor, the distance of two halves of one network.

All networks are driven by inputs of one kind, and a common drive makes any motions alike. Two systems without a network show by
how much: the drive itself with its last eight time points, and the bits that the task asks for. If a network is called
equivalent to either, equivalent networks only means that both do the task.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from cells import Network, untrained
from common import Experiment, plt, start
from flip_flop_task import BITS, Key, flip_flops, pulses, trained
from matplotlib.axes import Axes
from own_trials import (
    COLOURS,
    METHODS,
    Pair,
    System,
    check_verdict,
    counted,
    draw_scores,
    judged,
    report_answers,
    report_pairs,
    time_axis,
)

import conjugacy as cj

CELLS: tuple[Key, ...] = (("tanh", 32), ("gru", 24), ("lstm", 24))
NAMES = {"tanh": "vanilla", "gru": "GRU", "lstm": "LSTM"}
SETTLING, POINTS = 20, 60  # time points left out, in which the first pulses set the bits, and kept
DELAYS, NOISE, SLOWER = 8, 0.01, 2.0  # of the drive's own trajectory; of instruments, over the spread; of time
CONTROLS = ("drive", "bits")
LOOKS = ("itself", "other trials", "instrument")


def states_of(network: Network, trials: int, rng: np.random.Generator) -> np.ndarray:
    """Return a network's whole states on inputs of its own, (trials, points, s)."""
    drive = pulses(trials, SETTLING + POINTS, rng)
    return network.run(np.ones((trials, 1)), SETTLING + POINTS, drive)[:, SETTLING:]


def instrument(x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return 40 saturated mixtures of the units, with noise."""
    z = (x - x.mean(axis=(0, 1))) / x.std() / np.sqrt(x.shape[-1])
    y = np.tanh(z @ rng.standard_normal((x.shape[-1], 40)) + 0.5 * rng.standard_normal(40))
    return noisy(y, rng)


def noisy(y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return what an instrument shows with its noise."""
    return y + NOISE * y.std() * rng.standard_normal(y.shape)


def control(kind: str, trials: int, rng: np.random.Generator) -> np.ndarray:
    """Return the drive's last time points side by side, or the bits that it asks for, (trials, points, n), with noise."""
    drive = pulses(trials, SETTLING + POINTS, rng)
    if kind == "bits":
        return noisy(flip_flops(drive)[:, SETTLING:], rng)
    past = [drive[:, SETTLING - i : SETTLING - i + POINTS] for i in range(DELAYS)]
    return noisy(np.concatenate(past, axis=-1), rng)


def systems_of(seed: int, networks: dict[Key, list[Network]], trials: int) -> list[System]:
    """Return a seed's recordings; `kind` is "cell copy look"."""
    rng, found = np.random.default_rng([seed, 41]), list[System]()

    def add(kind: str, values: np.ndarray, dt: float = 1.0) -> None:
        found.append(System(kind, kind, cj.Trajectories(values, dt=dt)))

    for (cell, units), copies in networks.items():
        for i, network in enumerate(copies):
            for look in LOOKS if i == 0 else LOOKS[:1]:
                x = states_of(network, trials, rng)
                add(f"{NAMES[cell]}-{i} {look}", instrument(x, rng) if look == "instrument" else x)
        add(f"{NAMES[cell]}-0 slower", states_of(copies[0], trials, rng), SLOWER)
        raw = untrained(cell, units, (1, BITS, BITS), 1000 * seed + 900 + units)
        add(f"{NAMES[cell]}-raw untrained", states_of(raw, trials, rng))
    for kind in CONTROLS:
        add(kind, control(kind, trials, rng))
    return found


def parts(name: str) -> tuple[str, str, str]:
    """Return cell, copy and look of a recording's name."""
    network, _, look = name.partition(" ")
    cell, _, copy = network.partition("-")
    return cell, copy, look


def truth(a: System, b: System) -> bool | None:
    """Return whether both are one network at one speed; known of one network, and of trained against untrained."""
    (*one, x), (*two, y) = parts(a.name), parts(b.name)
    if {a.name, b.name} & set(CONTROLS):
        return None
    if one == two:
        return (x == "slower") == (y == "slower")
    raw = [look == "untrained" for look in (x, y)]
    return False if raw[0] != raw[1] and "slower" not in (x, y) else None


def wanted(a: System, b: System) -> bool:
    """Return whether a pair is judged: where the truth is known; else every network and control as first recorded."""
    return truth(a, b) is not None or all(parts(x.name)[2] in ("", "itself", "untrained") for x in (a, b))


def group(p: Pair) -> str:
    """Return what a pair is a case of."""
    (cell, copy, x), (other, twin, y) = sorted((parts(name) for name in p.names), key=lambda q: q[0] in CONTROLS)
    if other in CONTROLS:
        what = "trained" if x == "itself" else x
        return "the two controls" if cell in CONTROLS else f"{what} and the {other}"
    if "untrained" in (x, y):
        return "two untrained" if x == y else "trained and untrained"
    if (cell, copy) == (other, twin):
        return (
            "one network, slower" if "slower" in (x, y) else f"one network, {' and '.join(sorted({x, y} - {'itself'}))}"
        )
    return f"two networks, {'one cell' if cell == other else 'two cells'}"


def between(p: Pair) -> str:
    """Return the cells of a pair of trained networks."""
    return " / ".join(sorted(parts(name)[0] for name in p.names))


def networks_of(experiment: Experiment) -> dict[int, dict[Key, list[Network]]]:
    """Return trained networks, by seed and cell; two of each; of one cell in a quick run."""
    found: dict[int, dict[Key, list[Network]]] = {seed: {} for seed in experiment.seeds}
    for i, cell in enumerate(CELLS[1:2] if experiment.quick else CELLS):
        for seed, networks in trained(experiment, cell, flip_flops, "two a seed", 200 + 10 * i, copies=2).items():
            found[seed][cell] = networks
    return found


def main() -> None:
    """Train, record every network on trials of its own, judge all pairs."""
    experiment = start("Networks of one task, other cells, other trials")
    networks = networks_of(experiment)
    trials = 8 if experiment.quick else 40
    pairs, first = list[Pair](), list[System]()
    for seed in experiment.seeds:
        systems = systems_of(seed, networks[seed], trials)
        first = first or systems
        pairs += judged(seed, systems, truth, wanted)
    experiment.report(
        "set-up",
        f"{trials} trials of {POINTS} points a recording, {len(first)} recordings a seed; DSA with 10 delays and rank 20",
    )
    report_pairs(experiment, "known truths", pairs)
    names = sorted({group(p) for p in pairs})
    known = [x for x in names if any(group(p) == x and p.equal is not None for p in pairs)]
    for name in (*known, *(x for x in names if x not in known)):
        report_group(experiment, name, [p for p in pairs if group(p) == name])
    report_answers(
        experiment, "two networks, by cells", [p for p in pairs if group(p).startswith("two networks")], between
    )
    report_trained(experiment, pairs)
    check_verdict(experiment, "cells", first, pairs, 0, 1)
    draw(experiment, pairs, first)
    experiment.finish()


def report_group(experiment: Experiment, name: str, pairs: Sequence[Pair]) -> None:
    """Say what is answered in one group, how far apart its systems are, and the floor."""
    truths = {True: "equal", False: "different", None: "no truth known"}
    held = [p.numbers for p in pairs if p.numbers]
    spans = "; ".join(
        f"{key} {_span([x[key] for x in held])}" for key in ("distance", "floor", "p_different", "p_same")
    )
    scores = "; ".join(f"{m} {_span([p.scores[m] for p in pairs])}" for m in METHODS)
    experiment.report(
        f"{name} ({truths[pairs[0].equal]}): {counted(p.answer for p in pairs)}", f"halves: {spans}; whole: {scores}"
    )


def _span(values: Sequence[float]) -> str:
    low, middle, high = np.quantile(values, [0.0, 0.5, 1.0])
    return f"{middle:.2g} ({low:.2g} to {high:.2g})"


def report_trained(experiment: Experiment, pairs: Sequence[Pair]) -> None:
    """Say whether trained networks lie nearer to each other than to untrained ones and to the controls, network by network."""
    parts_of = list[str]()
    for what, other in (("an untrained one", "untrained"), ("the drive", "drive"), ("the bits", "bits")):
        for method in METHODS:
            near = list[bool]()
            for seed in experiment.seeds:
                here = [p for p in pairs if p.seed == seed]
                among = [p for p in here if group(p).startswith("two networks")]
                for name in sorted({n for p in among for n in p.names}):
                    mine = [p.scores[method] for p in among if name in p.names]
                    theirs = [
                        p.scores[method] for p in here if name in p.names and any(n.endswith(other) for n in p.names)
                    ]
                    near.append(float(np.median(mine)) < min(theirs))
            parts_of.append(f"{what} by {method} {sum(near)} of {len(near)}")
    experiment.report(
        "recordings of trained networks that lie nearer to other networks' (median) than to the nearest of",
        "; ".join(parts_of),
    )


def draw(experiment: Experiment, pairs: Sequence[Pair], systems: Sequence[System]) -> None:
    """Draw the curves, the scores, and what is answered group by group."""
    figure, axes = plt.subplots(2, 3, figsize=(15, 8), layout="constrained")
    draw_curves(axes[0, 0], systems, "mean", "mean rank of distance")
    draw_curves(axes[0, 1], systems, "climb_skew", "rise of density's rank")
    units = {
        "dynamics": "rms difference of curves (ranks)",
        "dsa": "angle, rad",
        "dsa_wasserstein": "distance of eigenvalues",
    }
    for ax, method in zip((axes[0, 2], axes[1, 0], axes[1, 1]), METHODS, strict=True):
        draw_scores(ax, pairs, method, units[method])
    draw_answers(axes[1, 2], pairs)
    experiment.save(figure, "cells_unmatched.png")


def draw_curves(ax: Axes, systems: Sequence[System], curve: str, label: str) -> None:
    """Draw one curve of trained networks, untrained ones and the controls."""
    colours = {"trained": "#0072b2", "untrained": "#c14d00", "drive": "#4d7c0f", "bits": "#6b4c9a"}
    at, named = ("mean", "low", "high", "climb", "climb_skew").index(curve), set[str]()
    for system in systems:
        look = parts(system.name)[2]
        what = "trained" if look in LOOKS else look or system.name
        if what == "slower":
            continue
        found = METHODS["dynamics"].prepare(system.seen).curves
        ax.plot(found.times, found.mean[at], color=colours[what], linewidth=0.9, label=None if what in named else what)
        named.add(what)
    time_axis(ax, "time points")
    ax.set_ylabel(label)
    ax.set_title(f"{curve}: one seed, all recordings", fontsize=9)
    ax.legend(fontsize=7)


def draw_answers(ax: Axes, pairs: Sequence[Pair]) -> None:
    """Draw the shares of the answers, group by group."""
    names = sorted({group(p) for p in pairs}, reverse=True)
    left = np.zeros(len(names))
    for answer, colour in COLOURS.items():
        share = np.array([np.mean([p.answer == answer for p in pairs if group(p) == name]) for name in names])
        ax.barh(names, share, left=left, color=colour, label=answer)
        left += share
    ax.set_xlabel("share of pairs")
    ax.set_title("verdict (and the colours of all pairs)", fontsize=9)
    ax.tick_params(labelsize=7)
    ax.legend(fontsize=7, loc="upper left", bbox_to_anchor=(0.0, -0.12), ncols=3)


if __name__ == "__main__":
    main()
