"""Whether *something learned in common* is reported for networks that learned one task, and for no others.

python benchmarks/gain.py [--quick] [--seeds N] [--part K/N]

There are three families of tasks, each with its own inputs: values of a smooth random teacher, classes of handwritten digits,
and products of pairs of signs. The networks of a pair differ in seed and width. They are compared at the hidden layer before the
last, on inputs not used in training. `same` learned one task, `other` two tasks over the same inputs, `labels` two sets of
random labels. `decay` were trained on weight decay alone; `scale` are untrained networks with all weights times .25 to 4. Pairs
with a line in `gain.csv` are skipped, and several parts may run at once. Delete the table if the code that answers has changed.
Printed: every pair, and how often something learned in common is reported for each kind.
"""

from __future__ import annotations

import argparse
import csv
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from shares import share
from sklearn.datasets import load_digits
from small_networks import teacher, train

import conjugacy as cj
from conjugacy.activations import shuffled_copy, untrained_copy
from conjugacy.activations.untrained import UNTRAINED_COPIES
from conjugacy.transformations import RUNGS, Layer, judge
from conjugacy.verdict import CONTROLS, gain_over, judge_control, ladder_answer

SHOWN, LAYER, WIDTHS = 600, "3", (48, 64)
SCALES = (0.25, 0.5, 1.0, 2.0, 4.0)
TABLE = Path(__file__).with_suffix(".csv")
TOLERANCE, TOLERANCES = 0.05, (0.005, 0.01, 0.02, 0.05, 0.1, 0.2)
FIELDS = ("family", "seed", "kind", "answer", "rung", "state", "at", "shown", "untrained_alone", "a_to_b", "b_to_a",
          "low_a_to_b", "low_b_to_a", "pair", "untrained_a", "untrained_b", "shuffled_a", "shuffled_b")  # fmt: skip
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


def layers_of(net: torch.nn.Module, shown: np.ndarray, seed: int) -> dict[str, list[np.ndarray]]:
    """Return the layer of a network and of its copies, made as `compare` makes them."""
    makers = {"untrained": untrained_copy, "shuffled": shuffled_copy}
    copies = {kind: [make(net, (seed, i)).model for i in range(UNTRAINED_COPIES)] for kind, make in makers.items()}
    return {
        kind: [cj.record(one, shown, [LAYER]).layer(LAYER).values for one in many]
        for kind, many in {**copies, "own": [net]}.items()
    }


def line_of(nets: Nets, shown: np.ndarray, seed: int) -> dict[str, str]:
    """Judge a pair and its controls, at several tolerances; return its line."""
    a, b = (layers_of(net, shown.astype(np.float32), seed) for net in nets)
    first = judge(
        Layer(a["own"][0], seed), Layer(b["own"][0], seed), np.arange(len(shown)), tolerance=TOLERANCE, seed=seed
    )
    controls = [judge_control(kind, first, a[kind], b[kind], "") for kind in CONTROLS]
    found = [control for control in controls if control is not None]
    at = {tolerance: replace(first, tolerance=tolerance) for tolerance in TOLERANCES}
    gains = {tolerance: gain_over(found, ladder) for tolerance, ladder in at.items()}
    alone = {tolerance: gain_over(found[:1], ladder) for tolerance, ladder in at.items()}
    gain = gains[TOLERANCE]
    numbers = {name: getattr(gain, name) for name in ("a_to_b", "b_to_a", "low_a_to_b", "low_b_to_a")}
    told = RUNGS.index(gain.rung or RUNGS[-1])
    numbers["pair"] = max(direction.unexplained(RUNGS[told]) for direction in first.directions)
    for control in found:
        for side, rung in zip(
            "ab", (control.control.rungs[told].a_to_b, control.control.rungs[told].b_to_a), strict=True
        ):
            numbers[f"{control.control.name}_{side}"] = rung.low
    said = {"answer": ladder_answer(first), "rung": first.rung or "none", "state": gain.state, "at": gain.rung or ""}
    said["shown"] = " ".join(f"{tolerance:g}" for tolerance, one in gains.items() if one.shown)
    said["untrained_alone"] = " ".join(f"{t:g}" for t, one in alone.items() if one.state in ("shown", "unshuffled"))
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
    """Print every pair, and how often something learned in common is said: per kind, per tolerance, by one control alone."""
    print(
        "tolerance 5 %; gain (log10) with its lower end, the smaller of both ways; % unexplained of the pair, the larger of both"
    )
    print("ways, and of the best untrained and shuffled copy; at the rung that is told\n")
    heads = f"{'gain':>6}{'low':>7}{'pair':>7}{'untr.':>7}{'shuf.':>7}"
    print(f"{'kind':<11}{'family':<10}{'seed':>4}  {'answer':<26}{heads}  learned in common")
    for kind in KINDS:
        for (family, seed, its), line in sorted(lines.items()):
            if its == kind:
                gain, low = (min(float(line[f"{end}{way}"]) for way in ("a_to_b", "b_to_a")) for end in ("", "low_"))
                least = (min(float(line[f"{name}_{side}"]) for side in "ab") for name in ("untrained", "shuffled"))
                numbers = "".join(f"{100 * x:>7.1f}" for x in (float(line["pair"]), *least))
                said = f"{line['answer']}, {line['rung']}"
                state = f"{line['state']}, {line['at']}" if line["state"] == "shown" else line["state"]
                print(f"{kind:<11}{family:<10}{seed:>4}  {said:<26}{gain:>6.2f}{low:>7.2f}{numbers}  {state}")
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
    for name, title in (("shown", "both kinds of copies"), ("untrained_alone", "untrained copies alone")):
        print(f"\nsaid at tolerances, {title}\n{'kind':<11}" + "".join(f"{100 * t:>8g} %" for t in TOLERANCES))
        for kind in KINDS:
            found = [line[name].split() for (_, _, its), line in lines.items() if its == kind]
            counts = (sum(f"{t:g}" in said for said in found) for t in TOLERANCES)
            print(f"{kind:<11}" + "".join(f"{f'{count} of {len(found)}':>10}" for count in counts))


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
