"""One pair of a study once more, with all the evidence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from conjugacy.comparison import Comparison, compare
from conjugacy.data import Recording
from conjugacy.errors import UnknownNameError
from conjugacy.study.work.networks import StudyNetwork
from conjugacy.study.work.prepared import DEEPEST, OUTPUTS, Reading, read_recording


def compare_pair(study: Mapping[str, Any], a: str, b: str, **settings: Any) -> Comparison:
    """Compare two networks of a study as `compare` does.

    Raises
    ------
    InputError, UnknownNameError
        Where the study has no such network, or its recording cannot be read.
    """
    paths: dict[str, str] = study.get("paths", {})
    found: list[Recording] = []
    for name in (a, b):
        if name not in paths:
            raise UnknownNameError.of("network", name, paths)
        found.append(read_recording(StudyNetwork(name, paths[name]), Reading(**study.get("reading", {}))))
    layers = study.get("layers", [])
    named = [pair for pair in layers if not set(pair) & {OUTPUTS, DEEPEST}]
    chosen = {"layers": tuple(named[0])} if len(named) == 1 else {}
    return compare(*found, **{"seed": study.get("seed", 0), **chosen, **settings})
