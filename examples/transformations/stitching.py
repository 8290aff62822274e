"""Stitching: the front of one network, a transformation, the head of another; and how many labels it saves.

python examples/transformations/stitching.py [--quick] [--out DIR] [--seed N]

The data are digits. First, networks of the same task and of another task are stitched, and the accuracy on held-out images is
compared with that of the head's own network. Then a transfer: a network saw the digits through another instrument (pixels
scrambled and inverted) without labels. Pairs of images without labels stitch it to the head of a labelled network. The result is
compared with training from scratch on few labels.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from common import plt, start
from sklearn.datasets import load_digits

import conjugacy as cj
from conjugacy.transformations import Layer, judge

WIDTHS = (64, 96)
KEPT = 0.98
LABELS = (10, 20, 50, 100, 200)
PAIRS = 400
RUNGS = ("affine", "smooth")
NETWORKS = ("same task", "other task", "untrained")
LAYER = "3"  # the second hidden layer after its ReLU


@dataclass(frozen=True, eq=False)
class Digits:
    """Images as rows, their digits, and another task on the same images: ten classes of how much ink there is."""

    images: np.ndarray
    digits: np.ndarray
    ink: np.ndarray
    train: np.ndarray
    test: np.ndarray

    @classmethod
    def drawn(cls, seed: int) -> Digits:
        """Return the data with a random division, two thirds for training."""
        data = load_digits()
        images = (data.data / 16.0).astype(np.float32)
        total = images.sum(axis=1)
        ink = np.digitize(total, np.quantile(total, np.linspace(0, 1, 11)[1:-1]))
        order = np.random.default_rng(seed).permutation(len(images))
        cut = 2 * len(order) // 3
        return cls(images, data.target.astype(np.int64), ink.astype(np.int64), order[:cut], order[cut:])


def classifier(width: int, seed: int) -> torch.nn.Sequential:
    """Return an untrained network with two hidden layers."""
    torch.manual_seed(seed)
    return torch.nn.Sequential(
        torch.nn.Linear(64, width), torch.nn.ReLU(), torch.nn.Linear(width, width), torch.nn.ReLU(),
        torch.nn.Linear(width, 10),
    )  # fmt: skip


def learn(model: torch.nn.Sequential, x: np.ndarray, y: np.ndarray, steps: int) -> torch.nn.Sequential:
    """Train on classes (whole numbers) or values."""
    inputs, wanted = torch.tensor(x), torch.tensor(y)
    loss = torch.nn.functional.cross_entropy if y.dtype.kind == "i" else torch.nn.functional.mse_loss
    optimiser = torch.optim.AdamW(model.parameters(), 3e-3, weight_decay=1e-2)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
    for _ in range(steps):
        optimiser.zero_grad()
        loss(model(inputs), wanted).backward()
        optimiser.step()
        schedule.step()
    return model.eval()


def accuracy(model: torch.nn.Module, x: np.ndarray, y: np.ndarray) -> float:
    """Return the share that is right."""
    with torch.no_grad():
        return float((model(torch.tensor(x)).argmax(dim=1).numpy() == y).mean())


def main() -> None:
    """Stitch over the seeds, then transfer."""
    experiment = start("Stitching: front, transformation, head")
    steps = 150 if experiment.quick else 400
    kept: dict[str, list[float]] = {f"{name}, {rung}": [] for rung in RUNGS for name in NETWORKS}
    transfer: dict[str, list[list[float]]] = {"scratch": [], "stitched": []}
    for seed in experiment.seeds:
        data = Digits.drawn(seed)
        x, held = data.images[data.train], data.images[data.test]
        head = learn(classifier(WIDTHS[1], 10 * seed + 1), x, data.digits[data.train], steps)
        fronts = {
            "same task": learn(classifier(WIDTHS[0], 10 * seed), x, data.digits[data.train], steps),
            "other task": learn(classifier(WIDTHS[0], 10 * seed + 2), x, data.ink[data.train], steps),
            "untrained": classifier(WIDTHS[0], 10 * seed + 3).eval(),
        }
        for name, front in fronts.items():
            for rung in RUNGS:
                found = _stitched(front, head, data, rung, 500 if experiment.quick else 1200)
                kept[f"{name}, {rung}"].append(found / accuracy(head, held, data.digits[data.test]))
        scratch, stitched = _transfer(head, data, seed, steps)
        transfer["scratch"].append(scratch)
        transfer["stitched"].append([stitched])
    for rung in RUNGS:
        same, other, untrained = (kept[f"{name}, {rung}"] for name in NETWORKS)
        experiment.line(
            f"{rung} map, same task: share of the head's accuracy that is kept", f"at least {KEPT:g} (median)",
            f"{np.round(same, 3).tolist()}", float(np.median(same)) >= KEPT,
        )  # fmt: skip
        experiment.line(
            f"{rung} map, other task and untrained: share that is kept", "less than of the same-task pair, in every seed",
            f"{np.round(other, 3).tolist()} and {np.round(untrained, 3).tolist()}",
            all(s > max(o, u) for s, o, u in zip(same, other, untrained, strict=True)),
        )  # fmt: skip
    scratch, stitched = np.median(transfer["scratch"], axis=0), float(np.median(transfer["stitched"]))
    here = "; ".join(f"{n} labels {100 * a:.1f} %" for n, a in zip(LABELS, scratch, strict=True))
    experiment.line(
        f"transfer to another instrument: stitched by {PAIRS} pairs without labels, against training from scratch",
        f"better than {LABELS[2]} labels from scratch", f"stitched {100 * stitched:.1f} %; from scratch: {here}",
        stitched > scratch[2],
    )  # fmt: skip
    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.8), layout="constrained")
    for i, shares in enumerate(kept.values()):
        left.plot(np.full(len(shares), i), shares, "o", color=("#0072b2", "#c14d00", "#6b4c9a")[i % len(NETWORKS)])
    left.axhline(KEPT, color="#16181d", linestyle="--", linewidth=0.8, label=f"{KEPT:g}")
    left.set(ylabel="accuracy over the head's own", xlim=(-0.5, len(kept) - 0.5))
    left.set_xticks(range(len(kept)), [name.replace(", ", ",\n") for name in kept], fontsize=7)
    left.set_title("stitched to the head of a digits network")
    left.legend(fontsize=8)
    for one in transfer["scratch"]:
        right.semilogx(LABELS, one, color="#565d68", linewidth=0.7)
    right.semilogx(LABELS, scratch, "s-", color="#c14d00", label="from scratch")
    right.axhline(stitched, color="#0072b2", label=f"stitched, {PAIRS} pairs, no labels")
    right.set(xlabel="labels", ylabel="accuracy, held out", title="another instrument")
    right.set_xticks(LABELS, [str(n) for n in LABELS])
    right.minorticks_off()
    right.legend(fontsize=8)
    experiment.save(figure, "stitching.png")
    experiment.finish()


def _stitched(front: torch.nn.Sequential, head: torch.nn.Sequential, data: Digits, rung: str, rows: int) -> float:
    """Fit the map on training images, stitch, and return the accuracy on the held-out ones."""
    shown = data.images[data.train[:rows]]
    states = [_states(model, shown) for model in (front, head)]
    ladder = judge(*map(Layer, states), np.arange(len(shown)), tolerance=0.05)
    network = ladder.transformation(rung).stitch(front, LAYER, head, LAYER)
    return accuracy(network, data.images[data.test], data.digits[data.test])


def _states(model: torch.nn.Module, x: np.ndarray) -> np.ndarray:
    return np.asarray(cj.record(model, x, [LAYER]).layers[LAYER].values)


def _transfer(head: torch.nn.Sequential, data: Digits, seed: int, steps: int) -> tuple[list[float], float]:
    """Return the accuracies from scratch, by number of labels, and that of the stitched network, on the other instrument."""
    rng = np.random.default_rng(1000 + seed)
    scramble = rng.permutation(64)
    shown = (1.0 - data.images)[:, scramble]
    # without labels: the network learns to give its own images back, through the same two hidden layers
    front = torch.nn.Sequential(*list(classifier(WIDTHS[0], 10 * seed + 5))[:-1], torch.nn.Linear(WIDTHS[0], 64))
    learn(front, shown[data.train], shown[data.train], steps)
    pairs = rng.choice(data.train, PAIRS, replace=False)
    states = _states(front, shown[pairs]), _states(head, data.images[pairs])
    ladder = judge(*map(Layer, states), np.arange(PAIRS), tolerance=0.05)
    network = ladder.transformation("smooth").stitch(front, LAYER, head, LAYER)
    stitched = accuracy(network, shown[data.test], data.digits[data.test])
    scratch: list[float] = []
    for n in LABELS:
        some = rng.choice(data.train, n, replace=False)
        model = learn(classifier(WIDTHS[0], 10 * seed + 6), shown[some], data.digits[some], steps)
        scratch.append(accuracy(model, shown[data.test], data.digits[data.test]))
    return scratch, stitched


if __name__ == "__main__":
    main()
