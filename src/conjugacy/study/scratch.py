"""A folder for recordings that were given as arrays, which lasts as long as the study that was made of them."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from pathlib import Path


class Scratch:
    """A folder that goes with the last one who holds it; a copy made in another process keeps nothing alive."""

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix="conjugacy-"))
        self.paths: dict[str, str] = {}  # of the recordings, by network
        self._gone = weakref.finalize(self, shutil.rmtree, self.path, ignore_errors=True)

    def __getstate__(self) -> dict[str, object]:
        return {"path": self.path, "paths": self.paths}
