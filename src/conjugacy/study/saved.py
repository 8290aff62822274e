"""A study from its folder: what was compared so far, as one labelled table."""

from __future__ import annotations

import platform
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from conjugacy.asked import place
from conjugacy.data.depth import RULE
from conjugacy.errors import InputError
from conjugacy.measure import RULES, measure_or_none
from conjugacy.results import STATES
from conjugacy.results.states import VARIABLES
from conjugacy.storage.tables import DIMS, STATUS, TableStore
from conjugacy.study.sorting.joined import joined_notes
from conjugacy.study.work.ledger import TABLE, Ledger
from conjugacy.study.work.networks import why

if TYPE_CHECKING:
    import xarray

Contents: TypeAlias = "tuple[xarray.Dataset, Mapping[str, str], tuple[str, ...], Mapping[str, Any], Path | None]"
"""Of a study: its table, networks that could not be read and why, notes, settings, folder."""

MOST_LISTED = 5


def read_store(path: str | Path) -> Contents:
    """Read what a study's folder holds, also while it is being computed.

    Raises
    ------
    InputError
        Where the folder is no store of a study.
    """
    folder = place("store", path)
    ledger = Ledger.read(folder)
    if ledger is None or not ledger.block:
        raise InputError(f"{str(folder)!r} holds no study; conjugacy pairwise FOLDER --store {folder} makes one")
    return contents(ledger, _table(folder, ledger), folder)


def _table(folder: Path, ledger: Ledger) -> TableStore:
    try:
        return TableStore(folder / TABLE, ledger.shape, ledger.block, readonly=True)
    except Exception as error:  # zarr raises many kinds of errors over damaged descriptions
        raise InputError(
            f"{str(folder / TABLE)!r} cannot be read: {why(error)}; run pairwise again, or repair it with conjugacy check"
        ) from None


def contents(ledger: Ledger, table: TableStore, folder: Path | None) -> Contents:
    """Return what a table holds."""
    import xarray as xr

    arrays = table.load()
    hashes = {name: p.network.content for name, p in ledger.prepared.items()}
    dataset = xr.Dataset(
        {name: (DIMS, arrays[name]) for name in (*VARIABLES, STATUS)},
        coords={
            "network_a": ledger.rows,
            "network_b": ledger.columns,
            "measure": ledger.measures,
            "layer_pair": ledger.labels,
            "hash_a": ("network_a", [hashes.get(name, "") for name in ledger.rows]),
            "hash_b": ("network_b", [hashes.get(name, "") for name in ledger.columns]),
        },
        attrs={"states": list(STATES)},
    )
    return dataset, ledger.unread(), _notes(ledger), _settings(ledger), folder


def paths_of(ledger: Ledger) -> dict[str, str]:
    """Return where the recordings are, by network."""
    return {name: p.network.path for name, p in ledger.prepared.items()}


def _settings(ledger: Ledger) -> dict[str, Any]:
    return {
        "measures": list(ledger.measures),
        "layer_pairs": ledger.labels,
        "layers": [list(pair) for pair in ledger.layer_pairs],
        "reading": asdict(ledger.reading),
        "groups": ledger.groups,
        **({"joined": ledger.joined} if ledger.joined else {}),
        "seed": ledger.seed,
        "draws": ledger.draws,
        "output_kind": ledger.kind,
        "paths": paths_of(ledger),
        "stamps": {name: p.network.stamp for name, p in ledger.prepared.items()},
        "taken": {name: dict(p.layers) for name, p in ledger.prepared.items() if p.layers},
        "versions": {"python": platform.python_version(), **{k: version(k) for k in ("conjugacy", "numpy", "scipy")}},
    }


def _notes(ledger: Ledger) -> tuple[str, ...]:
    notes = [*ledger.notes, *_joined(ledger), *_caveats(ledger), *_read_as(ledger), *_layers(ledger)]
    notes += _earlier_rules(ledger)
    for label, reasons in _failures(ledger).items():
        name, reason = next(iter(reasons.items()))
        notes.append(
            f"{label}: {len(reasons)} network{'' if len(reasons) == 1 else 's'} could not be prepared; {name}: {reason}"
        )
    if ledger.refusals:
        measure, a, b, reason = ledger.refusals[0]
        notes.append(f"{len(ledger.refusals)} or more pairs were refused; {measure} of {a} and {b}: {reason}")
    return tuple(notes)


def _joined(ledger: Ledger) -> tuple[str, ...]:
    if not ledger.near:
        return ()
    if not ledger.joined:
        return ("by representatives, and not done yet: run the same again",)
    return joined_notes(ledger.joined, ledger.measures[0], sum(not p.network.state for p in ledger.prepared.values()))


def _caveats(ledger: Ledger) -> list[str]:
    """Say what must be known of the answers of a measure."""
    known = ((name, measure_or_none(name)) for name in ledger.measures)
    return [f"{name}: {one.caveat}" for name, one in known if one is not None and one.caveat]


def _read_as(ledger: Ledger) -> list[str]:
    """Say how laboratories' files were read, which hold no word of it themselves."""
    said = _by_number(((one, name) for name, p in ledger.prepared.items() for one in p.read_as), "{} ({})")
    return [f"read: {'; '.join(said)}"] if said else []


def _layers(ledger: Ledger) -> list[str]:
    """Say which layers were compared where none was named."""
    said = _by_number(((one, name) for name, p in ledger.prepared.items() for one in p.layers.values()), "{} in {}")
    return [f"layers compared: {RULE}: {'; '.join(said)}"] if said else []


def _by_number(pairs: Iterable[tuple[str, str]], form: str) -> list[str]:
    """Say of what holds for a network, in how many it does, the most frequent first, and how much more there is."""
    found: dict[str, list[str]] = {}
    for what, name in pairs:
        found.setdefault(what, []).append(name)
    ordered = sorted(found.items(), key=lambda item: -len(item[1]))
    said = [form.format(what, names[0] if len(names) == 1 else f"{len(names)} networks") for what, names in ordered]
    more = len(said) - MOST_LISTED
    return said if more <= 0 else [*said[:MOST_LISTED], f"and {more} more"]


def _earlier_rules(ledger: Ledger) -> list[str]:
    count = sum(p.rules != RULES for p in ledger.prepared.values())
    if not count:
        return []
    return [
        f"{count} networks were compared under earlier rules: run pairwise on this store again to have all under one"
    ]


def _failures(ledger: Ledger) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for name, prepared in ledger.prepared.items():
        for label, reason in prepared.failures.items():
            found.setdefault(label.replace("|", ", "), {})[name] = reason
    return found
