"""Shared by all experiments: arguments, lines that compare the expected result with this run, figures."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import matplotlib as mpl
import torch

mpl.use("Agg")
from matplotlib import pyplot as plt


@dataclass(frozen=True)
class Line:
    """One line of the table: what was expected, what came, and whether that is as it must be; a report expects nothing."""

    name: str
    expected: str
    here: str
    ok: bool


@dataclass
class Experiment:
    """An experiment under way: its arguments, its lines, and the numbers behind them."""

    title: str
    quick: bool
    out: Path
    seed: int
    lines: list[Line] = field(default_factory=list[Line])
    numbers: dict[str, Any] = field(default_factory=dict[str, Any])

    @property
    def seeds(self) -> range:
        """Five seeds, from the given one on; two in a quick run."""
        return range(self.seed, self.seed + (2 if self.quick else 5))

    @property
    def steps(self) -> int:
        """Steps of training."""
        return 100 if self.quick else 500

    def line(self, name: str, expected: str, here: str, ok: bool) -> None:
        """Add a line and print it."""
        self.lines.append(Line(name, expected, here, bool(ok)))
        print(f"{'  ' if ok else '! '}{name}\n     expected  {expected}\n     here      {here}", flush=True)

    def report(self, name: str, here: str) -> None:
        """Add a line that expects nothing, and print it."""
        self.lines.append(Line(name, "", here, True))
        print(f"  {name}\n     here      {here}", flush=True)

    def finish(self) -> None:
        """Write results.json; leave with an error where a line is not as it must be."""
        path = self.out / "results.json"
        found = {"experiment": self.title, "seeds": list(self.seeds), "lines": [asdict(line) for line in self.lines]}
        path.write_text(json.dumps({**found, **self.numbers}, indent=2) + "\n", encoding="utf-8")
        print(f"written: {path}")
        if not all(line.ok for line in self.lines):
            sys.exit(1)

    def save(self, figure: plt.Figure, name: str) -> None:
        """Write a figure."""
        figure.savefig(self.out / name, dpi=150)
        plt.close(figure)


def start(title: str) -> Experiment:
    """Read the arguments that every experiment takes."""
    parser = argparse.ArgumentParser(description=title)
    parser.add_argument("--quick", action="store_true", help="two seeds and fewer rows, under a minute")
    parser.add_argument("--out", type=Path, default=Path("results"), help="folder for the figure and results.json")
    parser.add_argument("--seed", type=int, default=0, help="first seed")
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    print(title)
    return Experiment(title, given.quick, given.out, given.seed)
