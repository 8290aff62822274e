"""The .npy file: one array, whose header is judged before memory is taken."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

from conjugacy.errors import FormatError
from conjugacy.storage.contents import as_plain
from conjugacy.storage.laboratory.held import Held
from conjugacy.storage.limits import require_memory
from conjugacy.storage.npz_file import npy_header


def read_npy(path: Path) -> Held:
    """Read the array of a file that `numpy.save` wrote; it is called `activations`.

    Raises
    ------
    FormatError
        Where it holds objects, or fewer or more bytes than its header declares.
    """
    with path.open("rb") as stream:
        if stream.read(1) == b"\x80":
            raise FormatError("it is a pickle, which could run code; expected a file written by numpy.save")
        stream.seek(0)
        shape, _, dtype, offset = npy_header(stream, "the array")
        nbytes, there = math.prod(shape) * dtype.itemsize, path.stat().st_size - offset
        if nbytes != there:
            raise FormatError(f"the array declares {nbytes} bytes of data and holds {there}; it is damaged")
        require_memory("the array", nbytes)
        stream.seek(0)
        array = np.lib.format.read_array(stream, allow_pickle=False)
    return Held({"activations": as_plain("activations", array)})
