#!/usr/bin/env bash
# Expected: a numpy array written with numpy.save is read back by numpy.load with its type and values, or is refused when
# it is written. That is so for all of numpy's own types.
#
# Seen: an array of bfloat16 or float8, as JAX returns them to numpy (the types are those of the package ml_dtypes,
# registered with numpy), is written without a word, and the header does not say what it holds.
#   - bfloat16 and float8_e4m3fn come back as raw bytes, dtype |V2 and |V1, also where ml_dtypes is imported and the
#     reader does know the type. view(dtype) brings the values back, if one knows which of the types it was: |V1 is one
#     of several float8, or int4;
#   - float8_e5m2 is written with the type '<f1', and the file cannot be read at all: "descr is not a valid dtype
#     descriptor: '<f1'", also with allow_pickle=True. numpy.savez is the same.
# Public: issues jax-ml/ml_dtypes #41 "bfloat16 & other custom dtypes incompatible with np.save", #148 "Deserialization of
# float8_e5m2" and #216 "[RFC] Change float8_e5m2 dtype descr from <f1 to <V1", all open.
#
# Why it matters: activations of networks in half precision are saved so. The type is lost in the file, or the file cannot
# be opened, and this shows when the network is no longer at hand. Save array.astype(numpy.float32), which holds each of
# these values.
#
# Run:  bash findings/numpy_save_small_floats.sh [version of ml_dtypes, 0.6.0 if left out]
# Seen, Linux x86-64:
#   python 3.11.7, numpy 2.4.6, ml_dtypes 0.6.0
#   float16        [0.5, 1.0, 3.0] read back: float16 [0.5, 1.0, 3.0]
#   bfloat16       [0.5, 1.0, 3.0] read back: |V2
#   float8_e4m3fn  [0.5, 1.0, 3.0] read back: |V1
#   float8_e5m2    [0.5, 1.0, 3.0] read back: ValueError: descr is not a valid dtype descriptor: '<f1'
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 "ml_dtypes==${1:-0.6.0}"
cd "$folder"
venv/bin/python - <<'PYTHON'
import platform

import ml_dtypes
import numpy as np

print(f"python {platform.python_version()}, numpy {np.__version__}, ml_dtypes {ml_dtypes.__version__}")
seen = {}
for name in ("float16", "bfloat16", "float8_e4m3fn", "float8_e5m2"):
    array = np.array([0.5, 1.0, 3.0]).astype(name)
    np.save("a.npy", array)
    try:
        back = np.load("a.npy")
        seen[name] = str(back.dtype) if back.dtype.kind == "V" else f"{back.dtype} {back.tolist()}"
    except ValueError as error:
        seen[name] = f"ValueError: {error}"
    print(f"{name:14} {array.tolist()} read back: {seen[name]}")
expected = {
    "float16": "float16 [0.5, 1.0, 3.0]",
    "bfloat16": "|V2",
    "float8_e4m3fn": "|V1",
    "float8_e5m2": "ValueError: descr is not a valid dtype descriptor: '<f1'",
}
raise SystemExit(0 if seen == expected else "no longer what the comment of this script says")
PYTHON
