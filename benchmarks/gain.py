"""Whether something learned in common is said of networks that learned one task, and of no others.

python benchmarks/gain.py [--quick] [--seeds N] [--part K/N]

Three families of tasks over inputs of their own: values of a smooth random teacher, classes of handwritten digits, and products
of pairs of signs. Per family and seed pairs of networks of different seed and width, compared on inputs not used in training, the
hidden layer before the last: `same` learned one task, `other` another task over the same inputs, `labels` random labels of their
own each; `decay` were trained on weight decay alone, and `scale` are untrained networks with all weights times .25 to 4. A pair
whose line is in `gain.csv` is not run again; several parts may run at once. Delete the table where the code that answers has
changed. Printed: every pair, and per kind how often something learned in common is said.
"""

from __future__ import annotations

import argparse
import csv
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from shares import share
from sklearn.datasets import load_digits
from small_networks import teacher, train

import conjugacy as cj

SHOWN, LAYER, WIDTHS = 600, "3", (48, 64)
SCALES = (0.25, 0.5, 1.0, 2.0, 4.0)
TABLE = Path(__file__).with_suffix(".csv")
FIELDS = ("family", "seed", "kind", "answer", "rung", "state", "a_to_b", "b_to_a", "low_a_to_b", "low_b_to_a", "pair",
          "untrained_a", "untrained_b", "shuffled_a", "shuffled_b")  # fmt: skip
Nets = tuple[torch.nn.Module, torch.nn.Module]


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
KINDS = ("same", "other", "labels", "decay", *(f"scale {scale:g}" for scale in SCALES))


def trained_pairs(tasks: Tasks, seed: int) -> Iterator[tuple[str, Callable[[], Nets]]]:
    """Return pairs that were trained on data."""

    def net(task: np.ndarray, offset: int, width: int) -> torch.nn.Module:
        return train(tasks.train, task, 3 * seed + offset, width=width)

    yield "same", lambda: (net(tasks.one, 0, WIDTHS[0]), net(tasks.one, 1, WIDTHS[1]))
    yield "other", lambda: (net(tasks.one, 0, WIDTHS[0]), net(tasks.other, 2, WIDTHS[1]))
    rng, classes = np.random.default_rng(seed + 50), tasks.one.dtype.kind == "i"
    shape = len(tasks.train), *tasks.one.shape[1:]
    labels = [rng.integers(0, 5, shape) if classes else rng.standard_normal(shape) for _ in range(2)]
    yield "labels", lambda: (net(labels[0], 500, WIDTHS[0]), net(labels[1], 600, WIDTHS[1]))


def untaught_pairs(tasks: Tasks, seed: int) -> Iterator[tuple[str, Callable[[], Nets]]]:
    """Return pairs that no data taught anything."""

    def net(offset: int, width: int) -> torch.nn.Module:
        return train(tasks.train[:2], tasks.one[:2], 1000 + 2 * seed + offset, width=width, steps=0)

    def decayed(model: torch.nn.Module) -> torch.nn.Module:
        strength = float(np.random.default_rng(seed).uniform(0.02, 0.6))
        optimiser = torch.optim.AdamW(model.parameters(), 1e-2, weight_decay=strength)
        for parameter in model.parameters():
            parameter.grad = torch.zeros_like(parameter)
        for _ in range(500):
            optimiser.step()
        return model

    def scaled(model: torch.nn.Module, scale: float) -> torch.nn.Module:
        with torch.no_grad():
            for parameter in model.parameters():
                parameter.mul_(scale)
        return model

    yield "decay", lambda: (decayed(net(0, WIDTHS[0])), decayed(net(1, WIDTHS[1])))
    for scale in SCALES:
        yield (
            f"scale {scale:g}",
            lambda scale=scale: (scaled(net(0, WIDTHS[0]), scale), scaled(net(1, WIDTHS[1]), scale)),
        )


def line_of(nets: Nets, shown: np.ndarray, seed: int) -> dict[str, str]:
    """Compare a pair; return its line."""
    axis = cj.compare(*nets, stimuli=shown.astype(np.float32), layers=LAYER, seed=seed).verdict.representation
    gain, smooth = axis.gain, axis.rung_result("smooth")
    controls = {control.name: control.rungs[-1] for control in axis.controls}
    numbers = {name: getattr(gain, name) for name in ("a_to_b", "b_to_a", "low_a_to_b", "low_b_to_a")}
    numbers["pair"] = max(smooth.a_to_b.unexplained or 0.0, smooth.b_to_a.unexplained or 0.0)
    for name, rung in controls.items():
        numbers |= {f"{name}_a": rung.a_to_b.low, f"{name}_b": rung.b_to_a.low}
    said = {"answer": axis.answer, "rung": axis.rung or "none", "state": gain.state}
    return said | {name: "" if number is None else f"{number:.4f}" for name, number in numbers.items()}


def read(table: Path) -> dict[tuple[str, str, str], dict[str, str]]:
    """Return the lines of a table by family, seed and kind."""
    if not table.exists():
        return {}
    with table.open(newline="") as stream:
        return {(line["family"], line["seed"], line["kind"]): line for line in csv.DictReader(stream)}


def run(table: Path, seeds: int, part: tuple[int, int]) -> None:
    """Run what is not in the table yet."""
    if not table.exists():
        table.write_text(",".join(FIELDS) + "\n")
    done = read(table)
    for i, (seed, family) in enumerate((seed, family) for seed in range(seeds) for family in FAMILIES):
        if i % part[1] != part[0]:
            continue
        tasks = FAMILIES[family](seed)
        for kind, nets in (*trained_pairs(tasks, seed), *untaught_pairs(tasks, seed)):
            if (family, str(seed), kind) not in done:
                line = {"family": family, "seed": str(seed), "kind": kind, **line_of(nets(), tasks.shown, seed)}
                with table.open("a") as stream:
                    stream.write(",".join(line[name] for name in FIELDS) + "\n")


def tell(lines: dict[tuple[str, str, str], dict[str, str]]) -> None:
    """Print every pair, and per kind how often something learned in common is said."""
    print(
        "least over both ways: gain (log10) with its lower end; % unexplained at the smooth rung of the pair, and of the best"
    )
    print("untrained and shuffled copy\n")
    print(
        f"{'kind':<11}{'family':<10}{'seed':>4}  {'answer':<26}{'gain':>6}{'low':>7}{'pair':>7}{'untr.':>7}{'shuf.':>7}  state"
    )
    for kind in KINDS:
        for (family, seed, its), line in sorted(lines.items()):
            if its == kind:
                gain, low = (min(float(line[f"{end}{way}"]) for way in ("a_to_b", "b_to_a")) for end in ("", "low_"))
                least = (min(float(line[f"{name}_{side}"]) for side in "ab") for name in ("untrained", "shuffled"))
                numbers = "".join(f"{100 * x:>7.1f}" for x in (float(line["pair"]), *least))
                said = f"{line['answer']}, {line['rung']}"
                print(f"{kind:<11}{family:<10}{seed:>4}  {said:<26}{gain:>6.2f}{low:>7.2f}{numbers}  {line['state']}")
    print(f"\n{'kind':<11}{'learned in common is said':<32}{'pair equivalent':<18}why not")
    for kind in KINDS:
        found = [line for (_, _, its), line in lines.items() if its == kind]
        shown = sum(line["state"] == "shown" for line in found)
        equivalent = sum(line["answer"] == "equivalent" for line in found)
        whys = {
            state: sum(line["state"] == state for line in found) for state in sorted({line["state"] for line in found})
        }
        why = ", ".join(f"{count} {state}" for state, count in whys.items() if state != "shown")
        print(f"{kind:<11}{share(shown, len(found)):<32}{f'{equivalent} of {len(found)}':<18}{why}")


def main() -> None:
    """Run what is missing and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one seed, into a table of its own")
    parser.add_argument("--seeds", type=int, default=8)
    parser.add_argument("--part", default="0/1")
    given = parser.parse_args()
    part = tuple(int(number) for number in given.part.split("/"))
    with tempfile.TemporaryDirectory() as folder:
        table = Path(folder) / "gain.csv" if given.quick else TABLE
        run(table, 1 if given.quick else given.seeds, (part[0], part[1]))
        if part[1] == 1:
            tell(read(table))


if __name__ == "__main__":
    main()
