"""Families of codes: sparse, top-k, one-hot-like, superposed, parity, modular, even functions."""

from __future__ import annotations

import numpy as np

from . import designs
from .family import Family, Toss
from .nets import Answer, mlp, relu, top_k
from .world import Array, Net, Rng, Source, World


def _features(p: float) -> Source:
    """Return a feature that is active on a share p of the rows, with a positive strength."""
    draw = lambda m, rng: (rng.random((m, 1)) < p) * rng.gamma(3.0, 1 / 3, (m, 1))  # noqa: E731
    return Source(1, lambda design, rng: draw(design.m, rng), draw)


def sparse(toss: Toss) -> World:
    """Features that are mostly silent, each in a few units of its own weights; more units than features: a linear code.

    Half of the networks rectify a little above zero, which a second unit per feature that is linear makes harmless.
    """
    p, d = toss.between(0.05, 0.3), toss.whole(6, 20)
    hard = toss.maybe()

    def make(q: int, rng: Rng) -> Answer:
        n = int(rng.integers(q + 8, 2 * q + 33))
        w = rng.standard_normal((q, n)) * (rng.random((q, n)) < 0.3)
        w[np.arange(q), rng.permutation(n)[:q]] = rng.choice([-1, 1], q) * rng.uniform(0.5, 1.5, q)
        if not hard:
            return lambda x: x @ w
        w = np.abs(w)
        return lambda x: np.hstack([x @ w, relu(x @ w[:, : n // 2] - 0.5)])

    count, *sees = toss.sees(d)
    a, b = toss.noisy(*toss.nets(make, (sees[0], sees[1])))
    return World(toss.relation, designs.independent(toss.rows(200)), (_features(p),) * count, a, b, note={"p": p})


def topk(toss: Toss) -> World:
    """Of 64 to 256 projections the k largest are kept; k is over twice the number of what is seen, so they tell it."""
    d = toss.whole(2, 5)

    def make(q: int, rng: Rng) -> Answer:
        return top_k(q, int(rng.integers(64, 257)), int(rng.integers(2 * d + 2, 4 * d + 6)), rng)

    return toss.iid(make, d)


def one_hot_like(toss: Toss) -> World:
    """Class probabilities, mostly near 0 or 1: Dirichlet of small concentration, at a temperature of each network.

    One way: the coarser network answers sums of classes. Partly: each puts together others. Within a sum the shares of its
    classes do not depend on the sum (a property of the Dirichlet distribution), so what is lost is drawn again by itself.
    """
    count, alpha = toss.whole(5, 12), toss.between(0.05, 0.4)
    whole = np.eye(count)
    first, second = (_sums(count, toss.rng) for _ in range(2))
    merges = {"one way": (whole, first), "partly": (first, second)}.get(toss.relation, (whole, whole))
    merges = merges[::-1] if toss.maybe() else merges
    draw = lambda m, rng: np.log(np.maximum(rng.dirichlet(np.full(count, alpha), m), 1e-290))  # noqa: E731
    source = Source(count, lambda design, rng: draw(design.m, rng), draw)
    heats = (
        [1.0, 1.0]
        if toss.relation in ("one way", "partly") and toss.maybe()
        else [toss.between(0.6, 1.5) for _ in "ab"]
    )
    own = ((0,), (1,)) if toss.relation == "unrelated" else ((0,), (0,))
    a, b = (
        Net(
            o,
            _tempered(merge, heat, toss.rng),
            fold=_split_again(merge, alpha),
            told=lambda x, merge=merge: np.exp(x) @ merge,
        )
        for o, merge, heat in zip(own, merges, heats, strict=True)
    )
    a, b = toss.noisy(a, b)
    note = {"alpha": alpha, "classes": count}
    return World(toss.relation, designs.independent(toss.rows(200)), (source, source), a, b, note=note)


def _sums(count: int, rng: Rng) -> Array:
    """Return which classes are put together, (count, fewer)."""
    fewer = int(rng.integers(2, count - 1))
    names = np.concatenate([np.arange(fewer), rng.integers(0, fewer, count - fewer)])
    return np.eye(fewer)[rng.permutation(names)]


def _tempered(merge: Array, heat: float, rng: Rng) -> Answer:
    order = rng.permutation(merge.shape[1])

    def answer(log_p: Array) -> Array:
        powers = (np.exp(log_p) @ merge) ** heat
        return (powers / powers.sum(axis=1, keepdims=True))[:, order]

    return answer


def _split_again(merge: Array, alpha: float):  # noqa: ANN202
    if merge.shape[0] == merge.shape[1]:
        return None

    def fold(log_p: Array, rng: Rng) -> Array:
        sums, found = np.exp(log_p) @ merge, np.empty_like(log_p)
        for k in range(merge.shape[1]):
            own = np.flatnonzero(merge[:, k])
            found[:, own] = sums[:, k, None] * rng.dirichlet(np.full(len(own), alpha), len(log_p))
        return np.log(np.maximum(found, 1e-290))

    return fold


def superposition(toss: Toss) -> World:
    """More features than units, of which q are active in a row, 2 q <= n: generic weights tell them all, but no linear map does.

    A network that misses some of the features sees fewer of them active.
    """
    features, n = toss.whole(20, 40), toss.whole(10, 16)
    active = toss.whole(1, 3)
    draw = lambda m, rng: _active(m, features, active, rng)  # noqa: E731
    source = Source(features, lambda design, rng: draw(design.m, rng), draw)

    def net(own: tuple[int, ...], columns: Array) -> Net:
        w, size = np.zeros((features, n)), toss.rng.standard_normal((len(columns), n))
        w[columns] = size / np.linalg.norm(size, axis=1, keepdims=True)
        return Net(own, lambda x: x @ w, fold=_others_again(columns, features), told=lambda x: x[:, columns])

    every = np.arange(features)
    seen = every[: toss.whole(features // 3, 2 * features // 3)]
    split = {"one way": (every, seen), "partly": (every[: len(seen) + features // 4], every[len(seen) :])}
    columns = split.get(toss.relation, (every, every))
    columns = columns[::-1] if toss.maybe() else columns
    own = ((0,), (1,)) if toss.relation == "unrelated" else ((0,), (0,))
    a, b = toss.noisy(*(net(o, c) for o, c in zip(own, columns, strict=True)))
    note = {"features": features, "units": n, "active": active}
    return World(toss.relation, designs.independent(toss.rows(300)), (source, source), a, b, note=note)


def _active(m: int, features: int, active: int, rng: Rng) -> Array:
    found = np.zeros((m, features))
    which = rng.random((m, features)).argsort(axis=1)[:, :active]
    np.put_along_axis(found, which, rng.uniform(0.5, 1.5, (m, active)), axis=1)
    return found


def _others_again(columns: Array, features: int):  # noqa: ANN202
    """Return how the features that a network does not see are drawn again: as many are active, at other places and strengths."""
    others = np.setdiff1d(np.arange(features), columns)
    if not len(others):
        return None

    def fold(x: Array, rng: Rng) -> Array:
        found = x.copy()
        counts = (x[:, others] > 0).sum(axis=1)
        ranks = rng.random((len(x), len(others))).argsort(axis=1).argsort(axis=1)
        found[:, others] = (ranks < counts[:, None]) * rng.uniform(0.5, 1.5, ranks.shape)
        return found

    return fold


def parity(toss: Toss) -> World:
    """Bits of two pairs: A mixes them, B answers how the bits of a pair agree and how large each is, and the bits or not.

    Without the bits, both signs of a pair may be turned and B answers the same.
    """
    d = 4
    full = toss.relation != "one way"

    def bits(q: int, rng: Rng) -> Answer:
        return mlp(q, int(rng.integers(16, 49)), rng, depth=1, gain=1.5)

    def agreeing(q: int, rng: Rng) -> Answer:
        gain = rng.uniform(1.0, 3.0)
        mix = rng.standard_normal((3 * q // 2 + (q if full else 0), int(rng.integers(24, 65))))

        def answer(x: Array) -> Array:
            s = np.tanh(gain * x)
            parts = [s[:, ::2] * s[:, 1::2], x**2 / 2]
            return np.hstack([*parts, s] if full else parts) @ mix

        return answer

    def turned(x: Array, rng: Rng) -> Array:
        return x * np.repeat(rng.choice([-1.0, 1.0], (len(x), x.shape[1] // 2)), 2, axis=1)

    pairs = Source(2)
    own = {"partly": ((0, 1), (0, 2)), "unrelated": ((0, 1), (2, 3))}.get(toss.relation, ((0, 1), (0, 1)))
    a = Net(own[0], bits(d, toss.rng))
    b = Net(own[1], agreeing(d, toss.rng), fold=None if full else turned)
    a, b = toss.noisy(*((b, a) if toss.maybe() else (a, b)))
    return World(toss.relation, designs.independent(toss.rows(200)), (pairs,) * 4, a, b)


def _uniform() -> Source:
    draw = lambda m, rng: rng.uniform(-0.5, 0.5, (m, 1))  # noqa: E731
    return Source(1, lambda design, rng: draw(design.m, rng), draw)


def _grid(q: int, lowest: float, highest: float, rng: Rng) -> Answer:
    """Units that repeat along what is seen, in three modules; the slowest goes round less than once, so they tell it."""
    scales = np.geomspace(lowest, highest, 3)
    phases = rng.uniform(0, 2 * np.pi, (q, 3, 4))

    def answer(x: Array) -> Array:
        turns = 2 * np.pi * x[:, :, None, None] * scales[:, None] + phases
        return np.exp(1.5 * (np.cos(turns) - 1)).reshape(len(x), -1)

    return answer


def modular(toss: Toss) -> World:
    """Grid codes of one or two places against place-like codes or other grids; at least eight rows per shortest period."""
    m, d = toss.rows(200), 2
    highest = min(toss.between(2, 12), m / 8 / 2)
    kinds = [toss.maybe(0.7), toss.maybe(0.4)]
    count, *sees = toss.sees(d)

    def place(q: int) -> Answer:
        inner = mlp(q, toss.whole(16, 48), toss.rng, depth=1, gain=3.0)
        return lambda x: inner(3.4 * x)

    a, b = (
        Net(own, _grid(len(own), 0.8, highest, toss.rng) if grid else place(len(own)))
        for own, grid in zip(sees, kinds, strict=True)
    )
    a, b = toss.noisy(a, b)
    return World(toss.relation, designs.independent(m), (_uniform(),) * count, a, b, note={"highest": highest})


def aliased(toss: Toss) -> World:
    """Grid codes whose every unit repeats faster than the rows could show: no estimator sees that it tells the place."""
    m = toss.rows(100, 1000)
    a = Net((0,), (lambda inner: lambda x: inner(3.4 * x))(mlp(1, 24, toss.rng, depth=1)))
    b = Net((0,), _grid(1, 1.5 * m, 3.0 * m, toss.rng))
    b = Net((1,), b.answer) if toss.relation == "unrelated" else b
    return World(toss.relation, designs.independent(m), (_uniform(),) * 2, a, b, limit="aliasing")


def even(toss: Toss) -> World:
    """B answers even functions of what A sees (a turn of all signs changes nothing), and in part something of its own."""
    d, private = toss.whole(1, 4), toss.whole(1, 2)
    inner = mlp(d, toss.whole(16, 48), toss.rng, depth=1, gain=toss.between(0.8, 2.0))
    rest = mlp(private, toss.whole(8, 24), toss.rng, depth=1)
    a = Net((0,), mlp(d, toss.whole(16, 48), toss.rng))

    def halves(x: Array) -> Array:
        return inner(x[:, :d]) + inner(-x[:, :d])

    if toss.relation == "one way":
        b = Net((0,), halves, fold=_turn(d))
    else:
        own = (0, 2) if toss.relation == "partly" else (1, 2)
        b = Net(own, lambda x: np.hstack([halves(x), rest(x[:, d:])]), fold=_turn(d))
    a, b = (b, a) if toss.maybe() else (a, b)
    sources = (Source(d), Source(d), Source(private))
    return World(toss.relation, designs.independent(toss.rows()), sources, a, b)


def _turn(d: int):  # noqa: ANN202
    def fold(x: Array, rng: Rng) -> Array:
        found = x.copy()
        found[:, :d] *= rng.choice([-1.0, 1.0], (len(x), 1))
        return found

    return fold


FAMILIES = (
    Family("sparse codes", sparse),
    Family("TopK codes", topk),
    Family("one-hot-like softmax", one_hot_like),
    Family("superposition", superposition),
    Family("parity codes", parity),
    Family("modular codes", modular),
    Family("even functions", even, ("one way", "partly", "unrelated")),
    Family("aliased codes", aliased, ("equivalent", "unrelated")),
)
