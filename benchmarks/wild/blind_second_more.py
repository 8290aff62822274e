"""Blind families of heavy-tailed rates and latencies, poses, graph nodes and sets of objects (see `blind_second.py`)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from . import designs
from .family import Toss
from .nets import Answer, mlp
from .world import Array, Net, Rng, Source, World

Fold = Callable[[Array, Rng], Array]


def shuffled(x: Array, rng: Rng) -> Array:
    """Return the items of every row, (m, k, d), in an order drawn at random: what sees no order cannot tell it."""
    return np.take_along_axis(x, rng.random(x.shape[:2]).argsort(axis=1)[:, :, None], axis=1)


def rates_and_latencies(toss: Toss) -> World:
    """Fire to Student t stimuli; told are rates, their logarithms or first-spike latencies up to a longest wait: none is lost."""
    df = toss.rng.uniform(3.0, 7.0)
    draw = lambda m, rng: np.sqrt((df - 2) / df) * rng.standard_t(df, (m, 1))  # noqa: E731
    source = Source(1, lambda design, rng: draw(design.m, rng), draw)

    def make(q: int, rng: Rng) -> Answer:
        n, kind, longest = int(rng.integers(40, 101)), int(rng.integers(3)), rng.uniform(3.0, 10.0)
        w, c = 1.5 * rng.standard_normal((q, n)) / np.sqrt(q), rng.uniform(-0.5, 1.5, n)

        def answer(x: Array) -> Array:
            rate = np.logaddexp(0.0, x @ w + c)
            return (rate, np.log(rate + 0.05), np.minimum(1 / (rate + 0.05), longest))[kind]

        return answer

    count, *sees = toss.sees(toss.whole(2, 4))
    a, b = toss.noisy(*toss.nets(make, (sees[0], sees[1])))
    design = designs.independent(toss.rows(100, 1000))
    return World(toss.relation, design, (source,) * count, a, b, note={"df": df})


def _rotation(q: Array) -> Array:
    """Return the rotation of a unit quaternion, (m, 3, 3): its columns are where the axes of the object point."""
    w, x, y, z = q.T
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ]
    ).transpose(2, 0, 1)


def _turned(q: Array, axis: int, angle: Array) -> Array:
    """Return quaternions of objects that are first turned about an axis of their own."""
    c, s, v = np.cos(angle / 2), np.sin(angle / 2), np.eye(3)[axis]
    vector = q[:, 1:] * c[:, None] + s[:, None] * (q[:, :1] * v + np.cross(q[:, 1:], v))
    return np.column_stack([q[:, 0] * c - s * q[:, 1 + axis], vector])


def poses(toss: Toss) -> World:
    """Networks that see an object at any pose, each with an object of its own: poses that its symmetry makes alike are lost.

    Equivalent: the same symmetry. One way: more symmetry about the same axis. Partly: symmetry about another axis, or of other
    fold about the same.
    """
    some = toss.whole(2, 4)
    kinds: tuple[tuple[int, int], tuple[int, int]] = (
        (1, 0),
        (1, 0),
    )  # how often it looks alike in a turn, about which axis
    if toss.relation == "one way":
        kinds = (((1, 2), (0, 2)), ((1, 2), (some, 2)), ((2, 2), (0, 2)), ((2, 2), (4, 2)))[toss.whole(0, 3)]
    elif toss.relation == "partly":
        kinds = (((0, 2), (0, 0)), ((2, 2), (2, 0)), ((2, 2), (3, 2)))[toss.whole(0, 2)]
    else:
        kinds = (((1, 2), (1, 2)), ((some, 2), (some, 2)), ((0, 2), (0, 2)))[min(toss.whole(0, 3), 2)]
    own = (0, int(toss.relation == "unrelated"))
    a, b = (_viewer(o, *kind, toss) for o, kind in zip(own, kinds, strict=True))
    a, b = toss.noisy(*((b, a) if toss.maybe() else (a, b)))

    def draw(m: int, rng: Rng) -> Array:
        found = rng.standard_normal((m, 4))
        return found / np.linalg.norm(found, axis=1, keepdims=True)

    pose = Source(4, lambda design, rng: draw(design.m, rng), draw)
    design = designs.independent(toss.rows(200, 1000))
    return World(toss.relation, design, (pose, pose), a, b, note={"kinds": str(kinds)})


def _viewer(own: int, fold: int, axis: int, toss: Toss) -> Net:
    """Return a network of an object that looks the same `fold` times in a turn about an axis (0: at every angle).

    It is a sum over the angles that look alike; without a symmetry half of the networks see a picture of bright points.
    """
    rng, n = toss.rng, toss.whole(32, 96)
    if fold == 0:
        inner = mlp(3, n, rng, depth=1, gain=2.0)
        turned: Fold = lambda q, r: _turned(q, axis, r.uniform(0, 2 * np.pi, len(q)))  # noqa: E731
        arrow = lambda q: _rotation(q)[:, :, axis]  # noqa: E731
        return Net((own,), lambda q: inner(arrow(q)), fold=turned, told=arrow)
    pixels = fold == 1 and toss.maybe()
    inner = _picture(rng) if pixels else mlp(9, n, rng, depth=1, gain=1.5 + 2.0 * (fold > 1))
    angles = 2 * np.pi * np.arange(fold) / fold

    def answer(q: Array) -> Array:
        views = [_rotation(_turned(q, axis, np.full(len(q), t))) for t in angles]
        return np.sum([inner(v if pixels else v.reshape(-1, 9)) for v in views], axis=0)

    def told(q: Array) -> Array:
        r, other = _rotation(q), _rotation(q)[:, :, (axis + 1) % 3] + 1j * _rotation(q)[:, :, (axis + 2) % 3]
        if fold == 1:
            return r.reshape(-1, 9)
        powers = np.stack(
            [np.prod(other[:, list(i)], axis=1) for i in np.ndindex(*(3,) * fold) if list(i) == sorted(i)]
        )
        return np.hstack([r[:, :, axis], powers.real.T, powers.imag.T])  # a turn by 2 pi / fold leaves them

    alike: Fold | None = None if fold == 1 else lambda q, r: _turned(q, axis, angles[r.integers(0, fold, len(q))])
    return Net((own,), answer, fold=alike, told=told)


def _picture(rng: Rng) -> Answer:
    """Return a picture of eight to twelve points of one object seen from afar, each of its own brightness."""
    points, side = rng.standard_normal((int(rng.integers(8, 13)), 3)) * 0.7, int(rng.integers(6, 10))
    bright, grid = rng.uniform(0.3, 1.5, len(points)), np.linspace(-1.5, 1.5, side)

    def answer(r: Array) -> Array:
        seen = np.einsum("mij,pj->mpi", r[:, :2], points)
        x, y = (np.exp(-((seen[:, :, i, None] - grid) ** 2) / (2 * 0.45**2)) for i in (0, 1))
        return np.einsum("p,mpx,mpy->mxy", bright, x, y).reshape(len(r), -1)

    return answer


def graph_nodes(toss: Toss) -> World:
    """Nodes of one graph of communities: a network keeps features of a node, the mean of those of its neighbours, or both.

    Features are alike within a community, so what is not kept is drawn again given what is. Unrelated: other features on the
    same graph. Communities are given as groups in half of the pairs.
    """
    m, rng = toss.rows(300, 1000), toss.rng
    communities = toss.whole(15, min(40, m // 10))
    m -= m % communities
    size, near, share = m // communities, toss.whole(2, 6), toss.rng.uniform(0.1, 0.6)
    where = np.repeat(np.arange(communities), size)
    other = rng.random((m, size - 1)).argsort(axis=1)[:, :near]
    other += other >= (np.arange(m) % size)[:, None]  # not the node itself
    edges = where[:, None] * size + other
    order = rng.permutation(m) if toss.maybe() else np.arange(m)
    spread = np.sqrt(share + (1 - share) / near)
    rho = share / spread

    def rows(_: designs.Design, rng: Rng) -> Array:
        own = np.sqrt(share) * rng.standard_normal(communities)[where] + np.sqrt(1 - share) * rng.standard_normal(m)
        return np.column_stack([own, own[edges].mean(axis=1) / spread])[order]

    def alone(k: int, rng: Rng) -> Array:
        own = rng.standard_normal((k, 1))
        return np.hstack([own, rho * own + np.sqrt(1 - rho**2) * rng.standard_normal((k, 1))])

    def net(own: tuple[int, ...], kind: int) -> Net:
        q, keeps = len(own) * (2 if kind == 2 else 1), slice(None) if kind == 2 else slice(kind, None, 2)
        inner = mlp(q, toss.whole(24, 80), toss.rng)

        def again(x: Array, rng: Rng) -> Array:
            found = x.copy()
            known = x[:, keeps]
            found[:, 1 - kind :: 2] = rho * known + np.sqrt(1 - rho**2) * rng.standard_normal(known.shape)
            return found

        return Net(own, lambda x: inner(x[:, keeps]), fold=None if kind == 2 else again, told=lambda x: x[:, keeps])

    count, *sees = toss.sees(2)
    kinds = (toss.whole(0, 2),) * 2
    if toss.relation in ("one way", "partly") and toss.maybe(0.7):
        count, sees = 2, [(0, 1)] * 2
        kinds = (2, toss.whole(0, 1)) if toss.relation == "one way" else (0, 1)
        kinds = kinds[:: 1 if toss.maybe() else -1]
    a, b = toss.noisy(*(net(own, kind) for own, kind in zip(sees, kinds, strict=True)))
    design = designs.Design("graph", m, lambda w, rng: rng.standard_normal((m, w)), designs.normal, where[order])
    given = frozenset({"groups"} if toss.maybe() else ())
    note = {"share": share, "neighbours": near, "kinds": str(kinds)}
    return World(toss.relation, design, (Source(2, rows, alone),) * count, a, b, given, note=note)


def sets_of_objects(toss: Toss) -> World:
    """Scenes of two or three objects of a colour and a shape: in order, as a set, or as colours and shapes that nobody binds.

    Whatever is put in another order and answered alike is drawn again so. Partly: two sets share some objects, or one network
    knows the colours in order and the other the set.
    """
    k = toss.whole(2, 3)
    same, apart = tuple(range(k)), tuple(range(k, 2 * k))
    kinds = (("set", "set"), ("set", "set"), ("loose", "loose"))[toss.whole(0, 2)]
    own = (same, apart if toss.relation == "unrelated" else same)
    if toss.relation == "one way":
        kinds = (("ordered", "set"), ("set", "loose"), ("ordered", "loose"), ("loose", "colours"))[toss.whole(0, 3)]
    elif toss.relation == "partly" and toss.maybe():
        kinds = ("set", "ordered colours")
    elif toss.relation == "partly":
        kinds, own = ("set", "set"), (same, tuple(range(1, k + 1)))
    a, b = (_scene(o, kind, toss) for o, kind in zip(own, kinds, strict=True))
    a, b = toss.noisy(*((b, a) if toss.maybe() else (a, b)))
    design = designs.independent(toss.rows(200, 1000))
    return World(toss.relation, design, (Source(2),) * (2 * k), a, b, note={"objects": k, "kinds": str(kinds)})


def _scene(own: tuple[int, ...], kind: str, toss: Toss) -> Net:
    """Return a network of the objects that sums, or takes the largest of, its answers to each, or has them in order."""
    k, n, rng = len(own), toss.whole(32, 96), toss.rng
    if kind == "ordered":
        return Net(own, mlp(2 * k, n, rng))
    if kind == "ordered colours":
        inner = mlp(k, n, rng)
        new: Fold = lambda x, r: np.where(np.arange(2 * k) % 2 == 0, x, r.standard_normal(x.shape))  # noqa: E731
        return Net(own, lambda x: inner(x[:, ::2]), fold=new, told=lambda x: x[:, ::2])
    one, two = (mlp(1, n, rng, depth=1, gain=1.5, bias=1.0) for _ in "ab")
    corner = mlp(2, n, rng, depth=1, gain=1.5, bias=1.0)
    largest = kind == "set" and k == 2 and toss.relation != "one way" and toss.maybe()

    def objects(x: Array) -> Array:
        return x.reshape(-1, 2)

    def answer(x: Array) -> Array:
        if kind == "set":
            if largest:
                return corner(objects(x)).reshape(len(x), k, n).max(axis=1)
            return (one(objects(x)[:, :1]) * two(objects(x)[:, 1:])).reshape(len(x), k, n).sum(axis=1)
        each = one(objects(x)[:, :1]) + (two(objects(x)[:, 1:]) if kind == "loose" else 0.0)
        return each.reshape(len(x), k, n).sum(axis=1)

    def again(x: Array, rng: Rng) -> Array:
        found = x.reshape(len(x), k, 2)
        if kind == "set":
            return shuffled(found, rng).reshape(x.shape)
        shapes = shuffled(found[:, :, 1:], rng) if kind == "loose" else rng.standard_normal((len(x), k, 1))
        return np.concatenate([shuffled(found[:, :, :1], rng), shapes], axis=2).reshape(x.shape)

    def told(x: Array) -> Array:
        found = x.reshape(len(x), k, 2)
        colours, shapes = np.sort(found[:, :, 0], axis=1), np.sort(found[:, :, 1], axis=1)
        if kind == "colours":
            return colours
        loose = np.hstack([colours, shapes])
        by_colour = np.take_along_axis(found[:, :, 1], found[:, :, 0].argsort(axis=1), axis=1)
        return (
            loose
            if kind == "loose"
            else np.hstack([loose, by_colour, (found[:, :, 0] * found[:, :, 1]).sum(axis=1)[:, None]])
        )

    return Net(own, answer, fold=again, told=told)
