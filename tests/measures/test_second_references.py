"""A second, independent computation of measures that one package alone speaks for: definitions, scipy and scikit-learn."""

from __future__ import annotations

from pathlib import Path
from runpy import run_path

import numpy as np
import pytest
from scipy.linalg import orthogonal_procrustes, sqrtm, subspace_angles
from sklearn.decomposition import PCA
from sklearn.neighbors import NearestNeighbors

import conjugacy as cj

RECIPE = run_path(str(Path(__file__).parent / "reference_values.py"))
X, Y = RECIPE["arrays"]()


def value(name: str, x: np.ndarray = X, y: np.ndarray = Y) -> float:
    return cj.get_measure(name)(x, y).value


def centred(x: np.ndarray) -> np.ndarray:
    return x - x.mean(axis=0)


@pytest.mark.parametrize("share", [0.7, 0.9, 0.99])
def test_svcca_by_principal_components_and_subspace_angles(share: float) -> None:
    """Raghu et al. 2017: the mean cosine of the angles between the spans of the leading components."""
    parts = []
    for v in (X, Y):
        full = PCA(svd_solver="full").fit(v)
        keep = int((np.cumsum(full.explained_variance_ratio_) < share).sum()) + 1
        parts.append(full.transform(v)[:, :keep])
    assert value(f"svcca:variance={share}") == pytest.approx(np.cos(subspace_angles(*parts)).mean(), abs=1e-6)


def test_bures_by_matrix_roots() -> None:
    """Uhlmann's fidelity tr (K^1/2 L K^1/2)^1/2 of kernels of trace 1."""
    k, l = (c @ c.T / np.trace(c @ c.T) + 1e-14 * np.eye(len(c)) for c in (centred(X), centred(Y)))  # noqa: E741
    root = sqrtm(k).real
    assert value("bures") == pytest.approx(np.trace(sqrtm(root @ l @ root).real), abs=1e-6)


def test_shape_at_both_ends() -> None:
    """Rotations alone: the angle after scipy's Procrustes. Whitened: that of the canonical correlations."""
    a, b = (centred(v) / np.linalg.norm(centred(v)) for v in (X, Y))
    padded = np.pad(b, ((0, 0), (0, a.shape[1] - b.shape[1])))
    rotation, _ = orthogonal_procrustes(a, padded)
    assert value("shape:alpha=1.0") == pytest.approx(np.arccos(np.sum((a @ rotation) * padded)), abs=1e-6)
    correlations = np.cos(subspace_angles(a, b))
    angle = np.arccos(correlations.sum() / np.sqrt(X.shape[1] * Y.shape[1]))
    assert value("shape:alpha=0.0") == pytest.approx(angle, abs=1e-6)


@pytest.mark.parametrize("k", [3, 10])
def test_neighbours_by_scikit_learn(k: int) -> None:
    graphs = [NearestNeighbors(n_neighbors=k, metric="cosine").fit(v).kneighbors_graph().toarray() for v in (X, Y)]
    assert value(f"mutual_knn:k={k}") == pytest.approx((graphs[0] * graphs[1]).sum() / (k * len(X)), abs=1e-6)
    back = (graphs[1] * graphs[0].T).any(axis=1).mean()
    assert value(f"cycle_knn:k={k}") == pytest.approx(back, abs=1e-6)


def looped(values: np.ndarray, ids: np.ndarray) -> np.ndarray:
    """Mean over ordered pairs of different repeats of (x_ir - x_jr) (x_is - x_js), for all i < j (Walther et al. 2016)."""
    shown = [values[ids == one] for one in np.unique(ids)]
    found = []
    for i in range(len(shown)):
        for j in range(i + 1, len(shown)):
            steps = shown[i] - shown[j]
            products = [steps[r] @ steps[s] for r in range(len(steps)) for s in range(len(steps)) if r != s]
            found.append(np.mean(products))
    return np.array(found)


def test_crossvalidated_dissimilarities_by_loops() -> None:
    both, ids = RECIPE["repeated"]()
    a, b = (looped(v, ids) for v in both)
    shown = [cj.Activations(v, stimuli=ids) for v in both]
    found = {
        "pearson": np.corrcoef(a, b)[0, 1],
        "cosine": a @ b / np.sqrt((a @ a) * (b @ b)),
    }
    for comparison, expected in found.items():
        measure = cj.get_measure(f"rsa:dissimilarity=crossvalidated,comparison={comparison}")
        assert measure(*shown).value == pytest.approx(expected, abs=1e-6)
