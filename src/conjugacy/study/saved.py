"""A study from its folder: what was compared so far, as one labelled table."""

from __future__ import annotations

import platform
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from conjugacy.data import Recording
from conjugacy.errors import InputError, UnknownNameError
from conjugacy.results import STATES, Comparison, Study
from conjugacy.storage.tables import FLOATS, STATUS, TableStore
from conjugacy.study.compare import compare
from conjugacy.study.ledger import Ledger
from conjugacy.study.networks import Network
from conjugacy.study.prepared import DEEPEST, OUTPUTS, Reading, read_recording

DIMS = ("network_a", "network_b", "measure", "layer_pair")


def open_study(path: str | Path) -> Study:
    """Read a study from its folder, also one that is still being computed.

    Raises
    ------
    InputError
        Where the folder is no store of a study.
    """
    folder = Path(path).expanduser()
    ledger = Ledger.read(folder)
    if ledger is None or not ledger.block:
        raise InputError(f"{str(folder)!r} holds no study; conjugacy pairwise FOLDER --store {folder} makes one")
    return as_study(ledger, _table(folder, ledger), folder)


def _table(folder: Path, ledger: Ledger) -> TableStore:
    try:
        return TableStore(folder / "results.zarr", ledger.shape, ledger.block, readonly=True)
    except Exception as error:  # zarr raises many kinds of errors over damaged descriptions
        raise InputError(
            f"{str(folder / 'results.zarr')!r} cannot be read: {type(error).__name__}; run pairwise again, which mends it"
        ) from None


def as_study(ledger: Ledger, table: TableStore, folder: Path | None) -> Study:
    """Return what a table holds as a study."""
    import xarray as xr

    arrays = table.load()
    contents = {name: p.network.content for name, p in ledger.prepared.items()}
    dataset = xr.Dataset(
        {name: (DIMS, arrays[name]) for name in (*FLOATS, STATUS)},
        coords={
            "network_a": ledger.rows,
            "network_b": ledger.columns,
            "measure": ledger.measures,
            "layer_pair": ledger.labels,
            "hash_a": ("network_a", [contents.get(name, "") for name in ledger.rows]),
            "hash_b": ("network_b", [contents.get(name, "") for name in ledger.columns]),
        },
        attrs={"states": list(STATES)},
    )
    return Study(dataset, ledger.unread(), _notes(ledger, arrays), _settings(ledger), folder)


def compare_pair(study: Study, a: str, b: str, **settings: Any) -> Comparison:
    """Compare two networks of a study as `compare` does.

    Raises
    ------
    InputError, UnknownNameError
        Where the study has no such network, or its recording cannot be read.
    """
    paths: dict[str, str] = study.settings.get("paths", {})
    found: list[Recording] = []
    for name in (a, b):
        if name not in paths:
            raise UnknownNameError.of("network", name, paths)
        found.append(read_recording(Network(name, paths[name]), Reading(**study.settings.get("reading", {}))))
    layers = study.settings.get("layers", [])
    named = [pair for pair in layers if not set(pair) & {OUTPUTS, DEEPEST}]
    chosen = {"layers": tuple(named[0])} if len(named) == 1 else {}
    return compare(*found, **{"seed": study.settings.get("seed", 0), **chosen, **settings})


def _settings(ledger: Ledger) -> dict[str, Any]:
    return {
        "measures": list(ledger.measures),
        "layer_pairs": ledger.labels,
        "layers": [list(pair) for pair in ledger.layer_pairs],
        "reading": asdict(ledger.reading),
        "groups": ledger.groups,
        "seed": ledger.seed,
        "draws": ledger.draws,
        "output_kind": ledger.kind,
        "paths": {name: p.network.path for name, p in ledger.prepared.items()},
        "versions": {"python": platform.python_version(), **{k: version(k) for k in ("conjugacy", "numpy", "scipy")}},
    }


def _notes(ledger: Ledger, arrays: dict[str, np.ndarray]) -> tuple[str, ...]:
    notes = list(ledger.notes)
    for label, reasons in _failures(ledger).items():
        name, reason = next(iter(reasons.items()))
        notes.append(f"{label}: {len(reasons)} networks could not be prepared; {name}: {reason}")
    if ledger.refusals:
        measure, a, b, reason = ledger.refusals[0]
        notes.append(f"{len(ledger.refusals)} pairs or more were refused; {measure} of {a} and {b}: {reason}")
    return tuple(notes)


def _failures(ledger: Ledger) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for name, prepared in ledger.prepared.items():
        for label, reason in prepared.failures.items():
            found.setdefault(label.replace("|", ", "), {})[name] = reason
    return found
