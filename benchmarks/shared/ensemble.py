"""Whether eight recurrent networks sort by what they were trained on: by what they share, by the verdict, by CKA.

python benchmarks/shared/ensemble.py [--quick] [--seeds N]

The task: keep the running, slowly forgotten sums of four inputs. Four seeds of a gated recurrent network are trained on trials
in which inputs one and two vary, and are asked for these sums; four on trials with inputs two and three. Input four never varies.
All are then shown trials in which every input varies. Pairs are sorted into two groups by average linkage, and compared with the
two training sets by the adjusted Rand index: of the measure shared (its share, and its number of coordinates), of linear CKA, and
of the verdict's answers.
"""

from __future__ import annotations

import argparse
from collections import Counter
from itertools import combinations
from pathlib import Path

import numpy as np
import torch
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform
from sklearn.metrics import adjusted_rand_score

import conjugacy as cj

INPUTS, UNITS, TIME, KEPT = 4, 32, 24, 0.9
SETS = ((0, 1), (1, 2))
MEMBERS, TRIALS, STEPS = 4, 400, 400


def trials(count: int, varied: tuple[int, ...], seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return inputs (count, TIME, INPUTS) and their running sums."""
    x = np.random.default_rng(seed).standard_normal((count, TIME, INPUTS)) * np.isin(np.arange(INPUTS), varied)
    sums = np.zeros_like(x)
    for t in range(TIME):
        sums[:, t] = (KEPT * sums[:, t - 1] if t else 0.0) + np.sqrt(1.0 - KEPT**2) * x[:, t]
    return x.astype(np.float32), sums.astype(np.float32)


def last_states(varied: tuple[int, ...], seed: int, steps: int, shown: np.ndarray) -> np.ndarray:
    """Train one network on trials in which some inputs vary; return its states at the end of those that are shown."""
    torch.manual_seed(seed)
    recurrent, head = torch.nn.GRU(INPUTS, UNITS, batch_first=True), torch.nn.Linear(UNITS, len(varied))
    optimiser = torch.optim.Adam([*recurrent.parameters(), *head.parameters()], 5e-3, weight_decay=1e-4)
    for step in range(steps):
        x, sums = trials(64, varied, 100_000 * seed + step)
        loss = ((head(recurrent(torch.as_tensor(x))[0]) - torch.as_tensor(sums[..., varied])) ** 2).mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    with torch.no_grad():
        return recurrent(torch.as_tensor(shown))[0][:, -1].numpy().astype(np.float64)


def sorted_by(distances: np.ndarray, wanted: list[int]) -> float:
    """Return the adjusted Rand index of two groups by average linkage."""
    return float(adjusted_rand_score(wanted, fcluster(linkage(squareform(distances), "average"), 2, "maxclust")))


def ensemble(seed: int, steps: int) -> dict[str, float]:
    """Return how well each way sorts the eight networks of one draw."""
    shown, _ = trials(TRIALS, tuple(range(INPUTS)), 7 + seed)
    wanted = [group for group in range(len(SETS)) for _ in range(MEMBERS)]
    layers = [last_states(SETS[group], 100 * seed + i, steps, shown) for i, group in enumerate(wanted)]
    measures = {name: cj.get_measure(name) for name in ("shared", "cka", "verdict")}
    distances = {name: np.zeros((len(wanted), len(wanted))) for name in (*measures, "number shared")}
    answers = list[str]()
    for i, j in combinations(range(len(wanted)), 2):
        scores = {name: measure(layers[i], layers[j]) for name, measure in measures.items()}
        answers.append(str(scores["verdict"].details["answer"]))
        apart = {name: score.distance() for name, score in scores.items()}
        apart["number shared"] = float(INPUTS - scores["shared"].details["dimensions"])
        for name, distance in apart.items():
            distances[name][i, j] = distances[name][j, i] = 1.0 if distance is None else max(0.0, distance)
    found = {name: sorted_by(distance, wanted) for name, distance in distances.items()}
    print(seed, {name: round(value, 2) for name, value in found.items()}, dict(Counter(answers)), flush=True)
    return found


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="one ensemble, trained briefly; nothing is kept")
    parser.add_argument("--seeds", type=int, default=4)
    given = parser.parse_args()
    torch.set_num_threads(1)
    found = [ensemble(seed, 100 if given.quick else STEPS) for seed in range(1 if given.quick else given.seeds)]
    out = ["adjusted Rand index of two groups against the two training sets, by ensemble"]
    out += [f"{name:<26}" + "".join(f"{one[name]:>7.2f}" for one in found) for name in found[0]]
    text = "\n".join(out)
    if not given.quick:
        Path(__file__).with_suffix(".txt").write_text(text + "\n", "utf-8")
    print(text)


if __name__ == "__main__":
    main()
