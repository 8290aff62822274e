"""Where common coordinates lose latents: the pairs of common_part.csv whose worst latent is over 3 points over the oracle.

python benchmarks/shared/lost.py [--only KIND ...] [--all]

For the worst latent of the worse layer it prints what is left of it.

oracle: the latent is told, and read by ridge regression on the units and on random features of them.
straight: all shared latents are told, k straight readings of the units are taken, and the latent is read from these.
found: in the common coordinates.
more rows: in coordinates that the same search finds on 4000 other rows of the same networks, on the rows of the pair.
read more: in the common coordinates on fresh rows, read off by a map that 8000 other rows give instead of those of the pair.
told across: shared latents are told to the other layer alone. This one is read as the product reads coordinates again, but for
what the other layer tells of rows that it was not told, and the latents themselves choose the ridge. It is a yardstick of what
the other layer's knowledge allows, no bound: coordinates that are read several times may do better.

Below stand three differences. What no straight reading keeps is straight - oracle. What few rows cost in directions is found -
more rows. What they cost in reading is found - read more on fresh rows. Where more rows leave more than straight, the coordinates
are curved.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from common_part import COLUMNS, FOLDS, SETS, TOLD, oracle, read
from worlds import World

from conjugacy.numerics.kernels import matern52, squared_distances
from conjugacy.numerics.resample import draw_folds
from conjugacy.transformations.common.columns import Principal
from conjugacy.transformations.common.common_part import common_part
from conjugacy.transformations.common.maps import fitted
from conjugacy.transformations.common.reread import MOST_READ, TRIED, ReadRows
from conjugacy.transformations.common.smooth import smooth

HERE = Path(__file__).parent
OVER, MORE, READ, FRESH, LANDMARKS = 0.03, 4000, 8000, 4000, 1000
SAID = ("oracle", "straight", "found", "more rows", "read more", "told across")


def main() -> None:
    """Print a line for each pair, and the middle of every difference."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="*", default=["plain"], choices=list(SETS))
    parser.add_argument("--all", action="store_true", help="every pair, not only those over 3 points")
    given = parser.parse_args()
    lines = [f"{'pair':31}{'rows':>5}{'k':>4}  {'layer':22}" + "".join(f"{name:>12}" for name in SAID)]
    lost = list[tuple[float, ...]]()
    for (name, seed), row in read(HERE / "common_part.csv").items():
        numbers = dict(zip(COLUMNS[2:], map(float, row), strict=True))
        counted = name in given.only and numbers["told"] >= TOLD and numbers["found"] and numbers["k"]
        if not counted or (numbers["left"] <= OVER and not given.all):
            continue
        world = World.drawn(seed + 1000 * list(SETS).index(name), SETS[name][1], SETS[name][2])
        layer, left = of_pair(world)
        lost.append((left[1] - left[0], left[2] - left[3], left[5] - left[4], left[6] - left[0]))
        lines.append(
            f"{name + ' ' + str(seed):31}{world.rows:>5}{world.shared:>4}  {layer:22}" + written((*left[:5], left[6]))
        )
        print(lines[-1], flush=True)
    parts = np.median(np.array(lost), axis=0)
    lines.append(f"middle of {len(lost)} pairs: straight - oracle {parts[0]:.3f}, found - more rows {parts[1]:.3f}, ")
    lines[-1] += f"found - read more {parts[2]:.3f}"
    largest = np.bincount(np.argmax(np.array(lost)[:, :3], axis=1), minlength=3)
    lines.append(f"largest of the three: straight {largest[0]}, directions {largest[1]}, reading {largest[2]}")
    across = sum(one[3] > OVER for one in lost)
    lines.append(f"told across - oracle: middle {parts[3]:.3f}; over 3 points in {across} of {len(lost)}")
    text = "\n".join(lines)
    if given.only == ["plain"] and not given.all:
        (HERE / "lost.txt").write_text(text + "\n", "utf-8")
    print(text)


def written(left: tuple[float, ...]) -> str:
    """Return numbers of a line."""
    return "".join(f"{value:>12.3f}" for value in left)


def of_pair(world: World) -> tuple[str, tuple[float, ...]]:
    """Return which layer is worse, and what is left of its worst latent: as said above, and what is found left on fresh rows."""
    m = world.rows
    a, b, s = world.layers(MORE + READ + FRESH)
    folds = draw_folds(np.arange(m), FOLDS, world.seed)
    part = common_part(a[:m], b[:m], folds)
    other = slice(m, m + MORE)
    larger = fitted(common_part(a[other], b[other], draw_folds(np.arange(MORE), 2, 0)))
    best = ("", (0.0,) * 7, -np.inf)
    for side, x in enumerate((a, b)):
        own, latents = x[:m], s[:m]
        left = oracle(own, latents, folds)
        straight, found, across = np.zeros((3, s.shape[1]))
        rows = larger[side].to_common(own)
        many, by_other = np.zeros(s.shape[1]), told_across(own, (b, a)[side][:m], latents, folds)
        for fold in range(FOLDS):
            out = folds == fold
            for missed, (fit, held) in (
                (straight, readings(own, latents, out)),
                (found, part.coordinates(fold, side)),
                (many, (rows[~out], rows[out])),
                (across, by_other[fold]),
            ):
                missed += ((latents[out] - smooth(fit, latents[~out])(held)) ** 2).sum(axis=0)
        total = ((latents - latents.mean(axis=0)) ** 2).sum(axis=0)
        z = fitted(part)[side].to_common(x)
        fresh = s[m + MORE + READ :]
        spread = ((fresh - fresh.mean(axis=0)) ** 2).sum(axis=0)
        few = ((fresh - smooth(z[:m], latents)(z[m + MORE + READ :])) ** 2).sum(axis=0) / spread
        told = curved(z[m + MORE : m + MORE + READ], s[m + MORE : m + MORE + READ], z[m + MORE + READ :])
        by_many = ((fresh - told) ** 2).sum(axis=0) / spread
        over = found / total - left
        j = int(over.argmax())
        if over[j] > best[2]:
            numbers = (left[j], straight[j] / total[j], found[j] / total[j], many[j] / total[j], by_many[j], few[j])
            numbers = (*numbers, across[j] / total[j])
            best = (f"{world.kinds[side]}, {world.units[side]} units", tuple(map(float, numbers)), float(over[j]))
    return best[0], best[1]


def readings(x: np.ndarray, s: np.ndarray, out: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return what ridge regression on units, told latents (m, k), reads of them: on the rows that fit it and on the others."""
    z = (x - x.mean(axis=0)) / np.maximum(x.std(axis=0), 1e-12)  # as the oracle does: of all rows
    z = z - z[~out].mean(axis=0)
    u, d, vt = np.linalg.svd(z[~out], full_matrices=False)
    keep = d > 1e-8 * d[0]
    u, d, vt = u[:, keep], d[keep], vt[keep]
    centred = s[~out] - s[~out].mean(axis=0)
    seen, best, turn = u.T @ centred, np.full(s.shape[1], np.inf), np.zeros((x.shape[1], s.shape[1]))
    for strength in 10.0 ** np.arange(-6, 3) * len(u):
        g = d**2 / (d**2 + strength)
        rest = (centred - u @ (g[:, None] * seen)) / np.maximum(1 - (u**2) @ g - 1 / len(u), 1e-3)[:, None]
        left = (rest**2).sum(axis=0)
        better = left < best
        best = np.minimum(best, left)
        turn[:, better] = vt.T @ ((d / (d**2 + strength))[:, None] * seen[:, better])
    return z[~out] @ turn, z[out] @ turn


def told_across(
    x: np.ndarray, other: np.ndarray, s: np.ndarray, folds: np.ndarray
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return what a layer x reads of latents (m, k) that only the other one is told, by fold: of fitted rows, and of others."""
    principal = Principal.of(x, MOST_READ)
    rows, told, missed = list[ReadRows](), list[np.ndarray](), np.zeros(len(TRIED))
    for fold in range(FOLDS):
        out = folds == fold
        fit, view = np.flatnonzero(~out), np.zeros((int((~out).sum()), s.shape[1]))
        inner = draw_folds(np.arange(len(fit)), FOLDS, 1)
        for part in range(FOLDS):
            view[inner == part] = readings(other[fit], s[fit], inner == part)[1]
        latents = s[fit] - s[fit].mean(axis=0)
        view *= (latents**2).sum(axis=0) / (view * latents).sum(axis=0)  # the latents and noise, not shrunk
        rows.append(ReadRows(principal(x), out, principal.whole))
        told.append(view)
        missed += rows[-1].missed((view, s[out] - s[fit].mean(axis=0)))
    kept = TRIED[int(missed.argmin())]
    return [one.turned(one.turn(view, kept)) for one, view in zip(rows, told, strict=True)]


def curved(x: np.ndarray, y: np.ndarray, fresh: np.ndarray) -> np.ndarray:
    """Return what kernel ridge regression on many landmarks tells of fresh rows, chosen on a fifth of the rows that fit it."""
    mean, spread, cut = x.mean(axis=0), x.std(axis=0), len(x) * 4 // 5
    z, fresh = (x - mean) / spread, (fresh - mean) / spread
    best, told = np.full(y.shape[1], np.inf), np.zeros((len(fresh), y.shape[1]))
    for width in (1.0, 2.5):
        columns, held = (
            np.column_stack([np.ones(len(v)), v, matern52(squared_distances(v, z[:LANDMARKS]), width**2 * x.shape[1])])
            for v in (z, fresh)
        )
        products, crossed = columns[:cut].T @ columns[:cut], columns[:cut].T @ y[:cut]
        penalty = np.where(np.arange(len(products)) <= x.shape[1], 1e-6, 1.0)
        for strength in 10.0 ** np.arange(-7, -1):
            weights = np.linalg.solve(products + np.diag(cut * (strength * penalty + 1e-9)), crossed)
            left = ((y[cut:] - columns[cut:] @ weights) ** 2).sum(axis=0)
            better = left < best
            best = np.minimum(best, left)
            told[:, better] = (held @ weights)[:, better]
    return told


if __name__ == "__main__":
    main()
