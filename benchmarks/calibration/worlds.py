"""Pairs of networks that can be sampled again, with what each leaves unexplained of the other known by construction.

A world draws latent coordinates. Network A sees some of them, network B sees some. If a network keeps all that it sees, A leaves
E Var(B | what A sees) / Var(B) of B unexplained. Two draws that share only what A sees estimate this without any regression: it
is half the mean squared difference of B between both, per unit, divided by the unit's variance.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

Array = np.ndarray
Unit = Callable[[Array, np.random.Generator], Array]
TRUTH_ROWS = 20_000
GRADES = (0.015, 0.15)  # smallest and largest unexplained fraction of the graded kinds


@dataclass(frozen=True)
class Net:
    """Which latent coordinates a network sees, how it answers them, and what its units add by themselves."""

    sees: tuple[int, ...]
    answer: Callable[[Array], Array]
    noise: float = 0.0  # private noise of every unit, in units of its standard deviation
    keeps_all: bool = True  # whether the answer determines what it sees


@dataclass(frozen=True)
class World:
    """Two networks on `latents` shared coordinates."""

    kind: str
    latents: int
    a: Net
    b: Net
    spread_a: Array
    spread_b: Array
    heavy: bool = False

    def draw_latent(self, m: int, rng: np.random.Generator) -> Array:
        """Return m draws of the latent coordinates."""
        return rng.standard_t(4, (m, self.latents)) if self.heavy else rng.standard_normal((m, self.latents))

    def draw(self, m: int, seed: int) -> tuple[Array, Array]:
        """Return m rows of both networks; another seed gives other rows of the same networks."""
        rng = np.random.default_rng([seed, 17])
        latent = self.draw_latent(m, rng)
        return tuple(_noisy(n, latent, s, rng) for n, s in ((self.a, self.spread_a), (self.b, self.spread_b)))  # type: ignore[return-value]

    def by_construction(self) -> tuple[Array | None, Array | None]:
        """Return what A leaves of every unit of B, and B of A; None where the construction does not say."""
        pairs = ((self.a, self.b, self.spread_b), (self.b, self.a, self.spread_a))
        return tuple(self._left(source, target, spread) for source, target, spread in pairs)  # type: ignore[return-value]

    def _left(self, source: Net, target: Net, spread: Array) -> Array | None:
        if source.noise or not source.keeps_all:
            return None
        rng = np.random.default_rng(5)
        first, second = self.draw_latent(TRUTH_ROWS, rng), self.draw_latent(TRUTH_ROWS, rng)
        second[:, source.sees] = first[:, source.sees]
        one, two = target.answer(first[:, target.sees]), target.answer(second[:, target.sees])
        noise = (target.noise * spread) ** 2
        variance = one.var(axis=0) + noise
        within = ((one - two) ** 2).mean(axis=0) / 2 + noise
        return np.divide(within, variance, out=np.zeros_like(within), where=variance > 0)


def _noisy(net: Net, latent: Array, spread: Array, rng: np.random.Generator) -> Array:
    clean = net.answer(latent[:, net.sees])
    return clean + net.noise * spread * rng.standard_normal(clean.shape) if net.noise else clean


def layers(inputs: int, n: int, rng: np.random.Generator, *, depth: int = 2, rectify: bool = False, bias: float = 0.3,
           shift: float = 0.0) -> Callable[[Array], Array]:  # fmt: skip
    """Return a random network of `depth` layers of n units each."""
    weights: list[tuple[Array, Array]] = []
    width = inputs
    for layer in range(depth):
        offset = shift if layer == depth - 1 else 0.0
        weights.append((rng.standard_normal((width, n)) / np.sqrt(width), bias * rng.standard_normal(n) - offset))
        width = n

    def answer(x: Array) -> Array:
        for w, c in weights:
            x = x @ w + c
            x = np.maximum(x, 0.0) if rectify else np.tanh(x)
        return x

    return answer


def _orthogonal(n: int, rng: np.random.Generator) -> Array:
    return np.linalg.qr(rng.standard_normal((n, n)))[0]


def make(kind: str, d: int, seed: int) -> World:
    """Return the two networks of a kind on d latent coordinates."""
    rng = np.random.default_rng([seed, d, sum(map(ord, kind))])
    latents, a, b, heavy = KINDS[kind](d, 24 + 8 * d, rng)
    probe = World(kind, latents, a, b, np.ones(1), np.ones(1), heavy)
    latent = probe.draw_latent(4000, np.random.default_rng(3))
    spreads = [net.answer(latent[:, net.sees]).std(axis=0) for net in (a, b)]
    return World(kind, latents, a, b, spreads[0], spreads[1], heavy)


Made = tuple[int, Net, Net, bool]


def _mapped(map_of: Callable[[int, np.random.Generator], Callable[[Array], Array]], noise: float):  # noqa: ANN202
    def build(d: int, n: int, rng: np.random.Generator) -> Made:
        first, change = layers(d, n, rng), map_of(n, rng)
        sees = tuple(range(d))
        return d, Net(sees, first), Net(sees, lambda x: change(first(x)), noise), False

    return build


def _permuted(n: int, rng: np.random.Generator) -> Callable[[Array], Array]:
    gain, shift, order = np.exp(0.5 * rng.standard_normal(n)), rng.standard_normal(n), rng.permutation(n)
    return lambda x: (x * gain + shift)[:, order]


def _rotated(n: int, rng: np.random.Generator) -> Callable[[Array], Array]:
    q, shift = _orthogonal(n, rng), rng.standard_normal(n)
    return lambda x: 3.0 * x @ q + shift


def _linear(n: int, rng: np.random.Generator) -> Callable[[Array], Array]:
    matrix = (_orthogonal(n, rng) * np.geomspace(1.0, 0.1, n)) @ _orthogonal(n, rng)
    return lambda x: x @ matrix


def _same(noise: float = 0.0, heavy: bool = False, extra: int = 6, **options: float):  # noqa: ANN202
    def build(d: int, n: int, rng: np.random.Generator) -> Made:
        sees = tuple(range(d))
        a, b = (layers(d, width, rng, **options) for width in (n, n + extra))  # type: ignore[arg-type]
        keeps = options.get("shift", 0.0) == 0.0
        return d, Net(sees, a, noise, keeps), Net(sees, b, noise, keeps), heavy

    return build


def _wide(d: int, n: int, rng: np.random.Generator) -> Made:
    sees = tuple(range(d))
    return d, Net(sees, layers(d, 256, rng)), Net(sees, layers(d, 512, rng)), False


def _low_rank(d: int, n: int, rng: np.random.Generator) -> Made:
    """Both answer through 2 d + 1 linear combinations of their units, seen through many units."""
    sees, nets = tuple(range(d)), []
    for width in (n, n + 6):
        inner = layers(d, width, rng)
        narrow = rng.standard_normal((width, 2 * d + 1)) @ rng.standard_normal((2 * d + 1, width)) / width
        nets.append(Net(sees, lambda x, inner=inner, narrow=narrow: inner(x) @ narrow))
    return d, nets[0], nets[1], False


def _heavy(d: int, n: int, rng: np.random.Generator) -> Made:
    """Units whose answers have long tails: sinh of a network's units."""
    sees = tuple(range(d))
    inner = [layers(d, width, rng) for width in (n, n + 6)]
    nets = [Net(sees, lambda x, f=f: np.sinh(3.0 * f(x))) for f in inner]
    return d, nets[0], nets[1], True


def _one_way(missing: Callable[[int], int], **options: bool):  # noqa: ANN202
    def build(d: int, n: int, rng: np.random.Generator) -> Made:
        kept = tuple(range(d - missing(d)))
        a, b = layers(d, n, rng, **options), layers(len(kept), n, rng, **options)
        return d, Net(tuple(range(d)), a), Net(kept, b), False

    return build


def _private_units(d: int, n: int, rng: np.random.Generator) -> Made:
    """B answers with A's units and four of its own, mixed."""
    first, q, spread = layers(d, n, rng), _orthogonal(n + 4, rng), 0.9
    sees = tuple(range(d + 4))
    b = Net(sees, lambda x: np.column_stack([first(x[:, :d]), spread * x[:, d:]]) @ q)
    return d + 4, Net(tuple(range(d)), first), b, False


def _half_shared(d: int, n: int, rng: np.random.Generator) -> Made:
    half = max(1, d // 2)
    sees_b = (*range(half), *range(d, 2 * d - half))
    return 2 * d - half, Net(tuple(range(d)), layers(d, n, rng)), Net(sees_b, layers(d, n, rng)), False


def _independent(d: int, n: int, rng: np.random.Generator) -> Made:
    return 2 * d, Net(tuple(range(d)), layers(d, n, rng)), Net(tuple(range(d, 2 * d)), layers(d, n, rng)), False


def _graded_noise(d: int, n: int, rng: np.random.Generator) -> Made:
    """B's units have private noise whose share of the variance is drawn between the two grades."""
    share = float(np.exp(rng.uniform(*np.log(GRADES))))
    sees = tuple(range(d))
    return d, Net(sees, layers(d, n, rng)), Net(sees, layers(d, n, rng), noise=np.sqrt(share / (1 - share))), False


def _graded_latent(d: int, n: int, rng: np.random.Generator) -> Made:
    """B sees one more coordinate than A, with a weight."""
    weight = float(np.sqrt(d * np.exp(rng.uniform(*np.log(GRADES)))))
    first, second = layers(d, n, rng), layers(d + 1, n, rng)
    scale = np.append(np.ones(d), weight)
    return d + 1, Net(tuple(range(d)), first), Net(tuple(range(d + 1)), lambda x: second(x * scale)), False


def _copy(n: int, rng: np.random.Generator) -> Callable[[Array], Array]:
    return lambda x: x


def _all_but_one(d: int) -> int:
    return 1


def _half(d: int) -> int:
    return d - max(1, d // 2)


KINDS: dict[str, Callable[[int, int, np.random.Generator], Made]] = {
    "copied": _mapped(_copy, 0.02),
    "permuted": _mapped(_permuted, 0.02),
    "rotated": _mapped(_rotated, 0.02),
    "linear": _mapped(_linear, 0.0),
    "same": _same(),
    "same relu": _same(rectify=True),
    "same deep": _same(depth=5),
    "same wide": _wide,
    "same low-rank": _low_rank,
    "same heavy-tailed": _heavy,
    "same sparse": _same(rectify=True, shift=0.6),
    "private noise": _same(noise=0.1, extra=0),
    "misses half": _one_way(_half),
    "misses one": _one_way(_all_but_one),
    "misses half relu": _one_way(_half, rectify=True),
    "private units": _private_units,
    "half shared": _half_shared,
    "independent": _independent,
    "graded noise": _graded_noise,
    "graded latent": _graded_latent,
}
ELEVEN = ("permuted", "rotated", "linear", "same", "same relu", "private noise", "misses half", "misses one",
          "private units", "half shared", "independent")  # fmt: skip
LONG = ("same", "same relu", "misses one", "half shared", "graded noise")
