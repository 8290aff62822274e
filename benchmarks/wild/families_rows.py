"""Families with dependent rows, declared or not: series, drift, oscillators, clips, sentences, repeats, classes, trials."""

from __future__ import annotations

import numpy as np

from . import designs
from .family import Family, Make, Toss
from .nets import class_net, mlp, one_hot, relu
from .world import Array, Net, Rng, Source, World


def _net(toss: Toss, gain: float = 1.0) -> Make:
    """Return how both networks of the pair are made: tanh or relu, one or two layers, 12 to 64 units."""
    act = relu if toss.maybe(0.3) else np.tanh
    depth = toss.whole(1, 2)
    return lambda q, rng: mlp(q, int(rng.integers(max(12, 4 * q), 65)), rng, depth=depth, gain=gain, act=act)


def ar(toss: Toss) -> World:
    """Two autoregressive recordings, rho .3 to .99; nobody says that rows are a series."""
    rho = float(toss.rng.choice([0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99]))
    d = toss.whole(2, 4)
    return toss.plain(_net(toss), d, designs.series(toss.rows(200), rho), note={"rho": rho})


def random_walk(toss: Toss) -> World:
    """Random walks."""
    return toss.plain(_net(toss), toss.whole(2, 4), designs.walk(toss.rows(200)))


def drift(toss: Toss) -> World:
    """Independent stimuli in a recording that drifts, each network by itself where they see different things."""
    share = toss.between(0.1, 0.7)
    return toss.plain(_net(toss), toss.whole(2, 4), designs.drift(toss.rows(), share), note={"share": share})


def oscillator(toss: Toss) -> World:
    """Noisy oscillators of periods of their own; one row is a point of the circle for each."""
    period, length = toss.between(5, 40), toss.between(4, 40)
    m = toss.rows(200)
    clusters = np.arange(m) // int(np.ceil(2 * length))
    design = designs.Design(
        "oscillator", m, lambda w, rng: rng.standard_normal((m, w)), designs.normal, clusters, None, length
    )

    def circle(phase: Array) -> Array:
        return np.sqrt(2) * np.column_stack([np.cos(phase), np.sin(phase)])

    def rows(_: designs.Design, rng: Rng) -> Array:
        step = 2 * np.pi / (period * rng.uniform(0.9, 1.1)) + np.sqrt(2 / length) * rng.standard_normal(m)
        return circle(rng.uniform(0, 2 * np.pi) + np.cumsum(step))

    source = Source(2, rows, lambda k, rng: circle(rng.uniform(0, 2 * np.pi, k)))
    make = _net(toss)
    count, *sees = toss.sees(toss.whole(2, 3))
    a, b = (Net(own, make(2 * len(own), toss.rng)) for own in sees)
    a, b = toss.noisy(a, b)
    note = {"period": period, "length": length}
    return World(toss.relation, design, (source,) * count, a, b, limit=design.limit, note=note)


def _clips(toss: Toss) -> designs.Design:
    frames, window = toss.whole(5, 30), toss.whole(3, 20)
    count = max(10, toss.rows() // frames)
    return designs.clips(count, frames, window, toss.rng.uniform(0.1, 0.6))


def clips(toss: Toss) -> World:
    """Overlapping frames of clips; nobody says which frames are of one clip."""
    return toss.plain(_net(toss), toss.whole(2, 4), _clips(toss))


def clips_told(toss: Toss) -> World:
    """Overlapping frames of clips, with the clips as groups."""
    return toss.plain(_net(toss), toss.whole(2, 4), _clips(toss), given=frozenset({"groups"}))


def tokens(toss: Toss) -> World:
    """Tokens of sentences, one row each, in order; in half of the pairs the sentences are given as groups."""
    own, rho = toss.rng.uniform(0.1, 0.6), toss.rng.uniform(0.3, 0.8)
    design = designs.sentences(toss.rows(200), toss.whole(8, 40), own, rho, toss.rng)
    given = frozenset({"groups"} if toss.maybe() else ())
    return toss.plain(_net(toss), toss.whole(2, 4), design, given=given)


def repeats(toss: Toss) -> World:
    """Few stimuli shown many times with jitter; ids are not given, inputs are in half of the pairs."""
    codes = toss.whole(12, 60)
    m = toss.rows()
    while m < 4 * codes:
        codes = toss.whole(12, 60)
    design = designs.repeats(m, codes, toss.between(0.01, 0.1), toss.maybe(), toss.rng)
    given = frozenset({"inputs"} if toss.maybe() else ())
    return toss.plain(_net(toss), toss.whole(2, 4), design, given=given, note={"codes": codes})


def by_class(toss: Toss, *, ordered: bool, told: bool, weights: Array, within: float) -> World:
    """Two networks that see the class of a row, or not, and other numbers; both as the relation says.

    Sources: the class, another label that has nothing to do with it, the numbers.
    """
    count = len(weights)
    design = designs.classes(toss.rows(least=200), weights, ordered, toss.rng)
    label = Source(1, lambda design, _: design.labels[:, None].astype(float), lambda m, rng: _labels(m, weights, rng))  # type: ignore[index]
    other = Source(1, lambda design, rng: _labels(design.m, weights, rng), lambda m, rng: _labels(m, weights, rng))
    d = toss.whole(2, 3)
    if toss.relation == "partly":  # either the class is shared, or some of the numbers
        share = 0 if toss.maybe() else toss.whole(1, d - 1)
        extra, own_a, own_b = toss.sees(d, first=2, share=share)
        class_b = 0 if share == 0 or toss.maybe() else 1
    else:
        extra, own_a, own_b = toss.sees(d, first=2)
        class_b = 1 if toss.relation == "unrelated" else 0
    n = toss.whole(24, 64)
    a, b = (
        Net((c, *own), class_net(tuple(range(count)), len(own), n, within, toss.rng), told=one_hot(count))
        for c, own in ((0, own_a), (class_b, own_b))
    )
    if toss.relation == "one way" and toss.maybe():  # both see the numbers, one the class besides
        numbers = tuple(range(2, 2 + d))
        whole = Net((0, *numbers), class_net(tuple(range(count)), d, n, within, toss.rng), told=one_hot(count))
        bare = Net(numbers, mlp(d, n, toss.rng))
        a, b = (whole, bare) if toss.maybe() else (bare, whole)
    a, b = toss.noisy(a, b)
    limit = "sorted rows without labels" if ordered and not told else ""
    given = frozenset({"targets"} if told else ())
    note = {"classes": count, "within": within}
    sources = (label, other, *(Source(),) * extra)
    return World(toss.relation, design, sources, a, b, given, limit, labels=(0, class_b), note=note)


def _labels(m: int, weights: Array, rng: Rng) -> Array:
    return rng.choice(len(weights), size=(m, 1), p=weights).astype(float)


def sorted_told(toss: Toss) -> World:
    """Rows sorted by class, class numbers given as targets."""
    count = toss.whole(3, 10)
    return by_class(toss, ordered=True, told=True, weights=np.full(count, 1 / count), within=toss.rng.uniform(0.4, 0.8))


def sorted_silent(toss: Toss) -> World:
    """Rows sorted by class, and nobody says so."""
    count = toss.whole(3, 10)
    return by_class(
        toss, ordered=True, told=False, weights=np.full(count, 1 / count), within=toss.rng.uniform(0.4, 0.8)
    )


def imbalance(toss: Toss) -> World:
    """Two to four classes, the last one on 2 to 10 % of the rows; class numbers given in half of the pairs."""
    count, rare = toss.whole(2, 4), toss.between(0.02, 0.1)
    weights = np.append(np.full(count - 1, (1 - rare) / (count - 1)), rare)
    return by_class(toss, ordered=False, told=toss.maybe(), weights=weights, within=toss.rng.uniform(0.4, 0.8))


def trials(toss: Toss) -> World:
    """Trials of a recurrent system that all begin in one state, trials given as groups."""
    steps = toss.whole(8, 20)
    design = designs.trials(max(25, toss.rows(200, 1000) // steps), steps, toss.rng.uniform(0.4, 0.85))
    return toss.plain(_net(toss), toss.whole(2, 4), design, given=frozenset({"groups"}))


FAMILIES = (
    Family("AR", ar),
    Family("random walk", random_walk),
    Family("drift", drift),
    Family("oscillators", oscillator),
    Family("clips", clips),
    Family("clips, groups given", clips_told),
    Family("token sequences", tokens),
    Family("repeats with jitter", repeats),
    Family("sorted by class, labels given", sorted_told),
    Family("sorted by class, no labels", sorted_silent),
    Family("imbalance", imbalance),
    Family("trials from one state", trials, ("equivalent", "one way", "partly", "near")),
)
