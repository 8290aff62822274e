"""Blind families of recordings: noisy linear neurons, spike counts, calcium traces, padded rows (see `blind.py`)."""

from __future__ import annotations

import numpy as np
from scipy.signal import lfilter

from . import designs
from .family import Toss
from .nets import Answer, mlp, softmax
from .world import Array, Net, Rng, Source, World


def neurons(toss: Toss) -> World:
    """Linear neurons with private normal noise, ten to eighty of them for 3 to 10 numbers; the truth is a closed form."""
    d = toss.whole(3, 10)
    count, *sees = toss.sees(d)
    noise = [toss.between(0.02, 0.8) for _ in "ab"]
    loads = []
    for own in sees:
        found = np.zeros((count, toss.whole(10, 80)))
        found[list(own)] = toss.rng.standard_normal((len(own), found.shape[1])) / np.sqrt(len(own))
        loads.append(found)

    def net(own: tuple[int, ...], load: Array, size: float) -> Net:
        w = load[list(own)]
        return Net(own, lambda x: x @ w, corrupt=lambda h, rng: h + size * rng.standard_normal(h.shape))

    a, b = (net(*each) for each in zip(sees, loads, noise, strict=True))

    def known() -> tuple[float, float]:
        return linear_left(*loads, *noise), linear_left(*loads[::-1], *noise[::-1])

    design = designs.independent(toss.rows())
    return World(toss.relation, design, (Source(),) * count, a, b, known=known, note={"noise": noise})


def linear_left(source: Array, target: Array, noise: float, own: float) -> float:
    """Return what linear neurons leave of others: loads (d, n), standard normal latents, noise of each unit."""
    left = np.linalg.inv(np.eye(len(source)) + source @ source.T / noise**2)
    within = np.einsum("dn,de,en->n", target, left, target) + own**2
    return float((within / ((target**2).sum(axis=0) + own**2)).mean())


def spike_counts(toss: Toss) -> World:
    """Poisson counts of tuned neurons, mean .3 to 300; in half of the pairs every stimulus is repeated, and ids are given.

    The truth: the posterior of what is seen, given the counts of all neurons, over many draws of the prior.
    """
    d = toss.whole(1, 2)
    apart = toss.relation == "unrelated"
    both = (0,) if d == 1 else (0, 1)
    own = (both, (2, 3)[:d] if apart else both)
    m, again = toss.rows(200), toss.whole(2, 5)
    repeated = toss.maybe()
    design = designs.repeats(m, m // again, 0.0, toss.maybe(), toss.rng) if repeated else designs.independent(m)
    rates = [_tuned(d, toss.whole(20, 60), toss.between(0.3, 300), toss.rng) for _ in "ab"]
    a, b = (
        Net(o, rate, corrupt=lambda r, rng: rng.poisson(r).astype(float)) for o, rate in zip(own, rates, strict=True)
    )

    def known() -> tuple[float, float]:
        return poisson_left(rates[0], rates[1], d, apart), poisson_left(rates[1], rates[0], d, apart)

    given = frozenset({"stimuli"} if repeated else ())
    return World(toss.relation, design, (Source(),) * 4, a, b, given, known=known, note={"again": again})


def _tuned(d: int, n: int, mean: float, rng: Rng) -> Answer:
    centres, width = rng.uniform(-2, 2, (n, d)), rng.uniform(0.6, 1.2)

    def rate(x: Array) -> Array:
        far = ((x[:, None] - centres) ** 2).sum(axis=2)
        return mean * (0.1 + 2 * np.exp(-far / (2 * width**2)))

    return rate


def poisson_left(source: Answer, target: Answer, d: int, apart: bool, rows: int = 600, prior: int = 6000) -> float:
    """Return what counts of the source leave of counts of the target: noise of the target, and what the posterior leaves open."""
    rng = np.random.default_rng(7)
    x, grid = rng.standard_normal((rows, d)), rng.standard_normal((prior, d))
    rates, wanted = source(grid), target(grid)
    if apart:
        return 1.0
    counts = rng.poisson(source(x))
    log = counts @ np.log(rates).T - rates.sum(axis=1)
    weight = softmax(log)
    first = weight @ wanted
    open_ = np.maximum(weight @ wanted**2 - first**2, 0.0).mean(axis=0)
    return float(((open_ + wanted.mean(axis=0)) / (wanted.var(axis=0) + wanted.mean(axis=0))).mean())


def calcium(toss: Toss) -> World:
    """Calcium traces: rare events that decay over frames, mixed into neurons that saturate; nobody says they are a series."""
    decay, chance = toss.rng.uniform(0.7, 0.95), toss.rng.uniform(0.03, 0.15)
    m, length = toss.rows(300), -1 / np.log(decay)
    steps = int(8 * length)

    def traces(count: int, frames: int, rng: Rng) -> Array:
        events = (rng.random((steps + frames, count)) < chance) * rng.gamma(2.0, 0.5, (steps + frames, count))
        return lfilter([1.0], [1.0, -decay], events, axis=0)[steps:]

    clusters = np.arange(m) // int(np.ceil(2 * length))
    design = designs.Design("calcium", m, lambda w, rng: traces(w, m, rng), designs.normal, clusters, None, length)
    source = Source(1, lambda design, rng: traces(1, m, rng), lambda k, rng: traces(k, 1, rng).T)

    def make(q: int, rng: Rng) -> Answer:
        mix = rng.gamma(1.0, 1.0, (q, int(rng.integers(3 * q + 4, 65))))
        return lambda x: x @ mix / (1 + 0.1 * (x @ mix))

    count, *sees = toss.sees(toss.whole(3, 8))
    a, b = toss.noisy(*toss.nets(make, (sees[0], sees[1])))
    return World(toss.relation, design, (source,) * count, a, b, limit=design.limit, note={"decay": decay})


def padding(toss: Toss) -> World:
    """Pad rows: a tenth to a third of them, in both networks, each with one answer for it.

    Source 0 says which rows. Partly: nothing is shared but the padding.
    """
    share = toss.rng.uniform(0.1, 0.35)
    draw = lambda m, rng: (rng.random((m, 1)) < share).astype(float)  # noqa: E731
    pad = Source(1, lambda design, rng: draw(design.m, rng), draw)
    count, *sees = toss.sees(toss.whole(2, 4), first=1, share=0)

    def net(own: tuple[int, ...]) -> Net:
        q, n = len(own), toss.whole(16, 64)
        inner, empty = mlp(q, n, toss.rng), toss.rng.standard_normal(n)
        told = lambda x: np.hstack([x[:, :1], x[:, 1:] * (1 - x[:, :1])])  # noqa: E731
        return Net((0, *own), lambda x: np.where(x[:, :1] > 0, empty, inner(x[:, 1:])), told=told)

    a, b = toss.noisy(net(sees[0]), net(sees[1]))
    design = designs.independent(toss.rows())
    return World(toss.relation, design, (pad, *(Source(),) * count), a, b, note={"share": share})
