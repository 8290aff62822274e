"""One comparison under way: what every axis needs of the pair."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from conjugacy.comparison.matched_pair import Pair, activations_of
from conjugacy.data import Recording
from conjugacy.embeddings import intrinsic_dimension
from conjugacy.embeddings.dimension import FEWEST_ROWS
from conjugacy.results import Dimension, Evidence, Floor, SkippedUnit, WhereErrors
from conjugacy.transformations import Ladder, Transformation
from conjugacy.verdict.evidence import repeat_floor, skipped_units
from conjugacy.verdict.known import input_code
from conjugacy.verdict.second_opinion import condition_both_ways
from conjugacy.verdict.where import where_errors

Progress = Callable[[str], None]
Head = Callable[[str, np.ndarray], np.ndarray]
"""A live network from a layer on: the layer's name and what it is to answer (m, n), to outputs (m, q)."""


@dataclass(frozen=True, eq=False)
class Job:
    """One comparison under way: the pair and the settings that every step needs."""

    pair: Pair
    tolerance: float
    seed: int
    controls: tuple[tuple[Recording, ...], tuple[Recording, ...]]
    control_source: str
    progress: Progress
    heads: tuple[Head | None, Head | None] = (None, None)
    delays: int = 1


def shared_targets(pair: Pair) -> np.ndarray | None:
    """Return the targets of the matched rows: those of `a`, else of `b`; None where they contradict each other."""
    a, b = own_targets(pair)
    if a is None or b is None or a.shape != b.shape or not np.allclose(a, b):
        return None  # not known, or different tasks: neither list says what both were to answer
    return a


def own_targets(pair: Pair) -> tuple[np.ndarray | None, np.ndarray | None]:
    """Return what each network was to answer on the matched rows; where only one is known, it counts for both."""
    if pair.matching is None:
        return None, None
    ends = ((pair.a, pair.matching.rows_a), (pair.b, pair.matching.rows_b))
    a, b = (None if recording.targets is None else recording.targets[rows] for recording, rows in ends)
    return a if a is not None else b, b if b is not None else a


def input_codes(pair: Pair, seed: int) -> tuple[np.ndarray | None, np.ndarray | None]:
    """Return what each network was shown on the matched rows, (m, at most 256); where only one is known, it counts for both."""
    if pair.matching is None:
        return None, None
    found: list[np.ndarray | None] = []
    for recording, rows in ((pair.a, pair.matching.rows_a), (pair.b, pair.matching.rows_b)):
        shown = activations_of(recording, next(iter(recording.layers))).inputs
        found.append(None if shown is None else input_code(shown[rows], seed))
    a, b = found
    return a if a is not None else b, b if b is not None else a


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


def located(job: Job, ladder: Ladder, names: tuple[str, str], rows: np.ndarray) -> WhereErrors:
    """Return where the errors of a ladder lie, whose rows are these of the matched ones."""
    matching = job.pair.matching
    targets = shared_targets(job.pair)
    known = targets is not None and targets.ndim == 1 and targets.dtype.kind in "iu"
    classes = targets[rows] if targets is not None and known else None
    stimuli = rows if matching is None else matching.stimuli[rows]
    return where_errors(ladder, stimuli, classes, unit_names(job.pair, ladder, names))


def noise_floor(pair: Pair, ladder: Ladder, stimuli: np.ndarray, seed: int) -> Floor:
    """Return the floor that repeats of a stimulus give, or an empty one."""
    return repeat_floor(ladder.a, ladder.b, stimuli, ladder.clusters, seed) or Floor()


def dimensions_of(job: Job, ladder: Ladder) -> tuple[Dimension, ...]:
    """Return the intrinsic dimensions of both layers; none where there are too few rows."""
    if ladder.a.m < FEWEST_ROWS:
        return ()
    return tuple(intrinsic_dimension(n.values, ladder.clusters, seed=job.seed) for n in (ladder.a, ladder.b))


def conditions(
    job: Job, ladder: Ladder, maps: dict[str, Transformation], dimensions: Sequence[Dimension]
) -> tuple[Evidence, ...]:
    """Return the condition of the map that is named, else of the last one, where both layers' dimensions are settled."""
    rung = ladder.told_rung
    if rung not in maps or not dimensions:
        return ()
    values = [d.value for d in dimensions]
    return condition_both_ways(maps[rung], (ladder.a, ladder.b), values, ladder.clusters, job.seed)


def fitted_maps(ladder: Ladder) -> dict[str, Transformation]:
    """Fit every rung that applies on all rows; what it left unexplained held out goes with it."""
    return {
        result.rung: ladder.transformation(result.rung).judged(result.a_to_b, result.b_to_a)
        for result in ladder.results
        if result.rung in ladder.a_to_b.errors
    }
