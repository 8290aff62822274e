"""Which kinds of laboratory files there are: a kind is a file beside this one and a line here."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from pathlib import Path

from conjugacy.storage.files import one_sentence, require_there
from conjugacy.storage.laboratory.held import Held
from conjugacy.storage.laboratory.matlab_file import read_matlab
from conjugacy.storage.laboratory.netcdf_file import read_netcdf
from conjugacy.storage.laboratory.npy_file import read_npy
from conjugacy.storage.laboratory.nwb_file import NwbSession, nwb_session
from conjugacy.storage.laboratory.parquet_file import read_parquet
from conjugacy.storage.plain_file import require_plain

KINDS: Mapping[str, Callable[[Path], Held]] = {
    ".mat": read_matlab,
    ".npy": read_npy,
    ".parquet": read_parquet,
    ".nc": read_netcdf,
}
NWB = ".nwb"
ENDINGS = (NWB, *KINDS)


def is_laboratory_name(path: str | os.PathLike[str]) -> bool:
    """Whether a name ends as a laboratory's file.

    Examples
    --------
    >>> is_laboratory_name("session.NWB"), is_laboratory_name("net.npz")
    (True, False)
    """
    return Path(path).suffix.lower() in ENDINGS


@contextmanager
def opened(path: Path) -> Generator[Held | NwbSession]:
    """Open a laboratory's file: what an NWB file holds is read piece by piece while it is open, all else at once.

    Raises
    ------
    InputError, FormatError, MissingExtraError
        Where it is missing, damaged or hostile, asks for too much memory, or needs a package that is not there.
    """
    require_there(path)
    require_plain(path)
    with one_sentence(path):
        if path.suffix.lower() != NWB:
            yield KINDS[path.suffix.lower()](path)
            return
        with nwb_session(path) as session:
            yield session
