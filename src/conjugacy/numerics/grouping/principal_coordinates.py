"""Points in the plane whose distances are as near to given ones as a linear view of them allows."""

from __future__ import annotations

import numpy as np

from conjugacy.numerics.leading import leading_eigenvectors


def principal_coordinates(distances: np.ndarray, dimensions: int = 2) -> tuple[np.ndarray, float]:
    """Lay out n things by classical scaling and say which share of their squared distances is shown.

    B = -1/2 J D^2 J with J = I - 1/n; coordinates are eigenvectors of B times the roots of their eigenvalues (Gower 1966).
    Negative eigenvalues, of distances that no Euclidean space has, are shown as 0.

    Parameters
    ----------
    distances : array, (n, n)
    dimensions : int

    Returns
    -------
    points : array, (n, dimensions)
    share : float
        Sum of the squared distances of the points over that of the given ones, at most 1; NaN where all distances are 0.

    Examples
    --------
    >>> points, share = principal_coordinates(np.array([[0.0, 3, 4], [3, 0, 5], [4, 5, 0]]))
    >>> round(float(np.linalg.norm(points[0] - points[1])), 6), round(share, 6)
    (3.0, 1.0)
    """
    n = len(distances)
    points = np.zeros((n, dimensions))
    squares = distances**2
    total = float(squares.sum()) / (2 * n)  # the trace of B
    if total <= 0:
        return points, float("nan")
    means = squares.mean(axis=0)
    gram = -0.5 * (squares - means - means[:, None] + means.mean())
    values, vectors = leading_eigenvectors(gram, dimensions)
    values = np.maximum(values, 0)
    points[:, : len(values)] = vectors * np.sqrt(values)
    return points, min(1.0, float(values.sum()) / total)
