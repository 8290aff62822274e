"""Makes reference_values.json: what independent packages say of the same two arrays. Run by hand, not a test.

Most of these packages cannot stand in one environment with ours. Into a folder REF, then ``python reference_values.py REF``:

    pip install --target REF --no-deps dcor numba llvmlite hyppo autograd future statsmodels patsy pandas python-dateutil \
        cca-zoo rsatoolbox tqdm joblib petname
    git clone https://github.com/ahwillia/netrep REF/netrep_source          # commit of 2024-07
    git clone https://github.com/google/svcca REF/svcca_source
    git clone https://github.com/minyoungg/platonic-rep REF/platonic_source

Versions used: dcor 0.7, hyppo 0.5.2, cca-zoo 4.0.1, rsatoolbox 0.3.2, numpy 2.4.6. Modules that only plot or that only other
metrics need (skimage, torchaudio) are replaced by empty ones.
"""

from __future__ import annotations

import importlib
import json
import sys
import types
import warnings
from pathlib import Path
from typing import Any

import numpy as np

FILE = Path(__file__).with_suffix(".json")
REPEATS = 4


def arrays() -> tuple[np.ndarray, np.ndarray]:
    """Two related networks of 20 and 12 units on 60 stimuli."""
    rng = np.random.default_rng(7)
    z = rng.standard_normal((60, 5))
    x = np.tanh(z @ rng.standard_normal((5, 20))) + 0.3 * rng.standard_normal((60, 20)) + 0.5
    y = z[:, :3] @ rng.standard_normal((3, 12)) + 0.5 * rng.standard_normal((60, 12)) - 1.0
    return x, y


def repeated() -> tuple[tuple[np.ndarray, np.ndarray], np.ndarray]:
    """The same stimuli's first 15, shown four times to both with noise, and the stimulus of every row."""
    rng = np.random.default_rng(8)
    ids = np.tile(np.arange(15), REPEATS)
    noisy = [v[ids] + rng.standard_normal((len(ids), v.shape[1])) for v in arrays()]
    return (noisy[0], noisy[1]), ids


def unit_rows(x: np.ndarray) -> np.ndarray:
    return x / np.linalg.norm(x, axis=1, keepdims=True)


def at_median(x: np.ndarray) -> np.ndarray:
    """Scaled so that the median squared distance between two rows is one."""
    squared = ((x[:, None] - x) ** 2).sum(axis=-1)
    return x / np.sqrt(np.median(squared[np.triu_indices(len(x), 1)]))


def balanced(x: np.ndarray) -> np.ndarray:
    """Centred, with a mean squared singular value of one."""
    x = x - x.mean(axis=0)
    return x * np.sqrt(x.shape[1]) / np.linalg.norm(x)


def standing(x: np.ndarray) -> np.ndarray:
    return (x - x.mean(axis=0)) / x.std(axis=0)


def from_platonic(folder: Path) -> dict[str, float]:
    audio = types.ModuleType("torchaudio")
    audio.functional = types.ModuleType("torchaudio.functional")  # type: ignore[attr-defined]
    audio.functional.edit_distance = None  # type: ignore[attr-defined]
    sys.modules |= {"torchaudio": audio, "torchaudio.functional": audio.functional}  # type: ignore[attr-defined]
    sys.path.insert(0, str(folder / "platonic_source"))
    import torch

    metrics: Any = importlib.import_module("metrics").AlignmentMetrics
    # denominators have 1e-6 added: large numbers make it vanish
    big = [torch.tensor(1000 * v) for v in arrays()]
    rows = [torch.tensor(1000 * unit_rows(v)) for v in arrays()]
    near = [torch.tensor(at_median(v)) for v in arrays()]
    return {
        "cka:debiased=false": metrics.cka(*big),
        "cka": metrics.unbiased_cka(*big),
        "cka:debiased=false,kernel=rbf": metrics.cka(*near, kernel_metric="rbf", rbf_sigma=1.0),
        "mutual_knn": metrics.mutual_knn(*rows, topk=10),
        "cycle_knn": metrics.cycle_knn(*rows, topk=10),
        "cknna": metrics.cknna(*rows, topk=10),
        "cknna:k=25": metrics.cknna(*rows, topk=25),
    }


def from_hyppo() -> dict[str, float]:
    independence = importlib.import_module("hyppo.independence")
    x, y = arrays()
    near = [at_median(v) for v in (x, y)]
    rbf, dcorr = independence.Hsic, independence.Dcorr
    # biased, theirs are roots; debiased and linear, theirs sums the kernel's diagonal, which its formula leaves out
    return {
        "cka:debiased=false": independence.Hsic(compute_kernel="linear", bias=True).statistic(x, y) ** 2,
        "cka:debiased=false,kernel=rbf": rbf(compute_kernel="rbf", bias=True, gamma=0.5).statistic(*near) ** 2,
        "cka:kernel=rbf": rbf(compute_kernel="rbf", bias=False, gamma=0.5).statistic(*near),
        "distance_correlation:debiased=false": dcorr(bias=True).statistic(x, y) ** 2,
        "distance_correlation": dcorr(bias=False).statistic(x, y),
    }


def from_dcor() -> dict[str, float]:
    dcor = importlib.import_module("dcor")
    x, y = arrays()
    products = [v @ v.T for v in (x, y)]
    a, b = (dcor.u_centered(k - np.diag(np.diag(k))) for k in products)
    return {
        "cka": dcor.u_product(a, b) / np.sqrt(dcor.u_product(a, a) * dcor.u_product(b, b)),
        "distance_correlation": dcor.u_distance_correlation_sqr(x, y),
        "distance_correlation:debiased=false": dcor.distance_correlation_sqr(x, y),
    }


def from_svcca(folder: Path) -> dict[str, float]:
    sys.path.insert(0, str(folder / "svcca_source"))
    core = importlib.import_module("cca_core")
    x, y = (v - v.mean(axis=0) for v in arrays())
    parts = []
    for v in (x, y):
        u, s, _ = np.linalg.svd(v, full_matrices=False)
        keep = int(np.argmax(np.cumsum(s**2) >= 0.9 * (s**2).sum())) + 1
        parts.append((u[:, :keep] * s[:keep]).T)
    return {
        "cca": np.mean(core.get_cca_similarity(x.T, y.T, verbose=False)["cca_coef1"][:12]),
        "svcca:variance=0.9": np.mean(
            core.get_cca_similarity(*parts, verbose=False)["cca_coef1"][: min(len(p) for p in parts)]
        ),
    }


def from_cca_zoo() -> dict[str, float]:
    linear = importlib.import_module("cca_zoo.linear")
    x, y = (v - v.mean(axis=0) for v in arrays())
    found = {}
    for ridge in (0.0, 0.1):
        # theirs is (1 - c) S + c I with the covariance S
        largest = [np.linalg.eigvalsh(np.cov(v.T))[-1] for v in (x, y)]
        c = [ridge * t / (1 + ridge * t) for t in largest]
        model = linear.RidgeCCA(n_components=12, shrinkage=c) if ridge else linear.CCA(n_components=12)
        zx, zy = model.fit([x, y]).transform([x, y])
        value = np.mean([np.corrcoef(zx[:, i], zy[:, i])[0, 1] for i in range(12)])
        found["cca:ridge=0.1" if ridge else "cca"] = value
    return found


def from_netrep(folder: Path) -> dict[str, float]:
    sys.path.insert(0, str(folder / "netrep_source"))
    metrics, utils = importlib.import_module("netrep.metrics"), importlib.import_module("netrep.utils")
    x, y = (balanced(v) for v in arrays())
    rotation = metrics.LinearMetric(alpha=1.0, center_columns=True, zero_pad=True, score_method="angular")
    found = dict.fromkeys(("procrustes", "shape:alpha=1.0"), rotation.fit_score(x, y))
    found |= _partly_whitened(utils, x, y)
    kernels = [v @ v.T / np.linalg.norm(v) ** 2 for v in (x, y)]
    found["bures"] = 1 - utils.sq_bures_metric(*kernels) / 2
    same_width = standing(x[:, :12]), standing(y)
    permuted = metrics.PermutationMetric(center_columns=True, score_method="angular").fit_score(*same_width)
    found["permutation|12"] = np.cos(permuted)
    found["soft_matching|12"] = np.cos(permuted)
    return found


def _partly_whitened(utils: Any, x: np.ndarray, y: np.ndarray) -> dict[str, float]:
    """Whitened by netrep before padding, since padding would whiten the silent units too."""
    found = {}
    for alpha in (0.0, 0.5):
        white = [utils.whiten(v, alpha, preserve_variance=True)[0] for v in (x, y)]
        a, b = white[0], np.pad(white[1], ((0, 0), (0, x.shape[1] - y.shape[1])))
        q = utils.align(a, b, group="orth")
        found["shape" if alpha == 0.5 else "shape:alpha=0.0"] = utils.angular_distance(a @ q, b)
    return found


def from_rsatoolbox() -> dict[str, float]:
    colour = types.ModuleType("skimage.color")
    colour.rgb2hsv = colour.hsv2rgb = None  # type: ignore[attr-defined]
    sys.modules |= {"skimage": types.ModuleType("skimage"), "skimage.color": colour}
    toolbox, rdm = importlib.import_module("rsatoolbox"), importlib.import_module("rsatoolbox.rdm")
    names = {"spearman": "spearman", "pearson": "corr", "tau_a": "tau-a", "cosine": "cosine"}
    found = {}
    data = [toolbox.data.Dataset(v) for v in arrays()]
    for ours, theirs in (("correlation", "correlation"), ("squared_euclidean", "euclidean")):
        both = [rdm.calc_rdm(d, method=theirs) for d in data]
        for comparison, method in names.items():
            value = float(np.squeeze(rdm.compare(*both, method=method)))
            knobs = ([] if ours == "correlation" else [f"dissimilarity={ours}"]) + (
                [] if comparison == "spearman" else [f"comparison={comparison}"]
            )
            found["rsa" + (":" + ",".join(knobs) if knobs else "")] = value
    values, ids = repeated()
    runs = np.repeat(np.arange(REPEATS), 15)
    data = [toolbox.data.Dataset(v, obs_descriptors={"stimulus": ids, "run": runs}) for v in values]
    both = [rdm.calc_rdm(d, method="crossnobis", descriptor="stimulus", cv_descriptor="run") for d in data]
    for comparison, method in (("pearson", "corr"), ("cosine", "cosine")):
        value = float(np.squeeze(rdm.compare(*both, method=method)))
        found[f"rsa:dissimilarity=crossvalidated,comparison={comparison}|repeats"] = value
    return found


def main(folder: Path) -> None:
    warnings.simplefilter("ignore")
    sys.path.insert(0, str(folder))
    found = {
        "platonic-rep": from_platonic(folder),
        "hyppo": from_hyppo(),
        "dcor": from_dcor(),
        "google/svcca": from_svcca(folder),
        "cca-zoo": from_cca_zoo(),
        "netrep": from_netrep(folder),
        "rsatoolbox": from_rsatoolbox(),
    }
    plain = {package: {k: float(v) for k, v in values.items()} for package, values in found.items()}
    FILE.write_text(json.dumps(plain, indent=1) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
