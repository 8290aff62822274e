"""Recurrent networks for these experiments: many of one kind trained at once, and their exact steps in double precision.

The cell equations are those of torch.nn.RNNCell, GRUCell and LSTMCell, written once for torch (training) and numpy (live steps).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

GATES = {"tanh": 1, "relu": 1, "gru": 3, "lstm": 4}
TRIES = 4  # a network that gets stuck is begun again from another initialisation, so many times in all
Batch = tuple[torch.Tensor, torch.Tensor | None, torch.Tensor]
"""Cues (b, p), drive (t, b, j) or None, wanted outputs (t, networks or 1, b, o) of the states after every step."""


def advance(kind: str, state: Any, fed: Any, weights: Any, bias: Any, xp: Any) -> Any:
    """Return the state one time point later; `fed` is what the input adds, `xp` is numpy or torch."""
    n = weights.shape[-2]
    h = state[..., :n]
    back = h @ weights + bias
    if kind == "tanh":
        return xp.tanh(fed + back)
    if kind == "relu":
        return (fed + back).clip(0.0)
    if kind == "gru":
        gates = _sigmoid(fed[..., : 2 * n] + back[..., : 2 * n], xp)
        new = xp.tanh(fed[..., 2 * n :] + gates[..., :n] * back[..., 2 * n :])
        return new + gates[..., n:] * (h - new)
    total = fed + back
    into, keep, out = (_sigmoid(total[..., i * n : (i + 1) * n], xp) for i in (0, 1, 3))
    c = keep * state[..., n:] + into * xp.tanh(total[..., 2 * n : 3 * n])
    return xp.concatenate([out * xp.tanh(c), c], axis=-1)


def _sigmoid(x: Any, xp: Any) -> Any:
    return 0.5 + 0.5 * xp.tanh(0.5 * x)


@dataclass(frozen=True, eq=False)
class Network:
    """One network with its weights in double precision: state 0 is a cue times `start`, the read-out is linear in h."""

    kind: str
    weights: dict[str, np.ndarray]

    def step(self, states: np.ndarray, drive: np.ndarray | None) -> np.ndarray:
        """Return the states (m, s) one time point later, `drive` (m, j) acting on the way."""
        w = self.weights
        fed = w["b_in"] if drive is None else drive @ w["w_in"] + w["b_in"]
        return advance(self.kind, states, np.broadcast_to(fed, (len(states), fed.shape[-1])), w["w"], w["b"], np)

    def run(self, cues: np.ndarray, points: int, drive: np.ndarray | None = None) -> np.ndarray:
        """Return the states at so many time points from the cue on, (k, points, s); drive (k, points, j)."""
        states = [cues @ self.weights["start"]]
        for t in range(points - 1):
            states.append(self.step(states[-1], None if drive is None else drive[:, t]))
        return np.stack(states, axis=1)

    def read(self, states: np.ndarray) -> np.ndarray:
        """Return the outputs of states (..., s)."""
        return states[..., : len(self.weights["out"])] @ self.weights["out"] + self.weights["b_out"]


def untrained(kind: str, units: int, sizes: tuple[int, int, int], seed: int, radius: float = 1.0) -> Network:
    """Return a network with random weights; `sizes` are the numbers of cues, inputs and outputs.

    Recurrent weights are `radius` times an orthogonal matrix per gate (for relu the mean of it and the identity); the forget gate
    of an LSTM begins open.
    """
    rng, g = np.random.default_rng(seed), GATES[kind]
    cues, inputs, outputs = sizes
    recurrent = radius * np.column_stack([np.linalg.qr(rng.standard_normal((units, units)))[0] for _ in range(g)])
    if kind == "relu":
        recurrent = 0.5 * recurrent + 0.5 * np.eye(units)
    bias = np.zeros(g * units)
    if kind == "lstm":
        bias[units : 2 * units] = 1.0
    state = 2 * units if kind == "lstm" else units
    return Network(
        kind,
        {
            "start": rng.standard_normal((cues, state)) * 0.5,
            "w_in": rng.standard_normal((inputs, g * units)) / np.sqrt(max(inputs, 1)),
            "b_in": np.zeros(g * units),
            "w": recurrent,
            "b": bias,
            "out": rng.standard_normal((units, outputs)) / np.sqrt(units),
            "b_out": np.zeros(outputs),
        },
    )


def train(networks: Sequence[Network], batch: Callable[[int], Batch], steps: int, rate: float) -> list[Network]:
    """Train networks of one kind and size side by side, none touching another; `batch` gives the trials of every step."""
    kind = networks[0].kind
    w = {k: torch.tensor(np.stack([x.weights[k] for x in networks]), dtype=torch.float32) for k in networks[0].weights}
    for x in w.values():
        x.requires_grad_()
    optimiser = torch.optim.Adam(list(w.values()), rate)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps, eta_min=0.02 * rate)
    for i in range(steps):
        cues, drive, wanted = batch(i)
        optimiser.zero_grad()
        ((_outputs(kind, w, cues, drive, len(wanted)) - wanted) ** 2).mean(dim=(0, 2, 3)).sum().backward()
        _clip(list(w.values()))
        optimiser.step()
        schedule.step()
    arrays = {k: x.detach().numpy().astype(np.float64) for k, x in w.items()}
    return [Network(kind, {k: x[i] for k, x in arrays.items()}) for i in range(len(networks))]


def _outputs(
    kind: str, w: dict[str, torch.Tensor], cues: torch.Tensor, drive: torch.Tensor | None, steps: int
) -> torch.Tensor:
    state, bias, offset = cues @ w["start"], w["b"][:, None], w["b_in"][:, None]
    fed = [offset] * steps if drive is None else (drive[:, None] @ w["w_in"] + offset).unbind()
    if kind == "gru" and drive is None:
        fed = [offset.expand(-1, len(cues), -1)] * steps
    states = list[torch.Tensor]()
    for t in range(steps):
        state = advance(kind, state, fed[t], w["w"], bias, torch)
        states.append(state[..., : w["out"].shape[1]])
    return torch.stack(states) @ w["out"] + w["b_out"][:, None]


def _clip(weights: list[torch.Tensor], most: float = 1.0) -> None:
    """Scale every network's gradient to a norm of at most one."""
    gradients = [x.grad for x in weights if x.grad is not None]
    total = sum((g**2).sum(dim=tuple(range(1, g.ndim))) for g in gradients)
    factor = (most / (torch.sqrt(torch.as_tensor(total)) + 1e-9)).clip(max=1.0)
    for g in gradients:
        g.mul_(factor.view(-1, *[1] * (g.ndim - 1)))


def trained_well(
    seeds: Sequence[int],
    begin: Callable[[int], Network],
    learn: Callable[[list[Network], list[int]], list[Network]],
    score: Callable[[Network, int], float],
    least: float,
) -> tuple[list[Network], list[float], list[int]]:
    """Train one network per entry; begin again, from another initialisation, where the score stays under the least.

    Returns networks, scores, and how often each was begun; `learn` and `score` get the numbers of the entries.
    """
    found: dict[int, Network] = {}
    scores, tries = [-np.inf] * len(seeds), [0] * len(seeds)
    for attempt in range(TRIES):
        stuck = [i for i, value in enumerate(scores) if value < least]
        if not stuck:
            break
        for i, network in zip(stuck, learn([begin(seeds[i] + 7919 * attempt) for i in stuck], stuck), strict=True):
            value, tries[i] = score(network, i), attempt + 1
            if value > scores[i]:
                found[i], scores[i] = network, value
    return [found[i] for i in range(len(seeds))], scores, tries


def difference_from_torch(kind: str, seed: int = 0) -> float:
    """Return how far a step is from the one of torch's own cell at most, in double precision."""
    network, n, rng = untrained(kind, 12, (1, 3, 1), seed), 12, np.random.default_rng(seed)
    made = {"tanh": torch.nn.RNNCell, "relu": torch.nn.RNNCell, "gru": torch.nn.GRUCell, "lstm": torch.nn.LSTMCell}[
        kind
    ]
    extra = {"nonlinearity": kind} if kind in ("tanh", "relu") else {}
    cell = made(3, n, dtype=torch.float64, **extra)
    with torch.no_grad():
        for name, key in (("weight_ih", "w_in"), ("weight_hh", "w"), ("bias_ih", "b_in"), ("bias_hh", "b")):
            network.weights[key] = rng.standard_normal(network.weights[key].shape)
            getattr(cell, name).copy_(torch.tensor(network.weights[key].T))
        states, fed = rng.standard_normal((5, 2 * n if kind == "lstm" else n)), rng.standard_normal((5, 3))
        h, u = torch.tensor(states), torch.tensor(fed)
        wanted = torch.cat(cell(u, (h[:, :n], h[:, n:])), dim=1) if kind == "lstm" else cell(u, h)
    return float(np.abs(network.step(states, fed) - wanted.numpy()).max())
