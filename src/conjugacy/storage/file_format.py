"""What a file format has to offer; each stands in a file of its own, and `formats` lists them."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

import numpy as np

from conjugacy.storage.contents import Entry


class FileFormat(Protocol):
    """One way to keep named arrays and `meta` on disk."""

    @property
    def endings(self) -> tuple[str, ...]:
        """Endings of its files, in lower case with the dot."""
        ...

    @property
    def is_folder(self) -> bool:
        """Whether it is a folder of files."""
        ...

    @property
    def extra(self) -> str | None:
        """The optional dependency of this package that it needs; what is missing may raise as ImportError."""
        ...

    def is_own(self, path: Path) -> bool:
        """Whether what lies there looks like this format, so that it may be replaced by another."""
        ...

    def entries(self, path: Path) -> AbstractContextManager[list[Entry]]:
        """Open a file and list its arrays, `meta` among them; a FormatError's words follow "cannot be read: "."""
        ...

    def write(self, path: Path, arrays: Mapping[str, np.ndarray], meta: str) -> None:
        """Write a new file; what the disk refuses is an OSError."""
        ...
