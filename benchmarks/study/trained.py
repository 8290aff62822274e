"""What the measure `verdict` costs over networks that were trained: CPU seconds a network, a pair, and for all pairs of 200.

Networks of two hidden layers of 64 rectifiers learn from 797 images of handwritten digits which digit it is, whether it is odd,
whether the upper half is brighter, or whether it is five or more; they are compared on the other 1000 images. CPU seconds on one
BLAS thread, over a tile of the table, worked off as a study does: row by row, with what is kept of the kernels of each network.
What is done once for a network is in it, so that pairs of larger tiles cost less.

    python benchmarks/study/trained.py [--quick] [--networks 200] [--side 12] [--measure verdict:fits=first]
        [--whole] [--out DIR]

Networks are kept in DIR and not trained twice. The tile has `--side` rows and as many columns. With `--whole` all pairs of
`--networks` are compared by `pairwise`, with files and preparation, and the tasks of every class are printed.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.datasets import load_digits
from threadpoolctl import threadpool_limits

import conjugacy as cj
from conjugacy.study.work.tiles import FACTORS
from conjugacy.transformations.division import factors_shared, place_for

TRAINED_ON, UNITS, EPOCHS = 797, 64, 60


def train(number: int) -> np.ndarray:
    """Return the second hidden layer of one network on the images that it has not seen, (1000, 64)."""
    import torch

    torch.set_num_threads(1)
    torch.manual_seed(number)
    images, digits = load_digits(return_X_y=True)
    x = torch.tensor(images / 16.0, dtype=torch.float32)
    upper = images[:, :32].sum(axis=1) > images[:, 32:].sum(axis=1)
    labels = (digits, digits % 2, upper, digits >= 5)[number % 4].astype(np.int64)
    order = np.random.default_rng(0).permutation(len(x))
    here, there = order[:TRAINED_ON], order[TRAINED_ON:]
    layers: list[Any] = [torch.nn.Linear(64, UNITS), torch.nn.ReLU(), torch.nn.Linear(UNITS, UNITS), torch.nn.ReLU()]
    net = torch.nn.Sequential(*layers, torch.nn.Linear(UNITS, int(labels.max()) + 1))
    optimiser, y = torch.optim.AdamW(net.parameters(), 3e-3, weight_decay=0.1), torch.tensor(labels)
    rng = np.random.default_rng([1, number])
    for _ in range(EPOCHS):
        for rows in np.array_split(rng.permutation(here), 8):
            noisy = x[rows] + 0.3 * torch.randn(len(rows), 64)
            loss = torch.nn.functional.cross_entropy(net(noisy), y[rows], label_smoothing=0.1)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
    with torch.no_grad():
        return net[:4](x[there]).numpy()


def networks(folder: Path, count: int) -> list[np.ndarray]:
    """Return trained networks, those that are missing trained now."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        if not (file := folder / f"net{number:03d}.npy").exists():
            np.save(folder / "new.npy", train(number))
            (folder / "new.npy").rename(file)
    return [np.load(folder / f"net{number:03d}.npy") for number in range(count)]


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a tile of 3 x 3")
    parser.add_argument("--networks", type=int, default=200, help="number of networks that the time is estimated for")
    parser.add_argument("--side", type=int, default=12, help="rows and columns of the tile")
    parser.add_argument("--measure", default="verdict", help="the whole verdict, or verdict:fits=first")
    parser.add_argument("--whole", action="store_true", help="compare all pairs")
    parser.add_argument("--out", type=Path, default=Path("trained-out"))
    given = parser.parse_args()
    side = 3 if given.quick else given.side
    needed = 2 * side
    with threadpool_limits(1):
        data, measure = networks(given.out, needed), cj.get_measure(given.measure)
        measure(data[0][:100], data[1][:100])
        start = time.process_time()
        prepared = [measure.prepare(x) for x in data]
        each = (time.process_time() - start) / needed
        print(f"prepare {each:.3f} s a network")
        answers: Counter[str] = Counter()
        seconds: list[float] = []
        with factors_shared(place_for(FACTORS)):
            for i in range(side):
                for j in range(side, needed):
                    start = time.process_time()
                    answers[measure.compare(prepared[i], prepared[j]).details["answer"]] += 1
                    seconds.append(time.process_time() - start)
    print(f"{len(seconds)} pairs: mean {np.mean(seconds):.4f} s, median {np.median(seconds):.4f} s, {dict(answers)}")
    count = given.networks
    whole = count * each + count * (count - 1) / 2 * float(np.mean(seconds))
    print(f"all pairs of {count}: {whole / 60:.1f} CPU minutes")
    if given.whole:
        compare_all(networks(given.out, count), given.measure)


def compare_all(data: list[np.ndarray], measure: str) -> None:
    """Compare all pairs as a study, and print what it took, and which tasks the networks of every class learned."""
    named, count = {f"net{i:03d}": x for i, x in enumerate(data)}, len(data)
    with tempfile.TemporaryDirectory() as store, threadpool_limits(1):
        start = time.process_time()
        study = cj.pairwise(named, measures=measure, store=store, executor="serial")
        spent = time.process_time() - start
        print(f"all pairs of {count}, files and preparation included: {spent / 60:.2f} CPU minutes")
        print(f"that is {1e3 * spent / (count * (count - 1) / 2):.1f} ms for each pair")
        print(study.summary()["status"].value_counts().to_dict())
        for group in study.classes().groups:
            tasks = Counter(("digit", "odd", "upper half", "five or more")[int(name[3:]) % 4] for name in group.members)
            print(f"  class of {len(group.members)}: {dict(tasks)}")


if __name__ == "__main__":
    main()
