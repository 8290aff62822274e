#!/usr/bin/env bash
# Expected: two dissimilarity matrices of one data set, each with its conditions' names, compare as equal.
#
# Seen: `calc_rdm(dataset, descriptor="image")` averages per condition and puts the conditions in the order of text: im1,
# im10, im11, im12, im2. `calc_rdm(dataset)` of the same data, one row for each image, keeps the order of the rows. Both
# matrices carry the names in `pattern_descriptors`; `compare` does not look at them and correlates entry by entry, so that
# a data set with itself has a correlation near 0, without a word. With numbers as names the orders agree.
#
# Why it matters: a model's matrix made from rows in natural order, and a brain's made with a descriptor, are compared with
# the wrong partners as soon as there are ten images. Pass the same descriptor to both, or numbers.
#
# Run:  bash findings/rsatoolbox_conditions_by_place.sh [version of rsatoolbox, 0.3.2 if left out]
# Seen, Linux x86-64:
#   python 3.11.7, rsatoolbox 0.3.2, numpy 2.4.6
#   with descriptor     im1 im10 im11 im12 im2
#   without             im1 im2 im3 im4 im5
#   correlation of the data set with itself: -0.16; without descriptors on either side: 1.00
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 "rsatoolbox==${1:-0.3.2}"
cd "$folder"
venv/bin/python -W ignore - <<'PYTHON'
import platform
from importlib.metadata import version

import numpy as np
from rsatoolbox.data import Dataset
from rsatoolbox.rdm import calc_rdm, compare

print(f"python {platform.python_version()}, rsatoolbox {version('rsatoolbox')}, numpy {np.__version__}")
x = np.random.default_rng(0).normal(size=(12, 30))
dataset = Dataset(x, obs_descriptors={"image": [f"im{i}" for i in range(1, 13)]})
named, plain = calc_rdm(dataset, method="correlation", descriptor="image"), calc_rdm(dataset, method="correlation")
orders = [list(one.pattern_descriptors["image"])[:5] for one in (named, plain)]
print(f"with descriptor     {' '.join(orders[0])}\nwithout             {' '.join(orders[1])}")
apart, same = compare(named, plain, method="corr").item(), compare(plain, plain, method="corr").item()
print(f"correlation of the data set with itself: {apart:.2f}; without descriptors on either side: {same:.2f}")
as_said = orders[0][1] == "im10" and orders[1][1] == "im2" and apart < 0.5 and same > 0.999
raise SystemExit(0 if as_said else "no longer what the comment of this script says")
PYTHON
