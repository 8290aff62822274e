"""How often rows are found to depend on each other, rightly and wrongly, and what is answered for unrelated recordings.

python benchmarks/row_order.py [--quick] [--part false,found,labels,pairs] [--scale N]

`false`: 18 families of independent rows, both layers rotations of one draw, so that what shows in one shows in the other.
`found`: two unrelated recordings whose rows depend on each other; random networks on both.
`labels`: rows sorted by class, independent within, with the classes given, and without; and with a drift within.
`pairs`: answers of the measure `verdict` on unrelated recordings whose rows depend on each other, and on related ones.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Callable
from functools import partial

import numpy as np
from scipy.special import softmax

import conjugacy as cj
from conjugacy.verdict.dependence import RowsOfPair, find_dependence
from conjugacy.verdict.rows_seen import RowsSeen

Rng = np.random.Generator
Found = Callable[[int, int], str]
UNITS = 24


def seen_by(x: np.ndarray, rng: Rng, units: int = UNITS) -> np.ndarray:
    """Return what a random network makes of rows."""
    hidden = np.tanh(x @ rng.standard_normal((x.shape[1], 2 * units)) / np.sqrt(x.shape[1]) * 1.2)
    return hidden @ rng.standard_normal((2 * units, units)) / np.sqrt(2 * units)


def classes(m: int, k: int, d: int, within: float, rng: Rng) -> tuple[np.ndarray, np.ndarray]:
    """Return rows of k classes around random centres, and their classes."""
    labels = rng.integers(k, size=m)
    return rng.standard_normal((k, d))[labels] + within * rng.standard_normal((m, d)), labels


def one_hot(m: int, k: int, rng: Rng) -> np.ndarray:
    """Return rows that are mostly one of k units, some of them rare."""
    share = rng.dirichlet(np.full(k, 0.6))
    return np.eye(k)[rng.choice(k, size=m, p=share)] + 0.3 * rng.standard_normal((m, k))


def duplicated(m: int, rng: Rng) -> np.ndarray:
    """Return units most of which are copies of one."""
    x = rng.standard_normal((m, 6))
    return np.hstack([x, np.repeat(x[:, :1], 18, axis=1) + 0.01 * rng.standard_normal((m, 18))])


INDEPENDENT: dict[str, Callable[[int, Rng], np.ndarray]] = {
    "normal, d = 20": lambda m, rng: rng.standard_normal((m, 20)),
    "normal, d = 2": lambda m, rng: rng.standard_normal((m, 2)),
    "one latent": lambda m, rng: rng.standard_normal((m, 1)),
    "heavy tails, t2": lambda m, rng: rng.standard_t(2, (m, 12)),
    "lognormal": lambda m, rng: np.exp(1.5 * rng.standard_normal((m, 12))),
    "uniform, d = 5": lambda m, rng: rng.random((m, 5)),
    "bounded, saturated": lambda m, rng: np.tanh(4.0 * rng.standard_normal((m, 6))),
    "one of 30, noisy": lambda m, rng: one_hot(m, 30, rng),
    "sparse, 5 %": lambda m, rng: rng.exponential(size=(m, 40)) * (rng.random((m, 40)) < 0.05),
    "rare, 2 of 40 units on 1 %": lambda m, rng: np.hstack(
        [rng.standard_normal((m, 38)), 9.0 * (rng.random((m, 2)) < 0.01)]
    ),
    "rectified": lambda m, rng: np.maximum(0.0, rng.standard_normal((m, 24)) - 0.5),
    "softmax": lambda m, rng: softmax(3.0 * rng.standard_normal((m, 10)), axis=1),
    "10 classes, within .5": lambda m, rng: classes(m, 10, 10, 0.5, rng)[0],
    "10 classes, within .3": lambda m, rng: classes(m, 10, 10, 0.3, rng)[0],
    "discrete, 0 to 3": lambda m, rng: rng.integers(4, size=(m, 12)).astype(float),
    "low rank, 3 of 24 and noise": lambda m, rng: (
        rng.standard_normal((m, 3)) @ rng.standard_normal((3, 24)) + 0.05 * rng.standard_normal((m, 24))
    ),
    "duplicated units": duplicated,
    "two clouds of unlike width": lambda m, rng: (
        rng.standard_normal((m, 8)) * np.where(rng.random(m) < 0.2, 5.0, 0.5)[:, None]
    ),
}


def walk(m: int, rho: float, rng: Rng, d: int = 6) -> np.ndarray:
    """Return AR(1) rows, stationary; of rho = 1 a random walk."""
    x, e = np.zeros((m, d)), rng.standard_normal((m, d))
    x[0] = e[0] / np.sqrt(1.0 - rho**2) if rho < 1 else e[0]
    for i in range(1, m):
        x[i] = rho * x[i - 1] + e[i]
    return x


def drifting(m: int, share: float, rng: Rng, *, straight: bool = True) -> np.ndarray:
    """Return rows of which a share of the variance is one trend: a line, or a random walk."""
    slow = np.arange(m, dtype=float) if straight else np.cumsum(rng.standard_normal(m))
    trend, direction = (slow - slow.mean()) / slow.std(), rng.standard_normal(8)
    direction *= np.sqrt(8) / np.linalg.norm(direction)
    return np.sqrt(1.0 - share) * rng.standard_normal((m, 8)) + np.sqrt(share) * np.outer(trend, direction)


def oscillating(m: int, rng: Rng) -> np.ndarray:
    """Return three oscillators of random periods with a fifth of noise."""
    angle = 2 * np.pi * np.arange(m)[:, None] / rng.uniform(5, 30, 3) + rng.uniform(0, 6.3, 3)
    return np.hstack([np.cos(angle), np.sin(angle)]) + 0.35 * rng.standard_normal((m, 6))


def frames(m: int, rng: Rng, overlap: int = 8) -> np.ndarray:
    """Return overlapping windows of one noise."""
    noise = rng.standard_normal((m + overlap, 6))
    return np.stack([noise[i : i + overlap].mean(axis=0) for i in range(m)]) * np.sqrt(overlap)


def grouped(m: int, rng: Rng, size: int = 10, share: float = 0.5) -> np.ndarray:
    """Return groups of ten rows side by side that share half of their variance."""
    common = np.repeat(rng.standard_normal((-(-m // size), 6)), size, axis=0)[:m]
    return np.sqrt(share) * common + np.sqrt(1 - share) * rng.standard_normal((m, 6))


def cycled(m: int, rng: Rng, k: int = 20) -> np.ndarray:
    """Return k stimuli shown in turn, again and again, with as much noise."""
    return rng.standard_normal((k, 6))[np.arange(m) % k] + rng.standard_normal((m, 6))


def repeats(m: int, jitter: float, order: np.ndarray, rng: Rng) -> np.ndarray:
    """Return codes in an order, with jitter over the codes' spread."""
    return rng.standard_normal((order.max() + 1, 8))[order] + jitter * rng.standard_normal((m, 8))


SERIAL: dict[str, Callable[[int, Rng], np.ndarray]] = {
    **{f"AR {rho:g}": (lambda m, rng, rho=rho: walk(m, rho, rng)) for rho in (0.3, 0.5, 0.8, 0.9, 0.99)},
    "random walk": lambda m, rng: walk(m, 1.0, rng),
    **{f"drift {s:.0%}, straight": (lambda m, rng, s=s: drifting(m, s, rng)) for s in (0.1, 0.3, 0.8)},
    **{f"drift {s:.0%}, wandering": (lambda m, rng, s=s: drifting(m, s, rng, straight=False)) for s in (0.1, 0.3, 0.8)},
    "three oscillators": oscillating,
    "frames of one clip": frames,
    "groups of ten side by side": grouped,
    "20 stimuli in turn, half noise": cycled,
}
JITTERS = (0.01, 0.02, 0.05, 0.1, 0.15)


def unrelated(name: str, m: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return two layers that have the ties of their rows in common and nothing else."""
    rng = np.random.default_rng([seed, m, 2])
    if name in SERIAL:
        return seen_by(SERIAL[name](m, rng), rng), seen_by(SERIAL[name](m, rng), rng)
    order = rng.permutation(np.arange(m) % 20)
    a, b = (seen_by(repeats(m, float(name.split()[-1]), order, rng), rng) for _ in range(2))
    return a, b


CODES = tuple(f"20 codes, jitter {jitter:g}" for jitter in JITTERS)


def found_in(a: np.ndarray, b: np.ndarray, labels: np.ndarray | None = None) -> str:
    """Return what is found in two layers, in the order in which rows stand."""
    at = np.arange(len(a))
    repeated = np.unique(np.hstack([a, b]), axis=0, return_inverse=True)[1].ravel()  # equal rows count once anyway
    return find_dependence(RowsSeen.of(a), RowsSeen.of(b), RowsOfPair(at, repeated, (at, at), labels)).kind or "nothing"


def table(title: str, names: dict[str, Found], sizes: tuple[int, ...], draws: Callable[[int], int]) -> None:
    """Print how often something is found, row by row and over all."""
    print(f"\n{title}\n{'':34s}" + "".join(f"{f'm = {m}':>14s}" for m in sizes))
    for name, what in names.items():
        line = f"{name:34s}"
        for m in sizes:
            n = draws(m)
            hits = sum(what(m, seed) != "nothing" for seed in range(n))
            totals[title, m] += np.array([hits, n])
            line += f"{f'{hits}/{n}':>14s}"
        print(line, flush=True)
    print(f"{'all':34s}" + "".join(f"{f'{100 * totals[title, m][0] / totals[title, m][1]:.2f} %':>14s}" for m in sizes))


class _Totals(dict[tuple[str, int], np.ndarray]):
    def __missing__(self, key: tuple[str, int]) -> np.ndarray:
        self[key] = np.zeros(2, dtype=int)
        return self[key]


totals = _Totals()


def of_unrelated(name: str, m: int, seed: int) -> str:
    """Return what is found in two unrelated recordings."""
    return found_in(*unrelated(name, m, seed))


def rotated(make: Callable[[int, Rng], np.ndarray], m: int, seed: int) -> str:
    """Return what is found in independent rows and a rotation of them."""
    rng = np.random.default_rng([seed, m, 1])
    x = make(m, rng)
    return found_in(x @ np.linalg.qr(rng.standard_normal((x.shape[1],) * 2))[0], x)


def in_classes(m: int, seed: int, *, told: bool, drift: float = 0.0, within: float = 0.7) -> str:
    """Return what is found in rows sorted by ten classes."""
    rng = np.random.default_rng([seed, m, 3])
    x, labels = classes(m, 10, 8, within, rng)
    order = np.argsort(labels, kind="stable")
    spread = np.sqrt(drift / max(1.0 - drift, 1e-9)) * x.std()
    x, labels = x[order] + spread * np.linspace(-1.7, 1.7, m)[:, None] * np.sign(rng.standard_normal(8)), labels[order]
    return found_in(seen_by(x, rng), seen_by(x, rng), labels if told else None)


def collapsed(m: int, seed: int) -> str:
    """Return what is found in rows of ten classes with hardly any scatter, the classes given."""
    rng = np.random.default_rng([seed, m, 4])
    x, labels = classes(m, 10, 8, 0.05, rng)
    return found_in(seen_by(x, rng), seen_by(x, rng), labels)


LONG = ("AR 0.8", "AR 0.9", "frames of one clip", "20 codes, jitter 0.05")
"""What is compared on 1000 rows, too."""


def pairs(scale: int) -> None:
    """Print answers of the measure `verdict`."""
    verdict = cj.get_measure("verdict")
    some = [name for name in SERIAL if "drift" not in name or "80" in name] + list(CODES[:-1])
    related = ("AR 0.5", "AR 0.8", "groups of ten side by side", "frames of one clip")
    print(f"\nanswers on a network and a rotation of its units with 2 % noise, {scale} pairs each")
    for name, m in [*((name, 300) for name in related), ("AR 0.9", 1000)]:
        counts = Counter[str]()
        for seed in range(scale):
            rng, (a, _) = np.random.default_rng(seed), unrelated(name, m, seed)
            b = a @ np.linalg.qr(rng.standard_normal((a.shape[1],) * 2))[0]
            counts[str(verdict(a, b + 0.02 * a.std() * rng.standard_normal(a.shape)).details["answer"])] += 1
        _tell(m, name, counts)
    print(f"\nanswers on unrelated recordings, {scale} pairs each")
    for m, names in ((300, some), (1000, LONG if scale > 2 else ())):
        for name in names:
            counts = Counter(str(verdict(*unrelated(name, m, seed)).details["answer"]) for seed in range(scale))
            _tell(m, name, counts)


def _tell(m: int, name: str, counts: Counter[str]) -> None:
    print(f"m = {m:5d}  {name:34s}" + ", ".join(f"{k} {n}" for k, n in counts.most_common()), flush=True)


def main() -> None:
    """Run the parts that are asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few draws")
    parser.add_argument("--part", default="false,found,labels,pairs")
    parser.add_argument("--scale", type=int, default=300, help="draws at m = 100 and 300; fewer of more rows")
    given = parser.parse_args()
    scale = 6 if given.quick else given.scale

    def draws(m: int) -> int:
        return max(4, scale * 300 // max(m, 300))

    if "false" in given.part:
        what: dict[str, Found] = {name: partial(rotated, make) for name, make in INDEPENDENT.items()}
        table("independent rows: share found to depend on each other", what, (100, 300, 1000, 3000), draws)
    if "found" in given.part:
        what = {name: partial(of_unrelated, name) for name in (*SERIAL, *CODES)}
        table("unrelated recordings: share found", what, (100, 300, 1000), lambda m: draws(m) // 3 + 1)
    if "labels" in given.part:
        what = {
            "sorted, classes given": partial(in_classes, told=True),
            "sorted, classes not given": partial(in_classes, told=False),
            "sorted, given, 20 % drift": partial(in_classes, told=True, drift=0.2),
            "collapsed, classes given": collapsed,
        }
        table("ten classes: share found", what, (100, 300, 1000), lambda m: draws(m) // 3 + 1)
    if "pairs" in given.part:
        pairs(max(2, scale // 15))


if __name__ == "__main__":
    main()
