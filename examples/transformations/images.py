"""Images from few units: a shaded object on a turntable, and handwritten digits.

python examples/transformations/images.py [--quick] [--out DIR] [--seed N]

Two convolutional networks learn the angle of the object from two cameras; an autoencoder of the same shape learns the images.
The image, the angle and the other network are reconstructed from 3 = 2d + 1 of the 64 hidden units. Digits have many more
coordinates and need more units. Reimplemented from the abstract of Bertalan, Dietrich and Kevrekidis (Chaos 2024), whose
object is a horse; ours is made of ellipsoids. Errors are root-mean-square residual over standard deviation, held out.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from common import Experiment, plt, start
from shaded import images
from sklearn.datasets import load_digits

import conjugacy as cj
from conjugacy.embeddings import intrinsic_dimension
from conjugacy.transformations import Layer, choose_units, judge

HIDDEN, CODE, ENOUGH = 64, 3, 3
SIZES = (1, 2, 3, 4, 6)
DIGIT_SIZES = (1, 2, 4, 8, 16, 32)
AS_GOOD = 1.05


def encoder(side: int, seed: int) -> torch.nn.Sequential:
    """Return convolutions that end in 64 tanh units, the layer called `8` of what is built on it."""
    torch.manual_seed(seed)
    left = (side - 5) // 2 + 1
    left = (left - 3) // 2 + 1
    return torch.nn.Sequential(
        torch.nn.Unflatten(1, (1, side)), torch.nn.Conv2d(1, 8, 5, stride=2), torch.nn.Tanh(),
        torch.nn.Conv2d(8, 16, 3, stride=2), torch.nn.Tanh(), torch.nn.Flatten(),
        torch.nn.Linear(16 * left * left, HIDDEN), torch.nn.Tanh(),
    )  # fmt: skip


def fit(
    model: torch.nn.Module,
    x: np.ndarray,
    y: np.ndarray,
    epochs: int,
    loss: Callable[..., torch.Tensor],
    seed: int,
    *,
    rate: float = 2e-3,
    batch: int = 64,
) -> torch.nn.Module:
    """Train by Adam with a falling step."""
    inputs, wanted = torch.tensor(x, dtype=torch.float32), torch.tensor(y)
    optimiser = torch.optim.Adam(model.parameters(), rate)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, epochs)
    rng = np.random.default_rng(seed)
    for _ in range(epochs):
        for rows in np.array_split(rng.permutation(len(x)), max(1, len(x) // batch)):
            optimiser.zero_grad()
            loss(model(inputs[rows]), wanted[rows]).backward()
            optimiser.step()
        schedule.step()
    return model.eval()


def relative(found: np.ndarray, wanted: np.ndarray) -> float:
    """Return the root-mean-square error over the standard deviation of everything wanted."""
    return float(np.sqrt(((found - wanted) ** 2).sum() / ((wanted - wanted.mean(axis=0)) ** 2).sum()))


def from_units(
    states: np.ndarray, wanted: np.ndarray, units: np.ndarray, train: np.ndarray, test: np.ndarray
) -> np.ndarray:
    """Return what the smooth map, fitted on the training rows, makes of a few units on the test rows."""
    ladder = judge(Layer(states[train][:, units]), Layer(wanted[train]), np.arange(len(train)), tolerance=0.05)
    return ladder.transformation("smooth")(states[test][:, units])


def turntable(experiment: Experiment, seed: int) -> dict[str, np.ndarray]:
    """Run one seed of the object and return its errors, and for the figure some images."""
    rng = np.random.default_rng(seed)
    count, epochs = (400, 30) if experiment.quick else (1000, 100)
    angles = rng.uniform(0, 2 * np.pi, count)
    train, test = np.arange(3 * count // 4), np.arange(3 * count // 4, count)
    seen = [images(angles, elevation=0.35), images(angles, elevation=0.55, azimuth=0.8)]
    pose = np.column_stack([np.cos(angles), np.sin(angles)]).astype(np.float32)
    mse = torch.nn.functional.mse_loss
    nets = []
    for k, views in enumerate(seen):
        model = torch.nn.Sequential(*encoder(24, 10 * seed + k), torch.nn.Linear(HIDDEN, 2))
        nets.append(fit(model, views[train], pose[train], epochs, mse, seed))
    auto = torch.nn.Sequential(
        *encoder(24, 10 * seed + 2), torch.nn.Linear(HIDDEN, CODE), torch.nn.Linear(CODE, HIDDEN), torch.nn.Tanh(),
        torch.nn.Linear(HIDDEN, 24 * 24),
    )  # fmt: skip
    flat = [views.reshape(count, -1) for views in seen]
    fit(auto, seen[0][train], flat[0][train].astype(np.float32), 2 * epochs, mse, seed)
    layers = [layer(model, views, "7") for model, views in zip((*nets, auto), (*seen, seen[0]), strict=True)]
    orders = [choose_units(Layer(states[train], seed), max(SIZES)) for states in layers]
    own = relative(_decoded(auto, layers[2][test]), flat[0][test])
    three = from_units(layers[2], layers[2], orders[2][:ENOUGH], train, test)
    curve = {
        "its own image": [(layers[0], flat[0])], "the other camera's image": [(layers[0], flat[1])],
        "the other network's layer": [(layers[0], layers[1])], "the angle": [(layers[0], pose)],
    }  # fmt: skip
    found = {
        name: np.array([relative(from_units(states, wanted, orders[0][:m], train, test), wanted[test]) for m in SIZES])
        for name, ((states, wanted),) in curve.items()
    }
    with torch.no_grad():
        angle = nets[0](torch.tensor(seen[0][test], dtype=torch.float32)).numpy()
    found["angle's own error"] = np.array([relative(angle, pose[test])])
    found["autoencoder"] = np.array([own, relative(_decoded(auto, three), flat[0][test])])
    found["dimension"] = np.array([intrinsic_dimension(layers[0], seed=seed).value or np.nan])
    found["images"] = np.stack(
        [
            seen[0][test[:6]],
            from_units(layers[0], flat[0], orders[0][:ENOUGH], train, test)[:6].reshape(6, 24, 24),
            seen[1][test[:6]],
            from_units(layers[0], flat[1], orders[0][:ENOUGH], train, test)[:6].reshape(6, 24, 24),
        ]
    )
    return found


def layer(model: torch.nn.Module, shown: np.ndarray, name: str) -> np.ndarray:
    """Return what a layer says to images."""
    return np.asarray(cj.record(model, shown.astype(np.float32), [name]).layers[name].values)


def _decoded(auto: torch.nn.Sequential, states: np.ndarray) -> np.ndarray:
    with torch.no_grad():
        return auto[8:](torch.tensor(states, dtype=torch.float32)).numpy()


def digits(experiment: Experiment, seed: int) -> dict[str, np.ndarray]:
    """Run one seed of the digits: two convolutional classifiers, images and the other network from few units."""
    data = load_digits()
    shown, labels = data.images / 16.0, data.target
    order = np.random.default_rng(seed).permutation(len(shown))[: 700 if experiment.quick else None]
    cut = 2 * len(order) // 3
    train, test = np.arange(cut), np.arange(cut, len(order))
    shown, labels = shown[order], labels[order]
    states, right = [], []
    for k in range(2):
        model = torch.nn.Sequential(*_small_encoder(10 * seed + k), torch.nn.Linear(HIDDEN, 10))
        fit(model, shown[train], labels[train], 15 if experiment.quick else 60, torch.nn.functional.cross_entropy, seed)
        recording = cj.record(model, shown.astype(np.float32), ["5"])
        states.append(np.asarray(recording.layers["5"].values))
        right.append(float((np.asarray(recording.outputs.values)[test].argmax(axis=1) == labels[test]).mean()))
    flat = shown.reshape(len(shown), -1)
    units = choose_units(Layer(states[0][train], seed), max(DIGIT_SIZES))

    def errors(wanted: np.ndarray) -> np.ndarray:
        found = (from_units(states[0], wanted, units[:m], train, test) for m in DIGIT_SIZES)
        return np.array([relative(one, wanted[test]) for one in found])

    return {
        "its own image": errors(flat),
        "the other network's layer": errors(states[1]),
        "right": np.array(right),
    }  # fmt: skip


def _small_encoder(seed: int) -> torch.nn.Sequential:
    torch.manual_seed(seed)
    return torch.nn.Sequential(
        torch.nn.Unflatten(1, (1, 8)), torch.nn.Conv2d(1, 16, 3, padding=1), torch.nn.Tanh(), torch.nn.Flatten(),
        torch.nn.Linear(16 * 64, HIDDEN), torch.nn.Tanh(),
    )  # fmt: skip


def main() -> None:
    """Run both over the seeds."""
    experiment = start("Images from few units")
    seeds = experiment.seeds[:1] if experiment.quick else experiment.seeds
    runs = [turntable(experiment, seed) for seed in seeds]
    drawn = [digits(experiment, seed) for seed in seeds]
    at = SIZES.index(ENOUGH)
    own, three = np.median([run["autoencoder"] for run in runs], axis=0)
    ratios = [run["autoencoder"][1] / run["autoencoder"][0] for run in runs]
    experiment.line(
        f"image by the autoencoder's decoder from {ENOUGH} of its {HIDDEN} units",
        f"at most {AS_GOOD} times its own error", f"{three:.3g} against {own:.3g}; ratios {np.round(ratios, 3).tolist()}",
        float(np.median(ratios)) <= (1.5 if experiment.quick else AS_GOOD),
    )  # fmt: skip
    for name in ("its own image", "the other camera's image", "the other network's layer", "the angle"):
        curves = np.array([run[name] for run in runs])
        here = ", ".join(f"m = {m}: {error:.2g}" for m, error in zip(SIZES, np.median(curves, axis=0), strict=True))
        experiment.line(
            f"{name}, from units of a network that learned the angle",
            f"within tolerance (.22) from {ENOUGH} units, and not from 1", here,
            bool(np.median(curves[:, at]) < np.sqrt(0.05) < np.median(curves[:, 0])),
        )  # fmt: skip
    own = [round(float(run[_OWN][0]), 3) for run in runs]
    here = f"{[int(run['dimension'][0]) for run in runs]}; own error of the angle {own}"
    experiment.line(
        "dimension of the layer", "1, or not settled", here, all(not run["dimension"][0] > 1 for run in runs)
    )
    for name in ("its own image", "the other network's layer"):
        curves = np.median([run[name] for run in drawn], axis=0)
        here = ", ".join(f"m = {m}: {error:.2g}" for m, error in zip(DIGIT_SIZES, curves, strict=True))
        experiment.line(
            f"digits: {name} from few units (networks {100 * np.mean([run['right'] for run in drawn]):.1f} % right)",
            "falls with m; three units are not enough", here, bool(curves[-1] < curves[0] and curves[2] > np.sqrt(0.05)),
        )  # fmt: skip
    _draw(experiment, runs, drawn)
    experiment.finish()


_OWN = "angle's own error"


def _draw(experiment: Experiment, runs: list[dict[str, np.ndarray]], drawn: list[dict[str, np.ndarray]]) -> None:
    figure = plt.figure(figsize=(11, 7), layout="constrained")
    top, bottom = figure.subfigures(2, 1, height_ratios=(1.2, 1))
    grid = top.subplots(4, 6)
    words = ("seen by A", f"from {ENOUGH} units of A", "seen by B", f"from {ENOUGH} units of A")
    for row, (label, shown) in enumerate(zip(words, runs[0]["images"], strict=True)):
        for axes, image in zip(grid[row], shown, strict=True):
            axes.imshow(image, cmap="gray", vmin=0, vmax=1)
            axes.set(xticks=[], yticks=[])
        grid[row][0].set_ylabel(label, fontsize=7)
    left, right = bottom.subplots(1, 2)
    for name, colour, marker in (
        ("its own image", "#0072b2", "o"), ("the other camera's image", "#6b4c9a", "^"),
        ("the other network's layer", "#c14d00", "s"), ("the angle", "#00694c", "D"),
    ):  # fmt: skip
        left.semilogy(SIZES, np.median([run[name] for run in runs], axis=0), marker + "-", color=colour, label=name)
        if name in drawn[0]:
            right.loglog(
                DIGIT_SIZES, np.median([run[name] for run in drawn], axis=0), marker + "-", color=colour, label=name
            )
    for axes, title, sizes in ((left, "object on a turntable", SIZES), (right, "digits", DIGIT_SIZES)):
        axes.axhline(np.sqrt(0.05), color="#16181d", linestyle="--", linewidth=0.8)
        axes.set(title=title, xlabel="number of units m, chosen for conditioning", ylabel="error (rms / sd)")
        axes.set_xticks(sizes, [str(m) for m in sizes])
        axes.minorticks_off()
        axes.legend(fontsize=7)
    experiment.save(figure, "images.png")


if __name__ == "__main__":
    main()
