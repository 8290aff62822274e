"""The .parquet file: a table whose columns are units and labels; what it declares is judged before anything is unpacked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from conjugacy.errors import MissingExtraError
from conjugacy.storage.contents import as_plain
from conjugacy.storage.laboratory.held import Held
from conjugacy.storage.limits import require_count, require_honest, require_memory

UNPACKED = 12  # bytes of a value at most, with what is shown beside it


def read_parquet(path: Path) -> Held:
    """Read the columns of numbers and of text of a table.

    Raises
    ------
    MissingExtraError
        Where pyarrow is not installed.
    FormatError
        Where it declares far more than it holds, or more than fits into memory.
    """
    try:
        import pyarrow.parquet as parquet
    except ImportError:
        raise MissingExtraError.of("reading .parquet files", "neuro") from None
    with parquet.ParquetFile(path) as file:
        said: Any = file.metadata
        require_count(said.num_columns)
        # run lengths may stand for any number of rows, so that both count: rows, and what the pages unpack to
        pages = sum(said.row_group(i).total_byte_size for i in range(said.num_row_groups))
        declared = max(pages, said.num_rows * said.num_columns * UNPACKED)
        require_honest(declared, path.stat().st_size)
        require_memory("the table", 2 * declared)
        table: Any = file.read()
    arrays, left_out = dict[str, np.ndarray](), dict[str, str]()
    for name, column in zip(table.column_names, table.columns, strict=True):
        found = _values(column)
        if isinstance(found, str):
            left_out[str(name)] = found
        else:
            arrays[str(name)] = as_plain(str(name), found)
    return Held(arrays, axes={name: ("row",) for name in arrays}, left_out=left_out)


def _values(column: Any) -> np.ndarray | str:
    """Return a column as an array, or why it is none; a missing number is NaN."""
    import pyarrow as pa

    kind: Any = column.type
    if pa.types.is_dictionary(kind):
        column, kind = column.cast(kind.value_type), kind.value_type
    if pa.types.is_boolean(kind) or pa.types.is_integer(kind) or pa.types.is_floating(kind):
        return np.asarray(column.to_numpy())
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        if column.null_count:
            return f"{column.null_count} of its {len(column)} texts are missing"
        return np.asarray(column.to_pylist(), dtype=str)
    return f"a column of type {kind}"
