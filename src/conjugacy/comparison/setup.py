"""One comparison under way: what every axis needs of the pair."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from conjugacy.comparison.attributes import Attribute
from conjugacy.comparison.heads import HeadPair, paired_heads
from conjugacy.comparison.matched_pair import Pair, activations_of
from conjugacy.comparison.stimulus_images import ImageShape
from conjugacy.data import Matching, Recording
from conjugacy.embeddings import intrinsic_dimension
from conjugacy.embeddings.dimension import FEWEST_ROWS
from conjugacy.results import Dimension, Evidence, SkippedUnit, WhereErrors
from conjugacy.transformations import Ladder, Transformation
from conjugacy.transformations.flows import Step
from conjugacy.verdict import Asked
from conjugacy.verdict.evidence import skipped_units
from conjugacy.verdict.heads import HeadPairs
from conjugacy.verdict.inputs import input_code
from conjugacy.verdict.known import for_both
from conjugacy.verdict.outputs import YES
from conjugacy.verdict.second_opinion import condition_both_ways
from conjugacy.verdict.where import where_errors

Progress = Callable[[str], None]
Targets = tuple[np.ndarray | None, np.ndarray | None]
Head = Callable[[str, np.ndarray], np.ndarray]
"""A live network from a layer on: the layer's name and what it is to answer (m, n), to outputs (m, q)."""


@dataclass(frozen=True, eq=False)
class Setup:
    """One comparison set up: the pair, its controls and the settings that every step needs.

    Attributes
    ----------
    pair : Pair
    tolerance, seed : float, int
    layers : (str, str) or None
        The layers that were asked for.
    controls : (recordings, recordings)
        Copies of A and of B that learned nothing.
    control_sources, no_control : mapping of str to str
        By kind, how these came about, and why they are missing.
    progress : callable
    heads : (Head or None, Head or None)
        Live networks from a layer on.
    steps : (Step or None, Step or None)
        Live recurrent networks, one time point on.
    delays : int or None
        Time points that make one state; None: chosen where trials are matched, one where they are not.
    threshold : float
        From where on a sigmoid says yes.
    rows : str or None
        What was said of the order of rows.
    attributes : tuple of Attribute
        Of the rows of A's recording.
    image_shape : tuple of int or None
        Of one input, where inputs are said to be images.
    """

    pair: Pair
    tolerance: float
    seed: int
    progress: Progress
    layers: tuple[str, str] | None = None
    controls: tuple[tuple[Recording, ...], tuple[Recording, ...]] = ((), ())
    control_sources: Mapping[str, str] = field(default_factory=dict[str, str])
    no_control: Mapping[str, str] = field(default_factory=dict[str, str])
    heads: tuple[Head | None, Head | None] = (None, None)
    steps: tuple[Step | None, Step | None] = (None, None)
    delays: int | None = None
    threshold: float = YES
    rows: str | None = None
    attributes: tuple[Attribute, ...] = ()
    image_shape: ImageShape | None = None

    @property
    def matching(self) -> Matching:
        """The matched rows.

        Raises
        ------
        StimuliError
            Where the rows are not matched.
        """
        return self.pair.matched

    @cached_property
    def outputs(self) -> tuple[tuple[HeadPair, ...], HeadPairs]:
        """The outputs of both networks, put together; what is known of each is computed once."""
        return paired_heads(self.pair, self.asked)

    @property
    def asked(self) -> Asked:
        """How pairs of layers are judged."""
        return Asked(self.tolerance, self.seed, threshold=self.threshold, rows=self.rows)


def shared_targets(own: Targets) -> np.ndarray | None:
    """Return the targets of both networks where they are the same; None where they are not known, or contradict each other."""
    a, b = own
    if a is None or b is None or a.shape != b.shape or not np.allclose(a, b):
        return None  # not known, or different tasks: neither list says what both were to answer
    return a


def own_targets(pair: Pair) -> tuple[np.ndarray | None, np.ndarray | None]:
    """Return what each network was to answer on the matched rows; where only one is known, it counts for both."""
    return (None, None) if pair.matching is None else for_both(pair.targets(pair.a), pair.targets(pair.b))


def input_codes(pair: Pair, seed: int) -> tuple[np.ndarray | None, np.ndarray | None]:
    """Return what each network was shown on the matched rows, (m, at most 256); where only one is known, it counts for both."""
    shown = [None if (x := pair.inputs(recording)) is None else input_code(x, seed) for recording in (pair.a, pair.b)]
    return for_both(shown[0], shown[1])


def not_judged(pair: Pair, ladder: Ladder, names: tuple[str | None, str | None]) -> tuple[SkippedUnit, ...]:
    """Return the units of both networks that were not judged as targets."""
    found: tuple[SkippedUnit, ...] = ()
    named = unit_names(pair, ladder, names)
    ends = ((ladder.a, pair.a, names[0]), (ladder.b, pair.b, names[1]))
    for (network, recording, name), units in zip(ends, named, strict=True):
        found += skipped_units(network, units, recording.name or "", name or "")
    return found


def unit_names(
    pair: Pair, ladder: Ladder, names: tuple[str | None, str | None]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the names of all units of both layers, numbers where there are none."""
    ends = ((ladder.a, pair.a, names[0]), (ladder.b, pair.b, names[1]))
    found = [activations_of(recording, name or "").units or () for _, recording, name in ends]
    numbers = [tuple(str(i) for i in range(network.n)) for network, _, _ in ends]
    a, b = (own if len(own) == len(other) else other for own, other in zip(found, numbers, strict=True))
    return a, b


def located(setup: Setup, ladder: Ladder, names: tuple[str, str], own: Targets | None = None) -> WhereErrors:
    """Return where the errors of a ladder over the matched rows lie; `own` are the targets of an output."""
    targets = shared_targets(own_targets(setup.pair) if own is None else own)
    known = targets is not None and targets.ndim == 1 and targets.dtype.kind in "iu"
    return where_errors(
        ladder, setup.matching.stimuli, targets if known else None, unit_names(setup.pair, ladder, names)
    )


def dimensions_of(setup: Setup, ladder: Ladder) -> tuple[Dimension, ...]:
    """Return the intrinsic dimensions of both layers; none where there are too few rows."""
    if ladder.a.m < FEWEST_ROWS:
        return ()
    a = intrinsic_dimension(ladder.a.values, ladder.clusters, seed=setup.seed)
    if ladder.same == 0.0:
        return a, a
    return a, intrinsic_dimension(ladder.b.values, ladder.clusters, seed=setup.seed)


def conditions(
    setup: Setup, ladder: Ladder, maps: Mapping[str, Transformation], dimensions: Sequence[Dimension]
) -> tuple[Evidence, ...]:
    """Return the condition of the map that is named, else of the last one, where both layers' dimensions are settled."""
    rung = ladder.told_rung
    if rung not in maps or not dimensions:
        return ()
    values = [d.value for d in dimensions]
    return condition_both_ways(maps[rung], (ladder.a, ladder.b), values, ladder.clusters, setup.seed)
