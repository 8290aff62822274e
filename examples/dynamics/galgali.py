"""Same geometry, different dynamics: a bistable system, and a line and a point attractor made to follow its averages.

python examples/dynamics/galgali.py [--quick] [--out DIR] [--seed N]

After Galgali, Sahani and Mante (2023), as set up by Ostrow et al. (2023): dx = a x^3 + b x + u, dy = c y + u with u = +-.1, and
two linear systems whose input is computed so that the average of every condition is the bistable one's at every time,
input_t = (mean_{t+1} - mean_t) / dt - A mean_t. The input is not recorded: only states are given. All systems of a seed
get the same noise, trial by trial. Systems of one class have different constants, and so are alike, not equal. Last, a system is
run twice with independent noise: partner trials of a bistable system may end in different wells.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from common import (
    Experiment,
    Judged,
    direct,
    draw_separation,
    geometry,
    plt,
    report_separation,
    rows,
    start,
)

import conjugacy as cj
from conjugacy.transformations.flows import Matched

DT, EVERY, SIGMA, PUSHED = 0.01, 10, 0.05, 0.1  # a state is kept every tenth step
CLASSES = ("bistable", "line", "point")
METHODS = ("direct test", "push", "DSA", "DSA, Wasserstein", "Procrustes, means", "CKA, means", "Procrustes", "CKA")


@dataclass(frozen=True, eq=False)
class System:
    """One system: its class, its field (a, b, c of the bistable one, or a matrix), and its input, (2, t, 2)."""

    kind: str
    constants: np.ndarray
    fed: np.ndarray

    def step(self, x: np.ndarray, fed: np.ndarray | float = 0.0) -> np.ndarray:
        """Return the states one step of the integration later."""
        return x + DT * (self._field(x) + fed)

    def kept_step(self, x: np.ndarray, _: np.ndarray | None = None) -> np.ndarray:
        """Return the states one kept time point later, without input."""
        for _ in range(EVERY):
            x = self.step(x)
        return x

    def _field(self, x: np.ndarray) -> np.ndarray:
        if self.kind != "bistable":
            return x @ self.constants.T
        a, b, c = self.constants
        return np.stack([x[..., 0] * (a * x[..., 0] ** 2 + b), c * x[..., 1]], axis=-1)


@dataclass(frozen=True, eq=False)
class Run:
    """A system's trials, conditions one after the other, and their averages at every step, (2, t + 1, 2)."""

    system: System
    seen: cj.Trajectories
    means: np.ndarray

    @property
    def averages(self) -> np.ndarray:
        """The averages at the kept times, (2 t, 2)."""
        return np.concatenate(self.means[:, :-1:EVERY])

    @property
    def tested(self) -> cj.Trajectories:
        """The trials that the direct test is given, every fifth."""
        return self.seen.take(np.arange(0, len(self.seen.values), 5))


def run(system: System, noise: np.ndarray) -> Run:
    """Integrate from the origin; noise is (t, 2, trials, 2), of unit variance."""
    x = np.zeros(noise.shape[1:])
    kept, means = list[np.ndarray](), [x.mean(axis=1)]
    for t, kicks in enumerate(noise):
        if t % EVERY == 0:
            kept.append(x)
        x = system.step(x, system.fed[:, t, None]) + SIGMA * np.sqrt(DT) * kicks
        means.append(x.mean(axis=1))
    values = np.stack(kept, axis=2).reshape(-1, len(kept), 2)
    seen = cj.Trajectories(values, dt=DT * EVERY, trials=np.arange(len(values)))
    return Run(system, seen, np.stack(means, axis=1))


def bistable(rng: np.random.Generator, steps: int) -> System:
    """Draw the constants of a bistable system, pushed one way or the other."""
    constants = np.array([rng.uniform(-5, -4), rng.uniform(4, 5), rng.uniform(-4, -3)])
    return System("bistable", constants, np.repeat([-PUSHED, PUSHED], steps * 2).reshape(2, steps, 2))


def follower(kind: str, rng: np.random.Generator, means: np.ndarray) -> System:
    """Draw a linear system, with the input that makes its averages these."""
    if kind == "line":  # eigenvalues 0 and U(-3, -2), their eigenvectors at 45 degrees
        vectors = np.array([[1.0, np.sqrt(0.5)], [0.0, np.sqrt(0.5)]])
        matrix = vectors @ np.diag([0.0, rng.uniform(-3, -2)]) @ np.linalg.inv(vectors)
    else:
        matrix = np.diag([rng.uniform(-5, -4), rng.uniform(-9, -8)])
    return System(kind, matrix, np.diff(means, axis=1) / DT - means[:, :-1] @ matrix.T)


def family(seed: int, trials: int, steps: int, each: int) -> list[Run]:
    """Return the runs of a seed, so many of each class: every bistable one with its line and its point, fed the same noise."""
    rng = np.random.default_rng([seed, 11])
    noise = rng.standard_normal((steps, 2, trials, 2))
    runs = list[Run]()
    for _ in range(each):
        leader = run(bistable(rng, steps), noise)
        runs += [leader, *(run(follower(kind, rng, leader.means), noise) for kind in CLASSES[1:])]
    return runs


def followed(runs: list[Run], steps: int) -> tuple[float, float]:
    """Return how far averages of followers lie from their leader's: without noise, and with it in standard errors."""
    still, noisy = 0.0, 0.0
    for i, one in enumerate(runs):
        leader = runs[i - i % len(CLASSES)]
        if one is not leader:
            alone = run(one.system, np.zeros((steps, 2, 1, 2)))
            still = max(still, float(np.abs(alone.means - leader.means).max()))
            trials = np.stack(one.seen.values).reshape(2, -1, steps // EVERY, 2)
            error = trials.std(axis=1, ddof=1)[:, 1:] / np.sqrt(trials.shape[1])
            off = (one.means - leader.means)[:, :-1:EVERY][:, 1:] / error
            noisy = max(noisy, float(np.abs(off).max()))
    return still, noisy


def push(a: Run, b: Run, seed: int) -> float:
    """Return how far the responses to a push differ, the worse direction; inputs are left out."""
    x, y = a.tested, b.tested
    matched = Matched(x.values, y.values, None, np.arange(len(x.values)), seed)
    f, g = a.system.kept_step, b.system.kept_step
    ways = (matched.tangent(f, g)[0], matched.swapped_once.tangent(g, f)[0])
    return max(float(way.unexplained or 0.0) for way in ways)


def pairs_of(seed: int, runs: list[Run]) -> list[Judged]:
    """Judge all pairs of a seed's systems; alike are those of one class."""
    which = [(i, j) for i in range(len(runs)) for j in range(i)]
    found = dict[str, list[float]]()
    dsa = cj.get_measure("dsa", delays=20, rank=15, effort="fast")
    spectra = cj.get_measure("dsa_wasserstein", delays=20, rank=15)
    systems = [dsa.prepare(one.seen) for one in runs]
    scores = dsa.compare_all([systems[i] for i, _ in which], [systems[j] for _, j in which])
    found["DSA"] = [float(score.value) for score in scores]
    fits = [spectra.prepare(one.seen) for one in runs]
    found["DSA, Wasserstein"] = [float(spectra.compare(fits[i], fits[j]).value) for i, j in which]
    judged = list[Judged]()
    for at, (i, j) in enumerate(which):
        a, b = runs[i], runs[j]
        answer, score, _ = direct(a.tested, b.tested, seed)
        means = {f"{name}, means": value for name, value in geometry(a.averages, b.averages).items()}
        all_scores = {
            "direct test": score, "push": push(a, b, seed), **{name: values[at] for name, values in found.items()},
            **means, **geometry(rows(a.seen), rows(b.seen)),
        }  # fmt: skip
        alike = a.system.kind == b.system.kind
        partners = i // len(CLASSES) == j // len(CLASSES)
        name = f"{a.system.kind} and {b.system.kind}{', same averages' if partners else ''}"
        judged.append(Judged(seed, name, alike, all_scores, answer))
    return judged


def private(seed: int, runs: list[Run], steps: int, trials: int) -> dict[str, tuple[str, float]]:
    """Return what the direct test says of one system run twice, each with noise of its own, and the push."""
    rng = np.random.default_rng([seed, 12])
    found = dict[str, tuple[str, float]]()
    for one in runs[: len(CLASSES)]:
        again = run(one.system, rng.standard_normal((steps, 2, trials, 2)))
        answer, score, _ = direct(one.tested, again.tested, seed)
        found[one.system.kind] = (f"{answer} ({score:.2f})", push(one, again, seed))
    return found


def main() -> None:
    """Judge all pairs of every seed."""
    experiment = start("Same geometry, different dynamics (Galgali)")
    trials, units, each = (48, 10, 2) if experiment.quick else (100, 20, 3)
    steps = int(units / DT)
    experiment.report(
        "set-up",
        f"{2 * trials} trials in 2 conditions, {units} time units, {steps // EVERY} points kept; {each} systems a class; "
        f"DSA with 20 delays, rank 15, effort fast; direct test and push on {2 * trials // 5} of the trials",
    )
    pairs, still, noisy = list[Judged](), list[float](), list[float]()
    twice = list[dict[str, tuple[str, float]]]()
    shown: list[Run] = []
    for seed in experiment.seeds:
        runs = family(seed, trials, steps, each)
        shown = shown or runs
        off = followed(runs, steps)
        still.append(off[0])
        noisy.append(off[1])
        pairs += pairs_of(seed, runs)
        twice.append(private(seed, runs, steps, trials))
    experiment.line(
        "averages of the driven systems off the bistable one's, no noise", "below 1e-9, every seed",
        f"at most {max(still):.1e}", max(still) < 1e-9,
    )  # fmt: skip
    experiment.line(
        "averages of the driven systems off the bistable one's, with noise", "below 6 standard errors, at all times",
        f"at most {max(noisy):.1f}", max(noisy) < 6.0,
    )  # fmt: skip
    wrong = [f"{p.name} (seed {p.seed})" for p in pairs if not p.equal and p.answer == "equivalent"]
    experiment.line("pairs of different class that the direct test calls equivalent", "none", "; ".join(wrong) or "none",
                    not wrong)  # fmt: skip
    report_separation(experiment, "all pairs (equal: one class, other constants: alike)", pairs)
    partners = [p for p in pairs if p.equal or p.name.endswith("same averages")]
    report_separation(experiment, "different pairs of the same averages only", partners)
    for kind in CLASSES:
        answers = [one[kind][0] for one in twice]
        responses = [one[kind][1] for one in twice]
        experiment.report(
            f"one {kind} system run twice, noise private to each run: direct test (score), by seed; push",
            f"{', '.join(answers)}; push {min(responses):.2g} to {max(responses):.2g}",
        )
    draw(experiment, shown, pairs)
    experiment.finish()


def draw(experiment: Experiment, runs: list[Run], pairs: list[Judged]) -> None:
    """Draw single trials of one bistable system and of its partners, averages, and how each method separates."""
    figure = plt.figure(figsize=(11, 7.4), layout="constrained")
    top, bottom = figure.subfigures(2, 1, height_ratios=(1, 1.25))
    axes = top.subplots(1, 3, sharey=True)
    for ax, one in zip(axes, runs, strict=False):
        half = len(one.seen.values) // 2
        time = DT * EVERY * np.arange(one.seen.lengths[0])
        for first, colour in ((0, "#c14d00"), (half, "#0072b2")):
            for trial in one.seen.values[first : first + 8]:
                ax.plot(time, trial[:, 0], color=colour, linewidth=0.5, alpha=0.6)
            ax.plot([], [], color=colour, label=f"u = {'+' if first else '-'}{PUSHED} (bistable), trials")
        for mean in one.means:
            ax.plot(time, mean[:-1:EVERY, 0], color="#16181d", linewidth=1.6)
        ax.plot([], [], color="#16181d", label="averages over trials")
        ax.set_title(one.system.kind, fontsize=9)
        ax.set(xlabel="time (units)", ylabel="x" if one is runs[0] else "")
    axes[0].legend(fontsize=7, loc="center right")
    panels = bottom.subplots(2, len(METHODS) // 2)
    for ax, method in zip(panels.flat, METHODS, strict=True):
        draw_separation(ax, pairs, method)
        ax.set_xticks([0, 1], ["same class", "other class"], fontsize=8)
    for ax in panels[:, 0]:
        ax.set_ylabel("dissimilarity")
    bottom.suptitle("a pair of another class scores above one of the same class: how often [95 %]", fontsize=10)
    experiment.save(figure, "galgali.png")


if __name__ == "__main__":
    main()
