"""The .nwb file: units with their spike times, a table of trials, and time series, each read when it is asked for."""

from __future__ import annotations

import math
import warnings
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from conjugacy.errors import FormatError, MissingExtraError
from conjugacy.storage.contents import as_plain
from conjugacy.storage.laboratory.hdf5_tree import require_own_data, require_readable
from conjugacy.storage.limits import require_count

UNITS = "units"
"""What the spikes of all units are called, as a layer."""


@dataclass(frozen=True, eq=False)
class NwbSession:
    """One session, while its file is open.

    Attributes
    ----------
    trials : mapping of str to array (k,)
        Columns of the table of trials, with `id`, `start_time` and `stop_time`; empty where there is no table.
    series : mapping of str to NwbSeries
        Time series by their place, as `behavior/Position/hand`.
    left_out : mapping of str to str
        Columns and series that cannot be read, and why.
    """

    path: Path
    file: Any
    trials: Mapping[str, np.ndarray]
    series: Mapping[str, NwbSeries]
    left_out: dict[str, str] = field(default_factory=dict[str, str])

    @property
    def has_spikes(self) -> bool:
        """Whether there are units with spike times."""
        table = self.file.units
        return table is not None and "spike_times" in table.colnames and len(table) > 0

    @cached_property
    def unit_ids(self) -> tuple[str, ...]:
        """Ids of the units."""
        return tuple(str(one) for one in np.asarray(self.file.units.id[:]).tolist())

    @cached_property
    def spikes(self) -> list[np.ndarray]:
        """Times of the spikes of every unit, in seconds, rising."""
        return [np.sort(one) for one in self._ragged("spike_times")]

    @cached_property
    def observed(self) -> list[np.ndarray] | None:
        """By unit the intervals in which it was looked for, (j, 2); None where the file says nothing of it."""
        if "obs_intervals" not in self.file.units.colnames:
            return None
        return [one.reshape(-1, 2) for one in self._ragged("obs_intervals")]

    def _ragged(self, name: str) -> list[np.ndarray]:
        """Return a column with several numbers for each unit: `table[name][i]`, as `table.name[i]` is a single number."""
        table = self.file.units
        for one in (table[name], getattr(table[name], "target", None)):
            _require_sound(name, getattr(one, "data", None), self.path)
        found = [np.asarray(table[name][i], dtype=np.float64) for i in range(len(table))]
        for unit, values in zip(self.unit_ids, found, strict=True):
            if np.isnan(values).any():
                raise FormatError(f"{name} of unit {unit!r} hold NaN; remove them")
        return found


@dataclass(frozen=True, eq=False)
class NwbSeries:
    """One time series: what it says of itself, and its values when they are asked for."""

    path: Path
    found: Any

    @property
    def shape(self) -> tuple[int, ...]:
        """Time points, then channels."""
        return tuple(int(n) for n in self.found.data.shape)

    @cached_property
    def times(self) -> np.ndarray:
        """Seconds of all time points."""
        if self.found.rate is not None:
            start = 0.0 if self.found.starting_time is None else float(self.found.starting_time)
            return start + np.arange(self.shape[0]) / float(self.found.rate)
        _require_sound("timestamps", self.found.timestamps, self.path)
        return np.asarray(self.found.timestamps[:], dtype=np.float64)

    @property
    def scale(self) -> tuple[np.ndarray, float]:
        """What values are multiplied by, one number or one for each channel, and what is added then."""
        channels = getattr(self.found, "channel_conversion", None)
        factor = np.asarray(1.0 if channels is None else channels[:], dtype=np.float64) * float(self.found.conversion)
        return factor, float(getattr(self.found, "offset", 0.0) or 0.0)

    @cached_property
    def _data(self) -> Any:
        """The values as they are stored; a part of them is read at a time."""
        _require_sound(str(self.found.name), self.found.data, self.path, whole=False)
        return self.found.data

    def values(self, start: int, stop: int) -> np.ndarray:
        """Return some time points in the unit that the series names, (t, channels)."""
        raw = np.asarray(self._data[start:stop], dtype=np.float64)
        factor, offset = self.scale
        return raw.reshape(len(raw), -1) * factor + offset


@contextmanager
def nwb_session(path: Path) -> Generator[NwbSession]:
    """Open an .nwb file for as long as its series are read.

    Raises
    ------
    MissingExtraError
        Where pynwb is not installed.
    FormatError
        Where it leads into other files, or is damaged.
    """
    try:
        import pynwb
    except ImportError:
        raise MissingExtraError.of("reading .nwb files", "neuro") from None
    require_own_data(path, soft_links=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of namespaces in the file that are older than the installed ones
        opened: Any = pynwb.NWBHDF5IO
        with opened(str(path), "r") as io:
            file: Any = io.read()
            left_out = dict[str, str]()
            yield NwbSession(path, file, _trials(file, path, left_out), _series(pynwb, file, path, left_out), left_out)


def _trials(file: Any, path: Path, left_out: dict[str, str]) -> dict[str, np.ndarray]:
    table = file.trials
    if table is None or not len(table):
        return {}
    found = {"id": np.asarray(table.id[:])}
    for name in map(str, table.colnames):
        column = table[name]
        data = getattr(column, "data", None)
        if getattr(column, "target", None) is not None or hasattr(column, "table"):
            left_out[f"trials/{name}"] = "several values for each trial, or references"
            continue
        _require_sound(name, data, path)
        values = np.asarray(column[:])
        if values.ndim != 1 or values.dtype.kind not in "biufSUTO":
            left_out[f"trials/{name}"] = f"values of shape {values.shape} and type {values.dtype}"
            continue
        found[name] = as_plain(name, values)
    return found


def _series(pynwb: Any, file: Any, path: Path, left_out: dict[str, str]) -> dict[str, NwbSeries]:
    found = dict[str, NwbSeries]()
    require_count(len(file.objects))
    for one in file.objects.values():
        if not isinstance(one, pynwb.TimeSeries):
            continue
        name = _place(one, file)
        shape = getattr(one.data, "shape", None)
        if shape is None or len(shape) not in (1, 2) or math.prod(shape) == 0 or one.data.dtype.kind not in "biuf":
            left_out[name] = "no numbers over time and channels"
        elif one.rate is None and one.timestamps is None:
            left_out[name] = "it has neither a rate nor timestamps"
        elif name in found:
            left_out[name] = "two series have this name, and the first is taken"
        else:
            found[name] = NwbSeries(path, one)
    return found


def _place(one: Any, file: Any) -> str:
    names: list[str] = []
    while one is not None and one is not file:
        names.append(str(one.name))
        one = one.parent
    return "/".join(reversed(names))


def _require_sound(name: str, data: Any, path: Path, *, whole: bool = True) -> None:
    """Hold a data set against what it declares, where what hdmf gives is one, or wraps one."""
    import h5py

    inner = data if isinstance(data, h5py.Dataset) else getattr(data, "dataset", None)
    if isinstance(inner, h5py.Dataset):
        require_readable(name, inner, path, whole=whole)
