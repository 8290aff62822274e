"""How often the intervals that a transfer prints hold what fresh rows show.

python benchmarks/transfer_intervals.py [--quick] [--seeds N] [--only KIND ...]

Layers of 30 and 40 units see four latents; B has two more of its own, and both have noise. A probe for a value and one for two
classes are trained on A with 400 labels, and carried over other rows. Truth are 20 000 fresh rows: what the carried probe leaves
there of A's, how often both choose alike, and the score of each. For "trained on B" it is the mean of ten probes trained on as
many fresh labels. Every pair is appended to transfer_intervals.csv and not done again; transfer_intervals.txt is the table.
"""

from __future__ import annotations

import argparse
import csv
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import conjugacy as cj
from conjugacy.numerics.ridge_probe import ridge_probe

HERE = Path(__file__).parent
KINDS = ("linear", "tanh", "relu", "heavy tails", "groups")
ROWS = (100, 300, 1000)
LABELLED, FRESH, PROBES, GROUP = 400, 20_000, 10, 5
SHARED, OWN, UNITS = 4, 2, (30, 40)
ANY = 0.99  # tolerance: the intervals are asked for, whatever the answer
COLUMNS = ("kind", "rows", "seed", "what", "value", "low", "high", "truth")
Line = tuple[str, float | None, float | None, float | None, float]


@dataclass(frozen=True)
class Pair:
    """Two layers that see the same latents."""

    kind: str
    a: np.ndarray
    b: np.ndarray
    noise: float

    @classmethod
    def drawn(cls, kind: str, seed: int) -> Pair:
        """Return that of a seed."""
        rng = np.random.default_rng([seed, 7])
        a, b = (rng.normal(size=(d, n)) / np.sqrt(d) for d, n in zip((SHARED, SHARED + OWN), UNITS, strict=True))
        return cls(kind, a, b, float(rng.uniform(0.05, 0.4)))

    def rows(self, m: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return latents (m, 6) and both layers on them; in groups of five rows that are alike, where that is the kind."""
        z = rng.normal(size=(m, SHARED + OWN))
        if self.kind == "heavy tails":
            z = rng.standard_t(4, size=z.shape) / np.sqrt(2.0)
        if self.kind == "groups":
            z = np.sqrt(0.7) * rng.normal(size=(-(-m // GROUP), z.shape[1]))[np.arange(m) // GROUP] + np.sqrt(0.3) * z
        bent = {"tanh": np.tanh, "relu": lambda x: np.maximum(x, 0.0)}.get(self.kind, lambda x: x)
        a, b = bent(z[:, :SHARED] @ self.a), bent(z @ self.b)
        return z, *(x + self.noise * x.std() * rng.normal(size=x.shape) for x in (a, b))


def lines_of(kind: str, m: int, seed: int) -> Iterator[Line]:
    """Yield every interval of one pair and what fresh rows show."""
    pair, rng = Pair.drawn(kind, seed), np.random.default_rng([seed, m, 11])
    z, a, _ = pair.rows(LABELLED, rng)
    of_value = ridge_probe(a, z[:, :1])
    of_class = ridge_probe(a, np.column_stack([z[:, 1] > 0.0, z[:, 1] <= 0.0]).astype(np.float64))
    z, a, b = pair.rows(m, rng)
    groups = np.arange(m) // GROUP if kind == "groups" else None
    fresh_z, fresh_a, fresh_b = pair.rows(FRESH, rng)
    told = cj.transfer(of_value, a, b, targets=z[:, 0], groups=groups, tolerance=ANY, seed=seed)
    chosen = cj.transfer(
        of_class, a, b, kind="classifier", targets=(z[:, 1] <= 0.0).astype(int), groups=groups, tolerance=ANY, seed=seed
    )
    if told.carried is not None:
        own, other = of_value(fresh_a), told.carried(fresh_b)
        left = told.fidelity.unexplained
        yield "left of values", left.unexplained, left.low, left.high, float(((own - other) ** 2).mean() / own.var())
        wanted = fresh_z[:, 0]
        yield "score on A, values", *_of(told.curve.on_a), _explained(own[:, 0], wanted)
        yield "score carried, values", *_of(told.curve.carried), _explained(other[:, 0], wanted)
        last = told.curve.retrained[-1]
        yield "score trained on B, values", *_of(last.score), _retrained(pair, last.labels, (fresh_b, wanted), rng)
    if chosen.carried is not None:
        own, other = of_class(fresh_a).argmax(axis=1), chosen.carried(fresh_b).argmax(axis=1)
        right = (fresh_z[:, 1] <= 0.0).astype(int)
        otherwise = chosen.fidelity.otherwise
        # over the rows on which A does not choose its commonest class
        open_ = (own != np.bincount(of_class(a).argmax(axis=1)).argmax()).mean()
        truth = float((own != other).mean() / open_)
        yield "chosen otherwise", otherwise.unexplained, otherwise.low, otherwise.high, truth
        yield "agreement", *_of(chosen.fidelity.agreement), float((own == other).mean())
        yield "score on A, classes", *_of(chosen.curve.on_a), float((own == right).mean())
        yield "score carried, classes", *_of(chosen.curve.carried), float((other == right).mean())


def _of(one: cj.Evidence) -> tuple[float | None, float | None, float | None]:
    return one.value, one.low, one.high


def _explained(told: np.ndarray, wanted: np.ndarray) -> float:
    return float(1.0 - ((told - wanted) ** 2).mean() / wanted.var())


def _retrained(pair: Pair, labels: int, fresh: tuple[np.ndarray, np.ndarray], rng: np.random.Generator) -> float:
    scores = list[float]()
    for _ in range(PROBES):
        z, _, b = pair.rows(labels, rng)
        scores.append(_explained(ridge_probe(b, z[:, :1])(fresh[0])[:, 0], fresh[1]))
    return float(np.mean(scores))


def main() -> None:
    """Do what is missing and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="two seeds; nothing is kept")
    parser.add_argument("--seeds", type=int, default=60)
    parser.add_argument("--only", nargs="*", default=list(KINDS), choices=KINDS)
    given = parser.parse_args()
    kept = HERE / "transfer_intervals.csv"
    lines = [] if given.quick or not kept.exists() else list(csv.DictReader(kept.open(newline="")))
    done = {(line["kind"], int(line["rows"]), int(line["seed"])) for line in lines}
    for kind, m in ((kind, m) for kind in given.only for m in ROWS):
        for seed in range(2 if given.quick else given.seeds):
            if (kind, m, seed) in done:
                continue
            found = [
                dict(zip(COLUMNS, map(str, (kind, m, seed, *one)), strict=True)) for one in lines_of(kind, m, seed)
            ]
            lines += found
            if not given.quick:
                _keep(kept, found)
    text = table(lines)
    if not given.quick:
        (HERE / "transfer_intervals.txt").write_text(text + "\n", "utf-8")
    print(text)


def _keep(kept: Path, found: list[dict[str, str]]) -> None:
    new = not kept.exists()
    with kept.open("a", newline="") as file:
        writer: csv.DictWriter[str] = csv.DictWriter(file, COLUMNS)
        if new:
            writer.writeheader()
        writer.writerows(found)


def table(lines: list[dict[str, str]]) -> str:
    """Return for every number and kind how often its interval held the truth, and how often that was beyond either end."""
    by: dict[tuple[str, str], list[tuple[float, float, float]]] = defaultdict(list)
    for line in lines:
        ends = tuple(float(line[name]) for name in ("low", "high", "truth"))
        for key in ((line["what"], line["kind"]), (line["what"], "all")):
            by[key].append(ends)
    out = [
        "per cent of the 95 % intervals of a transfer that hold what fresh rows show; rows "
        + ", ".join(map(str, ROWS)),
        f"{'':<28}" + "".join(f"{kind:>13}" for kind in (*KINDS, "all")) + f"{'above':>9}{'under':>8}{'pairs':>8}",
    ]
    for what in dict.fromkeys(line["what"] for line in lines):
        cells = [by[what, kind] for kind in (*KINDS, "all")]
        held = "".join(f"{_share(cell, 0):>13}" for cell in cells)
        out.append(f"{what:<28}{held}{_share(cells[-1], 1):>9}{_share(cells[-1], -1):>8}{len(cells[-1]):>8}")
    return "\n".join(out)


def _share(cell: list[tuple[float, float, float]], side: int) -> str:
    if not cell:
        return "-"
    places = [1 if truth > high else -1 if truth < low else 0 for low, high, truth in cell]
    return f"{100 * np.mean([place == side for place in places]):.0f}"


if __name__ == "__main__":
    main()
