"""A transformation between networks that share six inputs, through the coordinates of the inputs, found from each network alone.

python examples/transformations/unpaired.py [--quick] [--out DIR] [--seed N]

Two networks learn two vector fields (van der Pol, FitzHugh-Nagumo), each on its own inputs. Derivatives lay out the last hidden
layer of each network in the coordinates of the inputs. Six common inputs fix the rigid map between the two layouts. Then A's
states, seen through a few of its units, give B's states at the same input. Errors are root-mean-square residual over standard
deviation, on inputs that were not used for either layout.
"""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import torch
from common import plt, start, train
from squares import held_out_gap
from vector_fields import FIELDS, SIZES, WIDE

import conjugacy as cj
from conjugacy.activations import jacobians
from conjugacy.embeddings import (
    DiffusionMap,
    LocalLinear,
    LocalMetric,
    RigidMap,
    align_by_points,
    isometric_coordinates,
)

PAIR = ("van der Pol", "FitzHugh-Nagumo")
COMMON = 6
UNITS = (3, 5)
TESTED = 1500
WAYS = ("isometric", "diffusion map", "plain metric")


def spread_units(jacobians: np.ndarray, count: int) -> np.ndarray:
    """Return units in whose view the inputs are nowhere flat: greedily the largest 2 % quantile of the smallest gain."""
    chosen: list[int] = []
    for _ in range(count):
        left = [u for u in range(jacobians.shape[1]) if u not in chosen]
        worst = [
            np.quantile(np.linalg.svd(jacobians[:, [*chosen, u]], compute_uv=False)[:, min(len(chosen), 1)], 0.02) for u in left
        ]  # fmt: skip
        chosen.append(left[int(np.argmax(worst))])
    return np.array(chosen)


def states_of(model: torch.nn.Sequential, x: np.ndarray) -> np.ndarray:
    """Return the last hidden layer as it is, in the units of its derivatives."""
    layer = str(len(model) - 2)
    return np.asarray(cj.record(model, x, [layer]).layers[layer].values)


def layout(way: str, states: np.ndarray, jacobians: np.ndarray, k: int) -> np.ndarray:
    """Return coordinates of the states."""
    metric = LocalMetric.from_jacobians(jacobians, 2)
    if way == "isometric":
        return isometric_coordinates(states, metric).values
    if way == "diffusion map":
        return DiffusionMap(n_neighbors=k, metric=metric).fit_transform(states)
    return DiffusionMap(n_neighbors=k).fit_transform(states)


def relative(found: np.ndarray, wanted: np.ndarray) -> float:
    """Return the root-mean-square error over the standard deviation of all units together."""
    return float(np.sqrt(((found - wanted) ** 2).sum() / ((wanted - wanted.mean(axis=0)) ** 2).sum()))


def main() -> None:
    """Train, lay out, align, carry over."""
    experiment = start("An unpaired transformation from six common inputs")
    n, k = (1200, 40) if experiment.quick else (8000, 100)
    errors: dict[tuple[str, int], list[float]] = defaultdict(list)
    gaps: dict[str, list[float]] = defaultdict(list)
    floors = list[float]()
    for seed in experiment.seeds:
        rng = np.random.default_rng([seed, 7])
        box = lambda count: rng.uniform(-WIDE, WIDE, (count, 2))  # noqa: E731, B023
        models = []
        for j, name in enumerate(PAIR):
            x = box(2000)
            models.append(train(SIZES, x, FIELDS[name](x), 100 * seed + j, experiment.steps))
        common, new = 0.8 * box(COMMON), 0.95 * box(TESTED)
        shown = [np.concatenate([common, box(n)]) for _ in models]
        layer = str(len(models[0]) - 2)
        states = [states_of(m, s) for m, s in zip(models, shown, strict=True)]
        slopes = [jacobians(m, torch.tensor(s), [layer])[layer] for m, s in zip(models, shown, strict=True)]
        a_new, b_new = (states_of(m, new) for m in models)
        floors.append(relative(LocalLinear.of(shown[1], states[1])(new), b_new))
        for way in WAYS:
            laid = [layout(way, z, j, k) for z, j in zip(states, slopes, strict=True)]
            there: RigidMap = align_by_points(laid[0][:COMMON], laid[1][:COMMON])
            back = LocalLinear.of(laid[1], states[1])
            told = [LocalLinear.of(z, y)(v) for z, y, v in zip(states, laid, (a_new, b_new), strict=True)]
            both = [np.concatenate([y[:COMMON], new_y]) for y, new_y in zip(laid, told, strict=True)]
            gaps[way].append(held_out_gap(both[0], both[1], COMMON))
            for m in UNITS:
                units = spread_units(slopes[0][:500], m)
                seen = LocalLinear.of(states[0][:, units], laid[0])(a_new[:, units])
                errors[way, m].append(relative(back(there(seen)), b_new))
    limit = 0.1 if experiment.quick else 0.015
    for m in UNITS:
        here = f"{np.round(errors['isometric', m], 4).tolist()}"
        if m == UNITS[-1]:
            experiment.line(f"B's states from {m} units of A, isometric coordinates", f"at most {limit:g} (median)", here,
                            float(np.median(errors["isometric", m])) <= limit)  # fmt: skip
        else:
            experiment.report(f"B's states from {m} units of A, isometric coordinates", here)
        experiment.report(
            f"B's states from {m} units of A, diffusion map", f"{np.round(errors['diffusion map', m], 4).tolist()}"
        )
        plain = errors["plain metric", m]
        bound = 0.3 if experiment.quick else 1.0
        experiment.line(f"B's states from {m} units of A, plain metric", f"above {bound:g} (median): useless",
                        f"{np.round(plain, 3).tolist()}", float(np.median(plain)) > bound)  # fmt: skip
    for way in WAYS:
        experiment.report(f"gap of the layouts on new inputs, {way}", f"{np.round(gaps[way], 4).tolist()}")
    experiment.report("floor: B's states from the true input, the same regression", f"{np.round(floors, 4).tolist()}")
    figure, axes = plt.subplots(figsize=(6.2, 3.6), layout="constrained")
    for at, (way, colour) in enumerate(zip(WAYS, ("#0072b2", "#6b4c9a", "#c14d00"), strict=True)):
        for m, marker in zip(UNITS, "so", strict=True):
            axes.semilogy(np.full(len(errors[way, m]), at + (0.1 if m == UNITS[-1] else -0.1)), errors[way, m], marker,
                          color=colour, linestyle="none", markersize=5, label=f"{m} units" if at == 0 else None)  # fmt: skip
    axes.axhline(float(np.median(floors)), color="#565d68", linestyle=":", label="floor: from the true input")
    axes.set_xticks(range(len(WAYS)), WAYS)
    axes.set(
        ylabel="error of B's states (rms / sd)",
        title=f"from A's units to B's states, {COMMON} common inputs",
        xlim=(-0.5, 2.5),
    )
    axes.legend(fontsize=8)
    experiment.save(figure, "unpaired.png")
    experiment.finish()


if __name__ == "__main__":
    main()
