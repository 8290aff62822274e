#!/usr/bin/env bash
# Expected: the CKA of a representation with an exact copy of itself is 1, by whatever estimator of HSIC.
#
# Seen: `repsim.cka([x, x], estimator="song")` and `"lange"`, the debiased ones, give 1 on the diagonal of the result, and
# between x and the copy .54 and .57 at 20 rows, .73 at 50, .91 at 200. The biased "gretton" gives 1. A ratio
# HSIC(K, L) / sqrt(HSIC(K, K) HSIC(L, L)) with one estimator in all three places is 1 for K = L.
#
# Why it matters: debiased CKA is chosen for small numbers of rows, and there two equal networks look unlike. Note also that
# this `repsim` is not the package of the same import name at github.com/wrongu/repsim.
#
# Run:  bash findings/repsim_debiased_cka_of_a_copy.sh [version of repsim, 0.1.5 if left out]
# Seen, Linux x86-64:
#   python 3.11.7, repsim 0.1.5, numpy 2.4.6
#   20 rows   gretton 1.00  song 0.54  lange 0.57
#   50 rows   gretton 1.00  song 0.73  lange 0.73
#   200 rows  gretton 1.00  song 0.91  lange 0.91
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 "repsim==${1:-0.1.5}"
cd "$folder"
venv/bin/python -W ignore - <<'PYTHON'
import platform
from importlib.metadata import version

import numpy as np
import repsim

print(f"python {platform.python_version()}, repsim {version('repsim')}, numpy {np.__version__}")
rng = np.random.default_rng(0)
as_said = True
for rows in (20, 50, 200):
    x = rng.normal(size=(rows, 10))
    found = {name: repsim.cka([x, x.copy()], estimator=name) for name in ("gretton", "song", "lange")}
    print(f"{f'{rows} rows':9} " + "  ".join(f"{name} {values[0, 1]:.2f}" for name, values in found.items()))
    as_said &= all(np.allclose(np.diag(values), 1) for values in found.values())
    as_said &= found["gretton"][0, 1] > 0.999 and max(found["song"][0, 1], found["lange"][0, 1]) < 0.95
raise SystemExit(0 if as_said else "no longer what the comment of this script says")
PYTHON
