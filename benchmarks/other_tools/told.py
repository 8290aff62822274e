"""How a script here tells what it saw: one line of a table for each statement of `docs/other_tools.md`."""

from __future__ import annotations

import csv
import sys
from importlib.metadata import version


def told(package: str, statement: str, seen: str, *, holds: bool) -> None:
    """Write a line: package, its version, the statement, what was seen, and whether that is what the statement says."""
    csv.writer(sys.stdout, lineterminator="\n").writerow((package, version(package), statement, seen, bool(holds)))
