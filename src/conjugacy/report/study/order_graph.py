"""Which class determines which, as boxes in layers and arrows between them; what lies higher determines what lies lower."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from conjugacy.results import Classes, Relation

MOST_BOXES = 48
MOST_IN_A_LAYER = 6
WIDTH, HEIGHT, GAP_X, GAP_Y, EDGE = 148, 46, 22, 58, 12
_SWEEPS = 4


@dataclass(frozen=True)
class Box:
    """One class: its place in the drawing, its number and its name."""

    name: str
    number: int
    size: int
    x: float
    y: float


@dataclass(frozen=True)
class Arrow:
    """One relation from box to box, as a path, and what was counted."""

    path: str
    words: str


@dataclass(frozen=True)
class OrderGraph:
    """A drawing of the partial order.

    Attributes
    ----------
    width, height : float
        Of the drawing.
    boxes, arrows
        What is drawn.
    left_out : int
        Classes with relations that did not fit.
    """

    width: float
    height: float
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    left_out: int


def order_graph(classes: Classes) -> OrderGraph | None:
    """Lay out the classes that have relations, the largest where there are too many; None where there are none."""
    related = {name for relation in classes.relations for name in (relation.source, relation.target)}
    numbered = [(k, group) for k, group in enumerate(classes.groups, 1) if group.name in related]
    if not numbered:
        return None
    shown = {group.name for _, group in numbered[:MOST_BOXES]}
    edges = [r for r in classes.relations if r.direct and r.source in shown and r.target in shown]
    rows = _split(_sorted_layers(_layers([g.name for _, g in numbered[:MOST_BOXES]], edges), edges))
    widest = max(len(row) for row in rows)
    width = widest * (WIDTH + GAP_X) - GAP_X + 2 * EDGE
    places = {
        name: (width / 2 + (i - (len(row) - 1) / 2) * (WIDTH + GAP_X), EDGE + y * (HEIGHT + GAP_Y) + HEIGHT / 2)
        for y, row in enumerate(rows)
        for i, name in enumerate(row)
    }
    numbers = {group.name: k for k, group in numbered}
    return OrderGraph(
        width=width,
        height=len(rows) * (HEIGHT + GAP_Y) - GAP_Y + 2 * EDGE,
        boxes=tuple(Box(g.name, k, len(g.members), *places[g.name]) for k, g in numbered[:MOST_BOXES]),
        arrows=tuple(Arrow(_path(places[e.source], places[e.target]), arrow_words(e, numbers)) for e in edges),
        left_out=len(numbered) - len(shown),
    )


def arrow_words(relation: Relation, numbers: dict[str, int]) -> str:
    """Say what was counted between two classes."""
    total = relation.for_it + relation.against + relation.undecided
    return (
        f"class {numbers[relation.source]} determines class {numbers[relation.target]} and not back: {relation.for_it} of "
        f"{total} pairs say so, {relation.against} contradict it, {relation.undecided} are open"
    )


def _layers(names: Sequence[str], edges: Sequence[Relation]) -> list[list[str]]:
    """Put every class one layer under the lowest of those that determine it; a circle, if there is one, is cut."""
    depth = dict.fromkeys(names, 0)
    for _ in names:  # a path visits every class once at most
        deeper = {e.target: max(depth[e.source] + 1, depth[e.target]) for e in edges}
        for edge in edges:
            deeper[edge.target] = max(deeper[edge.target], depth[edge.source] + 1)
        if all(depth[name] == d for name, d in deeper.items()):
            break
        depth.update({name: min(d, len(names) - 1) for name, d in deeper.items()})
    used = sorted(set(depth.values()))
    return [[name for name in names if depth[name] == d] for d in used]


def _sorted_layers(layers: list[list[str]], edges: Sequence[Relation]) -> list[list[str]]:
    """Sort every layer by the mean place of what its classes are joined with (barycentres; Sugiyama et al. 1981)."""
    joined: dict[str, list[str]] = {}
    for edge in edges:
        joined.setdefault(edge.source, []).append(edge.target)
        joined.setdefault(edge.target, []).append(edge.source)
    for _ in range(_SWEEPS):
        at = {name: (i + 0.5) / len(row) for row in layers for i, name in enumerate(row)}
        for row in layers:
            row.sort(key=lambda name: _mean(at, name, joined))
            at |= {name: (i + 0.5) / len(row) for i, name in enumerate(row)}
    return layers


def _mean(at: dict[str, float], name: str, joined: dict[str, list[str]]) -> float:
    others = joined.get(name, [])
    return sum(at[other] for other in others) / len(others) if others else at[name]


def _split(layers: list[list[str]]) -> list[list[str]]:
    """Break layers that are too wide: boxes of one layer are not joined, so they may as well stand under each other."""
    return [row[i : i + MOST_IN_A_LAYER] for row in layers for i in range(0, len(row), MOST_IN_A_LAYER)]


def _path(start: tuple[float, float], end: tuple[float, float]) -> str:
    """Return a curve from the lower edge of one box to the upper edge of another, or between sides in a circle."""
    (x0, y0), (x1, y1) = start, end
    down = 1 if y1 > y0 else -1
    y0, y1 = y0 + down * HEIGHT / 2, y1 - down * (HEIGHT / 2 + 7)
    bend = (y1 - y0) / 2
    return f"M{x0:.1f} {y0:.1f}C{x0:.1f} {y0 + bend:.1f} {x1:.1f} {y1 - bend:.1f} {x1:.1f} {y1:.1f}"
