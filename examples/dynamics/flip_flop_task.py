"""The flip-flop task (bits set by the sign of their pulses, and held), and the training of networks for it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from cells import Batch, Network, train, trained_well, untrained
from common import Experiment

BITS, PULSES, POINTS = 3, 0.1, 60  # pulses: how often a bit's input is +1 or -1 at a time point
STEPS = 600  # of training; 400 in a quick run
LEAST = 0.99  # share of bits that are right
Key = tuple[str, int]


def pulses(trials: int, points: int, rng: np.random.Generator) -> np.ndarray:
    """Return inputs (trials, points, bits) of 0, now and then +1 or -1."""
    shape = (trials, points, BITS)
    return np.where(rng.random(shape) < PULSES, rng.choice([-1.0, 1.0], shape), 0.0)


def flip_flops(drive: np.ndarray) -> np.ndarray:
    """Return the bits after every input: the sign of the last pulse, -1 before the first."""
    bits, now = np.empty_like(drive), np.full_like(drive[:, 0], -1.0)
    for t in range(drive.shape[1]):
        now = np.where(drive[:, t] != 0, drive[:, t], now)
        bits[:, t] = now
    return bits


def accuracy(network: Network, task: Callable[[np.ndarray], np.ndarray], seed: int) -> float:
    """Return the share of bits that are right over 200 held-out sequences."""
    drive = pulses(200, POINTS, np.random.default_rng([seed, 99]))
    made = network.read(network.run(np.ones((200, 1)), POINTS + 1, drive))[:, 1:]
    return float((np.sign(made) == task(drive)).mean())


def trained(
    experiment: Experiment, cell: Key, task: Callable[[np.ndarray], np.ndarray], what: str, salt: int, copies: int = 1
) -> dict[int, list[Network]]:
    """Return so many networks per seed, each trained well; say how well."""
    kind, units = cell
    seeds, steps = [s for s in experiment.seeds for _ in range(copies)], 400 if experiment.quick else STEPS

    def learn(networks: list[Network], which: list[int]) -> list[Network]:
        rng = np.random.default_rng([experiment.seed, salt, len(which)])

        def batch(i: int) -> Batch:
            points = int(12 + (POINTS - 12) * min(1.0, i / (0.6 * steps)))  # short sequences first
            drive = pulses(32, points, rng)
            turned = [torch.tensor(x.swapaxes(0, 1), dtype=torch.float32) for x in (drive, task(drive))]
            return torch.ones(32, 1), turned[0], turned[1][:, None]

        return train(networks, batch, steps, 5e-3)

    begun = [1000 * seed + salt + i % copies for i, seed in enumerate(seeds)]
    found, scores, tries = trained_well(
        begun, lambda seed: untrained(kind, units, (1, BITS, BITS), seed), learn,
        lambda network, i: accuracy(network, task, seeds[i]), LEAST,
    )  # fmt: skip
    experiment.line(
        f"{kind} of {units} units, {what}: share of bits right on held-out sequences", f"at least {LEAST:g} each",
        f"{', '.join(f'{s:.4f}' for s in scores)}; begun again: {sum(t > 1 for t in tries)}", min(scores) >= LEAST,
    )  # fmt: skip
    return {seed: found[i * copies : (i + 1) * copies] for i, seed in enumerate(experiment.seeds)}
