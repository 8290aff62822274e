"""The classes of several networks as rows, and how classes and clusters are numbered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from conjugacy.report.study.words import counted
from conjugacy.results import Classes, Group


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


def class_rows(classes: Classes) -> list[ClassRow]:
    """Return the classes that have several members."""
    clusters = cluster_of(classes)
    return [
        _class_row(number, group, clusters, tested=classes.tested)
        for number, group in enumerate(classes.groups, 1)
        if len(group.members) > 1
    ]


def numbers_of(classes: Classes) -> dict[str, int]:
    """Return the number of every class by its name, from 1."""
    return {group.name: number for number, group in enumerate(classes.groups, 1)}


def cluster_of(classes: Classes) -> dict[str, int]:
    """Return the cluster of every network that is in one, from 0."""
    found = classes.clustering
    if found is None:
        return {}
    return {name: int(label) for name, label in zip(classes.networks, found.labels.tolist(), strict=True) if label >= 0}


def tally(labels: Iterable[int]) -> str:
    """Return which labels there are and how often, the most frequent first, numbered from 1."""
    found: dict[int, int] = {}
    for label in labels:
        found[label] = found.get(label, 0) + 1
    parts = [f"{label + 1} ({n})" for label, n in sorted(found.items(), key=lambda item: (-item[1], item[0]))]
    return ", ".join(parts[:6]) + (f", {len(parts) - 6} more" if len(parts) > 6 else "")


def _class_row(number: int, group: Group, cluster_of: Mapping[str, int], *, tested: bool) -> ClassRow:
    of = f"of {counted(group.pairs, 'pair')}"
    return ClassRow(
        number,
        group.name,
        group.members,
        group.representative,
        f"{group.holding} {of}" if tested else "not tested",
        f"{group.undecided} {of}" if tested else "not tested",
        tally(cluster_of[m] for m in group.members if m in cluster_of),
    )
