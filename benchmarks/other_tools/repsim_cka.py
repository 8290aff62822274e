# /// script
# requires-python = ">=3.11"
# dependencies = ["repsim==0.1.5"]
# ///
"""The package `repsim` of the package index: a kernel nobody asked for, and a debiased CKA below 1 for an exact copy."""

import importlib.util

import numpy as np
import repsim
from told import told

import conjugacy as cj

told(
    "repsim",
    "repsim on the package index is not the repsim of github.com/wrongu: it has no metrics with geodesics",
    f"no repsim.metrics; {', '.join(sorted(name for name in repsim.__all__ if not name.startswith('_')))}",
    holds=importlib.util.find_spec("repsim.metrics") is None,
)
rng = np.random.default_rng(0)
for rows in (20, 50, 200):
    x = rng.normal(size=(rows, 10))
    seen = {name: repsim.cka([x, x.copy()], estimator=name)[0, 1] for name in ("song", "lange")}
    ours = cj.get_measure("cka", kernel="rbf")(x, x.copy()).value
    told(
        "repsim",
        f"cka with a debiased estimator is below 1 for an exact copy ({rows} rows)",
        f"song {seen['song']:.2f}, lange {seen['lange']:.2f}; ours {ours:.2f}",
        holds=max(seen.values()) < 0.95 and abs(ours - 1) < 1e-9,
    )
x, y = rng.normal(size=(2, 100, 10))
y = y + x
asked = ({}, {"kernel_type": "rbf", "estimator": "gretton"}, {"kernel_type": "linear"})
default, gaussian, linear = (repsim.cka([x, y], **settings)[0, 1] for settings in asked)
ours = cj.get_measure("cka", debiased=False)(x, y).value
told(
    "repsim",
    "cka takes a Gaussian kernel and the biased estimator unless told otherwise",
    f"default {default:.3f}, rbf with gretton {gaussian:.3f}, linear {linear:.3f}",
    holds=default == gaussian and abs(default - linear) > 0.01,
)
told(
    "repsim",
    "cka with kernel_type='linear' is cka:debiased=false",
    f"{linear:.6f} and {ours:.6f}",
    holds=abs(linear - ours) < 1e-6,
)
