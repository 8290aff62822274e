"""Sines of several frequencies, by vanilla and gated networks: equal where the frequency is, whatever the architecture.

python examples/dynamics/sine.py [--quick] [--out DIR] [--seed N]

After Ostrow et al. 2023, Fig. 1. Each network makes one sine without input, from a hidden state that a learned linear map sets
by the phase (cos phi, sin phi). Trials are phases. Two networks of one frequency run the same rotation on the closed curve that
they settle on, and only there. How they reach it is not known, so the first SETTLING states of each trial are left out. A
network with a second motion beside its sine is trained again, because its states are no function of the phase. Networks of two
frequencies differ. First the phases of all networks match. Then each network has its own phases; trials cannot be compared one
by one, and the direct test does not apply.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import torch
from cells import Batch, Network, train, trained_well, untrained
from common import (
    Experiment,
    Judged,
    direct,
    draw_separation,
    geometry,
    never_equivalent,
    plt,
    report_separation,
    rows,
    start,
)
from scipy.spatial.distance import cdist
from scipy.stats import spearmanr

import conjugacy as cj
from conjugacy.dynamics.sweep import sweep
from conjugacy.transformations.flows import Matched

RADIANS = (0.15, 0.2, 0.27, 0.36, 0.48)  # of phase per time point: periods of 42, 31, 23, 17 and 13 time points
UNITS = {"tanh": 32, "gru": 24}
COPIES = 2  # networks of one architecture and frequency, begun from other weights; one in a quick run
KINDS = (("tanh", 0, "gru", 0), ("tanh", 0, "tanh", 1), ("gru", 0, "gru", 1))  # the architectures and copies of a pair
PHASES, SETTLING, POINTS, DELAYS = 40, 20, 80, 10
Key = tuple[float, str, int]  # a network of one seed: frequency, architecture, copy
RADIUS = 0.8  # of the recurrent weights to begin with: what the sine does not need fades
MOST_BESIDE = 0.02  # of the variance of the states, what is no function of the phase
LEAST = 0.99  # of the variance of the sine that a network must make, at phases that it was not trained on


@dataclass(frozen=True, eq=False)
class Maker:
    """A trained network, its frequency, and its trials: at the phases that all share, and at phases of its own."""

    network: Network
    radians: float
    matched: cj.Trajectories
    own: cj.Trajectories


def sines(radians: np.ndarray, phases: np.ndarray, points: int) -> np.ndarray:
    """Return sin(w t + phi) at t = 0, 1, ..., (points, frequencies, phases)."""
    return np.sin(np.arange(points)[:, None, None] * radians[:, None] + phases)


def cues(phases: np.ndarray) -> np.ndarray:
    """Return what sets the initial state, (k, 2)."""
    return np.column_stack([np.cos(phases), np.sin(phases)])


def variance_made(network: Network, radians: float, seed: int) -> float:
    """Return R^2 of the read-out on fresh phases, over all steps, those of settling included."""
    phases = np.random.default_rng([seed, 99]).uniform(0, 2 * np.pi, PHASES)
    made = network.read(network.run(cues(phases), SETTLING + POINTS))[:, 1:, 0].T
    wanted = sines(np.array([radians]), phases, SETTLING + POINTS)[1:, 0]
    return 1.0 - float(((made - wanted) ** 2).mean() / wanted.var())


def beside(network: Network, radians: float, seed: int) -> float:
    """Return the share of the recorded states' variance that is no function of the phase (8 harmonics), on fresh phases."""
    phases = np.random.default_rng([seed, 98]).uniform(0, 2 * np.pi, PHASES)
    states = np.concatenate(network.run(cues(phases), SETTLING + POINTS)[:, SETTLING:])
    angles = (radians * np.arange(SETTLING, SETTLING + POINTS) + phases[:, None]).ravel()
    waves = np.exp(1j * np.outer(angles, np.arange(9)))
    features = np.column_stack([waves.real, waves.imag[:, 1:]])
    left = states - features @ np.linalg.lstsq(features, states, rcond=None)[0]
    return float((left**2).sum() / ((states - states.mean(axis=0)) ** 2).sum())


def trained(experiment: Experiment, kind: str, radians: Sequence[float]) -> dict[tuple[int, float, int], Network]:
    """Return a well-trained network of one architecture for every seed, frequency and copy."""
    copies, steps = (1, 150) if experiment.quick else (COPIES, 300)
    names = [(seed, w, copy) for seed in experiment.seeds for w in radians for copy in range(copies)]

    def learn(networks: list[Network], which: list[int]) -> list[Network]:
        speeds, rng = np.array([names[i][1] for i in which]), np.random.default_rng([experiment.seed, len(which)])

        def batch(i: int) -> Batch:
            # short trials first: a long sine is hard to begin with
            points = int(SETTLING + POINTS * min(1.0, i / (0.6 * steps)))
            phases = rng.uniform(0, 2 * np.pi, 24)
            wanted = sines(speeds, phases, points)[1:, ..., None]
            return torch.tensor(cues(phases), dtype=torch.float32), None, torch.tensor(wanted, dtype=torch.float32)

        return train(networks, batch, steps, 5e-3)

    def score(network: Network, i: int) -> float:
        seed, w, _ = names[i]
        return variance_made(network, w, seed) if beside(network, w, seed) <= MOST_BESIDE else 0.0

    begun = [1000 * seed + 10 * RADIANS.index(w) + copy for seed, w, copy in names]
    found, scores, tries = trained_well(
        begun, lambda seed: untrained(kind, UNITS[kind], (2, 0, 1), seed, RADIUS), learn, score, LEAST
    )
    experiment.line(
        f"{kind}: share of the sine's variance that {len(found)} networks make, at phases not trained on",
        f"at least {LEAST:g} each",
        f"{min(scores):.4f} to {max(scores):.4f}; begun again: {sum(t > 1 for t in tries)}", min(scores) >= LEAST,
    )  # fmt: skip
    left = [beside(network, w, seed) for network, (seed, w, _) in zip(found, names, strict=True)]
    experiment.line(
        f"{kind}: share of the states' variance that is no function of the phase", f"at most {MOST_BESIDE:g} each",
        f"{min(left):.2g} to {max(left):.2g}", max(left) <= MOST_BESIDE,
    )  # fmt: skip
    return dict(zip(names, found, strict=True))


def recorded(network: Network, radians: float, phases: np.ndarray, own: np.ndarray) -> Maker:
    """Return the network with its trials, the settling left out."""
    both = [network.run(cues(p), SETTLING + POINTS)[:, SETTLING:] for p in (phases, own)]
    matched, alone = (cj.Trajectories(states, dt=1.0, trials=np.arange(len(states))) for states in both)
    return Maker(network, radians, matched, alone)


def settling(network: Network) -> float:
    """Return how far states 0 to SETTLING - 1 lie off the closed curve, of its variance: the nearest of its points taken."""
    phases = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    states = network.run(cues(phases), SETTLING + POINTS)
    curve, early = np.concatenate(states[:, SETTLING:]), np.concatenate(states[:5, :SETTLING])
    return float(cdist(early, curve, "sqeuclidean").min(axis=1).mean() / curve.var(axis=0).sum())


def embedded(x: cj.Trajectories) -> np.ndarray:
    """Return all states, each beside the ones up to DELAYS - 1 time points later."""
    return np.concatenate([np.column_stack([v[i : len(v) - DELAYS + 1 + i] for i in range(DELAYS)]) for v in x.values])


def geometric(a: cj.Trajectories, b: cj.Trajectories) -> dict[str, float]:
    """Return Procrustes and CKA of states at the same trial and time, and Procrustes of their delay embedding."""
    delayed = float(cj.get_measure("procrustes")(embedded(a), embedded(b)).value)
    return {**geometry(rows(a), rows(b)), "Procrustes, delays": delayed}


def systems(makers: Sequence[Maker], quick: bool) -> dict[str, cj.Measure]:
    """Return DSA by delays and rank, one setting for all networks.

    As the package has it; without delays; of rank 2, which takes from the truth that a rotation is looked for; and, but for a
    quick run, with what held-out trials choose (the largest choice among the networks). By the fast search: in 45 comparisons of
    rotations seen by 24 and 32 units it came within .005 of the full one.
    """
    settings = {"": (DELAYS, 20), ", no delays": (1, 20), ", rank 2": (DELAYS, 2)}
    if not quick:
        chosen = [sweep(x.matched).chosen for x in makers]
        settings[", chosen"] = max(q for q, _ in chosen), max(r for _, r in chosen)
    return {
        f"DSA{name}": cj.get_measure("dsa", delays=q, rank=r, effort="fast") for name, (q, r) in settings.items()
    }  # fmt: skip


def of_seed(makers: dict[Key, Maker], seed: int, quick: bool) -> tuple[list[Judged], list[Judged], list[float]]:
    """Judge the pairs of one seed with phases matched and with phases apart; return also the frequency ratios."""
    measures = systems(list(makers.values()), quick)
    sides = [{k: {name: m.prepare(x) for name, m in measures.items()} for k, x in of.items()} for of in (
        {k: x.matched for k, x in makers.items()}, {k: x.own for k, x in makers.items()},
    )]  # fmt: skip
    matched, apart, ratios = list[Judged](), list[Judged](), list[float]()
    for i, j in pairs_of(sorted({w for w, _, _ in makers}), copies=len({copy for _, _, copy in makers})):
        a, b = makers[i], makers[j]
        name = f"{i[1]} {i[2]} at {i[0]:g}, {j[1]} {j[2]} at {j[0]:g} rad"
        of_dsa = [{of: float(m.compare(x[i][of], x[j][of]).value) for of, m in measures.items()} for x in sides]
        answer, score, _ = direct(a.matched, b.matched, seed)
        scores = {"direct test": score, **of_dsa[0], **geometric(a.matched, b.matched)}
        matched.append(Judged(seed, name, i[0] == j[0], scores, answer))
        scores = {**of_dsa[1], **geometric(a.own, b.own)}
        apart.append(Judged(seed, name, i[0] == j[0], scores, "not applicable (no partners)"))
        ratios.append(j[0] / i[0])
    return matched, apart, ratios


def pairs_of(speeds: Sequence[float], copies: int) -> list[tuple[Key, Key]]:
    """Return all pairs: every frequency with itself and with every other, by the same combinations of architectures."""
    kinds = [x for x in KINDS if max(x[1], x[3]) < copies]
    both = [*((w, w) for w in speeds), *combinations(speeds, 2)]
    return [((v, k, i), (w, m, j)) for v, w in both for k, i, m, j in kinds]


def live(a: Maker, b: Maker, seed: int) -> np.ndarray:
    """Return how far the networks' own steps disagree from A to B: on visited states, away from them, of a push's response."""
    pair, f, g = (
        Matched(a.matched.values, b.matched.values, None, np.arange(PHASES), seed),
        a.network.step,
        b.network.step,
    )
    found = [x[0] for x in (pair.live(f, g, away=False), pair.live(f, g, away=True), pair.tangent(f, g))]
    return np.array([e.unexplained for e in found], dtype=np.float64)


def report_ratios(experiment: Experiment, what: str, pairs: Sequence[Judged], ratios: Sequence[float]) -> None:
    """Say whether scores of different pairs grow with the frequency ratio: Spearman's correlation, seed by seed."""
    seeds, which = np.array([p.seed for p in pairs]), np.array(ratios) > 1.0
    if len(np.unique(np.array(ratios)[which])) < 3:  # a quick run
        return
    parts: list[str] = []
    for method in pairs[0].scores:
        scores = np.array([p.scores[method] for p in pairs])
        found = [spearmanr(np.array(ratios)[k], scores[k])[0] for s in np.unique(seeds) for k in [which & (seeds == s)]]
        parts.append(f"{method} {np.mean(found):.2f} ({min(found):.2f} to {max(found):.2f})")
    experiment.report(
        f"{what}: growth with the frequency ratio (Spearman over different pairs, mean and range over seeds)",
        "; ".join(parts),
    )


def report_threshold(experiment: Experiment, matched: Sequence[Judged], apart: Sequence[Judged]) -> None:
    """Say how many pairs with phases apart fall on their side of a threshold that is drawn with phases matched.

    With phases apart two networks of one frequency keep, in every trial, one phase between them; over few trials these do not
    quite average out, and Procrustes and CKA rank equal pairs before different ones by that remainder, all near their maximum.
    """
    parts: list[str] = []
    for method in apart[0].scores:
        equal, different = ([p.scores[method] for p in matched if p.equal is known] for known in (True, False))
        threshold = (np.median(equal) + np.median(different)) / 2.0
        below, above = (
            [p.scores[method] < threshold for p in apart if p.equal is known] for known in (True, False)
        )  # fmt: skip
        parts.append(
            f"{method} {sum(below)} of {len(below)} equal, {len(above) - sum(above)} of {len(above)} different"
        )
    experiment.report(
        "phases apart: right by the threshold half way between the medians with phases matched", "; ".join(parts)
    )


def draw(experiment: Experiment, matched: list[Judged], apart: list[Judged], ratios: list[float]) -> None:
    """Draw all scores, and those with phases apart against the frequency ratio."""
    figure, axes = plt.subplots(2, 8, figsize=(19, 7), layout="constrained")
    units = {"direct test": "residual over floor, fraction", "CKA": "1 - CKA"}
    for row, (pairs, what) in zip(axes, ((matched, "phases matched"), (apart, "phases apart")), strict=True):
        for axis, method in zip(row, pairs[0].scores, strict=False):
            draw_separation(axis, pairs, method)
            axis.set_ylabel(f"{units.get(method, 'angle, rad')} ({what})", fontsize=8)
            axis.tick_params(labelsize=8)
    last, levels = axes[1, -1], np.unique(np.round(ratios, 6))
    for method, mark in (("Procrustes", "x"), ("DSA", "o"), ("DSA, rank 2", "s")):
        scores = np.array([p.scores[method] for p in matched])
        medians = [np.median(scores[np.isclose(ratios, x, atol=1e-5)]) for x in levels]
        last.plot(levels, medians, f"{mark}-", markersize=4, linewidth=0.8, label=method)
    last.set_xlabel("frequency ratio (1: equal)", fontsize=8)
    last.set_ylabel("median angle, rad (phases matched)", fontsize=8)
    last.tick_params(labelsize=8)
    last.set_ylim(0.0, 2.2)  # room for the legend
    last.legend(fontsize=7, loc="upper right")
    experiment.save(figure, "sine.png")


def main() -> None:
    """Train, record, judge all pairs with phases matched and apart, and look at the steps off the curve."""
    experiment = start("Sine generation: same frequency, other architecture")
    radians = RADIANS[1::2] if experiment.quick else RADIANS
    networks = {kind: trained(experiment, kind, radians) for kind in UNITS}
    off = [settling(x) for found in networks.values() for x in list(found.values())[:10]]
    experiment.report(
        f"states of the first {SETTLING} time points, left out below: distance from the curve, of its variance",
        f"{min(off):.2g} to {max(off):.2g}",
    )
    matched, apart, ratios, steps = list[Judged](), list[Judged](), list[float](), list[np.ndarray]()
    for seed in experiment.seeds:
        rng = np.random.default_rng([seed, 1])
        phases = rng.uniform(0, 2 * np.pi, PHASES)
        makers = {
            (w, kind, copy): recorded(network, w, phases, rng.uniform(0, 2 * np.pi, PHASES))
            for kind, of in networks.items() for (made, w, copy), network in of.items() if made == seed
        }  # fmt: skip
        found = of_seed(makers, seed, experiment.quick)
        for all_of, new in zip((matched, apart, ratios), found, strict=True):
            all_of.extend(new)
        same = [(i, j) for i, j in pairs_of(radians, copies=1 if experiment.quick else COPIES) if i[0] == j[0]]
        steps += [live(makers[i], makers[j], seed) for i, j in same]
    report_separation(experiment, "phases matched", matched)
    never_equivalent(experiment, "phases matched", matched)
    report_ratios(experiment, "phases matched", matched, ratios)
    report_separation(experiment, "phases apart", apart)
    report_threshold(experiment, matched, apart)
    report_ratios(experiment, "phases apart", apart, ratios)
    low, middle, high = np.quantile(np.stack(steps), [0.0, 0.5, 1.0], axis=0)
    experiment.report(
        "equal pairs, the networks' own steps: disagreement on the curve; off it, where there is no truth; in a push's response",
        "; ".join(f"{m:.2g} ({lo:.2g} to {hi:.2g})" for lo, m, hi in zip(low, middle, high, strict=True)),
    )
    draw(experiment, matched, apart, ratios)
    experiment.finish()


if __name__ == "__main__":
    main()
