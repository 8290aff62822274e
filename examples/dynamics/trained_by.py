"""Networks trained by four learning rules, many at once, and what is observed while they learn.

Rules: stochastic gradient descent with momentum; Adam; feedback alignment (errors go back through fixed random weights, Lillicrap
et al. 2016); sign-symmetry (through the signs of the weights, Liao, Leibo and Poggio 2016). The last two step as the first does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sklearn.datasets import load_digits
from torch import Tensor
from torch.nn import functional

RULES = ("momentum", "Adam", "feedback alignment", "sign-symmetry")
TASKS = ("labels", "images")  # name the digit; give the image back
ARCHITECTURES = ("dense relu", "convolution tanh")
RATES = {  # slow, medium and fast, by task and by the form of the step
    ("labels", "momentum"): (0.005, 0.01, 0.02),
    ("labels", "Adam"): (0.001, 0.002, 0.004),
    ("images", "momentum"): (0.0005, 0.001, 0.002),
    ("images", "Adam"): (0.0005, 0.001, 0.002),
}
LAYERS, BATCH, TRAINING, PROBE = 3, 32, 1400, 32
MEASURES, FUNCTIONS = ("weights", "activations", "activity change"), ("raw", "abs", "square")
STATISTICS = ("norm", "mean", "median", "third quartile", "variance", "skewness", "kurtosis")
UPDATES = ("flatness", "inputs", "outputs", "rank", "persistence", "growth", "outward", "size")
INVARIANT = [
    0,
    1,
    2,
    3,
    5,
    7,
]  # the length of a step changes how far two recordings lie apart, and with it the other two


@dataclass(frozen=True, eq=False)
class Learning:
    """What was observed of networks of one task, architecture and rule, and how well they did.

    Attributes
    ----------
    states : ndarray
        (rates, seeds, t, layers, measures, functions, statistics), after Nayebi et al. 2020.
    updates : ndarray
        (rates, seeds, t - 1, layers, kinds) of the change of the weights between two recordings.
    losses : ndarray
        (rates, seeds, t) on the probe.
    scores : ndarray
        (rates, seeds): accuracy, or R^2 of the image, on images not trained on.
    """

    states: np.ndarray
    updates: np.ndarray
    losses: np.ndarray
    scores: np.ndarray


class Back(torch.autograd.Function):
    """x w, whose error goes back through other weights than w."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, w: Tensor, back: Tensor) -> Tensor:
        """Return x w, (networks, rows, out)."""
        ctx.save_for_backward(x, back)
        return x @ w

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> Any:
        """Return what goes to x, by the feedback weights, and what goes to w."""
        x, back = ctx.saved_tensors
        return grads[0] @ back.mT if ctx.needs_input_grad[0] else None, x.mT @ grads[0], None


@cache
def images() -> tuple[Tensor, Tensor]:
    """Return all digits in one random order, (1797, 64) with every pixel centred, and their labels."""
    x, y = load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(x))
    x = (x[order] - x.mean(axis=0)) / 8.0
    return torch.tensor(x, dtype=torch.float32), torch.tensor(y[order])


def shapes(task: str, architecture: str) -> list[tuple[int, int]]:
    """Return inputs and outputs of every layer's weights; of a convolution, those of one place."""
    out = 10 if task == "labels" else 64
    if architecture == "dense relu":
        return [(64, 64), (64, 64), (64, out)]
    return [(9, 8), (72, 16), (256, out)]


def patches(x: Tensor, stride: int) -> Tensor:
    """Return the 3 x 3 surroundings of all places, (networks, rows * places, 9 channels), of (networks, rows, channels, h, w)."""
    unfolded = functional.unfold(x.flatten(0, 1), 3, padding=1, stride=stride)
    return unfolded.mT.reshape(len(x), -1, unfolded.shape[1])


def one_layer(architecture: str, i: int, given: Tensor, w: Tensor, b: Tensor, back: Tensor) -> Tensor:
    """Return what layer i answers, (networks, rows, units); the outputs are linear."""
    rows, convolves = given.shape[1], architecture == "convolution tanh"
    x = given
    if convolves and i < LAYERS - 1:
        x = patches(given.reshape(len(given), rows, -1, 8, 8), stride=i + 1)
    z = Back.apply(x, w, back) + b
    if convolves:
        z = z.reshape(len(given), rows, -1, z.shape[-1]).mT.flatten(2)
    return z if i == LAYERS - 1 else (z.tanh() if convolves else z.relu())


def loss_of(task: str, made: Tensor, x: Tensor, y: Tensor) -> Tensor:
    """Return every network's loss: cross-entropy, or half the squared error of an image."""
    if task == "images":
        return 0.5 * ((made - x) ** 2).sum(dim=2).mean(dim=1)
    rows = functional.cross_entropy(made.flatten(0, 1), y.flatten(), reduction="none")
    return rows.reshape(y.shape).mean(dim=1)


def statistics(v: Tensor) -> Tensor:
    """Return seven statistics of raw, absolute and squared values along the last axis, averaged over rows, (networks, 3, 7)."""
    found = list[Tensor]()
    for x in (v, v.abs(), v.square()):
        spread, mean = torch.var_mean(x, dim=-1, correction=0, keepdim=True)
        fourth = (x - mean).square().square().mean(dim=-1) / (spread[..., 0].square() + 1e-20)
        median, third = (x.kthvalue(int(q * x.shape[-1]) + 1, dim=-1).values for q in (0.5, 0.75))
        mean, spread = mean[..., 0], spread[..., 0]
        skew = 3.0 * (mean - median) / (spread.sqrt() + 1e-10)
        found.append(torch.stack([x.norm(dim=-1), mean, median, third, spread, skew, fourth], dim=-1).mean(dim=1))
    return torch.stack(found, dim=1)


def observed(architecture: str, x: Tensor, w: Sequence[Tensor], b: Sequence[Tensor]) -> Tensor:
    """Return the statistics of weights, activations and activity change of all layers, (networks, layers, 3, 3, 7).

    The activity change of a layer is the derivative of its mean answer by each of its inputs, stimulus by stimulus.
    """
    answers, found = [x], list[Tensor]()
    for i in range(LAYERS):
        given = answers[-1].detach().requires_grad_()
        with torch.enable_grad():
            answer = one_layer(architecture, i, given, w[i], b[i], w[i])
            (change,) = torch.autograd.grad(answer.mean(dim=2).sum(), given)
        answers.append(answer.detach())
        of = (w[i].flatten(1)[:, None], answers[-1], change)
        found.append(torch.stack([statistics(v) for v in of], dim=1))
    return torch.stack(found, dim=1)


def of_update(now: Tensor, before: Tensor, earlier: Tensor | None, start: Tensor) -> Tensor:
    """Return what one layer's weights did between two recordings, (networks, kinds)."""
    d, w = now - before, before
    square = d.square()
    total = square.sum(dim=(1, 2)) + 1e-20
    into, out = square.sum(dim=2), square.sum(dim=1)
    gram = d.mT @ d if d.shape[1] >= d.shape[2] else d @ d.mT
    last = d if earlier is None else before - earlier

    def cosine(a: Tensor, b: Tensor) -> Tensor:
        return (a * b).sum(dim=(1, 2)) / (a.norm(dim=(1, 2)) * b.norm(dim=(1, 2)) + 1e-20)

    found = [
        d.abs().mean(dim=(1, 2)) / (total / d[0].numel()).sqrt(),
        total**2 / (d.shape[1] * into.square().sum(dim=1)),
        total**2 / (d.shape[2] * out.square().sum(dim=1)),
        total**2 / (gram.square().sum(dim=(1, 2)) * min(d.shape[1:])),
        cosine(d, last),
        cosine(d, w),
        cosine(d, w - start),
        0.5 * total.log() - start.norm(dim=(1, 2)).log(),
    ]
    return torch.stack(found, dim=1)


@dataclass
class Trainee:
    """Networks of one task, architecture and rule under training, rates and seeds side by side: one axis of networks."""

    task: str
    architecture: str
    rule: str
    rates: Tensor
    weights: list[Tensor]
    biases: list[Tensor]
    fixed: list[Tensor]
    moments: list[list[Tensor]]

    @classmethod
    def of(
        cls, task: str, architecture: str, rule: str, rates: Sequence[float], seeds: Sequence[Sequence[int]]
    ) -> Trainee:
        """Return untrained networks, one per rate and seed, every one with weights of its own."""
        made: list[list[list[Tensor]]] = [[], []]
        for seed in seeds:
            rng = np.random.default_rng(seed)
            for side in made:  # forward weights, and those that errors may go back through
                drawn = [rng.standard_normal(shape) * np.sqrt(1.5 / shape[0]) for shape in shapes(task, architecture)]
                side.append([torch.tensor(w, dtype=torch.float32) for w in drawn])
        w, fixed = ([torch.stack([net[i] for net in side]) for i in range(LAYERS)] for side in made)
        b = [torch.zeros(len(seeds), 1, x.shape[2]) for x in w]
        zeros = [[torch.zeros_like(x) for x in (*w, *b)] for _ in range(2)]
        return cls(task, architecture, rule, torch.tensor(rates)[:, None, None], w, b, fixed, zeros)

    def back(self) -> list[Tensor]:
        """Return the weights that errors go back through."""
        if self.rule == "feedback alignment":
            return self.fixed
        if self.rule == "sign-symmetry":
            return [
                w.sign() * f.abs().mean(dim=(1, 2), keepdim=True) for w, f in zip(self.weights, self.fixed, strict=True)
            ]
        return self.weights

    def answers(self, x: Tensor, back: Sequence[Tensor]) -> Tensor:
        """Return the outputs for x, (networks, rows, 64)."""
        for i in range(LAYERS):
            x = one_layer(self.architecture, i, x, self.weights[i], self.biases[i], back[i])
        return x

    def step(self, x: Tensor, y: Tensor, t: int) -> None:
        """Learn from one batch, (networks, rows, 64): step t = 1, 2, ..."""
        parameters = [*self.weights, *self.biases]
        for p in parameters:
            p.requires_grad_()
        back = [f.detach() for f in self.back()]
        grads = torch.autograd.grad(loss_of(self.task, self.answers(x, back), x, y).sum(), parameters)
        first, second = self.moments
        with torch.no_grad():
            for p, g, m, v in zip(parameters, grads, first, second, strict=True):
                if self.rule == "Adam":
                    m.mul_(0.9).add_(g, alpha=0.1)
                    v.mul_(0.999).add_(g * g, alpha=0.001)
                    p -= self.rates * (m / (1 - 0.9**t)) / ((v / (1 - 0.999**t)).sqrt() + 1e-8)
                else:
                    m.mul_(0.9).add_(g)
                    p -= self.rates * m
        for p in parameters:
            p.requires_grad_(False)

    def score(self) -> np.ndarray:
        """Return accuracy, or R^2 of the images, on what was not trained on, (networks,)."""
        x, y = (v[TRAINING:] for v in images())
        made = self.answers(x.expand(len(self.rates), -1, -1), self.weights)
        if self.task == "labels":
            return (made.argmax(dim=2) == y).double().mean(dim=1).numpy()
        return 1.0 - (((made - x) ** 2).mean(dim=(1, 2)) / (x - x.mean(dim=0)).square().mean()).numpy()


def train(
    task: str, architecture: str, rule: str, seeds: Sequence[int], rates: Sequence[float], steps: int, every: int
) -> Learning:
    """Train networks of all rates and seeds for so many steps, and observe them before every so many and at the end."""
    place = TASKS.index(task), ARCHITECTURES.index(architecture), RULES.index(rule)
    named = [[seed, *place, i] for i in range(len(rates)) for seed in seeds]
    nets = Trainee.of(task, architecture, rule, np.repeat(rates, len(seeds)).tolist(), named)
    x, y = (v[:TRAINING] for v in images())
    batches = np.stack([np.random.default_rng([*n, 1]).integers(0, TRAINING, (steps, BATCH)) for n in named], axis=1)
    probe, wanted = x[:PROBE].expand(len(named), -1, -1), y[:PROBE].expand(len(named), -1)
    states, updates, losses, seen = list[Tensor](), list[Tensor](), list[Tensor](), list[list[Tensor]]()
    for t in range(steps + 1):
        if t % every == 0:
            states.append(observed(architecture, probe, nets.weights, nets.biases))
            losses.append(loss_of(task, nets.answers(probe, nets.weights), probe, wanted))
            seen.append([w.clone() for w in nets.weights])
            if t:
                earlier = seen[-3] if len(seen) > 2 else [None] * LAYERS
                four = zip(seen[-1], seen[-2], earlier, seen[0], strict=True)
                updates.append(torch.stack([of_update(*of) for of in four], dim=1))
            seen[1:-2] = []
        if t < steps:
            which = torch.from_numpy(batches[t])
            nets.step(x[which], y[which], t + 1)
    grid = (len(rates), len(seeds))
    found = [torch.stack(v, dim=1).unflatten(0, grid).numpy() for v in (states, updates, losses)]
    return Learning(found[0], found[1], found[2], nets.score().reshape(grid))


def kept(
    folder: Path,
    task: str,
    architecture: str,
    rule: str,
    seeds: Sequence[int],
    steps: int,
    every: int,
    slowest: int = 0,
) -> Learning:
    """Return what was observed of networks of one task, architecture and rule: from the file of an earlier run, or now."""
    rates = RATES[task, "Adam" if rule == "Adam" else "momentum"][slowest:]
    name = "_".join(
        [task, architecture, rule, "-".join(map(str, rates)), f"{seeds[0]}-{seeds[-1]}", f"{steps}-{every}"]
    )
    path = folder / f"{name.replace(' ', '-')}.npz"
    if not path.exists():
        made = train(task, architecture, rule, seeds, rates, steps, every)
        folder.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(".part.npz")
        np.savez(unfinished, **vars(made))
        unfinished.replace(path)
    with np.load(path) as found:
        return Learning(**{key: found[key] for key in found.files})
