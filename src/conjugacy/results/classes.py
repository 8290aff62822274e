"""Networks sorted: groups that are equivalent, how groups determine each other, clusters by distance, a plane."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from conjugacy.errors import UnknownNameError

MOST_SHOWN = 6


@dataclass(frozen=True)
class Group:
    """Networks of one class.

    Where verdicts were sorted they are equivalent by the maps: linked by pairs that hold, and no pair among them fails. Where
    there were none they are a cluster by distance, all pairs count as undecided, and equivalence is not claimed.

    Attributes
    ----------
    name : str
        The class: the name of its representative.
    members : tuple of str
        In the order of the study.
    representative : str
        The member that is nearest to all others.
    holding, undecided : int
        Pairs of members that are equivalent, and that are left open; pairs without a value count as open.
    """

    name: str
    members: tuple[str, ...]
    representative: str
    holding: int
    undecided: int

    @property
    def pairs(self) -> int:
        """Number of pairs of members."""
        return len(self.members) * (len(self.members) - 1) // 2


@dataclass(frozen=True)
class Relation:
    """One group determines another and not back: how many of the pairs between them say so, contradict it, or are open."""

    source: str
    target: str
    for_it: int
    against: int
    undecided: int
    direct: bool  # not implied by a path of other relations


@dataclass(frozen=True, eq=False)
class Clustering:
    """Clusters by distance alone, beside the groups.

    Attributes
    ----------
    labels : int array, (N,)
        Cluster of every network; -1 where it has no distances, and for outliers.
    strengths : mapping of int to float
        Prediction strength of every number of clusters that was tried (Tibshirani and Walther 2005).
    stability : array, (k,)
        Mean Jaccard similarity of every cluster to the nearest one in resampled networks (Hennig 2007).
    placed : int array, (n,)
        The networks that have distances, in the order of the study.
    linkage : array, (n - 1, 4)
        The tree over these, as of `scipy.cluster.hierarchy`.
    order : int array, (N,)
        The networks in the order of the tree's leaves, members of one group together; those without distances last.
    """

    labels: np.ndarray
    strengths: Mapping[int, float]
    stability: np.ndarray
    placed: np.ndarray
    linkage: np.ndarray
    order: np.ndarray


@dataclass(frozen=True, eq=False)
class Classes(Mapping[str, str]):
    """The class of every network, as a mapping from its name to that of its class, and what is known of the classes.

    Attributes
    ----------
    networks : tuple of str
        All networks, in the order of the study.
    groups : tuple of Group
        The largest first.
    relations : tuple of Relation
        The partial order between groups.
    cycles : tuple of tuple of str
        Groups whose one-way answers lead round in a circle, so that some of them are wrong; no relation is drawn among them.
    intransitive : int
        Triples a, b, c where a and b are equivalent, b and c are, and a and c are not.
    examples : tuple of (str, str, str)
        Some of them, at most 10.
    unsorted : tuple of str
        Networks without a single pair that was compared; they have no class.
    measure, layer_pair, rule : str
        What was sorted, and by what rule, as a sentence.
    pairs, claims, kept : int
        Pairs that were compared, that were called the same or not, and that stay so with errors controlled over all pairs.
    clustering : Clustering or None
        Clusters by distance.
    plane : array, (N, 2)
        Principal coordinates of the distances; NaN where there are none.
    plane_share : float
        Share of the squared distances that the plane shows.
    outliers : tuple of str
        Networks that are unusually far from their nearest ones.
    tested : bool
        Whether classes rest on verdicts; where not, they are clusters by distance.
    notes : tuple of str
        How values became distances, and what was done that nobody asked for.
    """

    networks: tuple[str, ...]
    groups: tuple[Group, ...]
    relations: tuple[Relation, ...]
    cycles: tuple[tuple[str, ...], ...]
    intransitive: int
    examples: tuple[tuple[str, str, str], ...]
    unsorted: tuple[str, ...]
    measure: str
    layer_pair: str
    rule: str
    pairs: int
    claims: int
    kept: int
    clustering: Clustering | None
    plane: np.ndarray
    plane_share: float
    outliers: tuple[str, ...]
    tested: bool = True
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        shared = [f"{group.name} ({len(group.members)})" for group in self.groups if len(group.members) > 1]
        alone, more = sum(len(group.members) == 1 for group in self.groups), len(shared) - MOST_SHOWN
        named = ", ".join(shared[:MOST_SHOWN]) + (f" and {more} more" if more > 0 else "")
        return (
            f"<Classes of {len(self.networks)} networks by {self.measure}: {len(shared)} of two or more"
            f"{f': {named}' if named else ''}; {alone} alone, {len(self.unsorted)} not sorted; "
            "next: dict(this), .groups, .relations, .rule>"
        )

    @cached_property
    def _of(self) -> dict[str, str]:
        return {member: group.name for group in self.groups for member in group.members}

    def __getitem__(self, network: str) -> str:
        try:
            return self._of[network]
        except KeyError:  # the kind of error that mappings raise, with the words of ours
            raise KeyError(str(UnknownNameError.of("sorted network", network, self._of))) from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._of)

    def __len__(self) -> int:
        return len(self._of)
