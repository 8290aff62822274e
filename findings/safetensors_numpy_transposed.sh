#!/usr/bin/env bash
# Expected: an array written with safetensors.numpy.save_file is read back with the same values, or is refused.
#
# Seen: with safetensors 0.8.0, an array whose memory is not in C order (a transpose, a Fortran-ordered copy) is
# written as its memory lies, under its logical shape. It comes back with the right shape, dtype and set of values,
# and the values in the wrong places; nothing is raised or warned of. 0.7.0 is right. The docstring asks for
# "contiguous and dense" arrays, and numpy does call both arrays contiguous (F_CONTIGUOUS); nothing checks it.
# safetensors.torch.save_file (0.8.0, torch 2.13.0, tried by hand, as torch is a large install) refuses a transposed
# tensor: "ValueError: You are trying to save a non contiguous tensor".
# Public: issue safetensors/safetensors #825 "Serializing fortran arrays in numpy silently produces garbage on read in
# 0.8.0, but not in 0.7.0"; fixes proposed in the pull requests #826 and #829.
#
# Why it matters: activations are often recorded as units x stimuli and turned to stimuli x units with `.T`, and some
# decompositions return Fortran-ordered arrays. The file then mixes stimuli and units, yet its shape, mean and
# histogram are right, so no check of those tells; the similarity between stimuli is wrong.
# Pass numpy.ascontiguousarray(array).
#
# Run:  bash findings/safetensors_numpy_transposed.sh [version of safetensors, 0.8.0 if left out]
# Seen, Linux x86-64:
#   python 3.11.7, numpy 2.4.6, safetensors 0.7.0
#   transposed   written [[0.0, 2.0, 4.0], [1.0, 3.0, 5.0]] read [[0.0, 2.0, 4.0], [1.0, 3.0, 5.0]] equal True
#   fortran      written [[0.0, 2.0, 4.0], [1.0, 3.0, 5.0]] read [[0.0, 2.0, 4.0], [1.0, 3.0, 5.0]] equal True
#   ascontiguous written [[0.0, 2.0, 4.0], [1.0, 3.0, 5.0]] read [[0.0, 2.0, 4.0], [1.0, 3.0, 5.0]] equal True
#   python 3.11.7, numpy 2.4.6, safetensors 0.8.0
#   transposed   written [[0.0, 2.0, 4.0], [1.0, 3.0, 5.0]] read [[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]] equal False
#   fortran      written [[0.0, 2.0, 4.0], [1.0, 3.0, 5.0]] read [[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]] equal False
#   ascontiguous written [[0.0, 2.0, 4.0], [1.0, 3.0, 5.0]] read [[0.0, 2.0, 4.0], [1.0, 3.0, 5.0]] equal True
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
cat > "$folder/try.py" <<'PYTHON'
import platform
import sys

import numpy as np
import safetensors
from safetensors.numpy import load_file, save_file

print(f"python {platform.python_version()}, numpy {np.__version__}, safetensors {safetensors.__version__}")
units_by_stimuli = np.arange(6, dtype=np.float32).reshape(3, 2)
activations = units_by_stimuli.T  # 2 stimuli x 3 units
arrays = {
    "transposed": activations,
    "fortran": np.asfortranarray(activations.copy()),
    "ascontiguous": np.ascontiguousarray(activations),
}
right = []
for name, array in arrays.items():
    save_file({"layer": array}, "a.safetensors")
    back = load_file("a.safetensors")["layer"]
    assert back.shape == array.shape and sorted(back.flat) == sorted(array.flat), "not the same shape and set of values"
    right.append(np.array_equal(back, array))
    print(f"{name:12} written {array.tolist()} read {back.tolist()} equal {right[-1]}")
expected = [word == "right" for word in sys.argv[1:]]
raise SystemExit(0 if right == expected else "no longer what the comment of this script says")
PYTHON
cd "$folder"
venv/bin/pip install --quiet --disable-pip-version-check numpy==2.4.6 safetensors==0.7.0
venv/bin/python try.py right right right
venv/bin/pip install --quiet --disable-pip-version-check "safetensors==${1:-0.8.0}"
venv/bin/python try.py wrong wrong right
