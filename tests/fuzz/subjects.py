"""What is read from files: how a whole one is made, which of its bytes are changed, and how it is read."""

from __future__ import annotations

import json
import random
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
from laboratory_files import write_matlab_hdf5
from mutations import Mutation, changed_header, changed_json

import conjugacy as cj
from conjugacy.activations import load, save
from conjugacy.activations.models import load_labels, load_targets
from conjugacy.activations.stimuli import load_stimuli
from conjugacy.comparison.saved import checksum
from conjugacy.storage.safetensors_file import COMPARISON_KEY

RNG = np.random.default_rng(0)
LAYERS = {
    "stem": RNG.normal(size=(12, 4)).astype(np.float32),
    "block/1": RNG.normal(size=(12, 3)),
    "outputs": RNG.normal(size=(12, 2)),
}
FEW = {name: LAYERS[name] for name in ("stem", "outputs")}  # where every array is a folder of files
IDS = [f"image-{i}" for i in range(12)]


@dataclass(frozen=True)
class Subject:
    """One kind of file.

    Attributes
    ----------
    name : str
        The file or folder in its own folder.
    make : callable
        Writes a whole one to a path.
    read : callable
        Reads it.
    places : callable, optional
        Says which bytes of a whole one are changed, as (start, stop); all where missing.
    change : callable, optional
        Changes the bytes of a whole one in a way of its own.
    """

    name: str
    make: Callable[[Path], Any]
    read: Callable[[Path], Any]
    places: Callable[[Path], list[tuple[int, int]]] | None = None
    change: Mutation | None = None


def _recording(path: Path) -> None:
    save(cj.Recording.from_arrays(LAYERS, stimuli=IDS, targets=np.arange(12) % 2, name="net"), path)


def _compressed(path: Path) -> None:
    np.savez_compressed(path, **LAYERS, stimuli=np.array(IDS), meta=json.dumps({"name": "net", "layers": list(LAYERS)}))


def _hdf5(path: Path, **how: Any) -> None:
    """Write numbers alone: texts in .h5 files are tested by themselves, with damage that is known (test_lies.py)."""
    import h5py

    with h5py.File(path, "w") as file:
        for key, array in LAYERS.items():
            file.create_dataset(key, data=array, **how)
        file["stimuli"] = np.arange(12)


def _hdf5_data(path: Path) -> list[tuple[int, int]]:
    """Return where the numbers of an .h5 file are: what describes them is the affair of HDF5, which is not tested here."""
    import h5py

    found: list[tuple[int, int]] = []
    with h5py.File(path) as file:
        for key in (*LAYERS, "stimuli"):
            data = file[key].id
            if file[key].chunks is None:
                found.append((data.get_offset(), data.get_storage_size()))
            else:
                data.chunk_iter(lambda chunk: found.append((chunk.byte_offset, chunk.size)))
    return [(start, start + size) for start, size in found]


def _chunked(path: Path) -> None:
    _hdf5(path, chunks=(5, 2), compression="gzip", shuffle=True, fletcher32=True)


def _zarr_3(path: Path) -> None:
    save(cj.Recording.from_arrays(FEW, stimuli=IDS, name="net"), path)


def _zarr_2(path: Path) -> None:
    import numcodecs
    import zarr

    group = zarr.open_group(str(path), mode="w", zarr_format=2)
    for key, array in FEW.items():
        made = group.create_array(
            key, shape=array.shape, dtype=array.dtype, chunks=(5, 2), compressors=numcodecs.Zstd()
        )
        made[...] = array
    group.attrs["meta"] = {"name": "net"}


def _transformation(path: Path) -> None:
    x = np.random.default_rng(1).normal(size=(60, 3))
    cj.compare(x, np.tanh(x)).transformation("affine").save(path)


def _comparison(path: Path) -> None:
    a, b = (cj.Recording.from_arrays({"h": f(LAYERS["stem"]), "outputs": LAYERS["outputs"]}) for f in (np.tanh, np.sin))
    cj.compare(a, b, measures="cka").save(path)


def _record_changed(raw: bytes, rng: random.Random) -> bytes:
    """Return a saved comparison of which a field says something else, with a checksum that fits."""
    length = int.from_bytes(raw[:8], "little")
    header = json.loads(raw[8 : 8 + length])
    head = json.loads(header["__metadata__"][COMPARISON_KEY])
    head["body"] = changed_json(head["body"].encode(), rng).decode()
    head["sum"] = checksum(head["body"])
    header["__metadata__"][COMPARISON_KEY] = json.dumps(head)
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + raw[8 + length :]


def _matlab(path: Path, *, compress: bool = False) -> None:
    import scipy.io

    cells = np.empty((1, 2), dtype=object)
    cells[0, :] = [np.eye(3, 2), np.ones((4, 2))]
    trials = {"rates": RNG.normal(size=(5, 4, 3)), "ids": np.array(IDS[:3]), "cells": cells, "s": {"t": np.arange(4.0)}}
    scipy.io.savemat(path, trials, do_compression=compress)


def _matlab_hdf5(path: Path) -> None:
    write_matlab_hdf5(path, {"rates": RNG.normal(size=(5, 4, 3)), "t": np.arange(4.0)}, chunks=True, compression="gzip")


def _matlab_data(path: Path) -> list[tuple[int, int]]:
    import h5py

    found: list[tuple[int, int]] = []
    with h5py.File(path) as file:
        for key in ("rates", "t"):
            file[key].id.chunk_iter(lambda chunk: found.append((chunk.byte_offset, chunk.size)))
    return [(start, start + size) for start, size in found]


def _netcdf(path: Path) -> None:
    import xarray as xr

    rates = (("neuron", "time", "trial"), RNG.normal(size=(5, 4, 3)))
    xr.Dataset({"rates": rates}, coords={"side": ("trial", ["l", "r", "l"])}).to_netcdf(path, engine="scipy")


def _parquet(path: Path) -> None:
    import pandas as pd

    pd.DataFrame({"u1": RNG.normal(size=12), "u2": np.arange(12), "stimulus": IDS}).to_parquet(path)


def _convert(path: Path) -> None:
    cj.convert(path, axes={"rates": "ntk"}, layers=["rates"] if path.suffix == ".mat" else None)


def _use(path: Path) -> None:
    found = cj.Comparison.load(path)
    found.to_json(), str(found), found.summary(), found._repr_html_()  # what is loaded can be shown


def _trial(path: Path) -> None:
    save(cj.Recording({"h": cj.Trajectories(RNG.normal(size=(4, 9, 2)), trials=range(4))}), path)


def _weights(path: Path) -> None:
    import torch

    model = torch.nn.Linear(3, 2)
    if path.suffix == ".pt":
        torch.save(model.state_dict(), path)
        return
    from safetensors.torch import save_file

    save_file(model.state_dict(), path)


def _load_weights(path: Path) -> None:
    import torch

    from conjugacy.activations.checkpoints import load_weights

    load_weights(torch.nn.Linear(3, 2), path)


def _store(path: Path) -> None:
    cj.pairwise({"a": LAYERS["stem"], "b": LAYERS["block/1"]}, measures="cka", store=path)
    (path / "study.copy.json").unlink()
    for place in ("prepared", "recordings"):
        shutil.rmtree(path / place)


SUBJECTS = {
    "npz": Subject("a.npz", _recording, load),
    "npz compressed": Subject("a.npz", _compressed, load),
    "safetensors": Subject("a.safetensors", _recording, load),
    "safetensors header": Subject("a.safetensors", _recording, load, change=changed_header),
    "zarr": Subject("a.zarr", _zarr_3, load),
    "zarr format 2": Subject("a.zarr", _zarr_2, load),
    "h5": Subject("a.h5", _hdf5, load, _hdf5_data),
    "h5 in chunks": Subject("a.h5", _chunked, load, _hdf5_data),
    "trajectories": Subject("a.npz", _trial, load),
    "transformation": Subject("map.safetensors", _transformation, cj.Transformation.load),
    "transformation header": Subject("map.safetensors", _transformation, cj.Transformation.load, change=changed_header),
    "comparison": Subject("ab.safetensors", _comparison, _use),
    "record": Subject("ab.safetensors", _comparison, _use, change=_record_changed),
    "weights": Subject("w.safetensors", _weights, _load_weights),
    "torch weights": Subject("w.pt", _weights, _load_weights),
    "ids": Subject("ids.npy", lambda path: np.save(path, np.array(IDS)), load_labels),
    "ids in lines": Subject("ids.txt", lambda path: path.write_text("\n".join(IDS)), load_labels),
    "targets": Subject(
        "t.csv", lambda path: path.write_text("\n".join(f"{i},{i / 7}" for i in range(12))), load_targets
    ),
    "stimuli": Subject("x.npy", lambda path: np.save(path, LAYERS["stem"]), load_stimuli),
    "npy": Subject("a.npy", lambda path: np.save(path, LAYERS["stem"]), load),
    "matlab": Subject("a.mat", _matlab, _convert),
    "matlab compressed": Subject("a.mat", lambda path: _matlab(path, compress=True), _convert),
    "matlab 7.3": Subject("a.mat", _matlab_hdf5, _convert, _matlab_data),
    "netcdf": Subject("a.nc", _netcdf, _convert),
    "parquet": Subject("a.parquet", _parquet, _convert),
    "store": Subject("store", _store, cj.Study.open),
}
