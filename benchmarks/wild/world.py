"""A pair of layers whose relation is known: independent sources, two networks that see some of them, and what each leaves open.

Everything that a row holds comes from *sources* that are independent of each other. A network sees some of them and answers by a
function that keeps all it sees (or, where it `folds`, says how another stimulus with the same answer is drawn). Then the best
possible map from A to B leaves E Var(B | what A keeps) of B. Two draws of a row that share only what A keeps give it without any
regression. Unit by unit, it is half the mean squared difference of B between both draws, plus B's private noise, over B's
variance.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from .designs import Design

Array = np.ndarray
Rng = np.random.Generator
TOLERANCE, NEAR, TRUTH_ROWS = 0.05, 1.5, 6000


@dataclass(frozen=True)
class Source:
    """One thing that a network may see: `width` numbers per row, as they come in the recording and as one row by itself.

    Without callables of its own, the design fills a source with standard normal numbers whose rows depend on each other.
    """

    width: int = 1
    rows: Callable[[Design, Rng], Array] | None = None
    alone: Callable[[int, Rng], Array] | None = None

    def recorded(self, design: Design, rng: Rng) -> Array:
        """Return the m rows of a recording, (m, width)."""
        return design.fill(self.width, rng) if self.rows is None else self.rows(design, rng)

    def fresh(self, design: Design, m: int, rng: Rng) -> Array:
        """Return m independent draws of one row, (m, width)."""
        return design.alone(m, self.width, rng) if self.alone is None else self.alone(m, rng)


@dataclass(frozen=True)
class Net:
    """What a network sees, how it answers, what it loses, and what its units add by themselves.

    Attributes
    ----------
    sees : tuple of int
        The sources it is shown.
    answer : callable
        From what it sees, (m, q), to its units, (m, n), without noise.
    fold : callable, optional
        From what it sees to another draw of that, distributed as it is given the answer; without it, the answer tells all.
    noise : float
        Share of every unit's variance that is private normal noise.
    corrupt, corrupted : callables, optional
        Another kind of noise: from clean units to recorded ones; and its variance per unit, from clean units.
    told : callable, optional
        What the oracle is told, from what the network sees; else what it sees itself.
    """

    sees: tuple[int, ...]
    answer: Callable[[Array], Array]
    fold: Callable[[Array, Rng], Array] | None = None
    noise: float = 0.0
    corrupt: Callable[[Array, Rng], Array] | None = None
    corrupted: Callable[[Array], Array] | None = None
    told: Callable[[Array], Array] | None = None

    def clean(self, latent: list[Array]) -> Array:
        """Return the units without noise."""
        return self.answer(self.seen(latent))

    def seen(self, latent: list[Array]) -> Array:
        """Return the numbers that this network is shown, side by side."""
        return np.hstack([latent[i] for i in self.sees])

    def recorded(self, latent: list[Array], rng: Rng) -> Array:
        """Return the units as they are recorded."""
        found = self.clean(latent)
        if self.corrupt is not None:
            return self.corrupt(found, rng)
        if not self.noise:
            return found
        return found + np.sqrt(self.noise / (1 - self.noise)) * found.std(axis=0) * rng.standard_normal(found.shape)

    def private(self, clean: Array) -> Array:
        """Return the variance of what every unit adds by itself."""
        if self.corrupted is not None:
            return self.corrupted(clean)
        return self.noise / (1 - self.noise) * clean.var(axis=0)

    def again(self, latent: list[Array], other: list[Array], rng: Rng) -> list[Array]:
        """Return the row that this network cannot tell from `latent`: what it does not see is taken from `other`."""
        found = [latent[i] if i in self.sees else other[i] for i in range(len(latent))]
        if self.fold is None:
            return found
        parts = np.split(
            self.fold(self.seen(latent), rng), np.cumsum([latent[i].shape[1] for i in self.sees])[:-1], axis=1
        )
        for i, part in zip(self.sees, parts, strict=True):
            found[i] = part
        return found


@dataclass(frozen=True)
class World:
    """Two networks on sources, with the rows they were shown and what the user says of them.

    `known` replaces what two draws say, A to B and B to A, where the source has noise and another form is there. `limit` says
    why nobody could decide this pair from these rows, if so. `labels`: the source that holds class numbers for A, and for B.
    """

    relation: str
    design: Design
    sources: tuple[Source, ...]
    a: Net
    b: Net
    given: frozenset[str] = frozenset()
    limit: str = ""
    known: Callable[[], tuple[float, float]] | None = None
    labels: tuple[int, int] | None = None
    note: Mapping[str, object] = field(default_factory=dict[str, object])

    def truth(self, seed: int = 5) -> tuple[float, float]:
        """Return what the best map leaves unexplained, A to B and B to A: the mean over units that vary."""
        if self.known is not None:
            return self.known()
        return self._left(self.a, self.b, seed), self._left(self.b, self.a, seed)

    def _left(self, source: Net, target: Net, seed: int) -> float:
        rng = np.random.default_rng([seed, 11])
        first, second = ([s.fresh(self.design, TRUTH_ROWS, rng) for s in self.sources] for _ in range(2))
        one, two = target.clean(first), target.clean(source.again(first, second, rng))
        noise = target.private(one)
        variance = (one.var(axis=0) + two.var(axis=0)) / 2 + noise  # of both: a unit may answer to few rows
        within = ((one - two) ** 2).mean(axis=0) / 2 + noise
        live = variance > 1e-12 * variance.max()
        return float(min(1.0, (within[live] / variance[live]).mean()))

    def draw(self, seed: int) -> Drawn:
        """Return the recording that this seed makes of the two networks."""
        rng = np.random.default_rng([seed, 23])
        latent = [s.recorded(self.design, rng) for s in self.sources]
        a, b = (net.recorded(latent, rng) for net in (self.a, self.b))
        return Drawn(self, latent, a, b)

    @property
    def shared(self) -> tuple[int, ...]:
        """The sources that both see."""
        return tuple(i for i in self.a.sees if i in self.b.sees)


@dataclass(frozen=True)
class Drawn:
    """One recording of both networks, (m, n_a) and (m, n_b), with the latents behind it."""

    world: World
    latent: list[Array]
    a: Array
    b: Array

    def told(self, net: Net) -> Array:
        """Return what the oracle is told that this network keeps."""
        seen = net.seen(self.latent)
        return seen if net.told is None else net.told(seen)


def answer_of(truth: tuple[float, float], independent: bool) -> str:
    """Return the right answer in the words of the verdict."""
    holds = tuple(u < TOLERANCE for u in truth)
    if holds == (False, False):
        return "unrelated" if independent else "partly_related"
    return {(True, True): "equivalent", (True, False): "a_determines_b", (False, True): "b_determines_a"}[holds]  # type: ignore[index]


def away(truth: tuple[float, float]) -> bool:
    """Return whether both directions are away from the tolerance by a factor of 1.5."""
    return all(not TOLERANCE / NEAR <= u <= TOLERANCE * NEAR for u in truth)
