"""Controls: what reconstruction from internal units can show, and what only the outputs can show.

python examples/transformations/controls.py [--quick] [--out DIR] [--seed N]

By Whitney's theorem a few units of any network that keeps its input determine everything in any other such network: another
seed, another task, or no training at all. Only shuffled rows fail. The outputs tell the tasks apart. Errors are
root-mean-square residual over standard deviation, held out.
"""

from __future__ import annotations

import numpy as np
import torch
from common import compared, plt, rms, start, train
from vector_fields import FIELDS, SIZES, WIDE

import conjugacy as cj

# which field B learns, and which answers are right on the function axis; a no may leave open how the two are related
OTHERS = {
    "same task, other seed": ("van der Pol", ("equivalent",)),
    "other task": ("fold", ("partly_related", "not_equivalent")),
    "untrained": (None, ("partly_related", "not_equivalent", "undecided", "b_determines_a")),
    "same task, rows shuffled": ("van der Pol", ("unrelated", "not_equivalent")),
}
ENOUGH = 5  # 2d + 1


def main() -> None:
    """Compare one network with each of the others over the seeds."""
    experiment = start("Controls: internal units against outputs")
    trained, shown = (600, 200) if experiment.quick else (1500, 800)
    inside: dict[str, list[float]] = {name: [] for name in OTHERS}
    outside: dict[str, list[float]] = {name: [] for name in OTHERS}
    answers: dict[str, list[str]] = {name: [] for name in OTHERS}
    gains: dict[str, list[bool]] = {name: [] for name in OTHERS}
    for seed in experiment.seeds:
        rng = np.random.default_rng(seed)
        x, new = rng.uniform(-WIDE, WIDE, (trained, 2)), rng.uniform(-WIDE, WIDE, (shown, 2))
        task = FIELDS["van der Pol"]
        a = train(SIZES, x, task(x), 10 * seed, experiment.steps)
        for k, (name, (field, _)) in enumerate(OTHERS.items()):
            b = (
                _untrained(10 * seed + k)
                if field is None
                else train(SIZES, x, FIELDS[field](x), 10 * seed + k + 1, experiment.steps)
            )
            result = (
                _shuffled(a, b, new, seed)
                if "shuffled" in name
                else compared(a, b, new, seed, **_controls(10 * seed, new))
            )
            curve = result.few_units[0].curve
            point = next(p for p in curve if p.m == min(ENOUGH, curve[-1].m))
            inside[name].append(float(np.sqrt(point.other.unexplained)))
            outside[name].append(max(rms(result.verdict.function)))
            answers[name].append(result.verdict.function.answer)
            gains[name].append(result.verdict.representation.gain.shown)
    for name, (_, right) in OTHERS.items():
        errors = inside[name]
        holds = name != "same task, rows shuffled"
        experiment.line(
            f"{name}: everything in B from {ENOUGH} units of A",
            "error under .22 (tolerance), whatever was learned" if holds else "error near 1",
            f"median {np.median(errors):.2g}, worst {max(errors):.2g}",
            max(errors) < np.sqrt(0.05) if holds else min(errors) > 0.8,
        )
        experiment.line(
            f"{name}: outputs", " or ".join(right), f"{answers[name]}; median error {np.median(outside[name]):.2g}",
            set(answers[name]) <= set(right),
        )  # fmt: skip
    shown_gain = {name: sum(found) for name, found in gains.items() if "shuffled" not in name}
    experiment.line(
        "something learned in common (gain over untrained copies)", "never with an untrained network",
        ", ".join(f"{name} {n} of {len(experiment.seeds)}" for name, n in shown_gain.items()), shown_gain["untrained"] == 0,
    )  # fmt: skip
    figure, axes = plt.subplots(figsize=(7, 3.4), layout="constrained")
    for found, colour, marker, label, offset in (
        (inside, "#0072b2", "o", f"all of B's layer from {ENOUGH} units of A", -0.12),
        (outside, "#c14d00", "s", "outputs, worse direction", 0.12),
    ):
        for i, errors in enumerate(found.values()):
            axes.semilogx(
                errors, np.full(len(errors), i + offset), marker, color=colour, label=label if i == 0 else None
            )
    axes.axvline(np.sqrt(0.05), color="#16181d", linestyle="--", linewidth=0.8, label="tolerance")
    axes.set_yticks(range(len(OTHERS)), list(OTHERS))
    axes.invert_yaxis()
    axes.set_xlabel("error (rms / sd)")
    axes.legend(fontsize=8)
    experiment.save(figure, "controls.png")
    experiment.finish()


def _untrained(seed: int) -> torch.nn.Sequential:
    return train(SIZES, np.eye(2), np.eye(2), seed, 0)


def _controls(seed: int, x: np.ndarray) -> dict[str, object]:
    """Return untrained copies of both networks' architecture, recorded on the same inputs."""
    models = [_untrained(7000 + seed + i) for i in range(2)]
    copies = [cj.record(model, x, [str(len(model) - 2)], ids=np.arange(len(x))) for model in models]
    return {"untrained_a": copies, "untrained_b": copies}


def _shuffled(a: torch.nn.Sequential, b: torch.nn.Sequential, x: np.ndarray, seed: int) -> cj.Comparison:
    """Compare with the rows of B on the wrong inputs: no ids, so that rows meet by position."""
    layer = str(len(a) - 2)
    order = np.random.default_rng(seed).permutation(len(x))
    recordings = [cj.record(model, rows, [layer]) for model, rows in ((a, x), (b, x[order]))]
    bare = [
        {name: np.asarray(one.layers[name].values) for name in (layer, "outputs")} for one in recordings
    ]  # without inputs, which would tell that the rows do not belong together
    return cj.compare(*bare, layers=layer, seed=seed)


if __name__ == "__main__":
    main()
