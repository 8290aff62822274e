"""The demonstration: small networks trained on handwritten digits, compared on images they were not trained on."""

from __future__ import annotations

import importlib.util
import logging
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from conjugacy.activations import record, save, shuffled_copy, untrained_copy
from conjugacy.activations.untrained import UNTRAINED_COPIES
from conjugacy.comparison import Comparison, compare
from conjugacy.comparison.copies import as_control
from conjugacy.data import Recording
from conjugacy.errors import InputError, MissingExtraError
from conjugacy.storage.atomic import write_whole

log = logging.getLogger(__name__)

TRAINING_IMAGES = 1000
EPOCHS, BATCH = 150, 100
LEARNING_RATE, WEIGHT_DECAY, LABEL_SMOOTHING, PIXEL_NOISE = 3e-3, 0.1, 0.1, 0.3
LAYERS = ("hidden1", "hidden2")
COMPARED = {"comparison": ("digits-64", "digits-96"), "comparison-other-task": ("digits-64", "brightness")}
Progress = Callable[[str], None]


@dataclass(frozen=True, eq=False)
class Demo:
    """Both comparisons of the demonstration and the files that were written."""

    same_task: Comparison
    other_task: Comparison
    accuracies: dict[str, float]
    files: tuple[Path, ...]


def run_demo(out: str | Path, *, seed: int = 0, progress: Progress | None = None) -> Demo:
    """Train, record, compare and write everything to a folder.

    Three networks see the same images of digits: `digits-64` and `digits-96` learn which digit it is, from different seeds and
    with different widths; `brightness` learns whether the upper half of the image is brighter than the lower. They
    are recorded on images that none was trained on, with copies of each that learned nothing.

    Parameters
    ----------
    out : path
        Folder for recordings, `comparison.json`, `comparison-other-task.json` and `report.html`; made where missing.
    seed : int
        Seeds split, training and comparison.
    progress : callable, optional
        Called with a sentence as the work goes on.

    Raises
    ------
    InputError
        Where the folder cannot be made or written to.
    MissingExtraError
        Where torch is not installed.
    """
    if importlib.util.find_spec("torch") is None:  # before anything is written or told
        raise MissingExtraError.of("the demonstration", "torch")
    tell: Progress = progress or log.info
    folder = _made(Path(out))
    images, digits = _digits()
    order = np.random.default_rng(seed).permutation(len(images))
    train, held_out = order[:TRAINING_IMAGES], np.sort(order[TRAINING_IMAGES:])
    upper = (images[:, :32].sum(axis=1) > images[:, 32:].sum(axis=1)).astype(np.int64)
    plan = {"digits-64": (64, digits, 1), "digits-96": (96, digits, 2), "brightness": (64, upper, 3)}
    networks: dict[str, _Recorded] = {}
    files: list[Path] = []
    for name, (width, labels, offset) in plan.items():
        tell(f"training {name} ({width} units per hidden layer, {TRAINING_IMAGES} images)")
        model = _train(images[train], labels[train], width, seed * 10 + offset)
        networks[name] = _recorded(model, images[held_out], {"ids": held_out, "targets": labels[held_out]}, name, seed)
        files += networks[name].saved(folder)
    comparisons: dict[str, Comparison] = {}
    for file, (a, b) in COMPARED.items():
        tell(f"comparing {a} with {b} on {len(held_out)} images that no network was trained on")
        comparisons[file] = _compared(networks[a], networks[b], seed)
        files.append(write_whole(folder / f"{file}.json", (comparisons[file].to_json() + "\n").encode()))
    tell("drawing the page")
    files.append(comparisons["comparison"].report(folder / "report.html"))
    accuracies = {name: network.accuracy for name, network in networks.items()}
    return Demo(comparisons["comparison"], comparisons["comparison-other-task"], accuracies, tuple(files))


def _made(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"the folder {str(folder)!r} cannot be made: {error.strerror}; choose another place") from None
    return folder


@dataclass(frozen=True, eq=False)
class _Recorded:
    """A trained network, and copies of it that learned nothing, on images that it was not trained on."""

    recording: Recording
    controls: tuple[Recording, ...]
    accuracy: float

    def saved(self, folder: Path) -> list[Path]:
        """Write all of them to a folder."""
        return [save(r, folder / f"{r.name}.npz", overwrite=True) for r in (self.recording, *self.controls)]


def _recorded(model: Any, images: np.ndarray, known: dict[str, Any], name: str, seed: int) -> _Recorded:
    """Record a trained network and copies that learned nothing; `known` are the images' ids and what was to be answered."""
    recording = record(model, images, LAYERS, name=name, output_kind="logits", **known)
    accuracy = float((_outputs(recording).argmax(axis=1) == known["targets"]).mean())
    controls = tuple(
        as_control(record(copy, images, LAYERS, name=f"{name}-{kind}-{i}", output_kind="logits", **known), kind)
        for kind, make in (("untrained", untrained_copy), ("shuffled", shuffled_copy))
        for i in range(UNTRAINED_COPIES)
        if (copy := make(model, (seed, i)).model) is not None
    )
    return _Recorded(recording, controls, accuracy)


def _compared(a: _Recorded, b: _Recorded, seed: int) -> Comparison:
    return compare(
        a.recording,
        b.recording,
        seed=seed,
        measures=("cka", "procrustes", "linear_predictivity"),
        untrained_a=list(a.controls),
        untrained_b=list(b.controls),
        image_shape=(8, 8),
    )


def _digits() -> tuple[np.ndarray, np.ndarray]:
    from sklearn.datasets import load_digits

    images, digits = load_digits(return_X_y=True)
    return np.asarray(images, dtype=np.float32) / 16.0, np.asarray(digits, dtype=np.int64)


def _train(images: np.ndarray, labels: np.ndarray, width: int, seed: int) -> Any:
    """Train a network of two hidden layers: cross-entropy with label smoothing, weight decay and noisy pixels."""
    from collections import OrderedDict

    import torch

    with torch.random.fork_rng(), _one_thread(torch):
        torch.manual_seed(seed)
        sizes = [("hidden1", images.shape[1], width), ("hidden2", width, width)]
        blocks = [(name, torch.nn.Sequential(torch.nn.Linear(i, o), torch.nn.Tanh())) for name, i, o in sizes]
        model = torch.nn.Sequential(OrderedDict([*blocks, ("readout", torch.nn.Linear(width, int(labels.max()) + 1))]))
        x, y = torch.from_numpy(images), torch.from_numpy(labels)
        optimiser = torch.optim.AdamW(model.parameters(), lr=LEARNING_RATE, weight_decay=WEIGHT_DECAY)
        batches = len(x) // BATCH
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, LEARNING_RATE, total_steps=EPOCHS * batches)
        loss = torch.nn.CrossEntropyLoss(label_smoothing=LABEL_SMOOTHING)
        for _ in range(EPOCHS):
            order = torch.randperm(len(x))
            for rows in order[: batches * BATCH].reshape(batches, BATCH):
                noisy = x[rows] + PIXEL_NOISE * torch.randn(BATCH, x.shape[1])
                optimiser.zero_grad()
                loss(model(noisy), y[rows]).backward()
                optimiser.step()
                schedule.step()
    return model


@contextmanager
def _one_thread(torch: Any) -> Generator[None]:
    """Have torch use one thread: for so small batches more only wait for each other, on a busy machine for minutes."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _outputs(recording: Recording) -> np.ndarray:
    layer = recording.layers["outputs"]
    return np.asarray(layer.values)
