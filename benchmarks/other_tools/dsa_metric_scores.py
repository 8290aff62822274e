# /// script
# requires-python = ">=3.11"
# dependencies = ["dsa-metric==2.0.2", "torch==2.13.0"]
# ///
"""The scores of dsa-metric: which one is the default, what it is in our terms, and what a seed changes."""

import inspect

import numpy as np
import torch
from DSA import DSA
from told import told

import conjugacy as cj


def states(seed: int) -> np.ndarray:
    """Return noisy trajectories of a stable, non-normal linear system, (trials, time, units)."""
    rng = np.random.default_rng(seed)
    a = np.linalg.qr(rng.normal(size=(6, 6)))[0] * 0.97 + 0.15 * np.triu(rng.normal(size=(6, 6)), 1)
    a *= 0.98 / np.abs(np.linalg.eigvals(a)).max()
    x = [rng.normal(size=(40, 6))]
    for _ in range(60):
        x.append(x[-1] @ a.T + 0.05 * rng.normal(size=(40, 6)))
    return np.stack(x, axis=1)


x, z = states(1), states(2)
turned = x @ np.linalg.qr(np.random.default_rng(0).normal(size=(6, 6)))[0]
asked = {"n_delays": 3, "rank": 12}
knobs = {"delays": 3, "rank": 12, "center": False}
default = inspect.signature(DSA.__init__).parameters["score_method"].default
told("dsa-metric", "DSA scores by wasserstein unless told otherwise", default, holds=default == "wasserstein")

theirs = float(DSA(x, z, **asked).fit_score())
ours = cj.get_measure("dsa_wasserstein", **knobs)(x, z).value
told(
    "dsa-metric",
    "its wasserstein score is the square of dsa_wasserstein with center=false",
    f"{theirs:.5f} and {ours:.5f} squared = {ours**2:.5f}",
    holds=abs(theirs - ours**2) < 1e-4,
)


def angular(other: np.ndarray, seed: int) -> float:
    """Return its angular score of x and another system, from one seed of torch."""
    torch.manual_seed(seed)
    return float(DSA(x, other, score_method="angular", **asked).fit_score())


found = [angular(turned, seed) for seed in range(4)]
exact = cj.get_measure("dsa", **knobs)(x, turned).value
told(
    "dsa-metric",
    "its angular score of a rotated copy, 0 by definition, depends on torch's seed",
    " ".join(f"{value:.3f}" for value in found) + f"; ours {exact:.3f}",
    holds=max(found) - min(found) > 0.01 and exact < 1e-6,
)
found = [angular(z, seed) for seed in range(3)]
score = cj.get_measure("dsa", **knobs)(x, z)
told(
    "dsa-metric",
    "its angular score of two systems is at or above that of dsa with center=false",
    " ".join(f"{value:.4f}" for value in found)
    + f"; ours {score.value:.4f}, no rotation below {score.details['lower']:.4f}",
    holds=min(found) > score.value - 1e-4,
)
