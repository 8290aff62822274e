"""How a network was recorded, in sentences: axes that were reduced, what a probe showed, what is missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from conjugacy.data import Recording, is_head

MOST_NAMED = 3
QUIET = ("only passes on", "equal to ")
"""Reasons for which nobody misses a layer."""


def told_of_recordings(a: Recording, b: Recording, layers: tuple[str, str] | None) -> tuple[str, ...]:
    """Return what is to be known of the layers and outputs that were compared, and what else was not recorded.

    Examples
    --------
    >>> import numpy as np
    >>> how = {"reduced": {"h": "7x3 averaged over tokens"}, "left_out": {"gate": "did not run", "drop": "only passes on"}}
    >>> one = Recording.from_arrays({"h": np.eye(3), "outputs": np.eye(3)}, name="a", provenance=how)
    >>> told_of_recordings(one, one, ("h", "h"))
    ("a: layer 'h' is 7x3 averaged over tokens", "a: 1 layer was not recorded: 'gate' did not run; 1 that only passes on")
    """
    found: list[str] = []
    for i, recording in enumerate((a, b)):
        compared = [*(layers[i : i + 1] if layers else ()), *recording.heads]
        found += _of_one(recording, compared)
    return tuple(dict.fromkeys([*found, *_of_classes(a, b)]))


def _of_classes(a: Recording, b: Recording) -> list[str]:
    """Say where columns of one place stand for other classes in both networks, as far as these name their classes."""
    named = [_classes(one) for one in (a, b)]
    return [
        f"{_called(head)}: the columns of {a.name or 'A'} stand for the classes {', '.join(classes)}, those of {b.name or 'B'} "
        f"for {', '.join(named[1][head])}; columns are compared by their place, not by their class"
        for head, classes in named[0].items()
        if head in named[1] and classes != named[1][head]
    ]


def _classes(recording: Recording) -> dict[str, list[str]]:
    found: Any = recording.provenance.get("classes")
    if not isinstance(found, Mapping):
        return {}
    parts = cast("Mapping[Any, Any]", found).items()
    return {
        str(head): [str(c) for c in cast("Sequence[Any]", one)] for head, one in parts if isinstance(one, (list, tuple))
    }


def _of_one(recording: Recording, compared: Sequence[str]) -> list[str]:
    provenance, name = recording.provenance, recording.name or "a network"
    reduced, left_out = (_texts(provenance.get(key)) for key in ("reduced", "left_out"))
    notes: Any = provenance.get("passes")
    found = [f"{name}: {note}" for note in (cast("Sequence[Any]", notes) if isinstance(notes, (list, tuple)) else ())]
    for layer in compared:
        if layer in reduced:
            found.append(f"{name}: {_called(layer)} is {reduced[layer]}")
    returned = {layer: why for layer, why in left_out.items() if is_head(layer)}
    if returned and not recording.heads:
        found.append(
            f"{name}: nothing that it returns is compared: {'; '.join(f'{_called(k)} {w}' for k, w in returned.items())}"
        )
    missing = {layer: why for layer, why in left_out.items() if not is_head(layer)}
    if missing:
        found.append(f"{name}: {_of_missing(missing)}")
    return found


def _of_missing(missing: Mapping[str, str]) -> str:
    loud = {layer: why for layer, why in missing.items() if not why.startswith(QUIET)}
    named = [f"{layer!r} {why}" for layer, why in list(loud.items())[:MOST_NAMED]]
    more = [f"{len(loud) - MOST_NAMED} more"] if len(loud) > MOST_NAMED else []
    passing = sum(why == QUIET[0] for why in missing.values())
    quiet = [f"{passing} that only pass{'es' if passing == 1 else ''} on"] if passing else []
    again = [f"{layer!r} {why}" for layer, why in missing.items() if why.startswith(QUIET[1])]
    count = len(loud) + len(again)
    if not count:
        return f"{quiet[0]} {'was' if passing == 1 else 'were'} not recorded"
    said = f"{count} layer{' was' if count == 1 else 's were'} not recorded"
    return f"{said}: {'; '.join([*named, *more, *again[:MOST_NAMED], *quiet])}"


def _called(layer: str) -> str:
    return "what it returns" if layer == "outputs" else f"output {layer!r}" if is_head(layer) else f"layer {layer!r}"


def _texts(found: Any) -> dict[str, str]:
    return {str(k): str(v) for k, v in cast("Mapping[Any, Any]", found).items()} if isinstance(found, Mapping) else {}
