"""Families of layers on rows that do not depend on each other: how variance lies among units and directions, sizes, depth."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from . import designs
from .family import Family, Toss
from .nets import Answer, class_net, common_mode, loud, mlp, one_hot, pictures, power_law, relu, scaled
from .world import Array, Net, Rng, Source, World


def power_laws(toss: Toss) -> World:
    """Directions of amplitude k^-1 to k^-2.5, in an order of its own in each network."""
    exponent = toss.rng.uniform(1.0, 2.5)
    return toss.iid(lambda q, rng: power_law(q, int(rng.integers(4 * q, 65)), exponent, rng), toss.whole(3, 6))


def common_modes(toss: Toss) -> World:
    """Mix a common mode of 30 to 97 % into every unit: one for both networks, or each its own where they see different things.

    Source 0 is the mode of A, source 1 that of B where it has its own.
    """
    share = 1 - toss.between(0.03, 0.7)
    count, own_a, own_b = toss.sees(toss.whole(2, 4), first=2)
    mode_b = 1 if toss.relation == "unrelated" or (toss.relation == "partly" and toss.maybe()) else 0
    n = toss.whole(24, 64)
    a, b = (Net((c, *own), common_mode(1 + len(own), n, share, toss.rng)) for c, own in ((0, own_a), (mode_b, own_b)))
    if toss.relation == "partly" and toss.maybe():  # nothing but the mode
        a, b = Net((0, *own_a), a.answer), Net((0, *range(2 + count, 2 + count + len(own_b))), b.answer)
        count += len(own_b)
    a, b = toss.noisy(a, b)
    design = designs.independent(toss.rows())
    return World(toss.relation, design, (Source(),) * (2 + count), a, b, note={"share": share})


def massive_units(toss: Toss) -> World:
    """One to three units are louder than the others by 10^2 to 10^6."""

    def make(q: int, rng: Rng) -> Answer:
        n = int(rng.integers(12, 65))
        inner = mlp(q, n, rng, act=relu if rng.random() < 0.3 else np.tanh)
        return scaled(inner, loud(n, int(rng.integers(1, 4)), 10 ** rng.uniform(2, 6), rng))

    return toss.iid(make, toss.whole(2, 4))


def one_shared_unit(toss: Toss) -> World:
    """One massive unit carries what both see, the others what each sees alone: every unit counts the same, so partly related."""
    d, n = toss.whole(3, 8), toss.whole(8, 24)

    def make(q: int, rng: Rng) -> Answer:
        rest = mlp(q - 1, n - 1, rng, depth=1)
        scale = 10 ** rng.uniform(2, 6)
        return lambda x: np.column_stack([scale * x[:, 0], rest(x[:, 1:])])

    own_a, own_b = tuple(range(1, 1 + d)), tuple(range(1 + d, 1 + 2 * d))
    if toss.relation == "one way":
        own_b = own_a[: toss.whole(1, d - 1)]
    a, b = toss.nets(make, ((0, *own_a), (0, *(own_a if toss.relation == "equivalent" else own_b))))
    return World(toss.relation, designs.independent(toss.rows()), (Source(),) * (1 + 2 * d), a, b)


def collapsed(toss: Toss) -> World:
    """Layers after training to the end: class means, and .1 to 3 % of variance within classes; class numbers given.

    One way: the coarser network has two to five classes in one. Partly: each has put together others. Unrelated: another label.
    """
    count, within = toss.whole(6, 20), toss.between(0.001, 0.03)
    weights = np.full(count, 1 / count)
    design = designs.classes(max(toss.rows(200), 20 * count), weights, toss.maybe(), toss.rng)
    fine, coarse, crossed = (tuple(range(count)), *_merged(count, toss.rng))
    pairs = {"one way": (fine, coarse), "partly": (coarse, crossed)}
    sizes = pairs.get(toss.relation, (fine, fine))
    sizes = sizes[::-1] if toss.maybe() else sizes
    label = Source(1, lambda design, _: design.labels[:, None].astype(float), lambda m, rng: _classes(m, count, rng))  # type: ignore[index]
    other = Source(1, lambda design, rng: _classes(design.m, count, rng), lambda m, rng: _classes(m, count, rng))
    own = ((2, 3), (4, 5)) if toss.maybe() or toss.relation == "unrelated" else ((2, 3), (2, 3))
    class_b = 1 if toss.relation == "unrelated" else 0
    a, b = (
        Net((c, *o), class_net(s, 2, toss.whole(24, 64), within, toss.rng), fold=within_merged(s), told=_told(s))
        for c, o, s in zip((0, class_b), own, sizes, strict=True)
    )
    a, b = toss.noisy(a, b)
    sources = (label, other, *(Source(),) * 4)
    note = {"classes": count, "within": within}
    return World(toss.relation, design, sources, a, b, frozenset({"targets"}), labels=(0, class_b), note=note)


def _merged(count: int, rng: Rng) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return two ways to put equally likely classes together."""
    found = []
    for _ in range(2):
        found.append(tuple(int(k) for k in rng.permutation(count) // rng.integers(2, 4)))
    return found[0], found[1]


def _told(sizes: tuple[int, ...]) -> Answer:
    names = np.array(sizes)
    indicators = one_hot(max(sizes) + 1)
    return lambda x: indicators(np.column_stack([names[x[:, 0].astype(int)], x[:, 1:]]))


def within_merged(sizes: tuple[int, ...]):  # noqa: ANN201
    """Return how another class of the same name is drawn (all classes are equally likely)."""
    names = np.array(sizes)
    members = [np.flatnonzero(names == k) for k in range(max(sizes) + 1)]

    def fold(x: Array, rng: Rng) -> Array:
        found = x.copy()
        for k in np.unique(names):
            rows = names[x[:, 0].astype(int)] == k
            found[rows, 0] = rng.choice(members[k], rows.sum())
        return found

    return fold


def _classes(m: int, count: int, rng: Rng) -> Array:
    return rng.integers(0, count, (m, 1)).astype(float)


def convolutions(toss: Toss) -> World:
    """Feature maps of convolutions, all positions of all channels as units; often more units than rows."""
    side, seed, d = toss.whole(5, 8), toss.whole(0, 10**6), toss.whole(2, 4)
    count, own_a, own_b = toss.sees(d)
    scene = {own: np.random.default_rng([seed, *own]) for own in {own_a, own_b}}
    make = {own: lambda own=own: pictures(len(own), side, toss.whole(4, 8), np.random.default_rng([seed, *own]), toss.rng)
            for own in scene}  # fmt: skip
    a, b = toss.noisy(Net(own_a, make[own_a]()), Net(own_b, make[own_b]()))
    return World(toss.relation, designs.independent(toss.rows(most=1000)), (Source(),) * count, a, b)


def many_dimensions(toss: Toss) -> World:
    """Ten to fifty numbers behind the layers, gain .3 to 1."""
    gain = toss.between(0.3, 1.0)
    return toss.iid(lambda q, rng: mlp(q, int(rng.integers(64, 161)), rng, depth=1, gain=gain), toss.whole(10, 50))


def more_units_than_rows(toss: Toss) -> World:
    """Two to ten times as many units as rows."""
    m = toss.rows(most=300)
    n = int(m * toss.rng.uniform(2, 8 if m < 300 else 4))
    depth = toss.whole(1, 2)
    return toss.plain(lambda q, rng: mlp(q, n, rng, depth=depth), toss.whole(2, 6), designs.independent(m))


def deep(toss: Toss) -> World:
    """Random networks of three to six layers and gains from 1.5 to 3: rough functions of what they see."""
    gain, depth = toss.rng.uniform(1.5, 3.0), toss.whole(3, 6)
    make = lambda q, rng: mlp(q, int(rng.integers(32, 97)), rng, depth=depth, gain=gain)  # noqa: E731
    world = toss.iid(make, toss.whole(2, 6))
    return replace(world, note={"gain": gain, "depth": depth})


def steep(toss: Toss) -> World:
    """Units like steps: gain 5 to 12, many of them."""
    gain = toss.rng.uniform(5, 12)
    return toss.iid(
        lambda q, rng: mlp(q, int(rng.integers(64, 257)), rng, depth=1, gain=gain, bias=gain), toss.whole(2, 3)
    )


def few_of_twenty(toss: Toss) -> World:
    """Each network sees twenty numbers, of which both see k = 1 to 10; sometimes none, or all."""
    d = 20
    count, own_a, own_b = toss.sees(d, share=int(toss.rng.choice([1, 1, 2, 3, 5, 10])))
    gain = toss.between(0.3, 1.0)
    make = lambda q, rng: mlp(q, int(rng.integers(32, 97)), rng, depth=1, gain=gain)  # noqa: E731
    a, b = toss.noisy(*toss.nets(make, (own_a, own_b)))
    shared = len(set(own_a) & set(own_b))
    return World(toss.relation, designs.independent(toss.rows(300)), (Source(),) * count, a, b, note={"shared": shared})


FAMILIES = (
    Family("power laws", power_laws),
    Family("common modes", common_modes),
    Family("massive units", massive_units),
    Family("one massive unit shared", one_shared_unit, ("equivalent", "one way", "partly")),
    Family("collapsed, labels given", collapsed),
    Family("convolution maps", convolutions),
    Family("d = 10 to 50", many_dimensions),
    Family("more units than rows", more_units_than_rows),
    Family("deep random networks", deep),
    Family("steep units", steep),
    Family("k of 20 shared", few_of_twenty, ("equivalent", "partly", "unrelated", "near")),
)
