"""The classes, who stands alone, and the clusters by distance beside them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from conjugacy.measure import apart_beyond, denies
from conjugacy.report.study.class_rows import class_rows, cluster_of, numbers_of, tally
from conjugacy.report.study.section import StudySection, StudyShown
from conjugacy.report.study.words import counted
from conjugacy.results import Classes, Clustering
from conjugacy.results.digits import digits, per_cent


@dataclass(frozen=True)
class ClusterRow:
    """One cluster by distance."""

    label: str
    members: tuple[str, ...]
    stability: str
    classes: str


def _values(shown: StudyShown) -> Mapping[str, Any] | None:
    classes = shown.classes
    if classes is None or not (classes.groups or classes.unsorted):
        return None
    found = classes.clustering
    return {
        "classes": classes,
        "denies": denies(classes.measure),
        "beyond": "" if denies(classes.measure) else per_cent(apart_beyond(classes.measure)),
        "rows": class_rows(classes),
        "alone": [group.members[0] for group in classes.groups if len(group.members) == 1],
        "clusters": [] if found is None else _clusters(classes, found),
        "cluster_words": _agreement(classes, cluster_of(classes)) if classes.tested else [],
        "strengths": [] if found is None else [(k, digits(s)) for k, s in sorted(found.strengths.items())],
    }


def _clusters(classes: Classes, found: Clustering) -> list[ClusterRow]:
    of, numbers = cluster_of(classes), numbers_of(classes)
    rows: list[ClusterRow] = []
    for label in sorted(set(of.values())):
        members = tuple(name for name, own in of.items() if own == label)
        stability = digits(float(found.stability[label])) if label < len(found.stability) else "-"
        words = tally(numbers[classes[name]] - 1 for name in members if name in classes)
        rows.append(ClusterRow(str(label + 1), members, stability, words))
    return rows


def _agreement(classes: Classes, clusters: Mapping[str, int]) -> list[str]:
    both = [name for name in clusters if name in classes]
    if len(both) < 2:
        return []
    from sklearn.metrics import adjusted_rand_score

    index = float(adjusted_rand_score([classes[name] for name in both], [clusters[name] for name in both]))
    said = [
        f"Classes and clusters agree with an adjusted Rand index of {digits(round(index, 6))}: 1 is the same division, 0 what "
        "chance gives."
    ]
    without = len(classes.networks) - len(clusters)
    return (
        [*said, f"{counted(without, 'network has', 'networks have')} no distances, and no cluster."]
        if without
        else said
    )


SECTION = StudySection(_values, title="Classes", id="classes")
