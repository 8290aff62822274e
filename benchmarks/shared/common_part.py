"""How often the number of common coordinates of two layers is right, and what they leave of the latents shared.

python benchmarks/shared/common_part.py [--quick] [--seeds N] [--only KIND ...]

Pairs are made by construction (`worlds.py`). An oracle that knows the latents reads each from either layer on held-out rows
(ridge regression, linear and on 400 random features). A pair counts if it reads all of them at sqrt(R2_A R2_B) of .7 or more.
Each pair is appended to common_part.csv and kept; common_part.txt is the table.
"""

from __future__ import annotations

import argparse
import csv
import time
from collections import defaultdict
from pathlib import Path

import numpy as np
from worlds import World

from conjugacy.numerics.resample import draw_folds
from conjugacy.transformations.common.common_part import CommonPart, common_part
from conjugacy.transformations.common.smooth import smooth

HERE = Path(__file__).parent
FOLDS, TOLD = 5, 0.7
SETS: dict[str, tuple[int, tuple[int, ...], str]] = {
    "plain": (300, (0, 1, 2, 3, 6, 10), "plain"),
    "twenty": (20, (20,), "plain"),
    "nothing": (200, (0,), "plain"),
    "series, nothing": (40, (0,), "series"),
    "heavy tails": (40, (0, 1, 3, 6), "heavy tails"),
    "private depends on shared": (40, (1, 2, 3), "private depends on shared"),
    "deep": (40, (0, 1, 3, 6), "deep"),
    "noise in common": (20, (0, 2), "noise in common"),
    "many private": (30, (0, 3, 10, 20), "many private"),
    "nothing, wide": (40, (0,), "wide"),
}
COLUMNS = ("set", "seed", "rows", "k", "found", "low", "high", "linear", "told", "left", "oracle", "cpu")


def main() -> None:
    """Work out what is missing and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="four pairs of each set; nothing is kept")
    parser.add_argument("--seeds", type=int, help="pairs of each set, at most")
    parser.add_argument("--only", nargs="*", default=list(SETS), choices=list(SETS))
    given = parser.parse_args()
    kept = HERE / "common_part.csv"
    found = {} if given.quick else read(kept)
    for name in given.only:
        count, shared, what = SETS[name]
        for seed in range(min(count, 4 if given.quick else given.seeds or count)):
            if (name, seed) in found:
                continue
            found[name, seed] = answer_of(World.drawn(seed + 1000 * list(SETS).index(name), shared, what))
            if not given.quick:
                with kept.open("a", newline="") as file:
                    csv.writer(file).writerow([name, seed, *found[name, seed]])
    text = table(found)
    if not given.quick:
        (HERE / "common_part.txt").write_text(text + "\n", "utf-8")
    print(text)


def read(path: Path) -> dict[tuple[str, int], list[str]]:
    """Return what is known."""
    if not path.exists():
        return {}
    with path.open(newline="") as file:
        return {(row[0], int(row[1])): row[2:] for row in csv.reader(file)}


def answer_of(world: World) -> list[str]:
    """Judge one pair."""
    a, b, s = world.layers()
    rows = np.arange(world.rows)
    # rows of a series are held out in blocks
    folds = rows * FOLDS // world.rows if world.what == "series" else draw_folds(rows, FOLDS, world.seed)
    began = time.process_time()
    part = common_part(a, b, folds)
    cost = time.process_time() - began
    left = np.array([oracle(x, s, folds) if s.shape[1] else np.zeros(0) for x in (a, b)])
    told = float(np.sqrt(np.clip(1 - left, 0, 1)).prod(axis=0).min(initial=1.0))
    most, least = extra(part, s, folds, left)
    numbers = (told, most, least, cost)
    whole = (world.rows, s.shape[1], part.dimensions, *part.interval, part.linear)
    return [*(str(x) for x in whole), *(f"{x:.3f}" for x in numbers)]


def oracle(x: np.ndarray, s: np.ndarray, folds: np.ndarray) -> np.ndarray:
    """Return what is left of latents (m, k) by ridge regression on the units, or on these and random features, the less, (k,)."""
    rng = np.random.default_rng(0)
    z = (x - x.mean(axis=0)) / np.maximum(x.std(axis=0), 1e-12)
    u, d, _ = np.linalg.svd(z, full_matrices=False)
    z = (u * d)[:, d > 1e-8 * d[0]]
    hidden = np.tanh(z / np.sqrt((z**2).sum(axis=1).mean()) @ rng.standard_normal((z.shape[1], 400)))
    return np.minimum(*(ridge(f, s, folds) for f in (z, np.column_stack([z, 3 * (hidden - hidden.mean(axis=0))]))))


def ridge(x: np.ndarray, s: np.ndarray, folds: np.ndarray) -> np.ndarray:
    """Return what ridge regression leaves on held-out rows, each strength chosen on the others, (k,)."""
    missed, total = np.zeros(s.shape[1]), ((s - s.mean(axis=0)) ** 2).sum(axis=0)
    for fold in range(int(folds.max()) + 1):
        out = folds == fold
        mean, level = x[~out].mean(axis=0), s[~out].mean(axis=0)
        u, d, vt = np.linalg.svd(x[~out] - mean, full_matrices=False)
        keep = d > 1e-9 * d[0]
        u, d, vt = u[:, keep], d[keep], vt[keep]
        seen, held = u.T @ (s[~out] - level), (x[out] - mean) @ vt.T
        best, told = np.full(s.shape[1], np.inf), np.zeros((int(out.sum()), s.shape[1]))
        for strength in 10.0 ** np.arange(-6, 3) * len(u):
            g = d**2 / (d**2 + strength)
            rest = (s[~out] - level - u @ (g[:, None] * seen)) / np.maximum(1 - (u**2) @ g - 1 / len(u), 1e-3)[:, None]
            better = (rest**2).sum(axis=0) < best
            best = np.minimum(best, (rest**2).sum(axis=0))
            told[:, better] = held @ ((d / (d**2 + strength))[:, None] * seen[:, better])
        missed += ((s[out] - level - told) ** 2).sum(axis=0)
    return missed / total


def extra(part: CommonPart, s: np.ndarray, folds: np.ndarray, left: np.ndarray) -> tuple[float, float]:
    """Return the most that the coordinates of a layer leave of a latent, over what the oracle leaves, and what that leaves."""
    if not part.dimensions or not s.shape[1]:
        return 0.0, 0.0
    worst = (-np.inf, 0.0)
    for side in (0, 1):
        missed, total = np.zeros(s.shape[1]), ((s - s.mean(axis=0)) ** 2).sum(axis=0)
        for fold in range(FOLDS):
            fitted, held = part.coordinates(fold, side)
            out = folds == fold
            missed += ((s[out] - smooth(fitted, s[~out])(held)) ** 2).sum(axis=0)
        over = missed / total - left[side]
        worst = max(worst, (float(over.max()), float(left[side][int(over.argmax())])))
    return worst


def table(found: dict[tuple[str, int], list[str]]) -> str:
    """Return the shares that are right, by set and by rows."""
    groups: dict[tuple[str, str], list[dict[str, float]]] = defaultdict(list)
    for (name, _), row in found.items():
        numbers = dict(zip(COLUMNS[2:], map(float, row), strict=True))
        for rows in ("all", str(int(numbers["rows"]))):
            groups[name, rows].append(numbers)
    head = ("rows", 6), ("pairs", 7), ("told", 6), ("exact", 8), ("within 1", 10), ("in interval", 13), ("width", 7)
    lines = [f"{'pairs':28}" + "".join(f"{name:>{width}}" for name, width in head) + f"{'over 3 points':>15}"]
    for (name, rows), pairs in sorted(groups.items(), key=place):
        told = [p for p in pairs if p["told"] >= TOLD]
        exact, near = (sum(abs(p["k"] - p["found"]) <= d for p in told) for d in (0, 1))
        inside = sum(p["low"] <= p["k"] <= p["high"] for p in told)
        width = np.mean([p["high"] - p["low"] for p in told]) if told else 0.0
        over = sum(p["left"] > 0.03 for p in told if p["found"] and p["k"])
        lines.append(
            f"{name:28}{rows:>6}{len(pairs):>7}{len(told):>6}{exact:>8}{near:>10}{inside:>13}{width:>7.2f}{over:>15}"
        )
    return "\n".join(lines)


def place(group: tuple[tuple[str, str], object]) -> tuple[int, int]:
    """Return where a line of the table stands: by set, all rows before numbers of rows."""
    (name, rows), _ = group
    return list(SETS).index(name), 0 if rows == "all" else int(rows)


if __name__ == "__main__":
    main()
