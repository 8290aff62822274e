"""Small changes of task: how large a change must be before the map between outputs shows it.

python examples/transformations/small_changes.py [--quick] [--out DIR] [--seed N]

B learns A's function plus a share of another function (relative to its standard deviation). The error of the map between both
outputs is compared with the networks' own test errors. The comparison reports a difference from twice the floor on, with
interval. Errors are root-mean-square residual over standard deviation, held out.
"""

from __future__ import annotations

import numpy as np
import torch
from common import Task, compared, own_error, plt, rms, start, train

SIZES = (2, 24, 24, 1)
CHANGES = (0.0, 0.02, 0.05, 0.1, 0.3, 1.0)
PAIRS, DETECTED, FALSE = 60, 57, 3  # of the smallest change and of none
ERROR_LIMIT = 0.003


def base(x: np.ndarray) -> np.ndarray:
    """Return A's function."""
    return np.sin(1.5 * x[:, :1]) + 0.6 * x[:, 1:] * x[:, :1] + 0.5 * x[:, 1:]


def other(x: np.ndarray) -> np.ndarray:
    """Return the function that is mixed in."""
    return np.cos(2 * x[:, 1:]) + 0.5 * np.sin(x[:, :1] * x[:, 1:])


def trained(x: np.ndarray, task: Task, seed: int) -> torch.nn.Sequential:
    """Return a network that is right to ERROR_LIMIT on rows kept for that; one that is not is started again."""
    check = np.random.default_rng(seed).uniform(-1.5, 1.5, (2000, 2))
    for attempt in range(5):
        model = train(SIZES, x, task(x), seed + 10_000_000 * attempt, 400)
        if own_error(model, task, check) <= ERROR_LIMIT / 1.5:
            break
    return model


def main() -> None:
    """Run all changes over a few seeds, none and the smallest one over many."""
    experiment = start("Small changes of task")
    pairs = 3 if experiment.quick else PAIRS
    rows = 300 if experiment.quick else 600
    table: dict[float, list[tuple[float, float, bool]]] = {change: [] for change in CHANGES}
    # of the networks on which the counts over many pairs rest, and of the others
    errors: dict[bool, list[float]] = {True: [], False: []}
    for seed in range(experiment.seed, experiment.seed + pairs):
        rng = np.random.default_rng(20_000 + seed)
        x, new = rng.uniform(-1.5, 1.5, (1500, 2)), rng.uniform(-1.5, 1.5, (rows, 2))
        ratio = base(x).std() / other(x).std()
        a = trained(x, base, 100 * seed)
        few = CHANGES if seed in experiment.seeds and not experiment.quick else CHANGES[:2]
        for k, change in enumerate(few):

            def task(at: np.ndarray, share: float = change * ratio) -> np.ndarray:
                return base(at) + share * other(at)

            b = trained(x, task, 100 * seed + 1 + k)
            errors[k < 2] += [own_error(a, base, new), own_error(b, task, new)]
            axis = compared(a, b, new, seed, controls="none", tasks=(base, task)).verdict.function
            over = [e for e in axis.evidence if e.name.startswith("error_over_floor")]
            told = min(e.low for e in over) > 2.0 or axis.answer != "equivalent"
            table[change].append((max(rms(axis)), float(np.mean([e.value for e in over])), told))
    for change, found in table.items():
        if not found:
            continue
        error, over, told = (np.array(column) for column in zip(*found, strict=True))
        n = len(found)
        here = f"told {told.sum()} of {n}; error {np.median(error):.2g} (from {error.min():.2g} to {error.max():.2g}), "
        here += f"{np.median(over):.2g} times the floor (from {over.min():.2g} to {over.max():.2g})"
        if change == 0.0:
            allowed = FALSE if n == PAIRS else 0
            experiment.line("no change", f"told in at most {allowed} of {n}", here, told.sum() <= allowed)
        else:
            wanted = DETECTED if n == PAIRS else n
            experiment.line(
                f"a change of {100 * change:g} %", f"told in at least {wanted} of {n}", here, told.sum() >= wanted
            )
    few, others = errors[True], errors[False]
    here = f"median {np.median(few):.2g}, worst {max(few):.2g}" + (
        f"; larger changes: worst {max(others):.2g}" if others else ""
    )
    experiment.line(
        "the networks' own test errors, no change and the smallest",
        f"at most {ERROR_LIMIT:g}",
        here,
        max(few) <= ERROR_LIMIT,
    )
    figure, axes = plt.subplots(figsize=(6, 4), layout="constrained")
    for change, found in table.items():
        ratios = [over for _, over, _ in found]
        axes.loglog(np.full(len(ratios), max(change, 0.007)), ratios, "o", color="#0072b2", alpha=0.5, markersize=4)
    axes.axhline(1, color="#565d68", linestyle=":", label="floor: the networks' own errors")
    axes.axhline(2, color="#16181d", linestyle="--", linewidth=0.8, label="from here on a difference is told")
    shown = [0.007, *CHANGES[1:]]
    axes.set_xticks(shown, ["none", *(f"{100 * c:g} %" for c in CHANGES[1:])])
    axes.minorticks_off()
    axes.set(xlabel="change of B's task, of its standard deviation", ylabel="error of the map over the floor")
    axes.legend(fontsize=8)
    experiment.save(figure, "small_changes.png")
    experiment.finish()


if __name__ == "__main__":
    main()
