"""Second set of blind families: attention that picks, tree leaves, hashed tokens, a frozen movie (others: `blind_second_more`).

They were written by someone who had not seen the method, and were not changed after an answer was seen.
"""

from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter1d
from scipy.signal import lfilter
from scipy.special import ndtr, ndtri

from . import designs
from .blind_second_more import graph_nodes, poses, rates_and_latencies, sets_of_objects, shuffled
from .family import Family, Toss
from .nets import level, mlp, one_hot, probe
from .world import Array, Net, Rng, Source, World

Cuts = list[Array]


def hard_attention(toss: Toss) -> World:
    """Networks that pick the slot of the largest key, sort slots by a key or take them in place; others are drawn again below it.

    Equivalent: the same slot is picked, or the slots are sorted by one key or another. One way: a place, an order or a part is
    lost. Partly: each picks by a key of its own.
    """
    way = toss.whole(0, 3) if toss.relation == "one way" else 4 + toss.whole(0, 1)
    few = way < 3 or (way == 4 and toss.relation != "partly")
    slots, d = (2, 2 + toss.maybe(0.25)) if few else (toss.whole(2, 4), toss.whole(2, 4))
    part = tuple(int(i) for i in toss.rng.permutation(d)[: toss.whole(1, d - 1)])
    apart = toss.relation == "unrelated"

    def pick(own: int, key: int, parts: tuple[int, ...] = tuple(range(d))) -> Net:
        return _picked(own, slots, key, parts, toss)

    if toss.relation == "one way":
        whole = Net(
            (0,), mlp(slots * d, toss.whole(32, 80), toss.rng), told=lambda x: np.hstack([x, _both_orders(x, slots)])
        )
        pairs = (
            lambda: (whole, _ranked(0, slots, d, 0, toss)),
            lambda: (whole, pick(0, 0)),
            lambda: (_ranked(0, slots, d, 0, toss), pick(0, 1)),
            lambda: (pick(0, 0), pick(0, 0, part)),
        )
        a, b = pairs[way]()
    elif toss.relation == "partly":
        a, b = pick(0, 0), pick(0, 1)
    elif few:
        a, b = _ranked(0, slots, d, 0, toss), _ranked(int(apart), slots, d, 1, toss)
    else:
        a, b = pick(0, 0), pick(int(apart), 0)
    a, b = toss.noisy(*((b, a) if toss.maybe() else (a, b)))
    sources = (Source(slots * d),) * 2
    return World(toss.relation, designs.independent(toss.rows(200, 1000)), sources, a, b, note={"slots": slots, "d": d})


def _by_key(x: Array, slots: int, key: int) -> Array:
    """Return the slots of every row, (m, slots, d), the largest key first."""
    found = x.reshape(len(x), slots, -1)
    return np.take_along_axis(found, np.argsort(-found[:, :, key], axis=1)[:, :, None], axis=1)


def _both_orders(x: Array, slots: int) -> Array:
    return np.hstack([_by_key(x, slots, key).reshape(len(x), -1) for key in (0, 1)])


def _ranked(own: int, slots: int, d: int, key: int, toss: Toss) -> Net:
    """Return a network of all slots sorted by a key: which place each had is lost."""
    inner = mlp(slots * d, toss.whole(32, 80), toss.rng)
    return Net(
        (own,),
        lambda x: inner(_by_key(x, slots, key).reshape(len(x), -1)),
        fold=lambda x, rng: shuffled(x.reshape(len(x), slots, d), rng).reshape(x.shape),
        told=lambda x: _both_orders(x, slots),
    )


def _picked(own: int, slots: int, key: int, part: tuple[int, ...], toss: Toss) -> Net:
    """Return a network of some numbers of the slot of the largest key: others are drawn again so that it stays the largest."""
    inner, columns = mlp(len(part), toss.whole(20, 64), toss.rng), list(part)

    def again(x: Array, rng: Rng) -> Array:
        before = _by_key(x, slots, key)[:, 0]
        found = rng.standard_normal((len(x), slots, before.shape[1]))
        if key in part:
            below = rng.random((len(x), slots)) * ndtr(before[:, key, None])
            found[:, :, key] = ndtri(np.maximum(below, 1e-300))
        else:
            found[:, :, key] = -np.sort(-found[:, :, key], axis=1)
        found[:, 0, columns] = before[:, columns]
        return shuffled(found, rng).reshape(x.shape)

    def chosen(x: Array) -> Array:
        return _by_key(x, slots, key)[:, 0][:, columns]

    return Net((own,), lambda x: inner(chosen(x)), fold=again, told=chosen)


def tree_leaves(toss: Toss) -> World:
    """Leaves of forests whose trees cut all branches of a level alike: what is seen is told up to the bin between two cuts.

    Equivalent: other trees of the same cuts. One way: the finer one has more numbers, more cuts, or is a smooth network.
    Partly: some numbers are shared, or all of them with other cuts.
    """
    d = toss.whole(2, 4)
    count, *sees = toss.sees(d)
    way = toss.whole(0, 2)
    if way and toss.relation in ("one way", "partly"):
        count, sees = d, [tuple(range(d))] * 2

    def cut() -> Cuts:
        found = []
        for _ in range(count):
            k = toss.whole(2 if d == 2 else 1, 2 if d == 4 else 3)
            found.append(ndtri((np.arange(1, k + 1) + toss.rng.uniform(-0.3, 0.3, k)) / (k + 1)))
        return found

    cuts = cut()
    a, b = (_forest(own, [cuts[i] for i in own], toss) for own in sees)
    if toss.relation == "one way" and way:
        a = Net(sees[0], mlp(d, toss.whole(20, 80), toss.rng)) if way == 1 else a
        b = b if way == 1 else _forest(sees[1], _fewer(cuts, toss), toss)
        a, b = (a, b) if toss.maybe() else (b, a)
    if toss.relation == "partly" and way:
        b = _forest(sees[1], cut(), toss)
    a, b = toss.noisy(a, b)
    return World(toss.relation, designs.independent(toss.rows(200, 1000)), (Source(),) * count, a, b, note={"d": d})


def _fewer(cuts: Cuts, toss: Toss) -> Cuts:
    """Return some of the cuts, at least one of them and at most two thirds."""
    total = sum(map(len, cuts))
    kept = np.zeros(total, bool)
    kept[toss.rng.permutation(total)[: toss.whole(1, max(1, 2 * total // 3))]] = True
    parts = np.split(kept, np.cumsum([len(c) for c in cuts])[:-1])
    return [c[k] for c, k in zip(cuts, parts, strict=True)]


def _forest(own: tuple[int, ...], cuts: Cuts, toss: Toss) -> Net:
    """Return a network of leaves, as indicators or summed values, of trees that hold every cut: the bin is what is kept."""
    columns = np.repeat(np.arange(len(cuts)), [len(c) for c in cuts])
    places, rng = np.concatenate(cuts), toss.rng
    depth = min(len(places), toss.whole(2, 3))
    least = max(-(-len(places) // depth), -(-20 >> depth))
    order = rng.permutation(len(places))
    trees = [np.union1d(order[k : k + depth], order[:0]) for k in range(0, len(places), depth)]
    trees = [np.concatenate([t, rng.permutation(np.setdiff1d(order, t))[: depth - len(t)]]) for t in trees]
    for _ in range(toss.whole(least, 96 >> depth) - len(trees)):
        trees.append(rng.permutation(len(places))[:depth])
    values = rng.standard_normal((len(trees), 1 << depth, toss.whole(20, 64)))
    summed, powers = toss.maybe(0.4), 1 << np.arange(depth)

    def bits(x: Array) -> Array:
        return (x[:, columns] > places).astype(float)

    def answer(x: Array) -> Array:
        leaf = [(bits(x)[:, t] @ powers).astype(int) for t in trees]
        if summed:
            return np.sum([v[k] for v, k in zip(values, leaf, strict=True)], axis=0)
        return np.hstack([np.eye(1 << depth)[k] for k in leaf])

    def within(x: Array, rng: Rng) -> Array:
        found = np.empty_like(x)
        for j, c in enumerate(cuts):
            edges, k = np.concatenate([[0.0], ndtr(c), [1.0]]), np.searchsorted(c, x[:, j])
            found[:, j] = ndtri(edges[k] + rng.uniform(1e-9, 1 - 1e-9, len(x)) * (edges[k + 1] - edges[k]))
        return found

    return Net(own, answer, fold=within, told=bits)


def hashed_tokens(toss: Toss) -> World:
    """Token embeddings by a hash of few buckets or of none, with a context that each token gates: bucket and context are kept.

    Tokens have frequencies of a power law. One way: one network hashes, or misses some context. Partly: two hashes, or the
    token is shared but no context.
    """
    m = toss.rows(200, 1000)
    count, d = toss.whole(8, min(40, m // 12)), toss.whole(2, 3)
    weights = np.arange(1.0, count + 1) ** -toss.rng.uniform(0.5, 1.1)
    weights /= weights.sum()
    draw = lambda k, rng: rng.choice(count, size=(k, 1), p=weights).astype(float)  # noqa: E731
    token = Source(1, lambda design, rng: draw(design.m, rng), draw)
    extra, *sees = toss.sees(d, first=2, share=0)
    names = [np.arange(count), np.arange(count)]
    within = toss.between(0.02, 0.3)
    if toss.relation == "one way" and toss.maybe():
        within = toss.between(0.25, 0.5)  # so that the context counts
    elif toss.relation == "one way" or (toss.relation == "partly" and toss.maybe()):
        extra, sees = d, [tuple(range(2, 2 + d))] * 2
        both = toss.relation == "partly"
        names = [_hash(count, toss.rng), _hash(count, toss.rng) if both else names[1]][:: 1 if toss.maybe() else -1]
    elif toss.relation == "partly":
        within = toss.between(0.12, 0.5)
    tokens = (0, int(toss.relation == "unrelated"))
    nets = (_embedding(t, own, n, weights, within, toss) for t, own, n in zip(tokens, sees, names, strict=True))
    a, b = toss.noisy(*nets)
    note = {"tokens": count, "within": within}
    return World(toss.relation, designs.independent(m), (token, token, *(Source(),) * extra), a, b, note=note)


def _hash(count: int, rng: Rng) -> Array:
    buckets = int(rng.integers(max(2, count // 4), count // 2 + 1))
    return rng.permutation(np.concatenate([np.arange(buckets), rng.integers(0, buckets, count - buckets)]))


def _embedding(token: int, own: tuple[int, ...], names: Array, weights: Array, within: float, toss: Toss) -> Net:
    """Return a network of one vector and one gate per bucket: tokens of a bucket are drawn again by their frequency."""
    q, n, rng = len(own), toss.whole(24, 96), toss.rng
    vectors = rng.standard_normal((names.max() + 1, n))[names]
    gates = (rng.uniform(0.3, 1.5, (names.max() + 1, n)) * rng.choice([-1, 1], (names.max() + 1, n)))[names]
    vectors -= weights @ vectors
    vectors *= np.sqrt((1 - within) / (weights @ vectors**2))
    gates *= np.sqrt(within / (weights @ gates**2))
    inner = level(mlp(q, n, rng), probe(q, rng))

    def answer(x: Array) -> Array:
        t = x[:, 0].astype(int)
        return vectors[t] + gates[t] * inner(x[:, 1:])

    def again(x: Array, rng: Rng) -> Array:
        found, bucket = x.copy(), names[x[:, 0].astype(int)]
        for k in np.unique(bucket):
            members, rows = np.flatnonzero(names == k), bucket == k
            found[rows, 0] = rng.choice(members, rows.sum(), p=weights[members] / weights[members].sum())
        return found

    indicators = one_hot(int(names.max()) + 1)
    told = lambda x: indicators(np.column_stack([names[x[:, 0].astype(int)], x[:, 1:]]))  # noqa: E731
    return Net((token, *own), answer, fold=again if names.max() + 1 < len(names) else None, told=told)


def frozen_movie(toss: Toss) -> World:
    """One movie in every session, beside states that each session has for itself, sessions given as groups: both are kept.

    Source 0 is the frame. One way: a network misses a state, or the movie. Partly: the movie is all that is shared.
    Unrelated: the movie is in one network only.
    """
    most = toss.rows(200, 1000)
    frames = toss.whole(10, min(40, most // 12))
    sessions = most // frames
    m, share, rho = frames * sessions, toss.rng.uniform(0.05, 0.5), toss.rng.uniform(0.2, 0.8)

    def states(width: int, rng: Rng) -> Array:
        steps = np.sqrt(1 - rho**2) * rng.standard_normal((sessions, frames, width))
        steps[:, 0] /= np.sqrt(1 - rho**2)
        slow = np.sqrt(share) * rng.standard_normal((sessions, 1, width))
        return (slow + np.sqrt(1 - share) * lfilter([1.0], [1.0, -rho], steps, axis=1)).reshape(m, width)

    design = designs.Design("sessions", m, states, designs.normal, np.repeat(np.arange(sessions), frames))
    curve = gaussian_filter1d(toss.rng.standard_normal((frames, 3)), toss.rng.uniform(0.5, 2.0), axis=0)
    curve = toss.between(0.6, 1.8) * (curve - curve.mean(axis=0)) / curve.std(axis=0)
    place = lambda k: (k % frames)[:, None].astype(float)  # noqa: E731
    movie = Source(1, lambda design, _: place(np.arange(m)), lambda k, rng: place(rng.integers(0, frames, k)))
    count, *sees = toss.sees(toss.whole(2, 3), first=1, share=0)

    def net(own: tuple[int, ...], shown: bool) -> Net:
        inner = mlp(3 * shown + len(own), toss.whole(24, 80), toss.rng, depth=toss.whole(1, 2))
        if not shown:
            return Net(own, inner)
        told = lambda x: np.hstack([curve[x[:, 0].astype(int)], x[:, 1:]])  # noqa: E731
        return Net((0, *own), lambda x: inner(told(x)), told=told)

    without = toss.relation == "unrelated" or (toss.relation == "one way" and toss.maybe())
    if without and toss.relation == "one way":
        sees = [max(sees, key=len)] * 2
    a, b = net(sees[0], True), net(sees[1], not without)
    a, b = toss.noisy(*((b, a) if toss.maybe() else (a, b)))
    note = {"frames": frames, "sessions": sessions}
    return World(toss.relation, design, (movie, *(Source(),) * count), a, b, frozenset({"groups"}), note=note)


EVERY = ("equivalent", "one way", "partly", "unrelated", "near")
FAMILIES = tuple(
    Family(name, make, EVERY, blind=True)
    for name, make in (
        ("hard attention", hard_attention),
        ("oblivious tree leaves", tree_leaves),
        ("hashed tokens", hashed_tokens),
        ("frozen movie, sessions given", frozen_movie),
        ("rates and latencies", rates_and_latencies),
        ("object poses", poses),
        ("graph nodes", graph_nodes),
        ("sets of objects", sets_of_objects),
    )
)
