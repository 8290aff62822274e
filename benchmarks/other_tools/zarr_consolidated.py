# /// script
# requires-python = ">=3.11"
# dependencies = ["zarr==3.1.6"]
# ///
"""An array that is added to a zarr group after its metadata were consolidated: who sees it."""

import tempfile

import numpy as np
import zarr
from told import told

import conjugacy as cj

with tempfile.TemporaryDirectory() as folder:
    path = f"{folder}/run.zarr"
    zarr.create_group(path).create_array("hidden", data=np.ones((4, 3)))
    zarr.consolidate_metadata(path)
    zarr.open_group(path, mode="r+", use_consolidated=False).create_array("late", data=np.ones((4, 3)))
    by_default = sorted(zarr.open_group(path, mode="r").array_keys())
    as_it_is = sorted(zarr.open_group(path, mode="r", use_consolidated=False).array_keys())
    ours = sorted(cj.load(path).layers)
told(
    "zarr",
    "arrays added after consolidation are not seen by default; use_consolidated=False sees them",
    f"default {by_default}, use_consolidated=False {as_it_is}",
    holds=by_default == ["hidden"] and as_it_is == ["hidden", "late"],
)
told("zarr", "conjugacy reads what is there", f"{ours}", holds=ours == as_it_is)
