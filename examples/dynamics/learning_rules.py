"""Learning rules told apart without labels, from what is observed while networks learn.

python examples/dynamics/learning_rules.py [--quick] [--out DIR] [--seed N]

After the fourth study of Ostrow et al. 2023, with observables after Nayebi, Srivastava, Ganguli and Yamins 2020: seven
statistics of raw, absolute and squared weights, activations and activity changes, layer by layer, over training. Two tasks, two
architectures, four rules, three learning rates, five seeds. We add the shapes of the weight updates: quantities without a scale,
which do not change with the length of the step. The test asks if the nearest network has the same rule, among candidates that
differ in learning rate, architecture or task. Settings of our own rows were chosen on seeds 100 to 104. Recordings are kept
under --out, so a run that was interrupted continues.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
from common import Experiment, plt, start
from rule_distances import Observed, euclidean, leading, unit, unrotated
from told_apart import QUESTIONS, Design, Found, share, silhouette
from trained_by import ARCHITECTURES, INVARIANT, RULES, TASKS, Learning, kept

import conjugacy as cj

EVERY, POOLS = 8, 6
SYSTEMS, ACROSS = ((1, 5), (5, 5), (10, 10)), (5, 5)  # delays and rank; those that all questions are asked of
LEAST_STATES = 60  # that `dynamics` asks for
COLOURS = ("#0072b2", "#c14d00", "#4d7c0f", "#6b4c9a")
LEAST, QUICK_LEAST = {"labels": 0.9, "images": 0.5}, {"labels": 0.5, "images": -0.2}
OURS = "updates: mean over equal progress"
ALSO = "updates with the two kinds that the rate changes: mean over training"
SHOWN = {
    "statistics: DSA, 5 delays, rank 5": "DSA 5/5", "statistics: DSA Wasserstein, 5 delays, rank 5": "DSA W2 5/5",
    "statistics: dynamics": "dynamics", "statistics: Procrustes": "Procrustes", "statistics: mean over training": "mean",
    "statistics: time-matched": "time-\nmatched", "statistics: equal progress": "equal\nprogress",
    "updates: mean over training": "updates,\nmean", OURS: "updates,\nequal progress",
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Networks:
    """All networks of a run: how they were trained, and their two kinds of courses."""

    design: Design
    statistics: Observed
    updates: Observed
    copies: int
    all_updates: np.ndarray


def trained(experiment: Experiment, steps: int) -> Networks:
    """Train all networks, or read them; say how well each rule did."""
    found, folder = list[Learning](), experiment.out / "recordings"
    for task in TASKS:
        for architecture in ARCHITECTURES:
            these = [
                kept(folder, task, architecture, rule, experiment.seeds, steps, EVERY, int(experiment.quick))
                for rule in RULES
            ]
            found += these
            least = QUICK_LEAST[task] if experiment.quick else LEAST[task]
            worst = min(x.scores.min() for x in these)
            experiment.line(
                f"{task}, {architecture}: {'accuracy' if task == 'labels' else 'R^2'} on images not trained on",
                f"at least {least:.1f} each",
                "; ".join(f"{r} {x.scores.mean():.3f} (least {x.scores.min():.3f})" for r, x in zip(RULES, these, strict=True)),
                bool(worst >= least),
            )  # fmt: skip
    rates, copies = found[0].scores.shape
    design = Design.crossed(len(RULES), len(TASKS), len(ARCHITECTURES), rates, copies)
    states, updates, losses = (
        np.concatenate([v.reshape(rates * copies, *v.shape[2:]) for v in of]).astype(np.float64)
        for of in zip(*((x.states, x.updates, x.losses) for x in found), strict=True)
    )
    asked = np.logical_or.reduce([design.candidates(q) for q in QUESTIONS])
    group = design.task * len(ARCHITECTURES) + design.architecture
    both = [Observed(x.reshape(*x.shape[:2], -1), losses, group, asked) for x in (states, free_of_scale(updates))]
    return Networks(design, both[0], both[1], copies, updates)


def scaled(nets: Networks) -> np.ndarray:
    """Return distances by the means of all kinds of updates, those too that the length of a step changes."""
    u = nets.all_updates.copy()
    u[..., -1] -= u[..., -1].mean(axis=2, keepdims=True)
    return euclidean(nets.updates.standardised(u.mean(axis=1).reshape(len(u), -1)))


def free_of_scale(updates: np.ndarray) -> np.ndarray:
    """Return the quantities that the length of a step does not change, (m, t, layers, kinds); the first time twice.

    The size of a layer's relative update enters as its share: the mean over layers is taken off its logarithm.
    """
    out = updates.copy()
    out[..., -1] -= out[..., -1].mean(axis=2, keepdims=True)
    return np.concatenate([out[:, :1], out], axis=1)[..., INVARIANT]


def rows_of(kind: str, x: Observed) -> dict[str, np.ndarray]:
    """Return distances between all networks by every method, on one kind of observables."""
    movie, everywhere = x.movie(), kind == "statistics"
    trials, progressed = (leading(v[:, None]) for v in (movie, x.at_progress(movie, 40)))
    procrustes = cj.get_measure("procrustes")
    out = {
        "final, as recorded": euclidean(x.courses[:, -1]),
        "mean over training": euclidean(x.standardised(x.courses.mean(axis=1))),
        "final": euclidean(x.standardised(x.courses[:, -1])),
        "change": euclidean(x.standardised(x.change()[:, -1])),
        "time-matched": euclidean(x.standardised(x.change(), (0, 1))),
        "Procrustes": x.pairs(procrustes, trials[:, 0]),
        "Procrustes at equal progress": x.pairs(procrustes, progressed[:, 0]),
    }
    if movie.shape[1] >= LEAST_STATES:
        out["dynamics"] = x.pairs(cj.get_measure("dynamics"), movie[:, None], within=not everywhere)
        dsa = cj.get_measure("dsa", delays=ACROSS[0], rank=ACROSS[1], effort="fast")
        out["DSA at equal progress, 5 delays, rank 5"] = x.pairs(dsa, progressed, within=True)
    for delays, rank in SYSTEMS if everywhere else (ACROSS,):
        if 2 * delays > movie.shape[1]:
            continue
        name, within = (
            f"{delays} delay{'s' if delays > 1 else ''}, rank {rank}",
            not everywhere or (delays, rank) != ACROSS,
        )
        dsa = cj.get_measure("dsa", delays=delays, rank=rank, effort="fast")
        out[f"DSA, {name}"] = x.pairs(dsa, trials, within)
        out[f"DSA Wasserstein, {name}"] = x.pairs(
            cj.get_measure("dsa_wasserstein", delays=delays, rank=rank), trials, within
        )
    out["DSA without the rotation, 1 delay, rank 5"] = unrotated(movie, 5)
    if everywhere:
        out["equal progress"] = euclidean(unit(x.standardised(x.at_progress(x.change()))))
    else:
        out["mean over equal progress"] = euclidean(x.standardised(x.at_progress(x.courses).mean(axis=1)))
    return {f"{kind}: {name}": d for name, d in out.items()}


def judged(
    experiment: Experiment, name: str, d: np.ndarray, design: Design, questions: Sequence[str]
) -> dict[str, Found]:
    """Ask every question of one matrix of distances, print the answers and keep them."""
    draws = 40 if experiment.quick else 200
    asked = [q for q in questions if np.isfinite(d[design.candidates(q)]).all()]
    found = {q: share(d, design, q, draws) for q in asked}
    width = silhouette(d, design)
    experiment.report(name, "; ".join(f"{q} {x}" for q, x in found.items()) + f"; silhouette {width:+.2f}")
    experiment.numbers.setdefault("rows", []).append(
        {"name": name, "silhouette": width, **{q: asdict(x) for q, x in found.items()}}
    )
    return found


def pooled(experiment: Experiment, nets: Networks) -> None:
    """Take several courses as one system: the copies of one training, and networks of one rule under all conditions, mixed."""
    d, copies, rng = nets.design, nets.copies, np.random.default_rng(experiment.seed)
    cells = np.arange(len(d.rule)).reshape(-1, copies)
    size = int((d.rule == 0).sum()) // POOLS
    members = [
        rng.permutation(np.flatnonzero(d.rule == r))[: POOLS * size].reshape(POOLS, -1) for r in range(len(RULES))
    ]
    mixed = np.concatenate(members)
    alike, number = np.zeros(len(mixed), dtype=int), np.tile(np.arange(POOLS), len(RULES))
    ways = (
        (f"{copies} copies as one system", cells, Design(*(v[::copies] for v in vars(d).values())), ("left out", "rate, decoys")),
        (f"{mixed.shape[1]} networks of all conditions as one system", mixed,
         Design(np.repeat(np.arange(len(RULES)), POOLS), alike, alike, number), ("left out",)),
    )  # fmt: skip
    for what, which, design, questions in ways:
        asked = np.logical_or.reduce([design.candidates(q) for q in questions])
        for kind, x in (("statistics", nets.statistics), ("updates", nets.updates)):
            movie = x.movie()
            pool = Observed(movie[which], x.losses[which], x.group[which[:, 0]], asked)
            rows = {"mean": euclidean(x.standardised(x.courses.mean(axis=1))[which].mean(axis=1))}
            for rank in (5,) if experiment.quick else (5, 20):
                dsa = cj.get_measure("dsa", delays=5, rank=rank, effort="fast")
                rows[f"DSA, 5 delays, rank {rank}"] = pool.pairs(dsa, leading(movie[which]))
                if not experiment.quick:
                    progressed = leading(x.at_progress(movie, 40)[which])
                    rows[f"DSA at equal progress, 5 delays, rank {rank}"] = pool.pairs(dsa, progressed)
            for name, distances in rows.items():
                judged(experiment, f"{what}: {kind}: {name}", distances, design, questions)


def report_chance(experiment: Experiment, answers: dict[str, dict[str, Found]]) -> None:
    """Say what chance gives, over all methods."""
    parts = list[str]()
    for q in QUESTIONS:
        found = [x[q] for x in answers.values() if q in x]
        limits = [x.limit for x in found]
        parts.append(f"{q} {np.mean([x.chance for x in found]):.2f} ({min(limits):.2f} to {max(limits):.2f})")
    experiment.report("chance: mean, and the 95 % point by method", "; ".join(parts))


def report_by_rule(experiment: Experiment, name: str, d: np.ndarray, design: Design) -> None:
    """Say which rules are taken for which where the rate is held out, decoys among the candidates."""
    nearest = np.where(design.candidates("rate, decoys"), d, np.inf).argmin(axis=1)
    table = np.zeros((len(RULES), len(RULES)), dtype=int)
    np.add.at(table, (design.rule, design.rule[nearest]), 1)
    rows = "; ".join(f"{r}: {', '.join(map(str, row))}" for r, row in zip(RULES, table, strict=True))
    experiment.report(f"{name}: rule of the nearest at another rate, in the order of the rules", rows)


def draw(
    experiment: Experiment, nets: Networks, rows: dict[str, np.ndarray], answers: dict[str, dict[str, Found]]
) -> None:
    """Draw learning curves, two maps of the networks of one task and architecture, and nearest neighbours by method."""
    figure = plt.figure(figsize=(14, 8), layout="constrained")
    grid = figure.add_gridspec(2, 3)
    curves, design = figure.add_subplot(grid[0, 0]), nets.design
    here = (design.task == 0) & (design.architecture == 0)
    styles = dict(zip(range(design.rate.max(), -1, -1), ("-", "--", ":"), strict=False))
    for r, (rule, colour) in enumerate(zip(RULES, COLOURS, strict=True)):
        for rate, style in styles.items():
            of = nets.statistics.losses[here & (design.rule == r) & (design.rate == rate)].mean(axis=0)
            curves.plot(
                EVERY * np.arange(len(of)), of, style, color=colour, label=rule if style == "-" else "", linewidth=1
            )
    curves.set(yscale="log", xlabel="training step", ylabel="cross-entropy, nats (mean of the seeds)")
    curves.set_title(f"{TASKS[0]}, {ARCHITECTURES[0]}: slow (dots), medium, fast rate", fontsize=9)
    curves.legend(fontsize=7)
    for column, name in ((1, "statistics: DSA, 5 delays, rank 5"), (2, OURS)):
        axis = figure.add_subplot(grid[0, column])
        place = laid_out(rows[name][np.ix_(here, here)])
        for r, colour in enumerate(COLOURS):
            for rate, mark in zip(styles, "^so", strict=False):
                which = (design.rule[here] == r) & (design.rate[here] == rate)
                axis.plot(
                    *place[which].T, mark, color=colour, markersize=5, markerfacecolor="none" if mark == "o" else colour
                )
        axis.set_title(f"{name}\n{TASKS[0]}, {ARCHITECTURES[0]}; circle slow, square medium, triangle fast", fontsize=9)
        unit_of = "rad" if "DSA" in name else "standard deviations"
        axis.set(xlabel=f"first coordinate ({unit_of})", ylabel=f"second coordinate ({unit_of})")
    axis = figure.add_subplot(grid[1, :])
    asked, shown = ("rate, decoys", "architecture", "task"), [x for x in SHOWN if x in answers]
    for k, (question, colour) in enumerate(zip(asked, ("#33567a", "#c98a2b", "#7a7f87"), strict=True)):
        found = [answers[name][question] for name in shown]
        values = np.array([x.value for x in found])
        errors = [values - [x.low for x in found], [x.high for x in found] - values]
        at = np.arange(len(shown)) + 0.27 * (k - 1)
        axis.bar(
            at,
            values,
            0.25,
            yerr=np.maximum(errors, 0.0),
            color=colour,
            capsize=2,
            label=f"at another {question}",
            error_kw={"lw": 0.8},
        )
        axis.hlines(
            [x.limit for x in found],
            at - 0.12,
            at + 0.12,
            color="black",
            linewidth=1.2,
            label="95 % point of chance" if k == 2 else "",
        )
    axis.set_xticks(range(len(shown)), [SHOWN[x] for x in shown], fontsize=8)
    axis.set(ylim=(0, 1.05), ylabel="share of nearest networks with the same rule")
    axis.legend(fontsize=8, loc="upper left")
    experiment.save(figure, "learning_rules.png")


def laid_out(d: np.ndarray) -> np.ndarray:
    """Return classical scaling of distances to the plane, (m, 2)."""
    square = np.where(np.eye(len(d), dtype=bool), 0.0, d) ** 2
    centred = square - square.mean(axis=0) - square.mean(axis=1, keepdims=True) + square.mean()
    w, v = np.linalg.eigh(-0.5 * centred)
    return v[:, [-1, -2]] * np.sqrt(np.maximum(w[[-1, -2]], 0.0))


def main() -> None:
    """Train or read the networks, compare them by every method, and ask whose nearest is of the same rule."""
    experiment = start("Learning rules told apart without labels")
    nets = trained(experiment, 80 if experiment.quick else 960)
    experiment.report(
        "set-up",
        f"{len(nets.design.rule)} networks, {nets.statistics.courses.shape[1]} times each; statistics: "
        f"{nets.statistics.courses.shape[2]} observables; updates: {nets.updates.courses.shape[2]}; DSA and Procrustes on 15 "
        "principal coordinates of every network, DSA by the fast search",
    )
    rows = rows_of("statistics", nets.statistics) | rows_of("updates", nets.updates) | {ALSO: scaled(nets)}
    answers = {name: judged(experiment, name, d, nets.design, QUESTIONS) for name, d in rows.items()}
    report_chance(experiment, answers)
    pooled(experiment, nets)
    for name in ("statistics: DSA, 5 delays, rank 5", "statistics: equal progress", OURS):
        report_by_rule(experiment, name, rows[name], nets.design)
    best, goal = answers[OURS]["rate, decoys"], 0.5 if experiment.quick else 0.85
    experiment.line(f"{OURS}: same rule at another rate, decoys", f"at least {goal}", str(best), best.value >= goal)
    draw(experiment, nets, rows, answers)
    experiment.finish()


if __name__ == "__main__":
    main()
