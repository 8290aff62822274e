"""Scalar functions: what outputs alone show of two networks, and how many units are enough (d = 1).

python examples/transformations/scalars.py [--quick] [--out DIR] [--seed N]

Reimplemented from the abstract of Bertalan, Dietrich and Kevrekidis (Chaos 2024) and its lineage, after the title of its
figure 2; the functions and sizes are ours. Errors are root-mean-square residual over standard deviation, held out.
"""

from __future__ import annotations

from collections import Counter

import numpy as np
from common import Task, compared, draw_curve, hidden, outputs, plt, rms, start, train, whitney_draws, whitney_line

SIZES = (1, 8, 8, 1)
TASKS: dict[str, Task] = {
    "sin 2x": lambda x: np.sin(2 * x),
    "exp(sin 2x)": lambda x: np.exp(np.sin(2 * x)),
    "x + x^3/4": lambda x: x + x**3 / 4,
    "tanh x + x/2": lambda x: np.tanh(x) + x / 2,
    "cos 2x": lambda x: np.cos(2 * x),
    "x^2": lambda x: x**2,
    "cos 4x + x/2": lambda x: np.cos(4 * x) + x / 2,
}
# what each is to be called; `undecided` where outputs that determine the input would match whatever was learned
PAIRS = {
    ("sin 2x", "sin 2x"): ("the same, other seed", "equivalent"),
    ("sin 2x", "exp(sin 2x)"): ("the same through another instrument", "equivalent"),
    ("x + x^3/4", "tanh x + x/2"): ("both monotone", "undecided"),
    ("x + x^3/4", "cos 2x"): ("one way", "a_determines_b"),
    ("x^2", "cos 2x"): ("one way, neither monotone", "a_determines_b"),
    ("sin 2x", "cos 4x + x/2"): ("different tasks", "partly_related"),
}


def main() -> None:
    """Run every pair over the seeds, then the curve over the number of units."""
    experiment = start("Scalar functions: outputs alone, then few units")
    shown = 200 if experiment.quick else 600
    found: dict[tuple[str, str], list[tuple[str, tuple[float, float]]]] = {}
    figure, axes = plt.subplots(2, 4, figsize=(13, 6.4), layout="constrained")
    for seed in experiment.seeds:
        rng = np.random.default_rng(seed)
        x, new = rng.uniform(-2, 2, (1000, 1)), rng.uniform(-2, 2, (shown, 1))
        for i, pair in enumerate(PAIRS):
            a, b = (train(SIZES, x, TASKS[task](x), 10 * seed + k, experiment.steps) for k, task in enumerate(pair))
            axis = compared(a, b, new, seed, controls="none", tasks=tuple(TASKS[t] for t in pair)).verdict.function
            found.setdefault(pair, []).append((axis.answer, rms(axis)))
            if seed == experiment.seed:
                _draw_pair(axes.flat[i], outputs(a, new), outputs(b, new), new, pair, axis.answer)
    for pair, (words, right) in PAIRS.items():
        answers = Counter(answer for answer, _ in found[pair])
        forward, backward = np.median([errors for _, errors in found[pair]], axis=0)
        allowed = {right, "undecided"} if right == "equivalent" else {right}
        experiment.line(
            f"{pair[0]} against {pair[1]} ({words})",
            right,
            f"{dict(answers)}; median error {forward:.2g} there, {backward:.2g} back",
            set(answers) <= allowed and answers[right] > len(experiment.seeds) / 2,
        )
    draws = []
    rows, count = (1500, 10) if experiment.quick else (6000, 50)
    for seed in experiment.seeds:
        rng = np.random.default_rng(seed)
        x, new = rng.uniform(-2, 2, (1000, 1)), rng.uniform(-2, 2, (rows, 1))
        nets = [
            train(SIZES, x, TASKS[t](x), 100 + 10 * seed + k, experiment.steps)
            for k, t in enumerate(("sin 2x", "cos 4x + x/2"))
        ]
        source, other = (hidden(net, new) for net in nets)
        draws += whitney_draws(source, other, 3, count, rows=4000, seed=seed)
    whitney_line(experiment, "two different tasks, d = 1", draws, 3, 2e-2 if experiment.quick else 1e-4)
    draw_curve(axes.flat[6], draws, 3, "sin 2x to cos 4x + x/2, all units")
    axes.flat[7].axis("off")
    experiment.save(figure, "scalars.png")
    experiment.finish()


def _draw_pair(axes: plt.Axes, a: np.ndarray, b: np.ndarray, x: np.ndarray, pair: tuple[str, str], answer: str) -> None:
    drawn = axes.scatter(a[:, 0], b[:, 0], c=x[:, 0], s=6, cmap="viridis")
    axes.set(xlabel=f"output of A ({pair[0]})", ylabel=f"output of B ({pair[1]})", title=answer.replace("_", " "))
    if pair == next(iter(PAIRS)):
        plt.colorbar(drawn, ax=axes, label="input x")


if __name__ == "__main__":
    main()
