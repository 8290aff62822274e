"""One pair of a study again, with all the evidence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from conjugacy.comparison import Comparison, compare
from conjugacy.data import Recording
from conjugacy.errors import InputError, UnknownNameError
from conjugacy.measure import get_measure
from conjugacy.measure.options import with_option
from conjugacy.study.sorting.distances import gives_answers
from conjugacy.study.work.networks import StudyNetwork, stamp_of
from conjugacy.study.work.prepared import DEEPEST, OUTPUTS, Reading, read_recording
from conjugacy.transformations import RUNGS


@dataclass(frozen=True)
class TableCell:
    """One cell of a study's table: two networks, and of which measure and pair of layers; None where there is one to take."""

    a: str
    b: str
    measure: str | None = None
    layer_pair: str | None = None


def moved_with(store: Path, paths: Mapping[str, str]) -> dict[str, str]:
    """Return where the recordings are now: what was given as arrays moves with the store."""
    missing = {name: store / "recordings" / Path(path).name for name, path in paths.items() if not Path(path).exists()}
    return {**paths, **{name: str(path) for name, path in missing.items() if path.exists()}}


def pair_in_full(
    study: Mapping[str, Any], paths: Mapping[str, str], cell: TableCell, given: Mapping[str, Any]
) -> Comparison:
    """Compare two networks of a study as `compare` does, on the layers, at the tolerance and with the seed of the table.

    Raises
    ------
    InputError, UnknownNameError
        Where the study has no such network, measure or pair of layers, several could be meant, or a recording cannot be read.
    """
    found: list[Recording] = []
    notes: list[str] = []
    for name in (cell.a, cell.b):
        if name not in paths:
            if not paths:
                raise InputError("the study was made from tables alone: it has no recordings to compare")
            raise UnknownNameError.of("network", name, paths)
        stamp = study.get("stamps", {}).get(name, "")
        if stamp and Path(paths[name]).exists() and stamp_of(Path(paths[name])) != stamp:
            notes.append(f"the recording of {name} has changed since the study was made: the table may differ")
        found.append(read_recording(StudyNetwork(name, paths[name]), Reading(**study.get("reading", {}))))
    settings = {**_as_measured(study, cell.measure, given, notes), **_layers(study, cell, given), **given}
    result = compare(*found, **settings)
    return replace(result, notes=(*notes, *result.notes)) if notes else result


def _layers(study: Mapping[str, Any], cell: TableCell, given: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    """Return the layers of the cell, where the study names them; nothing for every network's deepest hidden layer."""
    labels: list[str] = study.get("layer_pairs", [])
    pairs = dict(zip(labels, study.get("layers", []), strict=False))
    if cell.layer_pair is not None and labels and cell.layer_pair not in pairs:
        raise UnknownNameError.of("layer pair", cell.layer_pair, labels)
    asked = [label for label, pair in pairs.items() if OUTPUTS not in pair]
    if cell.layer_pair is None and len(asked) > 1 and "layers" not in given:
        raise InputError(f"layer_pair: there are {len(asked)} ({', '.join(asked)}); name one")
    a, b = pairs.get(cell.layer_pair or (asked[0] if asked else ""), (DEEPEST, DEEPEST))
    return {} if {a, b} & {OUTPUTS, DEEPEST} else {"layers": (str(a), str(b))}


def _as_measured(
    study: Mapping[str, Any], measure: str | None, given: Mapping[str, Any], notes: list[str]
) -> dict[str, Any]:
    """Return the tolerance and the seed of the study's verdicts, or of the measure that is meant."""
    seed, ids = study.get("seed", 0), [m for m in study.get("measures", []) if gives_answers(m)]
    if measure is not None:
        ids = [measure] if gives_answers(measure) else []
    verdicts = [with_option(get_measure(one), one, "seed", seed) for one in ids]
    found: dict[str, Any] = {"seed": seed}
    for name in ("tolerance", "seed"):
        values = sorted({getattr(verdict, name) for verdict in verdicts if hasattr(verdict, name)})
        if len(values) > 1 and name not in given:
            said = " and ".join(f"{value:g}" for value in values)
            raise InputError(
                f"{name}: the study's verdicts were made with {said}; say whose page with measure=, or give {name}="
            )
        found |= {name: values[0]} if len(values) == 1 else {}
    said = {getattr(verdict, "rows", None) for verdict in verdicts} - {None, "look"}
    found |= {"rows": said.pop()} if len(said) == 1 else {}
    last = {getattr(verdict, "rung", RUNGS[-1]) for verdict in verdicts} - {RUNGS[-1]}
    if last:
        notes.append(f"the table counts maps up to {' or '.join(sorted(last))}; here all maps count")
    return found
