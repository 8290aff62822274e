#!/usr/bin/env bash
# Expected: the layers of a network, written to a .safetensors file in the order in which they ran and named so
# that the order of their names is that order too, come back in that order, and in one order however one reads them.
#
# Seen: the order depends on which function reads the file, and on the dtypes of the arrays.
#   - safe_open(...).keys() is in the order of names;
#   - load_file(...) is in the order of bytes in the file, where wider dtypes go first, and names sort only
#     within one dtype. Storing one layer in float16 moves it behind every float32 layer, head included;
#   - load(bytes) changes its order from one call to the next, on the same bytes, in one process.
# The values are right under each name. load_file followed the names with 0.5.3 and the bytes with 0.7.0; the
# pull request safetensors/safetensors #571 "load_file: load tensors ordered by their offsets" says why (speed).
# The issue safetensors/safetensors #357 "Loaded results are unordered" is the same surprise with load.
# The docstrings of load_file and load promise no order.
#
# Why it matters: who records networks and takes the place of an array in the dict for the depth of the layer has
# the right depth as long as all layers have one dtype, and a wrong depth, without a word, once one is stored in
# half precision. Padded numbers in the names do not help with load_file. Write the order down in the file.
#
# Run:  bash findings/safetensors_order_by_dtype.sh [version of safetensors, 0.8.0 if left out]
# Seen, Linux x86-64:
#   python 3.11.7, numpy 2.4.6, safetensors 0.8.0
#   written          ['0_stem', '1_block', '2_block', '3_block', '4_head']
#   all float32      keys() ['0_stem', '1_block', '2_block', '3_block', '4_head']
#                    load_file ['0_stem', '1_block', '2_block', '3_block', '4_head']
#   0_stem float16   keys() ['0_stem', '1_block', '2_block', '3_block', '4_head']
#                    load_file ['1_block', '2_block', '3_block', '4_head', '0_stem']
#   load(bytes), 50 calls on the all-float32 file: more than one order
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 "safetensors==${1:-0.8.0}"
cd "$folder"
venv/bin/python - <<'PYTHON'
import platform
from pathlib import Path

import numpy as np
import safetensors
from safetensors.numpy import load, load_file, save_file

print(f"python {platform.python_version()}, numpy {np.__version__}, safetensors {safetensors.__version__}")
names = ["0_stem", "1_block", "2_block", "3_block", "4_head"]
print(f"{'written':16} {names}")


def orders(label, path, half):
    layers = {name: np.full((3, 2), i, np.float16 if name in half else np.float32) for i, name in enumerate(names)}
    save_file(layers, path)
    with safetensors.safe_open(path, framework="np") as file:
        keys = list(file.keys())
    loaded = load_file(path)
    assert all(np.array_equal(loaded[name], layers[name]) for name in names), "values changed"
    print(f"{label:16} keys() {keys}\n{'':16} load_file {list(loaded)}")
    return keys, list(loaded)


single = orders("all float32", "single.safetensors", [])
mixed = orders("0_stem float16", "mixed.safetensors", ["0_stem"])
content = Path("single.safetensors").read_bytes()
several = len({tuple(load(content)) for _ in range(50)}) > 1
print("load(bytes), 50 calls on the all-float32 file:", "more than one order" if several else "one order")
as_told = single == (names, names) and mixed == (names, names[1:] + names[:1]) and several
raise SystemExit(0 if as_told else "no longer what the comment of this script says")
PYTHON
