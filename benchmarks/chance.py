"""How often the test of chance is wrong: for networks that have nothing in common, and for networks that have little.

python benchmarks/chance.py [--quick] [--pairs N]

First table: independent pairs of many kinds and shapes. The test should reject at .01 in one of a hundred. Where it does not
reject, the pair is called unrelated if a planted function would have been found. That function of one network makes up a
twentieth of the other's variance, in re-paired rows. Second table: pairs that share one latent of many, and even functions
beside private latents. These should not be called unrelated. Shares have 95 % intervals (Clopper and Pearson). Seconds are CPU
seconds for a pair, including what is computed once for each network.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.stats import beta

sys.path.insert(0, str(Path(__file__).parent / "calibration"))
from worlds import layers

from conjugacy.transformations import Layer
from conjugacy.transformations.chance import Chance

Array = np.ndarray
Draw = Callable[[int, np.random.Generator], tuple[Array, Array]]


def net(x: Array, rng: np.random.Generator, n: int = 0, **options: float) -> Array:
    """Return a random network of latents."""
    return layers(x.shape[1], n or 24 + 8 * x.shape[1], rng, **options)(x)  # type: ignore[arg-type]


def apart(one: Callable[[int, np.random.Generator], Array]) -> Draw:
    """Return two layers of one kind, each of its own latents."""
    return lambda m, rng: (one(m, rng), one(m, rng))


def tanh(d: int, n: int = 0, **options: float) -> Draw:
    """Return networks of d latents."""
    return apart(lambda m, rng: net(rng.standard_normal((m, d)), rng, n, **options))


def heavy(m: int, rng: np.random.Generator) -> Array:
    """Return units with tails of infinite fourth moment."""
    return np.sinh(2.0 * net(rng.standard_t(3, (m, 4)), rng)) * rng.standard_t(3, (m, 1))


def one_hot(m: int, rng: np.random.Generator) -> Array:
    """Return chosen classes, some of them rare."""
    return np.eye(12)[rng.choice(12, m, p=rng.dirichlet(np.ones(12)))]


def softmax(m: int, rng: np.random.Generator) -> Array:
    """Return probabilities of thirty classes."""
    logits = 3.0 * net(rng.standard_normal((m, 5)), rng, 30)
    odds = np.exp(logits - logits.max(axis=1, keepdims=True))
    return odds / odds.sum(axis=1, keepdims=True)


def spikes(m: int, rng: np.random.Generator) -> Array:
    """Return counts of few spikes."""
    return rng.poisson(np.exp(net(rng.standard_normal((m, 3)), rng, 40) - 1.0)).astype(float)


def mixture(m: int, rng: np.random.Generator) -> Array:
    """Return eight classes with scatter."""
    return 3.0 * rng.standard_normal((8, 24))[rng.integers(0, 8, m)] + rng.standard_normal((m, 24))


def codes(m: int, rng: np.random.Generator) -> Array:
    """Return twenty random codes, each in many rows."""
    return rng.standard_normal((20, 30))[rng.integers(0, 20, m)]


def quiet(m: int, rng: np.random.Generator) -> Array:
    """Return directions whose amplitudes fall as k^-2."""
    turned = np.linalg.qr(rng.standard_normal((20, 20)))[0]
    return rng.standard_normal((m, 20)) * np.arange(1.0, 21.0) ** -2 @ turned


def scalar(m: int, rng: np.random.Generator) -> Array:
    """Return one number."""
    return rng.uniform(-1, 1, (m, 1))


def doubled(m: int, rng: np.random.Generator) -> Array:
    """Return units that come ten times."""
    return np.tile(rng.standard_normal((m, 4)), 10)


INDEPENDENT: dict[str, tuple[Draw, tuple[int, ...]]] = {
    "tanh, 2 latents": (tanh(2), (100, 300, 1000)),
    "tanh, 8 latents": (tanh(8), (300,)),
    "tanh, 20 latents": (tanh(20), (100, 300)),
    "relu, 5 latents": (tanh(5, rectify=True), (300, 1000)),
    "deep, 5 latents": (tanh(5, depth=5), (300,)),
    "more units than rows": (tanh(5, 512), (100,)),
    "sparse relu": (tanh(5, rectify=True, shift=0.6), (300,)),
    "heavy tails": (apart(heavy), (100, 300)),
    "chosen classes": (apart(one_hot), (300,)),
    "softmax": (apart(softmax), (300,)),
    "spikes": (apart(spikes), (300,)),
    "mixture of classes": (apart(mixture), (300,)),
    "twenty codes": (apart(codes), (300,)),
    "quiet directions": (apart(quiet), (300,)),
    "one number": (apart(scalar), (300,)),
    "units that repeat": (apart(doubled), (300,)),
}


def sharing(latents: int, **options: float) -> Draw:
    """Return networks of so many latents each, of which one is the same."""

    def draw(m: int, rng: np.random.Generator) -> tuple[Array, Array]:
        own, other = rng.standard_normal((2, m, latents))
        other[:, 0] = own[:, 0]
        return net(own, rng, **options), net(other, rng, **options)

    return draw


def even(function: Callable[[Array], Array], latents: int = 2) -> Draw:
    """Return a network, and one of even functions of its latents and as many latents of its own."""

    def draw(m: int, rng: np.random.Generator) -> tuple[Array, Array]:
        own, private = rng.standard_normal((2, m, latents))
        folded = function(own)
        folded = (folded - folded.mean(axis=0)) / folded.std(axis=0)
        return net(own, rng), net(np.column_stack([folded, private]), rng)

    return draw


RELATED: dict[str, tuple[Draw, tuple[int, ...]]] = {
    "1 of 20, tanh": (sharing(20), (300, 1000)),
    "1 of 30, tanh": (sharing(30), (300, 1000)),
    "1 of 20, relu": (sharing(20, rectify=True), (300, 1000)),
    "1 of 30, relu": (sharing(30, rectify=True), (300, 1000)),
    "squares": (even(np.square), (300, 1000)),
    "sizes": (even(np.abs), (300,)),
    "cosines": (even(lambda x: np.cos(2 * x)), (300,)),
    "squares, 5 latents": (even(np.square, 5), (300,)),
    "product of two": (even(lambda x: x[:, :1] * x[:, 1:]), (300,)),
}


@dataclass
class Counts:
    """What was found in so many pairs."""

    pairs: int = 0
    rejected: int = 0
    found: int = 0
    unrelated: int = 0
    seconds: float = 0.0

    def add(self, other: Counts) -> None:
        """Put two together."""
        for name, value in vars(other).items():
            setattr(self, name, getattr(self, name) + value)

    def line(self, name: str, rows: object) -> str:
        """Return a line of the table."""
        shares = "".join(f"{with_ends(k, self.pairs):>24}" for k in (self.rejected, self.found, self.unrelated))
        return f"{name:24}{rows!s:>6}{self.pairs:>7}{shares}{self.seconds / self.pairs:>10.2f}"


def with_ends(count: int, of: int) -> str:
    """Return a share of pairs in per cent with its interval."""
    low = beta.ppf(0.025, count, of - count + 1) if count else 0.0
    high = beta.ppf(0.975, count + 1, of - count) if count < of else 1.0
    return f"{100 * count / of:.1f} [{100 * low:.1f}, {100 * high:.1f}]"


def judged(draw: Draw, m: int, pairs: int) -> Counts:
    """Return what the test says of so many pairs."""
    found = Counts(pairs)
    for seed in range(pairs):
        a, b = draw(m, np.random.default_rng([seed, m]))
        start = time.process_time()
        chance = Chance(Layer(a), Layer(b), np.arange(m), seed)
        rejects, shows = chance.rejects, chance.would_show
        found.seconds += time.process_time() - start
        found.rejected += rejects
        found.found += shows
        found.unrelated += shows and not rejects
    return found


def table(title: str, cases: dict[str, tuple[Draw, tuple[int, ...]]], pairs: int, total: bool) -> None:
    """Print one table."""
    print(f"{title}\n")
    heads = "".join(f"{head:>24}" for head in ("rejected, %", "planted found, %", "called unrelated, %"))
    print(f"{'pairs':24}{'rows':>6}{'number':>7}{heads}{'seconds':>10}")
    together = Counts()
    for name, (draw, sizes) in cases.items():
        for m in sizes:
            one = judged(draw, m, pairs if m < 1000 or total else -(-pairs // 2))
            together.add(one)
            print(one.line(name, m), flush=True)
    if total:
        print(together.line("all", ""))
    print()


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="five pairs of each kind")
    parser.add_argument("--pairs", type=int, default=100, help="of each kind and number of rows")
    given = parser.parse_args()
    pairs = 5 if given.quick else given.pairs
    table("Independent pairs: rejected should be 1 %", INDEPENDENT, pairs, total=True)
    table("Pairs that share something: none should be called unrelated", RELATED, pairs, total=False)


if __name__ == "__main__":
    main()
