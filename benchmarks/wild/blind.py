"""Further families of things that people compare, reported by themselves.

They were written by someone who had not seen the method, and were not changed after an answer was seen.
"""

from __future__ import annotations

import numpy as np

from . import designs
from .blind_recordings import calcium, neurons, padding, spike_counts
from .family import Family, Toss
from .nets import Answer, level, loud, mlp, probe, relu, softmax
from .world import Array, Net, Rng, Source, World


def layer_norm(toss: Toss) -> World:
    """After layer norm: every row has mean zero and size one."""

    def make(q: int, rng: Rng) -> Answer:
        inner = mlp(q, int(rng.integers(16, 97)), rng)

        def answer(x: Array) -> Array:
            h = inner(x)
            h = h - h.mean(axis=1, keepdims=True)
            return h / h.std(axis=1, keepdims=True)

        return answer

    return toss.iid(make, toss.whole(2, 5))


def rms_norm(toss: Toss) -> World:
    """After RMS norm, with one to three outlier dimensions that are large in every row."""

    def make(q: int, rng: Rng) -> Answer:
        n = int(rng.integers(24, 97))
        inner, size = mlp(q, n, rng), loud(n, int(rng.integers(1, 4)), 10 ** rng.uniform(1, 3), rng)
        offset = np.where(size > 1, 8.0, 0.0)

        def answer(x: Array) -> Array:
            h = (inner(x) + offset) * size
            return h / np.sqrt((h**2).mean(axis=1, keepdims=True))

        return answer

    return toss.iid(make, toss.whole(2, 5))


def gated(toss: Toss) -> World:
    """Gated linear units: one projection times the sigmoid, or the swish, of another."""

    def make(q: int, rng: Rng) -> Answer:
        n, swish = int(rng.integers(24, 97)), rng.random() < 0.5
        w, v = (rng.standard_normal((q, n)) / np.sqrt(q) for _ in "wv")
        c = 0.5 * rng.standard_normal(n)

        def answer(x: Array) -> Array:
            g = x @ v + c
            gate = 1 / (1 + np.exp(-2 * g))
            return (x @ w) * gate * (g if swish else 1.0)

        return answer

    return toss.iid(make, toss.whole(2, 4))


def quantised(toss: Toss) -> World:
    """One network or both in 5 to 8 bits, one step for the whole tensor (a step of 5 bits adds under .7 % of the variance)."""

    def make(q: int, rng: Rng) -> Answer:
        inner, bits = mlp(q, int(rng.integers(16, 65)), rng), int(rng.integers(5, 9))
        if rng.random() < 0.3:
            return inner
        step = 2.0 / 2**bits
        return lambda x: np.round(inner(x) / step) * step

    return toss.iid(make, toss.whole(2, 4))


def dropout(toss: Toss) -> World:
    """Dropout was left on while recording, each network with its own masks: what is dropped in B is its private noise.

    The units of the source that are left are exact and determine the rest.
    """
    rate = float(toss.rng.choice([0.002, 0.005, 0.1, 0.2, 0.5]))
    act = relu if toss.maybe() else np.tanh

    def masked(h: Array, rng: Rng) -> Array:
        return h * (rng.random(h.shape) >= rate) / (1 - rate)

    def variance(h: Array) -> Array:
        return (h**2).mean(axis=0) * rate / (1 - rate)

    count, *sees = toss.sees(toss.whole(2, 4))
    a, b = (
        Net(own, mlp(len(own), toss.whole(24, 96), toss.rng, act=act), corrupt=masked, corrupted=variance)
        for own in sees
    )
    design = designs.independent(toss.rows())
    return World(toss.relation, design, (Source(),) * count, a, b, note={"rate": rate})


def positions(toss: Toss) -> World:
    """Tokens of sequences with position embeddings that both networks carry; sequences given as groups in half of the pairs.

    Source 0 is the position, as two waves. One way: a network misses part of the content, or the position. Partly: the position
    alone is shared.
    """
    longest, share = toss.whole(8, 32), toss.rng.uniform(0.15, 0.6)
    m = max(10, toss.rows(200) // longest) * longest
    plain = designs.Design(
        "sequences", m, lambda w, rng: rng.standard_normal((m, w)), designs.normal, np.arange(m) // longest
    )

    def wave(place: Array) -> Array:
        turns = 2 * np.pi * place[:, None] / longest * np.array([0.5, 2.0])
        return np.sqrt(2) * np.hstack([np.cos(turns), np.sin(turns)])

    place = Source(4, lambda design, _: wave(np.arange(m) % longest), lambda k, rng: wave(rng.integers(0, longest, k)))
    count, *sees = toss.sees(toss.whole(2, 4), first=1, share=0)
    without = toss.relation == "one way" and toss.maybe()  # all content in both, the position in one

    def net(own: tuple[int, ...], placed: bool) -> Net:
        q, n = len(own), toss.whole(24, 64)
        inner = level(mlp(q, n, toss.rng), probe(q, toss.rng))
        if not placed:
            return Net(own, inner)
        waves = toss.rng.standard_normal((4, n)) / 2
        return Net((0, *own), lambda x: np.sqrt(1 - share) * inner(x[:, 4:]) + np.sqrt(share) * x[:, :4] @ waves)

    whole = max(sees, key=len)
    a, b = (net(whole, True), net(whole, False)) if without else (net(sees[0], True), net(sees[1], True))
    a, b = toss.noisy(*((b, a) if toss.maybe() else (a, b)))
    given = frozenset({"groups"} if toss.maybe() else ())
    return World(toss.relation, plain, (place, *(Source(),) * count), a, b, given, note={"share": share})


def bags_of_words(toss: Toss) -> World:
    """Sum-pooled embeddings of documents: word counts, rare words among them, times random embeddings."""
    d = toss.whole(10, 24)
    rates = 4.0 / np.arange(1, 2 * d + 1)

    def word(rate: float) -> Source:
        draw = lambda m, rng: rng.poisson(rate, (m, 1)).astype(float)  # noqa: E731
        return Source(1, lambda design, rng: draw(design.m, rng), draw)

    count, *sees = toss.sees(d)
    words = toss.rng.permutation(rates[:count])

    def make(q: int, rng: Rng) -> Answer:
        embedding = rng.standard_normal((q, int(rng.integers(q + 2, 97))))
        return lambda x: x @ embedding

    a, b = toss.noisy(*toss.nets(make, (sees[0], sees[1])))
    return World(toss.relation, designs.independent(toss.rows()), tuple(word(r) for r in words), a, b)


def attention(toss: Toss) -> World:
    """Attention patterns: one to three heads over 8 to 24 keys, a query per row."""

    def make(q: int, rng: Rng) -> Answer:
        keys = int(rng.integers(8, 25))
        heads = [rng.uniform(0.8, 2.5) * rng.standard_normal((q, keys)) / np.sqrt(q) for _ in range(rng.integers(1, 4))]
        return lambda x: np.hstack([softmax(x @ k) for k in heads])

    return toss.iid(make, toss.whole(2, 4))


def tied_shift(toss: Toss) -> World:
    """Logits, every row shifted by a number of its own in each network: a private part that all units share.

    Sources 0 and 1 are the shifts. Equivalent: small shifts. One way: the shift is large in one. Partly: in both.
    """
    small = lambda: toss.between(0.001, 0.02)  # noqa: E731
    large = lambda: toss.rng.uniform(0.12, 0.6)  # noqa: E731
    shares = {"one way": [small(), large()], "partly": [large(), large()]}.get(toss.relation, [small(), small()])
    shares = shares[::-1] if toss.maybe() else shares
    d, apart = toss.whole(2, 6), toss.relation == "unrelated"
    own = (tuple(range(2, 2 + d)), tuple(range(2 + d * apart, 2 + d + d * apart)))

    def net(shift: int, sees: tuple[int, ...], share: float) -> Net:
        inner = level(mlp(d, toss.whole(10, 40), toss.rng, depth=1), probe(d, toss.rng))
        return Net((shift, *sees), lambda x: np.sqrt(1 - share) * inner(x[:, 1:]) + np.sqrt(share) * x[:, :1])

    a, b = toss.noisy(*(net(k, o, s) for k, (o, s) in enumerate(zip(own, shares, strict=True))))
    sources = (Source(),) * (2 + 2 * d)
    return World(toss.relation, designs.independent(toss.rows()), sources, a, b, note={"shares": shares})


def sphere(toss: Toss) -> World:
    """Embeddings of length one, in a narrow cone or not: the size of what is seen is lost.

    One way: the other network keeps the size.
    """
    d, cone = toss.whole(2, 5), toss.rng.uniform(0, 0.5)

    def resized(x: Array, rng: Rng) -> Array:
        return x * np.sqrt(rng.chisquare(d, (len(x), 1))) / np.linalg.norm(x, axis=1, keepdims=True)

    def net(own: tuple[int, ...]) -> Net:
        w = toss.rng.standard_normal((d, toss.whole(16, 64)))
        offset = cone * toss.rng.standard_normal(w.shape[1])

        def answer(x: Array) -> Array:
            h = x @ w
            h = h / np.linalg.norm(h, axis=1, keepdims=True) + offset / np.sqrt(w.shape[1])
            return h / np.linalg.norm(h, axis=1, keepdims=True)

        return Net(own, answer, fold=resized, told=lambda x: x / np.linalg.norm(x, axis=1, keepdims=True))

    a = net((0,))
    if toss.relation == "one way":
        b = Net((0,), mlp(d, toss.whole(16, 64), toss.rng))
    else:
        b = net((1,) if toss.relation == "unrelated" else (0,))
    a, b = toss.noisy(*((b, a) if toss.maybe() else (a, b)))
    return World(toss.relation, designs.independent(toss.rows()), (Source(d), Source(d)), a, b)


def experts(toss: Toss) -> World:
    """Two to four experts: each row goes through a linear map of the expert that wins."""

    def make(q: int, rng: Rng) -> Answer:
        n, count = int(rng.integers(2 * q + 8, 65)), int(rng.integers(2, 5))
        gate, maps = rng.standard_normal((q, count)), rng.standard_normal((count, q, n)) / np.sqrt(q)
        offset = 0.5 * rng.standard_normal((count, n))

        def answer(x: Array) -> Array:
            every = np.einsum("mq,eqn->emn", x, maps) + offset[:, None]
            return every[(x @ gate).argmax(axis=1), np.arange(len(x))]

        return answer

    return toss.iid(make, toss.whole(2, 4))


def dead_units(toss: Toss) -> World:
    """Dead units are a third, others are copies of each other at other gains."""

    def make(q: int, rng: Rng) -> Answer:
        n = int(rng.integers(24, 65))
        inner, order = mlp(q, n // 3, rng, act=relu if rng.random() < 0.3 else np.tanh), rng.permutation(3 * (n // 3))
        gains = rng.uniform(0.1, 5.0, n // 3)
        return lambda x: np.hstack([inner(x), inner(x) * gains, np.zeros((len(x), n // 3))])[:, order]

    return toss.iid(make, toss.whole(2, 3))


FAMILIES = tuple(
    Family(name, make, relations, blind=True)
    for name, make, relations in (
        ("layer norm", layer_norm, ("equivalent", "one way", "partly", "unrelated", "near")),
        ("RMS norm with outliers", rms_norm, ("equivalent", "one way", "partly", "unrelated", "near")),
        ("gated units", gated, ("equivalent", "one way", "partly", "unrelated", "near")),
        ("quantised", quantised, ("equivalent", "one way", "partly", "unrelated", "near")),
        ("dropout left on", dropout, ("equivalent", "one way", "partly", "unrelated")),
        ("position embeddings", positions, ("equivalent", "one way", "partly", "near")),
        ("bags of words", bags_of_words, ("equivalent", "one way", "partly", "unrelated", "near")),
        ("attention patterns", attention, ("equivalent", "one way", "partly", "unrelated", "near")),
        ("logits with tied shifts", tied_shift, ("equivalent", "one way", "partly", "unrelated", "near")),
        ("unit sphere", sphere, ("equivalent", "one way", "unrelated", "near")),
        ("mixture of experts", experts, ("equivalent", "one way", "partly", "unrelated", "near")),
        ("dead and copied units", dead_units, ("equivalent", "one way", "partly", "unrelated", "near")),
        ("noisy linear neurons", neurons, ("equivalent", "one way", "partly", "unrelated")),
        ("spike counts", spike_counts, ("equivalent", "unrelated")),
        ("calcium traces", calcium, ("equivalent", "one way", "partly", "unrelated", "near")),
        ("padded rows", padding, ("equivalent", "one way", "partly", "near")),
    )
)
