"""A study and its classes as what the template of the page writes; the numbers of the matrix are in `study_data`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from conjugacy.report.study.cells import Cells
from conjugacy.report.study.order_graph import OrderGraph, arrow_words, order_graph
from conjugacy.report.study.pairs import tolerance_of
from conjugacy.report.study.words import both_ways, classes_words, counted, shared_and_alone, size_words
from conjugacy.report.words import digits, percent_of
from conjugacy.results import Classes, Clustering, Group
from conjugacy.results.axis import ANSWERS

if TYPE_CHECKING:
    from conjugacy.study import Study


@dataclass(frozen=True)
class Card:
    """One number of the headline with what it means."""

    title: str
    answer: str
    sentences: tuple[str, ...]


@dataclass(frozen=True)
class ClassRow:
    """One class of several networks."""

    number: int
    name: str
    members: tuple[str, ...]
    representative: str
    holding: str
    undecided: str
    clusters: str


@dataclass(frozen=True)
class ClusterRow:
    """One cluster by distance."""

    label: str
    members: tuple[str, ...]
    stability: str
    classes: str


@dataclass(frozen=True)
class StudyView:
    """What the page says in words and tables."""

    title: str
    cards: tuple[Card, ...]
    unread: tuple[tuple[str, str], ...]
    rule: tuple[str, ...]
    counts: tuple[tuple[str, str, str], ...]
    classes: tuple[ClassRow, ...]
    alone: tuple[tuple[int, str], ...]
    unsorted: tuple[str, ...]
    clusters: tuple[ClusterRow, ...]
    cluster_words: tuple[str, ...]
    strengths: tuple[tuple[int, str], ...]
    graph: OrderGraph | None
    relations: tuple[tuple[str, bool], ...]
    cycles: tuple[str, ...]
    intransitive: int
    examples: tuple[tuple[str, str, str], ...]


def study_view(study: Study, classes: Classes | None, tables: Sequence[Cells], chosen: Cells | None) -> StudyView:
    """Return the words of the page; `chosen` is the table that was sorted, or the first."""
    groups = () if classes is None else classes.groups
    clustering = None if classes is None else classes.clustering
    numbers = {group.name: k for k, group in enumerate(groups, 1)}
    cluster_of = {} if classes is None or clustering is None else _cluster_of(classes, clustering)
    relations = () if classes is None else classes.relations
    return StudyView(
        title=size_words(study),
        cards=tuple(_cards(study, classes, chosen)),
        unread=tuple(study.unread.items()),
        rule=() if classes is None else tuple(_rule(study, classes)),
        counts=tuple((t.measure, t.layer_pair, _count_words(t.counts())) for t in tables),
        classes=tuple(
            _class_row(k, g, cluster_of, tested=_tested(classes)) for k, g in enumerate(groups, 1) if len(g.members) > 1
        ),
        alone=tuple((k, g.members[0]) for k, g in enumerate(groups, 1) if len(g.members) == 1),
        unsorted=() if classes is None else classes.unsorted,
        clusters=() if classes is None or clustering is None else tuple(_clusters(classes, clustering, numbers)),
        cluster_words=tuple(_agreement(classes, cluster_of)) if classes is not None and classes.tested else (),
        strengths=() if clustering is None else tuple((k, digits(s)) for k, s in sorted(clustering.strengths.items())),
        graph=None if classes is None else order_graph(classes),
        relations=tuple((arrow_words(r, numbers), r.direct) for r in relations),
        cycles=() if classes is None else tuple(_cycle_words(circle, numbers) for circle in classes.cycles),
        intransitive=0 if classes is None else classes.intransitive,
        examples=() if classes is None else classes.examples,
    )


def _count_words(counts: Mapping[str, int]) -> str:
    found = sorted(both_ways(counts).items(), key=lambda item: -item[1])
    return ", ".join(f"{n} {words}" for words, n in found) or "no pairs"


def _cards(study: Study, classes: Classes | None, chosen: Cells | None) -> list[Card]:
    a, b = (len(names) for names in study.networks)
    counts = {} if chosen is None else chosen.counts()
    unread = (f"{counted(len(study.unread), 'recording')} could not be used, see below",) if study.unread else ()
    cards = [Card("networks", str(a) if study.is_square else f"{a} × {b}", unread)]  # noqa: RUF001
    pairs = sum(counts.values())
    compared = pairs - sum(counts.get(state, 0) for state in ("missing", "unreadable", "mismatched", "failed"))
    note = "" if chosen is None else f"by {chosen.measure} ({chosen.layer_pair})"
    cards.append(Card("pairs compared", str(compared), tuple(s for s in (f"of {pairs} pairs", note) if s)))
    if classes is not None:
        shared, _ = shared_and_alone(classes)
        told = () if classes.tested else ("clusters by distance; whether members are equivalent was not tested",)
        cards.append(Card("classes", str(shared) if shared else "none", (classes_words(classes), *told)))
    if counts.keys() & {*ANSWERS}:
        undecided = counts.get("undecided", 0)
        said = ("the data do not say whether they are within tolerance: record more stimuli",) if undecided else ()
        cards.append(Card("undecided pairs", str(undecided), said))
    return cards


def _rule(study: Study, classes: Classes) -> list[str]:
    rule = classes.rule.strip()
    said = [f"{rule[:1].upper()}{rule[1:]}{'' if rule.endswith('.') else '.'}"] if rule else []
    tolerance = tolerance_of(study, classes.measure) if classes.tested else None
    given = "" if tolerance is None else f", tolerance {percent_of(tolerance)} of variance"
    said.append(f"Sorted by {classes.measure} ({classes.layer_pair}){given}.")
    if classes.claims:
        said.append(
            f"Of {counted(classes.pairs, 'pair')} compared, {classes.claims} are called the same or not the same; {classes.kept} "
            "of these stay so with errors controlled over all pairs at once."
        )
    return said + [f"{note[:1].upper()}{note[1:]}." for note in classes.notes]


def _tested(classes: Classes | None) -> bool:
    return classes is not None and classes.tested


def _class_row(number: int, group: Group, cluster_of: Mapping[str, int], *, tested: bool) -> ClassRow:
    of = f"of {counted(group.pairs, 'pair')}"
    return ClassRow(
        number,
        group.name,
        group.members,
        group.representative,
        f"{group.holding} {of}" if tested else "not tested",
        f"{group.undecided} {of}" if tested else "not tested",
        _tally(cluster_of[m] for m in group.members if m in cluster_of),
    )


def _tally(labels: Any) -> str:
    found: dict[int, int] = {}
    for label in labels:
        found[label] = found.get(label, 0) + 1
    parts = [f"{label + 1} ({n})" for label, n in sorted(found.items(), key=lambda item: (-item[1], item[0]))]
    return ", ".join(parts[:6]) + (f", {len(parts) - 6} more" if len(parts) > 6 else "")


def _cluster_of(classes: Classes, found: Clustering) -> dict[str, int]:
    return {name: int(label) for name, label in zip(classes.networks, found.labels.tolist(), strict=True) if label >= 0}


def _clusters(classes: Classes, found: Clustering, numbers: Mapping[str, int]) -> list[ClusterRow]:
    of = _cluster_of(classes, found)
    rows: list[ClusterRow] = []
    for label in sorted(set(of.values())):
        members = tuple(name for name, own in of.items() if own == label)
        stability = digits(float(found.stability[label])) if label < len(found.stability) else "-"
        tally = _tally(numbers[classes[name]] - 1 for name in members if name in classes)
        rows.append(ClusterRow(str(label + 1), members, stability, tally))
    return rows


def _cycle_words(circle: Sequence[str], numbers: Mapping[str, int]) -> str:
    return "classes " + ", ".join(str(numbers[name]) for name in circle)


def _agreement(classes: Classes, cluster_of: Mapping[str, int]) -> list[str]:
    both = [name for name in cluster_of if name in classes]
    if len(both) < 2:
        return []
    from sklearn.metrics import adjusted_rand_score

    index = float(adjusted_rand_score([classes[name] for name in both], [cluster_of[name] for name in both]))
    said = [
        f"Classes and clusters agree with an adjusted Rand index of {digits(round(index, 6))}: 1 is the same division, 0 what "
        "chance gives."
    ]
    without = len(classes.networks) - len(cluster_of)
    return (
        [*said, f"{counted(without, 'network has', 'networks have')} no distances, and no cluster."]
        if without
        else said
    )
