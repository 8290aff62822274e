"""Shared by these experiments: small networks trained to high accuracy, compared, and reconstructed from few units."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).parents[1]))  # every experiment runs alone, from anywhere
from experiment import Experiment, plt, start
from matplotlib.axes import Axes

import conjugacy as cj
from conjugacy.results import AxisVerdict
from conjugacy.transformations import Layer, Reconstructor
from conjugacy.transformations.few_units import conditioning, distance_shares

__all__ = ["Experiment", "plt", "start"]

Task = Callable[[np.ndarray], np.ndarray]


def train(sizes: Sequence[int], x: np.ndarray, y: np.ndarray, seed: int, steps: int) -> torch.nn.Sequential:
    """Return a tanh network fitted by L-BFGS over all rows, in double precision."""
    torch.manual_seed(seed)
    parts: list[torch.nn.Module] = []
    for p, q in pairwise(sizes):
        parts += [torch.nn.Linear(p, q, dtype=torch.float64), torch.nn.Tanh()]
    model = torch.nn.Sequential(*parts[:-1])
    inputs, wanted = torch.tensor(x), torch.tensor(y)
    scale = wanted.std(dim=0)
    optimiser = torch.optim.LBFGS(
        model.parameters(), max_iter=steps, history_size=50, line_search_fn="strong_wolfe",
        tolerance_grad=1e-9, tolerance_change=1e-13,
    )  # fmt: skip

    def loss() -> torch.Tensor:
        optimiser.zero_grad()
        value = (((model(inputs) - wanted) / scale) ** 2).mean()
        value.backward()
        return value

    optimiser.step(loss)
    return model.eval()


def outputs(model: torch.nn.Module, x: np.ndarray) -> np.ndarray:
    """Return what a network answers."""
    with torch.no_grad():
        return model(torch.tensor(x)).numpy()


def own_error(model: torch.nn.Module, task: Task, x: np.ndarray) -> float:
    """Return the root-mean-square error of a network over the task's standard deviation, on rows it was not trained on."""
    wanted = task(x)
    return float(np.sqrt((((outputs(model, x) - wanted) / wanted.std(axis=0)) ** 2).mean()))


def compared(a: torch.nn.Module, b: torch.nn.Module, x: np.ndarray, seed: int, **options: object) -> cj.Comparison:
    """Compare the outputs and last hidden layers of two networks on common inputs."""
    layers = [str(len(model) - 2) for model in (a, b)]  # the last hidden layer after its tanh
    tasks = options.pop("tasks", (None, None))
    recordings = [
        cj.record(model, x, [layer], ids=np.arange(len(x)), name=name, jacobians=["outputs"],
                  targets=None if task is None else task(x))
        for model, layer, name, task in zip((a, b), layers, "ab", tasks, strict=True)
    ]  # fmt: skip
    return cj.compare(*recordings, layers=tuple(layers), seed=seed, **options)


def rms(axis: AxisVerdict) -> tuple[float, float]:
    """Return both directions' smooth held-out error as root-mean-square over the standard deviation."""
    smooth = axis.rung_result("smooth")
    return float(np.sqrt(smooth.a_to_b.unexplained)), float(np.sqrt(smooth.b_to_a.unexplained))


def hidden(model: torch.nn.Sequential, x: np.ndarray) -> Layer:
    """Return the last hidden layer."""
    layer = str(len(model) - 2)
    return Layer(np.asarray(cj.record(model, x, [layer]).layers[layer].values))


@dataclass(frozen=True)
class Draw:
    """One draw of units: how many, the error with which everything of the other network follows, and their conditioning."""

    m: int
    error: float
    conditioning: float


def whitney_draws(source: Layer, other: Layer, sufficient: int, draws: int, *, rows: int, seed: int) -> list[Draw]:
    """Reconstruct all units of the other network from units drawn at random; errors are root-mean-square, held out.

    All draws are made at m = 2d + 1, a fifth of them at every other m up to one more.
    """
    judge = Reconstructor.split(source, {"other": other.z}, np.arange(source.m), rows=rows, seed=seed)
    shares, rng = distance_shares(source.z, seed), np.random.default_rng(seed)
    total = judge.totals["other"].sum()
    found: list[Draw] = []
    for m in range(1, sufficient + 2):
        for _ in range(draws if m == sufficient else max(5, draws // 5)):
            units = rng.choice(np.flatnonzero(source.judged), m, replace=False)
            error = float(np.sqrt(judge.errors(units)["other"].sum() / total))
            found.append(Draw(m, error, conditioning(shares, units) or float("inf")))
    return found


def whitney_line(experiment: Experiment, name: str, draws: Sequence[Draw], m: int, limit: float) -> None:
    """State the 95 % quantile at m = 2d + 1 against its limit, and the worst draw with its conditioning."""
    at = [draw for draw in draws if draw.m == m]
    quantile, worst = float(np.quantile([d.error for d in at], 0.95)), max(at, key=lambda d: d.error)
    here = f"{quantile:.2g} over {len(at)} draws; worst {worst.error:.2g}, its conditioning {worst.conditioning:.3g}"
    experiment.line(
        f"{name}: m = {m} random units, 95 % quantile of the error", f"at most {limit:g}", here, quantile <= limit
    )


def draw_curve(axes: Axes, draws: Sequence[Draw], sufficient: int, title: str) -> None:
    """Draw errors over the number of units, every draw a mark, their median a line."""
    sizes = sorted({draw.m for draw in draws})
    for m in sizes:
        errors = [d.error for d in draws if d.m == m]
        axes.semilogy(np.full(len(errors), m), errors, "x", color="#565d68", markersize=4)
    axes.semilogy(sizes, [np.median([d.error for d in draws if d.m == m]) for m in sizes], "o-", color="#0072b2")
    axes.axvline(sufficient, color="#565d68", linestyle=":")
    axes.annotate(
        f"2d + 1 = {sufficient}", (sufficient, 0.97), xycoords=("data", "axes fraction"), va="top", fontsize=8
    )
    axes.set(title=title, xlabel="number of random units m", ylabel="error of the other network's layer (rms / sd)")
    axes.set_xticks(sizes)
