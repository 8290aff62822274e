"""Whether eight seeds of one recurrent network sort by what they were trained on: by what they share, by CKA and by the verdict.

python benchmarks/shared/ensemble.py [--quick] [--ensembles N]

Networks of gated recurrent units hear noisy pulses and learn to tell phase and period of them. Four of eight were trained on fast
pulses, four on slow ones, each with weights and sequences of its own. All hear the same 400 sequences, fast and slow; the state
after the last step is a row. Average linkage makes two groups of every matrix. `apart` is the smallest distance of two networks
trained on different pulses over the largest of two trained on the same: over 1, one threshold keeps them apart. `ensemble.txt`
is the table.
"""

from __future__ import annotations

import argparse
from collections import Counter
from itertools import combinations
from pathlib import Path

import numpy as np
import torch
from scipy.cluster.hierarchy import fcluster, linkage
from sklearn.metrics import adjusted_rand_score

import conjugacy as cj

HERE = Path(__file__).parent
STEPS, UNITS, STIMULI, NOISE = 48, 48, 400, 0.2
PERIODS = {"fast": (4.0, 7.0), "slow": (9.0, 16.0), "both": (4.0, 16.0)}
TRAINED_ON = ("fast",) * 4 + ("slow",) * 4


def sequences(kind: str, count: int, rng: np.random.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """Return noisy pulses (count, steps, 1), and sine and cosine of their phase and their log period, (count, steps, 3)."""
    low, high = np.log(PERIODS[kind])
    period = np.exp(rng.uniform(low, high, (count, 1)))
    phase = 2.0 * np.pi * (np.arange(STEPS) / period + rng.uniform(size=(count, 1)))
    heard = np.exp(4.0 * (np.cos(phase) - 1.0)) + NOISE * rng.standard_normal(phase.shape)
    told = np.stack([np.cos(phase), np.sin(phase), np.broadcast_to(np.log(period) - 2.0, phase.shape)], axis=2)
    return torch.from_numpy(heard[:, :, None]).float(), torch.from_numpy(told.copy()).float()


class Listener(torch.nn.Module):
    """Gated recurrent units, and a linear layer that tells what they heard."""

    def __init__(self) -> None:
        super().__init__()
        self.hears = torch.nn.GRU(1, UNITS, batch_first=True)
        self.tells = torch.nn.Linear(UNITS, 3)

    def forward(self, heard: torch.Tensor) -> torch.Tensor:
        """Return what is told at every step."""
        return self.tells(self.hears(heard)[0])


def trained(kind: str, seed: int, steps: int) -> Listener:
    """Train one."""
    torch.manual_seed(seed)
    rng, listener = np.random.default_rng([seed, 1]), Listener()
    optimizer = torch.optim.Adam(listener.parameters(), 3e-3)
    for _ in range(steps):
        heard, told = sequences(kind, 64, rng)
        loss = ((listener(heard) - told)[:, STEPS // 2 :] ** 2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return listener


def ensemble(number: int, steps: int) -> list[str]:
    """Return a line for every measure."""
    heard, _ = sequences("both", STIMULI, np.random.default_rng([number, 2]))
    states, left = list[np.ndarray](), list[float]()
    for i, kind in enumerate(TRAINED_ON):
        listener = trained(kind, 100 * number + i, steps)
        own = sequences(kind, 500, np.random.default_rng([number, 3]))
        with torch.no_grad():
            states.append(listener.hears(heard)[0][:, -1].numpy().astype(np.float64))
            left.append(float((listener(own[0]) - own[1])[:, -1].square().mean() / own[1][:, -1].var(dim=0).mean()))
    lines = [
        f"ensemble {number}: the networks leave {100 * min(left):.0f} to {100 * max(left):.0f} % of what they were to tell"
    ]
    pairs = list(combinations(range(len(states)), 2))
    for name in ("shared", "cka", "verdict"):
        scores = [cj.get_measure(name)(states[i], states[j]) for i, j in pairs]
        distances = np.array([score.distance() for score in scores])
        lines.append(f"  {name:8} {judged(distances, pairs)}")
        if name == "shared":
            numbers = [score.details["dimensions"] for score in scores]
            lines[-1] += f"  k {min(numbers)} to {max(numbers)}"
        if name == "verdict":
            said = Counter(str(score.details["answer"]) for score in scores)
            lines[-1] += "  " + ", ".join(f"{answer} {count}" for answer, count in said.most_common())
    return lines


def judged(distances: np.ndarray, pairs: list[tuple[int, int]]) -> str:
    """Return the adjusted Rand index of two groups, and how far apart these are."""
    groups = (
        fcluster(linkage(distances, "average"), 2, "maxclust")
        if np.isfinite(distances).all()
        else np.ones(len(TRAINED_ON))
    )
    same = np.array([TRAINED_ON[i] == TRAINED_ON[j] for i, j in pairs])
    apart = distances[~same].min() / max(distances[same].max(), 1e-12)
    return f"adjusted Rand {adjusted_rand_score(TRAINED_ON, groups):5.2f}  apart {apart:5.2f}"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="one ensemble, trained for a moment")
    parser.add_argument("--ensembles", type=int, default=3)
    given = parser.parse_args()
    torch.set_num_threads(1)
    lines = list[str]()
    for number in range(1 if given.quick else given.ensembles):
        for line in ensemble(number, 20 if given.quick else 600):
            print(line, flush=True)
            lines.append(line)
    if not given.quick:
        (HERE / "ensemble.txt").write_text("\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    main()
