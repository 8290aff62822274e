"""Two estimators of the number of coordinates that rows need locally; they share no formula."""

from __future__ import annotations

import numpy as np

STEP = 10.0  # a fall of the local spectrum that no tangent direction shows


def distance_ratio_dimensions(distances: np.ndarray, fewest: int) -> np.ndarray:
    """Return 1/d as every point alone would estimate it: the mean over k of mean_{j<k} log(T_k / T_j).

    Levina and Bickel's maximum likelihood estimator, NeurIPS 2004, equation 9; the dimension is one over the mean of what is
    returned (MacKay and Ghahramani 2005). Averaged over k from `fewest` to all.

    Parameters
    ----------
    distances : array, (q, k)
        To the nearest rows, rising.
    fewest : int
        Smallest number of neighbours, at least 3.

    Returns
    -------
    array, (q,)
    """
    logs = np.log(np.maximum(distances, np.finfo(float).tiny))
    sums = np.cumsum(logs, axis=1)
    ks = np.arange(fewest, distances.shape[1] + 1)
    inverse = ((ks - 1) * logs[:, ks - 1] - sums[:, ks - 2]) / (ks - 2)
    return inverse.mean(axis=1)


def local_spectra(x: np.ndarray, neighbours: np.ndarray) -> np.ndarray:
    """Return the logarithms of the eigenvalues of every point's local covariance, falling, (q, min(k, r)).

    Parameters
    ----------
    x : array, (m, r)
    neighbours : int array, (q, k)
        Rows of x around every chosen point.
    """
    local = x[neighbours]
    local = local - local.mean(axis=1, keepdims=True)
    # of the products of whichever side is shorter: their rounding stays under what is cut off below
    products = local @ local.mT if local.shape[1] < local.shape[2] else local.mT @ local
    squares = np.maximum(np.linalg.eigvalsh(products)[:, ::-1], 0.0)
    return np.log(np.maximum(squares, 1e-14 * np.maximum(squares[:, :1], np.finfo(float).tiny)))


def dimension_of_spectrum(logs: np.ndarray, most: int) -> tuple[int, float]:
    """Return where a mean log spectrum falls, and by what factor.

    The first fall by a factor of ten, else the deepest one among the first `most`; the end of the spectrum, where all of it is
    seen and no fall is deeper than the root of ten: as many coordinates as there are units.
    """
    falls = logs[: most + 1]
    falls = falls[:-1] - falls[1:]
    if len(logs) <= most and (not falls.size or falls.max() < np.log(STEP) / 2):
        return len(logs), 1.0
    deep = np.flatnonzero(falls >= np.log(STEP))
    at = int(deep[0]) if deep.size else int(falls.argmax())
    return at + 1, float(np.exp(falls[at]))
