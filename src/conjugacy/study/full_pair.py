"""One pair of a study once more, with all the evidence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from conjugacy.comparison import Comparison, compare
from conjugacy.data import Recording
from conjugacy.errors import InputError, UnknownNameError
from conjugacy.measure import get_measure
from conjugacy.measure.options import with_option
from conjugacy.study.work.networks import StudyNetwork
from conjugacy.study.work.prepared import DEEPEST, OUTPUTS, Reading, read_recording


def compare_pair(
    study: Mapping[str, Any],
    paths: Mapping[str, str],
    names: tuple[str, str],
    layer_pair: str | None,
    given: Mapping[str, Any],
) -> Comparison:
    """Compare two networks of a study as `compare` does, on the layers and at the tolerance of the study's table.

    Raises
    ------
    InputError, UnknownNameError
        Where the study has no such network or pair of layers, or a recording cannot be read.
    """
    found: list[Recording] = []
    for name in names:
        if name not in paths:
            if not paths:
                raise InputError("the study was made of tables alone: it has no recordings that could be compared")
            raise UnknownNameError.of("network", name, paths)
        found.append(read_recording(StudyNetwork(name, paths[name]), Reading(**study.get("reading", {}))))
    settings = {**_of_verdict(study), **_layers(study, layer_pair), **given}
    return compare(*found, **settings)


def _layers(study: Mapping[str, Any], label: str | None) -> dict[str, tuple[str, str]]:
    """Return the layers of a label of the table; without one those that the study names, where it names one pair."""
    labels, pairs = study.get("layer_pairs", []), study.get("layers", [])
    if label is not None and labels:
        if label not in labels:
            raise UnknownNameError.of("layer pair", label, labels)
        pairs = [pairs[labels.index(label)]]
    named = [(str(a), str(b)) for a, b in pairs if not {a, b} & {OUTPUTS, DEEPEST}]
    return {"layers": named[0]} if len(named) == 1 else {}


def _of_verdict(study: Mapping[str, Any]) -> dict[str, Any]:
    """Return the tolerance and the seed of the study's verdicts, where they have one of each."""
    seed = study.get("seed", 0)
    ids = [m for m in study.get("measures", []) if m.partition(":")[0] == "verdict"]
    verdicts = [with_option(get_measure(one), one, "seed", seed) for one in ids]
    found: dict[str, Any] = {"seed": seed}
    for name in ("tolerance", "seed"):
        values = {getattr(verdict, name) for verdict in verdicts}
        found |= {name: values.pop()} if len(values) == 1 else {}
    return found
