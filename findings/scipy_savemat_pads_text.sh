#!/usr/bin/env bash
# Expected: an array of texts that savemat writes and loadmat reads is the array that was given, or savemat says that it is not.
#
# Seen: savemat writes a numpy array of texts as one MATLAB char array, whose rows have one length, and fills the shorter ones
# with blanks. loadmat gives them back with the blanks: "cat" has become "cat  ". Nothing warns. The longest texts come back as
# they were, and so do all texts of one length, so that a small test with ids such as "a", "b", "c" passes. The same texts in an
# array of objects become a cell and come back whole, one array each.
#
# Why it matters: ids of trials, conditions and stimuli no longer match those of a file that did not pass through a .mat file,
# and only the short ones: "trial 9" is not there, "trial 10" is.
#
# Run:  bash findings/scipy_savemat_pads_text.sh [version of scipy, 1.17.1 if left out]
# Seen, Linux x86-64:
#   python 3.11.7, scipy 1.17.1, numpy 2.4.6
#   given: ['trial 9', 'trial 10']
#   read:  ['trial 9 ', 'trial 10']
#   shared by both: ['trial 10']
#   as objects: ['trial 9', 'trial 10']
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 "scipy==${1:-1.17.1}"
cd "$folder"
venv/bin/python - <<'PYTHON'
import platform
import warnings

import numpy as np
import scipy
import scipy.io

warnings.simplefilter("error")
print(f"python {platform.python_version()}, scipy {scipy.__version__}, numpy {np.__version__}")
given = np.array(["trial 9", "trial 10"])
scipy.io.savemat("a.mat", {"ids": given, "cell": given.astype(object)})
found = scipy.io.loadmat("a.mat")
read = found["ids"].tolist()
shared = np.intersect1d(given, found["ids"]).tolist()
objects = [one.item() for one in found["cell"].ravel()]
print(f"given: {given.tolist()}")
print(f"read:  {read}")
print(f"shared by both: {shared}")
print(f"as objects: {objects}")
if (read, shared, objects) != (["trial 9 ", "trial 10"], ["trial 10"], given.tolist()):
    raise SystemExit("this is not what was seen: look again")
PYTHON
