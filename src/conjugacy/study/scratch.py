"""A folder for recordings that were given as arrays, which lasts as long as the study that was made of them."""

from __future__ import annotations

import os
import shutil
import tempfile
import weakref
from pathlib import Path


class Scratch:
    """A folder that goes with the last one who holds it; a copy made in another process keeps nothing alive."""

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix="conjugacy-"))
        self.paths: dict[str, str] = {}  # of the recordings, by network
        self._gone = weakref.finalize(self, _remove, self.path, os.getpid())

    def __copy__(self) -> Scratch:
        return self

    def __deepcopy__(self, memo: object) -> Scratch:
        return self

    def __getstate__(self) -> dict[str, object]:
        return {"path": self.path, "paths": self.paths}


def _remove(path: Path, process: int) -> None:
    if os.getpid() == process:  # a forked child that ends leaves its parent's folder alone
        shutil.rmtree(path, ignore_errors=True)
