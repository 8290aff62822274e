#!/usr/bin/env bash
# Expected: a file that safetensors.numpy.save_file writes without a word is read back by safetensors.numpy.load_file; the
# message that refuses other types lists float8_e4m3fn and float8_e5m2 among the supported ones.
#
# Seen: arrays of float8 (package ml_dtypes, as JAX returns them) are written with the right type in the header, F8_E4M3,
# and load_file raises "AttributeError: module 'numpy' has no attribute 'float8_e4m3fn'", also where ml_dtypes is
# imported. So does safe_open(...).get_tensor with framework "np", while its get_slice(...).get_dtype() tells the type.
# bfloat16 comes back as it went in.
# Public: issue safetensors/safetensors #682 "[paddlepaddle] module 'numpy' has no attribute 'float8_e5m2'" is the same reader
# met through Paddle; the pull request #683 proposed to return uint8 and was closed.
#
# Why it matters: one layer in float8 keeps load_file from returning any layer of the file, and files that torch writes in
# float8 cannot be read without torch. The bytes are all there: uint8 from the offsets in the header, viewed as the
# type. Or save float16, which holds each value of both types.
#
# Run:  bash findings/safetensors_float8_numpy.sh [version of safetensors, 0.8.0 if left out]
# Seen, Linux x86-64:
#   python 3.11.7, numpy 2.4.6, ml_dtypes 0.6.0, safetensors 0.8.0
#   bfloat16       [0.5, 1.0, 3.0] in the header: BF16; read back: bfloat16 [0.5, 1.0, 3.0]
#   float8_e4m3fn  [0.5, 1.0, 3.0] in the header: F8_E4M3; read back: AttributeError: module 'numpy' has no attribute 'float8_e4m3fn'
#   float8_e5m2    [0.5, 1.0, 3.0] in the header: F8_E5M2; read back: AttributeError: module 'numpy' has no attribute 'float8_e5m2'
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 ml_dtypes==0.6.0 "safetensors==${1:-0.8.0}"
cd "$folder"
venv/bin/python - <<'PYTHON'
import platform

import ml_dtypes
import numpy as np
import safetensors
from safetensors.numpy import load_file, save_file

versions = f"numpy {np.__version__}, ml_dtypes {ml_dtypes.__version__}, safetensors {safetensors.__version__}"
print(f"python {platform.python_version()}, {versions}")
seen = {}
for name in ("bfloat16", "float8_e4m3fn", "float8_e5m2"):
    array = np.array([0.5, 1.0, 3.0]).astype(name)
    save_file({"layer": array}, "a.safetensors")
    with safetensors.safe_open("a.safetensors", framework="np") as file:
        kind = file.get_slice("layer").get_dtype()
    try:
        back = load_file("a.safetensors")["layer"]
        seen[name] = f"{back.dtype} {back.tolist()}"
    except AttributeError as error:
        seen[name] = f"AttributeError: {error}"
    print(f"{name:14} {array.tolist()} in the header: {kind}; read back: {seen[name]}")
expected = {
    "bfloat16": "bfloat16 [0.5, 1.0, 3.0]",
    "float8_e4m3fn": "AttributeError: module 'numpy' has no attribute 'float8_e4m3fn'",
    "float8_e5m2": "AttributeError: module 'numpy' has no attribute 'float8_e5m2'",
}
raise SystemExit(0 if seen == expected else "no longer what the comment of this script says")
PYTHON
