"""What the head of one live network makes of states that were predicted from the other: stitching, as evidence."""

from __future__ import annotations

import numpy as np

from conjugacy.comparison.setup import Head, Setup, own_targets
from conjugacy.errors import InputError, ModelError
from conjugacy.results import Estimate, Evidence
from conjugacy.results.axis import WAYS
from conjugacy.transformations import Direction, Ladder, Layer
from conjugacy.transformations.direction import held_out_predictions


def stitched(setup: Setup, ladder: Ladder, names: tuple[str, str]) -> tuple[Evidence, ...]:
    """Return how well each live network's head does on held-out states that the map predicts from the other network.

    Every row's states come from a map that was fitted without its fold. For classes: the share of rows on which the head decides
    as it does on its own states, and its accuracy where targets are known, with its own accuracy as the floor and the most
    frequent class as the null. For values: the unexplained fraction of its own outputs.
    """
    rung = ladder.told_rung
    ends = (
        (WAYS[0], ladder.a, ladder.b, ladder.a_to_b, 1),
        (WAYS[1], ladder.b, ladder.a, ladder.b_to_a, 0),
    )
    found: list[Evidence] = []
    for way, source, target, direction, side in ends:
        head = setup.heads[side]
        if head is None or names[side] in ("", _output_name(setup, side)):
            continue
        setup.progress(f"stitching onto the head of {'ab'[side]}")
        try:
            outputs = _through(head, names[side], ladder, source, target, direction, rung)
        except (InputError, ModelError) as error:
            # the layer runs more than once, say, or was averaged over space when it was recorded
            found.append(Evidence(f"stitched_{way}", None, unit=f"without a value: {error}"))
            continue
        found += _judged(setup, ladder, side, way, outputs)
    return tuple(found)


def _output_name(setup: Setup, side: int) -> str | None:
    return (setup.pair.a, setup.pair.b)[side].output_name


def _through(
    head: Head, layer: str, ladder: Ladder, source: Layer, target: Layer, direction: Direction, rung: str
) -> np.ndarray:
    states = held_out_predictions(source, target, ladder.clusters, direction.fits.map_of(rung), seed=ladder.seed)
    return head(layer, states).astype(np.float64)


def _judged(setup: Setup, ladder: Ladder, side: int, way: str, outputs: np.ndarray) -> list[Evidence]:
    pair = setup.pair
    recording = (pair.a, pair.b)[side]
    own = pair.values(recording, recording.output_name or "")
    targets = own_targets(pair)[side]
    classes = targets is not None and targets.ndim == 1 and targets.dtype.kind in "iu" and own.shape[1] > 1
    if not classes and recording.kind_of(recording.output_name) not in ("logits", "probabilities"):
        left = ladder.standard.ratio(((outputs - own) ** 2).sum(axis=1), ((own - own.mean(axis=0)) ** 2).sum(axis=1))
        return [_evidence(f"stitched_unexplained_{way}", left, unit="unexplained fraction")]
    ones = np.ones(len(own))
    chosen, decided = outputs.argmax(axis=1), own.argmax(axis=1)
    same = ladder.standard.resampled((chosen == decided).astype(np.float64), ones)
    rows = [_evidence(f"stitched_agreement_{way}", same, null=_most_frequent(decided), unit="share of rows")]
    if classes and targets is not None:
        wanted = targets
        right = ladder.standard.resampled((chosen == wanted).astype(np.float64), ones)
        floor = float((decided == wanted).mean())
        rows.append(
            _evidence(f"stitched_accuracy_{way}", right, floor=floor, null=_most_frequent(wanted), unit="share of rows")
        )
    return rows


def _most_frequent(classes: np.ndarray) -> float:
    return float(np.unique_counts(classes).counts.max() / len(classes))


def _evidence(name: str, e: Estimate, *, unit: str, floor: float | None = None, null: float | None = None) -> Evidence:
    return Evidence(name, e.unexplained, e.low, e.high, floor, null, unit)
