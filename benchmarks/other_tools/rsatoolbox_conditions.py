# /// script
# requires-python = ">=3.11"
# dependencies = ["rsatoolbox==0.3.2"]
# ///
"""The rows of rsatoolbox: the order of its conditions, and its numbers beside ours."""

import numpy as np
from rsatoolbox.data import Dataset
from rsatoolbox.rdm import calc_rdm, compare
from told import told

import conjugacy as cj

rng = np.random.default_rng(0)
x = rng.normal(size=(12, 30))
y = x + rng.normal(size=x.shape)
names = [f"im{i}" for i in range(1, 13)]
named = Dataset(x, obs_descriptors={"image": names})
averaged = calc_rdm(named, method="correlation", descriptor="image")
order = list(averaged.pattern_descriptors["image"])
told(
    "rsatoolbox",
    "calc_rdm(descriptor=...) orders conditions as text",
    " ".join(order[:4]),
    holds=order == sorted(names) and order[:3] == ["im1", "im10", "im11"],
)
as_given = calc_rdm(named, method="correlation")
value = compare(averaged, as_given, method="corr").item()
told(
    "rsatoolbox",
    "compare() takes conditions by place, so that the same data in two orders do not match",
    f"correlation {value:.2f} of a data set with itself",
    holds=value < 0.5,
)
numbered = calc_rdm(Dataset(x, obs_descriptors={"image": list(range(1, 13))}), method="correlation", descriptor="image")
told(
    "rsatoolbox",
    "numbers as conditions keep their order",
    " ".join(map(str, numbered.pattern_descriptors["image"][:4])),
    holds=list(numbered.pattern_descriptors["image"]) == list(range(1, 13)),
)
other = calc_rdm(Dataset(y, obs_descriptors={"image": names}), method="correlation")
for method, comparison in (("corr", "pearson"), ("spearman", "spearman"), ("tau-a", "tau_a"), ("cosine", "cosine")):
    theirs = compare(as_given, other, method=method).item()
    ours = cj.get_measure("rsa", dissimilarity="correlation", comparison=comparison)(x, y).value
    told(
        "rsatoolbox",
        f"compare(method='{method}') of correlation RDMs is rsa:comparison={comparison}",
        f"{theirs:.6f} and {ours:.6f}",
        holds=abs(theirs - ours) < 1e-6,
    )
shuffled = np.argsort(names)
here, there = cj.Activations(x, stimuli=names), cj.Activations(x[shuffled], stimuli=[names[i] for i in shuffled])
same = cj.get_measure("rsa")(here, there).value
told(
    "rsatoolbox",
    "conjugacy matches rows by id, whatever their order",
    f"RSA {same:.6f} of the same rows in both orders",
    holds=abs(same - 1) < 1e-9,
)
