"""Which layers say how they move with the world, and what the recordings tell of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from conjugacy.activations.moving import OWN_INPUT
from conjugacy.data import Recording, deepest_among
from conjugacy.embeddings import LocalMetric
from conjugacy.embeddings.intrinsic import CLEAR
from conjugacy.errors import StimuliError


def moved_layers(a: Recording, b: Recording, layers: tuple[str, str] | None) -> tuple[str, str]:
    """Return the layers to lay out: those asked for, else the deepest hidden ones that say how they move.

    Raises
    ------
    StimuliError
        Where a recording holds neither Jacobians nor covariances of bursts, or not of the layer asked for.
    """
    names: list[str] = []
    for r, name in zip((a, b), layers or (None, None), strict=True):
        known = [x for x in r.layers if x in r.jacobians or x in r.covariances]
        if name is not None:
            r.layer(name)
        if not known or (name is not None and name not in known):
            where = f"layer {name!r} of " if name else ""
            raise StimuliError(
                f"match='intrinsic': {where}{r.name or 'a recording'!r} holds neither Jacobians nor covariances of bursts, which "
                "say how a layer moves with the world; record them: conjugacy record --jacobians or --bursts, with --world, or "
                "cj.record(..., world=, jacobians=)"
            )
        if name is None:
            deepest = deepest_among(r, known)
            name = known[-1] if deepest is None else deepest.name
        names.append(name)
    return names[0], names[1]


def metrics_of(pair: tuple[Recording, Recording], names: tuple[str, str]) -> list[LocalMetric]:
    """Return the metrics of both layers, of one number of coordinates: the world is the same.

    Raises
    ------
    StimuliError
        Where the layers clearly move in different numbers of directions.
    """
    metrics = [_metric(r, name) for r, name in zip(pair, names, strict=True)]
    if metrics[0].d == metrics[1].d:
        return metrics
    known = [m.d for m, r, name in zip(metrics, pair, names, strict=True) if name in r.jacobians]
    most = min(len(m.spectrum) for m in metrics)
    d = max(known or range(1, most + 1), key=lambda d: min(m.fall(d) for m in metrics)) if len(known) < 2 else 0
    if not 1 <= d <= most or min(m.fall(d) for m in metrics) < CLEAR:
        raise StimuliError(
            f"layer {names[0]!r} of {pair[0].name or 'a'!r} moves in {metrics[0].d} directions and {names[1]!r} of "
            f"{pair[1].name or 'b'!r} in {metrics[1].d} when the world moves: "
            "give Jacobians or bursts by the coordinates of one common world"
        )
    return [_metric(r, name, d) for r, name in zip(pair, names, strict=True)]


def _metric(recording: Recording, name: str, d: int | None = None) -> LocalMetric:
    if name in recording.jacobians:
        return LocalMetric.from_jacobians(recording.jacobians[name], d)
    return LocalMetric.from_covariances(recording.covariances[name], d)


def source_of(recording: Recording) -> str | None:
    """Return in words how the layer was seen to move, where the recording says it."""
    said = recording.provenance.get("metric")
    if not isinstance(said, Mapping):
        return None
    how: Mapping[str, Any] = cast("Mapping[str, Any]", said)
    if how.get("of") == "bursts":
        return f"bursts of {how.get('points')} points in {how.get('by')}, of size {how.get('sd')}"
    return f"derivatives by {how.get('by')}"


def own_input_note(a: Recording, b: Recording) -> tuple[str, ...]:
    """Return a warning where a network was moved by its own input, which is the world only where both take the same."""
    said = [f"{r.name or letter!r} from {source}" for r, letter in ((a, "a"), (b, "b"))
            if (source := source_of(r)) and OWN_INPUT in source]  # fmt: skip
    if not said:
        return ()
    return (
        f"how layers move was recorded of {' and of '.join(said)}; that is right only where both networks take inputs of one "
        "space: else record bursts made in the world, or derivatives by its coordinates",
    )
