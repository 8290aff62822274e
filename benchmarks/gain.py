"""Whether the gain over untrained copies tells networks that learned one task from networks that learned two.

python benchmarks/gain.py [--quick] [--seeds N]

Three families of tasks over inputs of their own: values of a smooth random teacher, classes of handwritten digits, and products
of pairs of signs. Per seed: two networks of different seed and width on one task, and one on another task over the same inputs,
compared on inputs not used in training, the hidden layer before the last. Printed: answer and smaller gain (log10, both ways)
of the same-task and the other-task pair, and for several thresholds how often the gain is shown.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from shares import share
from sklearn.datasets import load_digits
from small_networks import teacher, train

import conjugacy as cj

SHOWN, LAYER = 600, "3"
THRESHOLDS = (0.1, 0.2, 0.3, 0.4, 0.5)


@dataclass(frozen=True)
class Tasks:
    """Inputs for training and for the comparison, and what two tasks ask of the former."""

    train: np.ndarray
    shown: np.ndarray
    one: np.ndarray
    other: np.ndarray


def values(seed: int) -> Tasks:
    """Return three values of a smooth function of twelve inputs."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((4000 + SHOWN, 12))
    one, other = (teacher(100 * seed + i, 12, 3)(x)[:4000] for i in range(2))
    return Tasks(x[:4000], x[4000:], one, other)


def digits(seed: int) -> Tasks:
    """Return the ten digits, or five classes that a random smooth function of the pixels makes."""
    images = load_digits().data / 8.0 - 1.0
    order = np.random.default_rng(seed).permutation(len(images))
    x = images[order]
    scores = teacher(100 * seed, images.shape[1], 5)(x)
    other = (scores - scores.mean(axis=0)).argmax(axis=1)
    split = len(x) - SHOWN
    return Tasks(x[:split], x[split:], load_digits().target[order][:split], other[:split])


def products(seed: int) -> Tasks:
    """Return products of three pairs of sixteen noisy signs; the other task multiplies other pairs."""
    rng = np.random.default_rng(seed)
    signs = rng.choice([-1.0, 1.0], (6000 + SHOWN, 16))
    x = signs + 0.2 * rng.standard_normal(signs.shape)
    pairs = rng.permutation(16)[:12].reshape(6, 2)
    wanted = signs[:, pairs[:, 0]] * signs[:, pairs[:, 1]]
    return Tasks(x[:6000], x[6000:], wanted[:6000, :3], wanted[:6000, 3:])


FAMILIES: dict[str, Callable[[int], Tasks]] = {"values": values, "digits": digits, "products": products}


def gains(family: str, seed: int) -> dict[str, tuple[str, str, float]]:
    """Return answer, rung and smaller gain of the same-task and of the other-task pair."""
    tasks = FAMILIES[family](seed)
    a = train(tasks.train, tasks.one, 3 * seed, width=48)
    nets = {"same": train(tasks.train, tasks.one, 3 * seed + 1, width=64)}
    nets["other"] = train(tasks.train, tasks.other, 3 * seed + 2, width=64)
    found: dict[str, tuple[str, str, float]] = {}
    for name, b in nets.items():
        result = cj.compare(a, b, stimuli=tasks.shown.astype(np.float32), layers=LAYER, seed=seed)
        axis = result.verdict.representation
        found[name] = axis.answer, axis.rung or "none", min(axis.gain.a_to_b or 0.0, axis.gain.b_to_a or 0.0)
    return found


def main() -> None:
    """Run all families and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one seed")
    parser.add_argument("--seeds", type=int, default=8)
    given = parser.parse_args()
    seeds = 1 if given.quick else given.seeds
    smallest: dict[str, list[float]] = {"same": [], "other": []}
    print(f"{'family':<10}{'seed':>4}   {'same task':<36}{'other task':<36}")
    for family in FAMILIES:
        for seed in range(seeds):
            found = gains(family, seed)
            cells = [f"{answer}, {rung}, gain {gain:.2f}" for answer, rung, gain in found.values()]
            print(f"{family:<10}{seed:>4}   {cells[0]:<36}{cells[1]:<36}", flush=True)
            for name, (_, _, gain) in found.items():
                smallest[name].append(gain)
    print("\nthreshold   shown of same-task pairs        shown of other-task pairs")
    for threshold in THRESHOLDS:
        hits = [sum(g > threshold for g in smallest[name]) for name in ("same", "other")]
        print(f"{threshold:<12}" + "".join(f"{share(h, len(smallest['same'])):<32}" for h in hits))


if __name__ == "__main__":
    main()
