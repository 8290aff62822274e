"""The netCDF file: variables whose axes have names, read through xarray."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np

from conjugacy.errors import FormatError, MissingExtraError
from conjugacy.storage.contents import as_plain
from conjugacy.storage.laboratory.hdf5_tree import require_own_data
from conjugacy.storage.laboratory.held import Held
from conjugacy.storage.limits import require_count, require_honest, require_memory

HDF5, CLASSIC = b"\x89HDF", b"CDF"


def read_netcdf(path: Path) -> Held:
    """Read the variables and coordinates of a netCDF file, version 3 or 4, as `xarray` writes them.

    Raises
    ------
    MissingExtraError
        Where h5netcdf is not installed, which version 4 needs.
    FormatError
        Where it leads into other files, or declares more than it holds or than fits into memory.
    """
    import xarray as xr

    with path.open("rb") as stream:
        start = stream.read(4)
    if start != HDF5 and start[:3] != CLASSIC:
        raise FormatError("it does not begin as a netCDF file does")
    if start == HDF5:
        _require_sound(path)
    # times are left as numbers: what counts here are steps
    with xr.open_dataset(
        path, engine="h5netcdf" if start == HDF5 else "scipy", decode_times=False, decode_timedelta=False, cache=False
    ) as dataset:
        variables: dict[str, Any] = {str(name): found for name, found in dataset.variables.items()}
        require_count(len(variables))
        needed = sum(math.prod(one.shape) * max(one.dtype.itemsize, 8) for one in variables.values())
        require_honest(needed, path.stat().st_size)
        require_memory("the file", needed)
        arrays, axes, left_out = dict[str, np.ndarray](), dict[str, tuple[str, ...]](), dict[str, str]()
        for name, variable in variables.items():
            values = np.asarray(variable.values)
            if values.dtype.kind not in "biufSUTO":
                left_out[name] = f"its values are of type {values.dtype}"
                continue
            arrays[name], axes[name] = as_plain(name, values), tuple(map(str, variable.dims))
    return Held(arrays, axes=axes, left_out=left_out)


def _require_sound(path: Path) -> None:
    try:
        import h5netcdf
    except ImportError:
        raise MissingExtraError.of("reading .nc files of version 4", "neuro") from None
    del h5netcdf
    require_own_data(path, read_whole=True)
