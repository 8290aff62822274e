"""Sketches of a study's networks: read one after the other, kept in the store by the hash of their contents."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from conjugacy.data import Activations, Recording
from conjugacy.numerics.grouping.sketches import NUMBERS, neighbour_sketch
from conjugacy.storage.atomic import write_whole
from conjugacy.study.work.prepared import Prepared, Subject, Workplace, data_of, read_recording

FILE = "sketches.npz"


def sketches_of(place: Workplace, networks: Sequence[Prepared], subject: Subject, seed: int) -> np.ndarray:
    """Return a sketch of every network, (n, 256)."""
    file = place.store / FILE
    known = _read(file, f"{subject.label}, {seed}")
    found = np.zeros((len(networks), NUMBERS))
    for i, one in enumerate(networks):
        key = one.network.content
        if key not in known:
            known[key] = neighbour_sketch(_values(place, one, subject), seed)
        found[i] = known[key]
    _write(file, f"{subject.label}, {seed}", known)
    return found


def _values(place: Workplace, one: Prepared, subject: Subject) -> np.ndarray:
    data = data_of(place, read_recording(one.network, place.reading), subject)
    layer = next(iter(data.layers.values())) if isinstance(data, Recording) else data
    assert isinstance(layer, Activations)
    return np.nan_to_num(layer.values)


def _read(file: Path, made_of: str) -> dict[str, np.ndarray]:
    """Return the sketches that are kept, by content; none where the file is damaged, or of something else."""
    try:
        with np.load(file, allow_pickle=False) as kept:
            names, rows, said = kept["contents"], kept["sketches"], str(kept["made_of"])
    except Exception:  # whatever is wrong with it, they are soon made again
        return {}
    fits = said == made_of and rows.shape == (len(names), NUMBERS) and bool(np.isfinite(rows).all())
    return dict(zip(names.tolist(), rows, strict=True)) if fits else {}


def _write(file: Path, made_of: str, known: dict[str, np.ndarray]) -> None:
    target = io.BytesIO()
    np.savez(target, contents=np.array(list(known)), sketches=np.array(list(known.values())), made_of=np.array(made_of))
    write_whole(file, target.getvalue())
