"""What two layers share, made explicit: in numbers, as maps, against copies that learned nothing, and for the task."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from conjugacy.comparison.setup import Setup, own_targets
from conjugacy.comparison.shared_attributes import attributes_on, shared_attributes
from conjugacy.comparison.stimulus_images import StimulusImages, inputs_of
from conjugacy.numerics.columns import varies
from conjugacy.results import Estimate, PrivatePart, SharedBy, SharedDirection, SharedPart, SharedTask
from conjugacy.transformations import Ladder, Layer, Standard
from conjugacy.transformations.common.judged import FEWEST_CLUSTERS, FEWEST_ROWS, SharedLayers
from conjugacy.transformations.common.read_out import chance, of_classes, read_out
from conjugacy.verdict.known import for_both

MOST_ROWS = 2000
STAND_OUT = 5
Copies = Mapping[str, tuple[Sequence[np.ndarray], Sequence[np.ndarray]]]
"""By kind of control, the activations of copies of A and of B, rows as in the pair."""
Shown = tuple[StimulusImages, np.ndarray] | None
"""What one network was shown, and which of it the rows that are looked at are."""


def shared_part(setup: Setup, ladder: Ladder, copies: Copies) -> SharedPart | None:
    """Return the common part of the layers of a ladder; None where there are too few rows to hold a fifth out."""
    if ladder.a.m < FEWEST_ROWS or ladder.standard.n_clusters < FEWEST_CLUSTERS:
        return None
    rows = _rows(ladder)
    standard = ladder.standard.at(rows)
    ends = [_judged(layer)[rows] for layer in (ladder.a, ladder.b)]
    found = SharedLayers(ends[0], ends[1], standard)
    known, stimuli = found.part.dimensions > 0, setup.matching.stimuli[rows]
    images = _images(setup, rows)
    attributes, notes = shared_attributes(found, attributes_on(setup, rows))
    return SharedPart(
        dimensions=found.part.dimensions,
        interval=found.part.interval,
        linear=found.part.linear,
        directions=_directions(found),
        share_a=found.share(0),
        share_b=found.share(1),
        told_a=found.told_by_other(0),
        told_b=found.told_by_other(1),
        private_parts=(_private(found, 0, stimuli, images[0]), _private(found, 1, stimuli, images[1])),
        tasks=_tasks(setup, found, rows),
        controls=tuple(_control(kind, own, rows, standard) for kind, own in copies.items() if own[0] and own[1]),
        rows=len(rows),
        a=found.ends[0].to_common.judged(Estimate(), found.left(0)) if known else None,
        b=found.ends[1].to_common.judged(Estimate(), found.left(1)) if known else None,
        private_a=found.ends[0].to_private,
        private_b=found.ends[1].to_private,
        attributes=attributes,
        notes=(*_read_from_scores(found), *notes),
    )


def _read_from_scores(found: SharedLayers) -> tuple[str, ...]:
    """Say which layers' coordinates are not linear in the units as they are."""
    reread = found.part.reread
    layers = [] if reread is None else [name for name, form in zip("AB", reread.forms, strict=True) if form.scores]
    if not layers:
        return ()
    return (
        f"coordinates are read from the units of {' and of '.join(layers)} as normal scores, which undo how units saturate: "
        "on held-out rows the networks tell more of each other so",
    )


def _rows(ladder: Ladder) -> np.ndarray:
    """Return the rows that are looked at: all, or a part drawn at random of very many."""
    if ladder.a.m <= MOST_ROWS:
        return np.arange(ladder.a.m)
    return np.sort(np.random.default_rng(ladder.seed + 25).choice(ladder.a.m, MOST_ROWS, replace=False))


def _judged(layer: Layer) -> np.ndarray:
    """Return a layer's values, units that fire on too few rows to be judged made constant."""
    kept = np.zeros(layer.n, dtype=bool)
    kept[np.flatnonzero(layer.live)[layer.judged]] = True
    return layer.values if kept.all() else np.where(kept, layer.values, layer.mean)


def _directions(found: SharedLayers) -> tuple[SharedDirection, ...]:
    shares = found.shares(0), found.shares(1)
    return tuple(
        SharedDirection(found.new_share(j), shares[0][j], shares[1][j], a_to_b, b_to_a, null)
        for j, (a_to_b, b_to_a, null) in enumerate(found.directions)
    )


def _images(setup: Setup, rows: np.ndarray) -> tuple[Shown, Shown]:
    """Return what each network was shown as images; where only one network's inputs are known, they count for both."""
    pair, matching = setup.pair, setup.matching
    ends = ((pair.a, matching.rows_a), (pair.b, matching.rows_b))
    shown = [
        None if (inputs := inputs_of(recording)) is None else (StimulusImages.of(inputs, setup.image_shape), own[rows])
        for recording, own in ends
    ]
    return for_both(shown[0], shown[1])


def _private(found: SharedLayers, side: int, stimuli: np.ndarray, shown: Shown) -> PrivatePart:
    end, other = found.ends[side], found.ends[1 - side]
    along = end.own[:, 0]
    high, low = (_farthest(sign * along, stimuli) for sign in (1.0, -1.0))
    return PrivatePart(
        found.own_share(side),
        tuple(end.spread.tolist()),
        end.count,
        tuple(str(i) for i in stimuli[np.argsort(-np.abs(along), kind="stable")[:STAND_OUT]]),
        read_out(other.points, along, found.standard),
        tuple(str(i) for i in stimuli[high]),
        tuple(str(i) for i in stimuli[low]),
        None if shown is None else shown[0].pictures(shown[1][np.concatenate([high, low])]),
        None if shown is None else shown[0].how,
    )


def _farthest(along: np.ndarray, stimuli: np.ndarray) -> np.ndarray:
    """Return the rows of the stimuli farthest out to one side, each stimulus once; none from the other side."""
    order = np.argsort(-along, kind="stable")
    first = np.sort(np.unique(stimuli[order], return_index=True)[1])
    order = order[first]
    return order[along[order] > 0.0][:STAND_OUT]


def _tasks(setup: Setup, found: SharedLayers, rows: np.ndarray) -> tuple[SharedTask, ...]:
    """Return what each network reads of its task from its parts, where targets are known and vary."""
    told = list[SharedTask]()
    for side, targets in enumerate(own_targets(setup.pair)):
        if targets is None:
            continue
        wanted = targets[rows]
        if not of_classes(wanted) and not varies(wanted, wanted.std(axis=0)).any():
            continue
        end = found.ends[side]
        parts = [read_out(part, wanted, found.standard) for part in (end.common, end.back.left_out, end.points)]
        told.append(SharedTask("ab"[side], parts[0].name, parts[0], parts[1], parts[2], chance(wanted)))
    return tuple(told)


def _control(
    kind: str, own: tuple[Sequence[np.ndarray], Sequence[np.ndarray]], rows: np.ndarray, standard: Standard
) -> SharedBy:
    """Return what the first copies of both networks share."""
    found = SharedLayers(own[0][0][rows], own[1][0][rows], standard)
    a, b = (found.share(side).value or 0.0 for side in (0, 1))
    return SharedBy(kind, found.part.dimensions, found.part.interval, a, b)
