"""Worlds of inputs and answers, small PyTorch networks that learn them, and what people do to networks before release."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from small_networks import answers, teacher
from torch.nn import functional

from .truth import SHOWN

Net = torch.nn.Module
INPUTS = 8


@dataclass(frozen=True)
class World:
    """Two disjoint sets to learn from, and rows that nobody learned: those that are shown, then those for the truth."""

    learn: tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]
    x: np.ndarray
    y: np.ndarray

    def relabelled(self, names: Callable[[np.ndarray, np.ndarray], np.ndarray]) -> World:
        """Return the same inputs with other targets, `names(x, y)`."""
        (xa, ya), (xb, yb) = self.learn
        return World(((xa, names(xa, ya)), (xb, names(xb, yb))), self.x, names(self.x, self.y))


@dataclass
class Bench:
    """What the cases of one seed share: worlds and trained networks, each made once."""

    seed: int
    fresh: int = 20_000
    kept: dict[Hashable, Any] = field(default_factory=dict[Hashable, Any])

    @property
    def rows(self) -> int:
        """All rows that nobody learned."""
        return SHOWN + self.fresh

    def rng(self, *key: int) -> np.random.Generator:
        """Return a generator of its own for what `key` names."""
        return np.random.default_rng((7, self.seed, *key))

    def once(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """Return what is kept under the key, made if it is not there."""
        if key not in self.kept:
            self.kept[key] = make()
        return self.kept[key]

    def blobs(
        self, classes: int, accuracy: float, *, learn: int = 3000, shares: tuple[float, ...] | None = None
    ) -> World:
        """Return classes that lie around centres, so far apart that the best rule is right with this accuracy."""
        key = ("blobs", classes, accuracy, learn, shares)
        return self.once(key, lambda: _blobs(self, classes, accuracy, learn, shares))

    def ruled(self, classes: int, *, learn: int = 3000, noise: float = 0.0) -> World:
        """Return classes by a random smooth rule, of which a share of targets is redrawn."""
        return self.once(("ruled", classes, learn, noise), lambda: _ruled(self, classes, learn, noise))

    def net(self, world: World, which: int = 0, *, tag: Hashable = None, **settings: Any) -> Net:
        """Return the network trained on the world's first or second set."""
        key = ("net", id(world), which, tag, tuple(sorted(settings.items())))
        kept = self.once(
            key,
            lambda: (world, fit(*world.learn[which], seed=1000 * self.seed + 17 * which + _number(tag), **settings)),
        )
        return kept[1]

    def logits(self, net: Net, x: np.ndarray) -> np.ndarray:
        """Return a network's outputs on all rows."""
        return answers(net, x)


def _number(tag: Hashable) -> int:
    return sum(ord(c) * (i + 1) for i, c in enumerate(str(tag))) % 997


def _blobs(bench: Bench, classes: int, accuracy: float, learn: int, shares: tuple[float, ...] | None) -> World:
    rng = bench.rng(1, classes, round(100 * accuracy), learn)
    p = np.full(classes, 1 / classes) if shares is None else np.array(shares)
    centres = rng.standard_normal((classes, INPUTS))
    y = rng.choice(classes, 4000, p=p)
    noise = rng.standard_normal((4000, INPUTS))

    def right(apart: float) -> float:
        x = apart * centres[y] + noise
        scores = apart * x @ centres.T - 0.5 * apart**2 * (centres**2).sum(1) + np.log(p)
        return float((scores.argmax(1) == y).mean())

    low, high = 0.01, 40.0
    for _ in range(30):
        middle = (low + high) / 2
        low, high = (low, middle) if right(middle) > accuracy else (middle, high)

    def draw(m: int) -> tuple[np.ndarray, np.ndarray]:
        goal = rng.choice(classes, m, p=p)
        goal[:classes] = np.arange(classes)
        return high * centres[goal] + rng.standard_normal((m, INPUTS)), goal

    return World((draw(learn), draw(learn)), *draw(bench.rows))


def _ruled(bench: Bench, classes: int, learn: int, noise: float) -> World:
    rng = bench.rng(2, classes, learn, round(100 * noise))
    rule = teacher(31 * bench.seed + classes, 6, classes)

    def draw(m: int) -> tuple[np.ndarray, np.ndarray]:
        x = rng.standard_normal((m, 6))
        y = rule(x).argmax(1)
        return x, np.where(rng.random(m) < noise, rng.integers(0, classes, m), y)

    return World((draw(learn), draw(learn)), *draw(bench.rows))


def plain(inputs: int, outputs: int, *, width: int = 32, depth: int = 2, relu: bool = True) -> torch.nn.Sequential:
    """Return a perceptron that has learned nothing yet."""
    parts: list[Net] = []
    for i, o in itertools.pairwise([inputs, *[width] * depth]):
        parts += [torch.nn.Linear(i, o), torch.nn.ReLU() if relu else torch.nn.Tanh()]
    return torch.nn.Sequential(*parts, torch.nn.Linear(width, outputs))


def fit(
    x: np.ndarray, y: np.ndarray, *, seed: int, outputs: int | None = None, loss: str | None = None, **settings: Any
) -> Net:
    """Return a perceptron trained on x and y, whole numbers being classes; `settings` as in `plain` and `further`."""
    torch.manual_seed(seed)
    classes = y.dtype.kind == "i"
    shape = {k: settings.pop(k) for k in ("width", "depth", "relu") if k in settings}
    count = outputs or (int(y.max()) + 1 if classes else y.shape[1])
    return further(
        plain(x.shape[1], count, **shape),
        x,
        y,
        seed=seed,
        loss=loss or ("classes" if classes else "values"),
        **settings,
    )


LOSSES: dict[str, Callable[[torch.Tensor, torch.Tensor], torch.Tensor]] = {
    "classes": functional.cross_entropy,
    "smoothed": lambda z, y: functional.cross_entropy(z, y, label_smoothing=0.1),
    "values": functional.mse_loss,
    "sigmoids": functional.binary_cross_entropy_with_logits,
    "distilled": lambda z, p: functional.cross_entropy(z, p),
}


def further(
    net: Net, x: np.ndarray, y: np.ndarray, *, seed: int, loss: str = "classes", steps: int = 400, rate: float = 1e-2
) -> Net:
    """Train a network on, in batches of 256 rows, with a rate that falls to nothing."""
    rng = np.random.default_rng(seed)
    inputs = torch.tensor(x, dtype=torch.float32)
    wanted = torch.tensor(y, dtype=torch.int64 if y.dtype.kind == "i" else torch.float32)
    optimiser = torch.optim.AdamW(net.parameters(), rate, weight_decay=1e-3)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
    net.train()
    for _ in range(steps):
        rows = torch.from_numpy(rng.integers(0, len(x), min(256, len(x))))
        optimiser.zero_grad()
        LOSSES[loss](net(inputs[rows]), wanted[rows]).backward()
        optimiser.step()
        schedule.step()
    return net.eval()


def changed(net: Net, change: Callable[[torch.Tensor], torch.Tensor]) -> Net:
    """Return a copy whose weights and biases went through `change`."""
    other = copy.deepcopy(net)
    with torch.no_grad():
        for weights in other.parameters():
            weights.copy_(change(weights))
    return other


def copied(net: Net) -> Net:
    """Return a copy with the same weights."""
    return copy.deepcopy(net)


def quantised(net: Net, bits: int) -> Net:
    """Return a copy whose weights are whole multiples of one step per tensor."""
    most = 2 ** (bits - 1) - 1

    def rounded(w: torch.Tensor) -> torch.Tensor:
        step = w.abs().max().clamp(min=1e-12) / most
        return (w / step).round() * step

    return changed(net, rounded)


def pruned(net: Net, portion: float) -> Net:
    """Return a copy whose smallest weights are nought."""
    return changed(net, lambda w: torch.where(w.abs() > torch.quantile(w.abs(), portion), w, 0.0) if w.ndim > 1 else w)


def rescaled(net: Net, factor: float) -> Net:
    """Return a copy of which all weights are larger by a factor."""
    return changed(net, lambda w: w * factor)
