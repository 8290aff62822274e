"""Of very many rows a pair is judged on a part, drawn by their ids: the same rows under any order, in every pair."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from conjugacy.comparison.matched_pair import Pair, activations_of, choose_layers
from conjugacy.comparison.setup import Setup
from conjugacy.data import Activations, Matching
from conjugacy.numerics.hashed import hashed
from conjugacy.results import AxisVerdict
from conjugacy.verdict.heads import pair_heads

MOST_ROWS = 50_000
GROUPS = 1000  # at least so many groups are in the part, or rows are drawn one by one
UNLIKE = 100  # rows that are taken into the part where the networks differ in these alone
AT_ONCE = 10_000


def part_of(setup: Setup) -> tuple[Setup, tuple[str, ...]]:
    """Return what is judged: all matched rows, or at most 50 000 of them, and that this is so.

    Whole groups are drawn where they are small. Whether the two hold the same numbers is asked of all rows: where they differ in
    rows outside the part alone, some of these are taken into it.
    """
    matching = setup.pair.matching
    if matching is None or len(matching.rows_a) <= MOST_ROWS:
        return setup, ()
    keys = hashed(_ids(setup.pair, matching))
    chosen = drawn(keys, matching.clusters, MOST_ROWS)
    unlike, said = _unlike(setup, matching), ""
    if unlike.any() and not unlike[chosen].any():
        others = np.flatnonzero(unlike)
        taken = others[np.argsort(keys[others], kind="stable")[:UNLIKE]]
        chosen = np.union1d(chosen, taken)
        said = f", and {len(taken)} of the {len(others)} in which alone the networks differ"
    clusters = np.unique(matching.clusters[chosen], return_inverse=True)[1].ravel()
    part = replace(
        matching,
        rows_a=matching.rows_a[chosen],
        rows_b=matching.rows_b[chosen],
        stimuli=matching.stimuli[chosen],
        clusters=clusters,
    )
    told = (
        f"judged on {len(chosen)} of {len(matching.rows_a)} matched rows, drawn by their ids{said}: intervals are those of "
        "so many rows"
    )
    return replace(setup, pair=replace(setup.pair, matching=part)), (told,)


def saying(axis: AxisVerdict, told: tuple[str, ...]) -> AxisVerdict:
    """Return an axis that says on which rows it was judged."""
    return replace(axis, warnings=axis.warnings + told) if told and axis.answer != "not_tested" else axis


def drawn(keys: np.ndarray, clusters: np.ndarray, most: int) -> np.ndarray:
    """Return at most so many rows, rising: whole groups by their least key, or rows by theirs where groups are large.

    Examples
    --------
    >>> drawn(np.array([5, 1, 4, 2, 3], dtype=np.uint64), np.arange(5), 3).tolist()
    [1, 3, 4]
    """
    count = int(clusters.max()) + 1
    if count < len(keys) and count * most >= GROUPS * len(keys):
        least = np.full(count, np.iinfo(np.uint64).max, dtype=np.uint64)
        np.minimum.at(least, clusters, keys)
        order = np.lexsort((clusters, least[clusters]))
        whole = clusters[order[:most]]
        if clusters[order[most]] == whole[-1]:  # the last group does not fit
            return np.sort(order[:most][whole != whole[-1]])
        return np.sort(order[:most])
    return np.sort(np.argsort(keys, kind="stable")[:most])


def _ids(pair: Pair, matching: Matching) -> np.ndarray:
    first = pair.a.first
    ids = first.stimuli if isinstance(first, Activations) else None
    return matching.stimuli if ids is None else ids[matching.rows_a]  # else a place would stand for content


def _unlike(setup: Setup, matching: Matching) -> np.ndarray:
    """Return the matched rows in which any layers or outputs that are compared differ, (m,) bool."""
    pair, found = setup.pair, np.zeros(len(matching.rows_a), dtype=bool)
    names = list(pair_heads(pair.a.heads, pair.b.heads).pairs)
    if setup.layers is not None or all(recording.deepest is not None for recording in (pair.a, pair.b)):
        names.append(choose_layers(pair, setup.layers)[0])
    for of_a, of_b in names:
        a, b = activations_of(pair.a, of_a).values, activations_of(pair.b, of_b).values
        if a.shape[1:] != b.shape[1:]:
            continue
        for start in range(0, len(found), AT_ONCE):
            rows = slice(start, start + AT_ONCE)
            found[rows] |= (a[matching.rows_a[rows]] != b[matching.rows_b[rows]]).any(axis=1)
    return found
