"""Small PyTorch networks trained on tasks of our making."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np
import torch

Task = Callable[[np.ndarray], np.ndarray]


def teacher(seed: int, inputs: int, outputs: int) -> Task:
    """Return a smooth random function."""
    rng = np.random.default_rng(seed)
    w, b = rng.standard_normal((inputs, 16)) / np.sqrt(inputs), rng.standard_normal(16)
    v = rng.standard_normal((16, outputs))
    return lambda x: np.tanh(1.5 * x @ w + b) @ v


def train(
    x: np.ndarray, y: np.ndarray, seed: int, *, width: int = 64, depth: int = 2, relu: bool = False, steps: int = 500
) -> torch.nn.Sequential:
    """Return a network trained on x and y with all rows in every step; whole numbers are classes."""
    torch.manual_seed(seed)
    classes = y.dtype.kind == "i"
    outputs = int(y.max()) + 1 if classes else y.shape[1]
    parts: list[torch.nn.Module] = []
    for i, o in itertools.pairwise([x.shape[1], *[width] * depth]):
        parts += [torch.nn.Linear(i, o), torch.nn.ReLU() if relu else torch.nn.Tanh()]
    model = torch.nn.Sequential(*parts, torch.nn.Linear(width, outputs))
    inputs, wanted = (
        torch.tensor(x, dtype=torch.float32),
        torch.tensor(y, dtype=torch.int64 if classes else torch.float32),
    )
    loss_of = torch.nn.CrossEntropyLoss() if classes else torch.nn.MSELoss()
    optimiser = torch.optim.AdamW(model.parameters(), 1e-2, weight_decay=1e-3)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
    for _ in range(steps):
        optimiser.zero_grad()
        loss_of(model(inputs), wanted).backward()
        optimiser.step()
        schedule.step()
    return model.eval()


def answers(model: torch.nn.Module, x: np.ndarray) -> np.ndarray:
    """Return what a network answers, (m, outputs)."""
    with torch.no_grad():
        return model(torch.tensor(x, dtype=torch.float32)).numpy().astype(np.float64)
