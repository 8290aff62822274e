"""Networks sorted into classes: groups that are equivalent, how groups determine each other, clusters by distance beside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from conjugacy.asked import share, whole_number
from conjugacy.errors import InputError
from conjugacy.measure import apart_beyond, get_measure
from conjugacy.numerics.grouping.linked_groups import linked_groups
from conjugacy.numerics.grouping.triples import Triples, triples
from conjugacy.results import Classes, Group, Relation
from conjugacy.results.digits import per_cent
from conjugacy.study.sorting.answers import OPEN, Answers, controlled, read_answers
from conjugacy.study.sorting.clusters import FEWEST, ClusterLayout, lay_out
from conjugacy.study.sorting.distances import Distances, distances, gives_answers, the_measure
from conjugacy.study.sorting.joined import joined_classes
from conjugacy.study.sorting.relations import MOST_AGAINST, determines

if TYPE_CHECKING:
    from conjugacy.study.study_table import StudyTable

CONTROLLED = (
    "at most {q:.3g} of the claims that stay are expected to be wrong (Benjamini and Hochberg over all compared pairs)"
)
UNCONTROLLED = "the study has no p, so errors over all pairs are not controlled"
TESTED = (
    "equivalent pairs link a group, and no pair in it fails; open pairs neither join nor split; {control}; "
    f"one group determines another if at least {MOST_AGAINST} pairs say so for each that says otherwise"
)
TESTED_BY_FIRST = (
    "equivalent pairs link a group, and of no pair in it first fits leave more than {limit} of the variance, as the low end of "
    "their interval tells; other open pairs neither join nor split; at most {q:.3g} of the links are expected to be wrong "
    "(Benjamini and Hochberg over the pairs that look equivalent)"
)
UNTESTED = "clusters by {measure} alone: that members of one class are equivalent was not tested"


def sort_networks(
    study: StudyTable,
    *,
    measure: str | None = None,
    layer_pair: str | None = None,
    axis: str | None = None,
    q: float = 0.05,
    seed: int = 0,
) -> Classes:
    """Sort the networks of a study into classes.

    By verdicts: networks that are equivalent are merged into groups, the most firmly linked first, and never across a pair that
    is not (`conjugacy.numerics.grouping.linked_groups`). A link is firm where third networks confirm it and little is
    unexplained.
    Without verdicts classes are clusters by distance, and claim no equivalence. The result does not depend on the order of the
    networks.

    Parameters
    ----------
    study : Study
        Every network against every other.
    measure : str, optional
        Id of the measure; by default the verdict on the representation axis, else the only measure.
    layer_pair : str, optional
        Needed where there are several.
    axis : {"representation", "function"}, optional
        Take the verdict on this axis.
    q : float
        Expected share of wrong ones among the claims that stay.
    seed : int
        Seeds the divisions and draws of the clusters by distance.

    Raises
    ------
    InputError
        Where the study compares one list of networks with another, `q` is not in (0, 1), or a choice is left open.

    Examples
    --------
    >>> from conjugacy.study.table import study_of
    >>> said = [["missing", "equivalent", "unrelated"], ["equivalent", "missing", "unrelated"], ["unrelated"] * 2 + ["missing"]]
    >>> dict(sort_networks(study_of(["a", "b", "c"], said)))
    {'a': 'a', 'b': 'a', 'c': 'c'}
    """
    if "joined" in study.settings:
        return joined_classes(study)
    _require(study)
    q, seed = share("q", q), whole_number("seed", seed)
    measure = the_measure(study, measure, axis)
    far = distances(study, measure, layer_pair)
    names = np.array(study.networks[0], dtype=object)
    order = np.argsort(names, kind="stable")  # computed in the names' order, so that the given one does not matter
    work = _Work(names[order], replace(far, values=far.values[np.ix_(order, order)]), measure, seed)
    if gives_answers(measure):
        found = work.by_verdicts(read_answers(study, measure, layer_pair).take(order), q)
    else:
        found = work.by_distance()
    return _in_order(replace(found, layer_pair=layer_pair or study.layer_pairs[0]), study.networks[0])


def _require(study: StudyTable) -> None:
    if not study.is_square:
        rows, columns = (len(names) for names in study.networks)
        raise InputError(
            f"classes need every network compared with every other; this study compares {rows} with {columns} others: "
            "take nearest() or contrast()"
        )


def _rule(said: Answers, measure: str, q: float) -> str:
    if said.p is not None and not said.denies:
        return TESTED_BY_FIRST.format(limit=per_cent(apart_beyond(measure)), q=q)
    return TESTED.format(control=UNCONTROLLED if said.p is None else CONTROLLED.format(q=q))


@dataclass(frozen=True, eq=False)
class _Work:
    """Networks in the order of their names, and their distances."""

    names: np.ndarray
    far: Distances
    measure: str
    seed: int

    def by_verdicts(self, said: Answers, q: float) -> Classes:
        """Sort by answers."""
        kept = controlled(said, q)
        at = np.flatnonzero(said.compared.any(axis=1))
        sorted_ones = kept.take(at)
        asked = triples(sorted_ones.holds, sorted_ones.fails)
        group = np.full(len(self.names), -1)
        if at.size:
            group[at] = linked_groups(_firmness(asked, sorted_ones.values), sorted_ones.fails)
        groups = self._groups(group, kept.holds)
        relations, cycles = self._relations(sorted_ones, group[at], groups)
        claims, stay = (int((answers.said > OPEN).sum()) // 2 for answers in (said, kept))
        return replace(
            self._classes(group, groups, lay_out(self.far.values, group, self.seed, _tolerance(self.measure))),
            relations=relations,
            cycles=cycles,
            intransitive=asked.intransitive,
            examples=tuple(self._named(at[list(triple)]) for triple in asked.examples),
            rule=_rule(said, self.measure, q),
            pairs=int(said.compared.sum()) // 2,
            claims=claims,
            kept=stay,
        )

    def by_distance(self) -> Classes:
        """Sort by clusters; an outlier stands alone, and networks without distances have none."""
        layout = lay_out(self.far.values, None, self.seed)
        group = np.full(len(self.names), -1)
        if layout is not None:
            group = layout.clustering.labels.copy()
            group[layout.outliers] = group.max() + 1 + np.arange(len(layout.outliers))
        found = self._classes(group, self._groups(group, np.zeros(self.far.values.shape, bool)), layout)
        few = f"fewer than {FEWEST} networks: they cannot show more than one cluster"
        return replace(
            found,
            rule=UNTESTED.format(measure=self.measure),
            tested=False,
            notes=found.notes + ((few,) if 0 < (group >= 0).sum() < FEWEST else ()),
        )

    def _classes(self, group: np.ndarray, groups: Sequence[Group], layout: ClusterLayout | None) -> Classes:
        return Classes(
            networks=self._named(np.arange(len(self.names))),
            groups=tuple(sorted(groups, key=lambda g: (-len(g.members), g.name))),
            relations=(),
            cycles=(),
            intransitive=0,
            examples=(),
            unsorted=self._named(np.flatnonzero(group < 0)),
            measure=self.measure,
            layer_pair="",
            rule="",
            pairs=int(np.isfinite(self.far.values[np.triu_indices(len(self.names), 1)]).sum()),
            claims=0,
            kept=0,
            clustering=None if layout is None else layout.clustering,
            plane=np.full((len(self.names), 2), np.nan) if layout is None else layout.plane,
            plane_share=float("nan") if layout is None else layout.plane_share,
            outliers=() if layout is None else self._named(layout.outliers),
            notes=self.far.notes + (() if layout is None else layout.notes),
        )

    def _groups(self, group: np.ndarray, holds: np.ndarray) -> list[Group]:
        """Return the groups in the order of their numbers."""
        found: list[Group] = []
        for number in range(int(group.max(initial=-1)) + 1):
            at = np.flatnonzero(group == number)
            holding = int(holds[np.ix_(at, at)].sum()) // 2
            middle = str(self.names[at[_medoid(self.far.values[np.ix_(at, at)])]])
            found.append(Group(middle, self._named(at), middle, holding, len(at) * (len(at) - 1) // 2 - holding))
        return found

    def _relations(
        self, answers: Answers, group: np.ndarray, groups: Sequence[Group]
    ) -> tuple[tuple[Relation, ...], tuple[tuple[str, ...], ...]]:
        if not groups:
            return (), ()
        found = determines(answers, group)
        relations = [
            Relation(
                groups[i].name,
                groups[j].name,
                int(found.for_it[i, j]),
                int(found.against[i, j]),
                int(found.undecided[i, j]),
                bool(found.direct[i, j]),
            )
            for i, j in np.argwhere(found.stands)
        ]
        ordered = sorted(relations, key=lambda r: (-r.for_it, r.source, r.target))
        return tuple(ordered), tuple(tuple(groups[i].name for i in circle) for circle in found.cycles)

    def _named(self, at: np.ndarray) -> tuple[str, ...]:
        return tuple(str(name) for name in self.names[at])


def _tolerance(measure: str) -> float:
    """Return the unexplained fraction up to which a verdict calls networks the same."""
    return float(getattr(get_measure(measure), "tolerance", 0.0))


def _firmness(asked: Triples, values: np.ndarray) -> np.ndarray:
    """Return how firmly pairs are linked: by how many third ones confirm it and, among equals, by how little is unexplained."""
    return asked.agreement / (1 + np.nan_to_num(values, nan=1.0))


def _medoid(distances: np.ndarray) -> int:
    """Return the member with the smallest mean distance to the others, the first where there are none."""
    there = np.isfinite(distances)
    count = there.sum(axis=1)
    mean = np.where(there, distances, 0).sum(axis=1) / np.maximum(count, 1)
    mean[count < 2] = np.inf  # only its own
    return int(mean.argmin())


def _in_order(classes: Classes, names: tuple[str, ...]) -> Classes:
    """Return what was computed in the order of the names in that of the study."""
    to_name = np.argsort(np.array(names, dtype=object), kind="stable")
    place = {name: i for i, name in enumerate(names)}
    back = np.argsort(to_name)

    def ordered(some: Sequence[str]) -> tuple[str, ...]:
        return tuple(sorted(some, key=place.__getitem__))

    clustering = classes.clustering
    if clustering is not None:
        placed = to_name[clustering.placed]  # leaf i is this network of the study
        leaf = np.argsort(np.argsort(placed))
        tree, n = clustering.linkage.copy(), len(placed)
        leaves = tree[:, :2] < n
        tree[:, :2][leaves] = leaf[tree[:, :2][leaves].astype(int)]
        clustering = replace(
            clustering,
            labels=clustering.labels[back],
            placed=np.sort(placed),
            linkage=tree,
            order=to_name[clustering.order],
        )
    return replace(
        classes,
        networks=names,
        groups=tuple(replace(group, members=ordered(group.members)) for group in classes.groups),
        unsorted=ordered(classes.unsorted),
        clustering=clustering,
        plane=classes.plane[back],
        outliers=ordered(classes.outliers),
    )
