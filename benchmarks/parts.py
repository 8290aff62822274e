"""Tables that several parts of a run wrote, put into one."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from pathlib import Path


def join_parts(table: Path, fields: Sequence[str], lines_of: Callable[[Path], list[dict[str, str]]]) -> None:
    """Put a table and those of the parts beside it (`pairs.csv`, `pairs-0.csv`, ...) into one, in the order of seeds."""
    parts = sorted(table.parent.glob(f"{table.stem}-*.csv"))
    lines = [line for each in (table, *parts) for line in lines_of(each)]
    lines.sort(key=lambda r: int(r["seed"]))
    with table.open("w", newline="") as file:
        writer: csv.DictWriter[str] = csv.DictWriter(file, fields)
        writer.writeheader()
        writer.writerows(lines)
    for each in parts:
        each.unlink()
