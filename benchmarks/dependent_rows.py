"""How often two recordings of independent stimuli are called related because their rows depend on each other.

python benchmarks/dependent_rows.py [--quick] [--pairs N]

Each pair consists of two random networks of 20 layers with different layer names. Their stimuli have nothing in common but the
ids. Ten rows that belong together (such as frames of a video) share nine tenths of their variance. No layer is named, so the
deepest of each is compared. What belongs together is declared in one of four ways, or not at all, to see what that changes.
Printed: how often each answer came out, with the 95 % interval (Wilson) of false relations.
"""

from __future__ import annotations

import argparse
from collections import Counter

import numpy as np
from shares import share

import conjugacy as cj

LAYERS, TOGETHER, LATENTS, UNITS = 20, 10, 4, 32
HARMLESS = ("unrelated", "not_equivalent", "undecided")  # no relation is claimed
WAYS = {
    "groups": "groups of 10 rows",
    "repeats": "10 repeats of every stimulus, with noise",
    "inputs": "10 rows of equal inputs",
    "trials": "trials of 10 time points",
    "nothing": "10 rows together, not told",
}


def latents(clusters: int, rng: np.random.Generator) -> np.ndarray:
    """Return rows of which ten share nine tenths of their variance, (10 clusters, latents)."""
    common = np.repeat(rng.standard_normal((clusters, LATENTS)), TOGETHER, axis=0)
    return np.sqrt(0.9) * common + np.sqrt(0.1) * rng.standard_normal(common.shape)


def layer(values: np.ndarray, way: str) -> cj.Activations | cj.Trajectories:
    """Return one layer with its rows' ties told in one of the ways."""
    rows = np.arange(len(values))
    cluster = rows // TOGETHER
    if way == "trials":
        return cj.Trajectories(values.reshape(-1, TOGETHER, values.shape[1]), trials=np.unique(cluster))
    if way == "repeats":
        return cj.Activations(values, stimuli=cluster)
    inputs = cluster[:, None].astype(float) if way == "inputs" else None
    return cj.Activations(values, stimuli=rows, groups=cluster if way == "groups" else None, inputs=inputs)


def recording(name: str, clusters: int, way: str, rng: np.random.Generator) -> cj.Recording:
    """Return a random network of 20 layers, recorded on stimuli of its own."""
    x, found = latents(clusters, rng), dict[str, cj.Activations | cj.Trajectories]()
    for depth in range(LAYERS):
        weights = 1.5 * rng.standard_normal((x.shape[1], UNITS)) / np.sqrt(x.shape[1])
        x = np.tanh(x @ weights + 0.3 * rng.standard_normal(UNITS))
        found[f"{name}.{depth}"] = layer(x, way)
    return cj.Recording(layers=found, name=name)


def answer(seed: int, clusters: int, way: str) -> str:
    """Return the answer on the representation of one pair."""
    rng = np.random.default_rng([seed, clusters])
    pair = [recording(name, clusters, way, rng) for name in ("left", "right")]
    return cj.get_measure("verdict", seed=seed)(*pair).details["answer"]  # that of `compare`, at a tenth of the cost


def main() -> None:
    """Run all pairs and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="5 pairs")
    parser.add_argument(
        "--pairs", type=int, default=200, help="pairs with groups; a quarter of them for the other ways"
    )
    given = parser.parse_args()
    pairs = 5 if given.quick else given.pairs
    print(f"pairs of independent recordings of {LAYERS} layers each, the deepest compared; seeds from 0 on")
    for clusters, way in [(60, "groups"), (30, "groups"), *((60, way) for way in list(WAYS)[1:])]:
        trials = pairs if way == "groups" else max(2, pairs // 4)
        counts = Counter(answer(seed, clusters, way) for seed in range(trials))
        false = sum(n for name, n in counts.items() if name not in HARMLESS)
        found = ", ".join(f"{name} {n}" for name, n in counts.most_common())
        print(f"{clusters} x {WAYS[way]}: {found}; false relations {share(false, trials)}", flush=True)


if __name__ == "__main__":
    main()
