"""Two functions of two inputs: van der Pol, FitzHugh-Nagumo, a spiral and a fold (d = 2).

python examples/transformations/vector_fields.py [--quick] [--out DIR] [--seed N]

Reimplemented from the abstract of Bertalan, Dietrich and Kevrekidis (Chaos 2024) and its lineage, after the title of its
figure 3; which fields the paper uses is not known to us. Errors are root-mean-square residual over standard deviation, held
out. On the square [-2, 2]^2 van der Pol's field folds (where 2xy = -1), on [-0.65, 0.65]^2 it does not: there its values
determine the input, and so match those of any other such network.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
from common import Task, compared, draw_curve, hidden, plt, rms, start, train, whitney_draws, whitney_line

SIZES = (2, 16, 16, 2)
WIDE, NARROW = 2.0, 0.65


def _van_der_pol(x: np.ndarray) -> np.ndarray:
    return np.column_stack([x[:, 1], (1 - x[:, 0] ** 2) * x[:, 1] - x[:, 0]])


def _instrument(y: np.ndarray) -> np.ndarray:
    """Show two numbers through another instrument: smooth, invertible, far from linear."""
    u = y[:, 0] + 0.3 * np.sin(y[:, 1])
    return np.column_stack([np.exp(u / 2), y[:, 1] + 0.3 * u**2])


FIELDS: dict[str, Task] = {
    "van der Pol": _van_der_pol,
    "van der Pol, other instrument": lambda x: _instrument(_van_der_pol(x)),
    "van der Pol, other instrument (narrow)": lambda x: _instrument(3 * _van_der_pol(x)),
    "FitzHugh-Nagumo": lambda x: np.column_stack(
        [x[:, 0] - x[:, 0] ** 3 / 3 - x[:, 1], 0.6 * (x[:, 0] + 0.7 - 0.8 * x[:, 1])]
    ),
    "spiral": lambda x: np.column_stack([-0.5 * x[:, 0] - x[:, 1], x[:, 0] - 0.5 * x[:, 1]]),
    "fold": lambda x: np.column_stack([x[:, 0] ** 2, x[:, 1]]),
}


@dataclass(frozen=True)
class Case:
    """Two fields on a square, the right answer, and why."""

    a: str
    b: str
    half: float
    right: str
    why: str


CASES = (
    Case("van der Pol", "van der Pol", WIDE, "equivalent", "the same, other seed"),
    Case(
        "van der Pol", "van der Pol, other instrument", WIDE, "equivalent", "smooth both ways, the input not determined"
    ),
    Case(
        "van der Pol",
        "van der Pol, other instrument (narrow)",
        NARROW,
        "undecided",
        "smooth both ways, the input determined",
    ),
    Case("FitzHugh-Nagumo", "spiral", WIDE, "undecided", "different tasks, both determine the input"),
    Case("van der Pol", "FitzHugh-Nagumo", WIDE, "b_determines_a", "one way: only B determines the input"),
    Case("spiral", "fold", WIDE, "a_determines_b", "one way: only A determines the input"),
    Case("van der Pol", "fold", WIDE, "partly_related", "different tasks, neither determines the input"),
)


def main() -> None:
    """Run every case over the seeds, then the curves over the number of units."""
    experiment = start("Two functions of two inputs: outputs alone, then few units")
    trained, shown = (600, 200) if experiment.quick else (1500, 1000)
    found: dict[Case, list[tuple[str, str | None, tuple[float, float]]]] = {}
    for seed in experiment.seeds:
        rng = np.random.default_rng(seed)
        unit, new = rng.uniform(-1, 1, (trained, 2)), rng.uniform(-1, 1, (shown, 2))
        for case in CASES:
            tasks = FIELDS[case.a], FIELDS[case.b]
            a, b = (
                train(SIZES, case.half * unit, task(case.half * unit), 10 * seed + k, experiment.steps)
                for k, task in enumerate(tasks)
            )
            axis = compared(a, b, case.half * new, seed, controls="none", tasks=tasks).verdict.function
            found.setdefault(case, []).append((axis.answer, axis.rung, rms(axis)))
    for case, results in found.items():
        answers, rungs = (Counter(r[i] or "none" for r in results) for i in (0, 1))
        forward, backward = np.median([errors for *_, errors in results], axis=0)
        one_way = case.right.endswith(("_b", "_a"))
        allowed = {case.right, "undecided"} - ({"equivalent"} if one_way else set())
        if case.right not in ("equivalent", "undecided"):  # a no that leaves open how the two are related
            allowed.add("not_equivalent")
        experiment.line(
            f"{case.a} against {case.b}, inputs within {case.half} ({case.why})",
            case.right,
            f"{dict(answers)}, rungs {dict(rungs)}; median error {forward:.2g} there, {backward:.2g} back",
            set(answers) <= allowed and (experiment.quick or answers[case.right] > len(experiment.seeds) / 2),
        )
    figure, axes = plt.subplots(1, 3, figsize=(13, 4.2), layout="constrained")
    _draw_errors(axes[0], found)
    rows, count, limit = (1200, 5, 5e-2) if experiment.quick else (6000, 50, 2e-3)
    for panel, other_task in zip(axes[1:], ("van der Pol", "FitzHugh-Nagumo"), strict=True):
        draws = []
        for seed in experiment.seeds:
            rng = np.random.default_rng(100 + seed)
            x, new = rng.uniform(-WIDE, WIDE, (trained, 2)), rng.uniform(-WIDE, WIDE, (rows, 2))
            nets = [
                train(SIZES, x, FIELDS[name](x), 500 + 10 * seed + k, experiment.steps)
                for k, name in enumerate(("van der Pol", other_task))
            ]
            source, other = (hidden(net, new) for net in nets)
            draws += whitney_draws(source, other, 5, count, rows=4000, seed=seed)
        words = "van der Pol to " + ("its other seed" if other_task == "van der Pol" else other_task)
        whitney_line(experiment, f"{words}, d = 2", draws, 5, limit)
        draw_curve(panel, draws, 5, words)
    experiment.save(figure, "vector_fields.png")
    experiment.finish()


def _draw_errors(axes: plt.Axes, found: dict[Case, list[tuple[str, str | None, tuple[float, float]]]]) -> None:
    for way, colour, marker in ((0, "#0072b2", "o"), (1, "#c14d00", "s")):
        for i, results in enumerate(found.values()):
            errors = [errors[way] for *_, errors in results]
            label = ("A to B", "B to A")[way] if i == 0 else None
            axes.semilogx(errors, np.full(len(errors), i + 0.15 * (2 * way - 1)), marker, color=colour, label=label)
    axes.axvline(np.sqrt(0.05), color="#16181d", linestyle="--", linewidth=0.8, label="tolerance")
    names = [f"{case.a}\n{case.b}" for case in found]
    axes.set_yticks(range(len(found)), names, fontsize=7)
    axes.invert_yaxis()
    axes.set(xlabel="output error (rms / sd)", title="outputs alone")
    axes.legend(fontsize=7)


if __name__ == "__main__":
    main()
