#!/usr/bin/env bash
# Expected: inside `with zarr.config.set(...)` the setting holds, and after all such blocks have ended it is what it was before;
# a block that another thread opens and closes meanwhile changes neither.
#
# Seen: settings belong to the process, and a block puts back what it found when it began. Where two threads are in such blocks
# at one time and the first to come is the first to go,
#   - the second is without its setting while it is still inside: an array that it creates there with write_empty_chunks=True
#     asked for leaves chunks of nothing but the fill value out, and files that a reader looks for are not there;
#   - the setting of the first stays for the whole process after both have ended.
# An array keeps what held when it was opened, so that the loss shows later, at writing, in another place. The option config= of
# create_array is not touched by it.
#
# Why it matters: tables of measures and recordings are written by several workers of one process. A tile in which all is NaN
# cannot be told from one that was never written.
#
# Run:  bash findings/zarr_settings_shared_by_threads.sh [version of zarr, 3.1.6 if left out]
# Seen, Linux x86-64:
#   python 3.11.7, zarr 3.1.6
#   inside its own block, while another thread leaves its own: chunk written False
#   after both: write_empty_chunks True, before: False
#   with config= of create_array: chunk written True
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 "zarr==${1:-3.1.6}"
cd "$folder"
venv/bin/python - <<'PYTHON'
import platform
from pathlib import Path
from threading import Event, Thread

import numpy as np
import zarr

print(f"python {platform.python_version()}, zarr {zarr.__version__}")
NAME = "array.write_empty_chunks"
first_in, second_in, first_out = Event(), Event(), Event()
before, seen = zarr.config.get(NAME), {}


def chunk_of(path, **options):
    array = zarr.create_array(path, shape=(4,), chunks=(4,), dtype="float64", fill_value=np.nan, **options)
    array[:] = np.nan
    return Path(path, "c", "0").exists()


def first():
    with zarr.config.set({NAME: True}):
        first_in.set()
        second_in.wait()
    first_out.set()


def second():
    first_in.wait()
    with zarr.config.set({NAME: True}):
        second_in.set()
        first_out.wait()
        seen["inside"] = chunk_of("a.zarr")


threads = [Thread(target=first), Thread(target=second)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
after = zarr.config.get(NAME)
given = chunk_of("b.zarr", config={"write_empty_chunks": True})
print(f"inside its own block, while another thread leaves its own: chunk written {seen['inside']}")
print(f"after both: write_empty_chunks {after}, before: {before}")
print(f"with config= of create_array: chunk written {given}")
if (seen["inside"], before, after, given) != (False, False, True, True):
    raise SystemExit("this is not what was seen: look again")
PYTHON
