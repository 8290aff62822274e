"""Files as laboratories have them: MATLAB's version 7.3 written in MATLAB's own layout, and sessions in NWB."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

CLASSES = {"f8": "double", "f4": "single", "i4": "int32", "u1": "uint8", "u2": "uint16"}


def write_matlab_hdf5(path: Path, variables: Mapping[str, Any], **how: Any) -> None:
    """Write variables as MATLAB's `save -v7.3` does: a block of 512 bytes first, axes reversed, classes as attributes.

    Arrays of numbers are MATLAB's numbers, a text is a char row, a list of texts in a tuple a char array, a list a cell, a
    mapping a struct, and a list of mappings in `StructArrayOf` an array of structs. `how` goes to the data sets of numbers.
    """
    import h5py

    with h5py.File(path, "w", userblock_size=512) as file:
        file.create_group("#refs#")
        for name, value in variables.items():
            _write(h5py, file, file, name, value, how)
    with path.open("r+b") as stream:
        text = "MATLAB 7.3 MAT-file, Platform: GLNXA64, Created on: Mon Jan  1 00:00:00 2024 HDF5 schema 1.00 ."
        stream.write(text.encode().ljust(124) + b"\x00\x02IM")


class StructArrayOf(list[Mapping[str, Any]]):
    """Structs of one array."""


def _write(h5py: Any, file: Any, group: Any, name: str, value: Any, how: Mapping[str, Any]) -> None:
    def mark(node: Any, kind: str) -> None:
        node.attrs["MATLAB_class"] = np.bytes_(kind)

    def inside(one: Any) -> Any:
        place = f"r{len(file['#refs#'])}"
        _write(h5py, file, file["#refs#"], place, one, how)
        return file["#refs#"][place].ref

    if isinstance(value, StructArrayOf):
        mark(made := group.create_group(name), "struct")
        for key in value[0]:
            references = np.array([[inside(one[key])] for one in value], dtype=h5py.ref_dtype)
            made.create_dataset(key, data=references, dtype=h5py.ref_dtype)
    elif isinstance(value, Mapping):
        mark(made := group.create_group(name), "struct")
        for key, one in value.items():
            _write(h5py, file, made, key, one, how)
    elif isinstance(value, str | tuple):
        rows = [value] if isinstance(value, str) else list(value)
        longest = max(map(len, rows))
        if not longest:
            made = group.create_dataset(name, data=np.array([0, 0], np.uint64))
            made.attrs["MATLAB_empty"] = np.uint8(1)
        else:
            codes = np.array([[ord(c) for c in row.ljust(longest)] for row in rows], np.uint16)
            made = group.create_dataset(name, data=codes.T)
            made.attrs["MATLAB_int_decode"] = np.int32(2)
        mark(made, "char")
    elif isinstance(value, list):
        references = np.array([[inside(one)] for one in value], dtype=h5py.ref_dtype)
        mark(group.create_dataset(name, data=references, dtype=h5py.ref_dtype), "cell")
    else:
        array = np.asarray(value)
        matlab = array.reshape(1, -1) if array.ndim < 2 else array
        kind = "logical" if array.dtype == bool else CLASSES[array.dtype.str[1:]]
        if not array.size:
            made = group.create_dataset(name, data=np.array(matlab.shape, np.uint64))
            made.attrs["MATLAB_empty"] = np.uint8(1)
        else:
            stored = np.ascontiguousarray(matlab.T)
            made = group.create_dataset(name, data=stored.astype(np.uint8) if array.dtype == bool else stored, **how)
        mark(made, kind)


def write_session(
    path: Path,
    *,
    spikes: Sequence[np.ndarray] = (),
    trials: Mapping[str, Any] | None = None,
    observed: Sequence[np.ndarray] | None = None,
    series: Sequence[Mapping[str, Any]] = (),
) -> None:
    """Write an NWB session; `trials` needs `start_time` and `stop_time`, `series` take what `pynwb.TimeSeries` takes."""
    import pynwb

    start = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
    file = pynwb.NWBFile(session_description="a session", identifier="x", session_start_time=start)
    if trials:
        more = [name for name in trials if name not in ("start_time", "stop_time")]
        for name in more:
            file.add_trial_column(name=name, description=name)
        for row in range(len(trials["start_time"])):
            file.add_trial(**{name: column[row] for name, column in trials.items()})
    for unit, times in enumerate(spikes):
        file.add_unit(spike_times=times, **({} if observed is None else {"obs_intervals": observed[unit]}))
    for one in series:
        file.add_acquisition(pynwb.TimeSeries(**one))
    with pynwb.NWBHDF5IO(str(path), "w") as io:
        io.write(file)
