"""What families share: a relation drawn at random, how many rows, who sees what."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from .designs import Design, independent
from .world import Array, Net, Rng, Source, World

RELATIONS = ("equivalent", "one way", "partly", "unrelated", "near")
WEIGHTS = {"equivalent": 0.3, "one way": 0.25, "partly": 0.15, "unrelated": 0.25, "near": 0.05}
SIZES, SHARES = (100, 200, 300, 500, 1000, 3000), (0.1, 0.2, 0.37, 0.2, 0.1, 0.03)
Make = Callable[[int, Rng], Callable[[Array], Array]]


@dataclass(frozen=True)
class Toss:
    """The random choices of one pair."""

    rng: Rng
    relation: str
    most: int = 3000

    def rows(self, least: int = 100, most: int = 3000) -> int:
        """Return a number of rows, mostly moderate."""
        fits = [least <= m <= min(most, self.most) for m in SIZES]
        share = np.array(SHARES) * fits
        return int(self.rng.choice(SIZES, p=share / share.sum()))

    def between(self, low: float, high: float) -> float:
        """Return a number, each factor as likely as another."""
        return float(np.exp(self.rng.uniform(np.log(low), np.log(high))))

    def whole(self, low: int, high: int) -> int:
        """Return a whole number from low to high, both included."""
        return int(self.rng.integers(low, high + 1))

    def maybe(self, chance: float = 0.5) -> bool:
        """Return yes or no."""
        return bool(self.rng.random() < chance)

    def sees(self, d: int, *, first: int = 0, share: int | None = None) -> tuple[int, tuple[int, ...], tuple[int, ...]]:
        """Return the number of sources, and which of them A and B see, d each where the relation allows it.

        `first`: sources that are numbered from here on. `share`: how many of d both see, where they are partly related.
        """
        both = tuple(range(first, first + d))
        if self.relation in ("equivalent", "near"):
            return d, both, both
        if self.relation == "one way":
            fewer = both[: self.whole(1, d - 1)]
            return (d, both, fewer) if self.maybe() else (d, fewer, both)
        common = (self.whole(1, d - 1) if share is None else share) if self.relation == "partly" else 0
        return 2 * d - common, both, (*both[:common], *range(first + d, first + 2 * d - common))

    def nets(self, make: Make, sees: tuple[tuple[int, ...], tuple[int, ...]]) -> tuple[Net, Net]:
        """Return two networks made from the number of what they see."""
        found = [Net(own, make(len(own), self.rng)) for own in sees]
        return found[0], found[1]

    def noisy(self, a: Net, b: Net) -> tuple[Net, Net]:
        """Give one network private noise about as large as the tolerance, where the relation is `near`."""
        if self.relation != "near":
            return a, b
        noise = self.between(0.034, 0.07)
        return (a, replace(b, noise=noise)) if self.maybe() else (replace(a, noise=noise), b)

    def plain(self, make: Make, d: int, design: Design, **options: object) -> World:
        """Return two random networks of d sources each that the design fills."""
        count, *sees = self.sees(d)
        a, b = self.noisy(*self.nets(make, (sees[0], sees[1])))
        return World(self.relation, design, (Source(),) * count, a, b, **{"limit": design.limit, **options})  # type: ignore[arg-type]

    def iid(self, make: Make, d: int, *, least: int = 100, most: int = 3000) -> World:
        """Return the same on rows that do not depend on each other."""
        return self.plain(make, d, independent(self.rows(least, most)))


@dataclass(frozen=True)
class Family:
    """A name, how a pair is made, and the relations that apply."""

    name: str
    make: Callable[[Toss], World]
    relations: Sequence[str] = RELATIONS
    blind: bool = False

    def world(self, seed: int, most: int = 3000) -> World:
        """Return the pair of this seed."""
        rng = np.random.default_rng([seed, zlib.crc32(self.name.encode())])
        share = np.array([WEIGHTS[r] for r in self.relations])
        return self.make(Toss(rng, str(rng.choice(list(self.relations), p=share / share.sum())), most))
