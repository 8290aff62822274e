"""Linear centred kernel alignment, debiased unless told otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from conjugacy.data import Activations, match_rows
from conjugacy.measure import Measure, Traits, as_activations
from conjugacy.numerics.columns import centred_live, compact, unit_norm
from conjugacy.results import Score, Status

NOTHING = 1e-12  # a product with itself below this share of the biased one is rounding


@dataclass(frozen=True, eq=False)
class PreparedCKA:
    """Centred columns of Frobenius norm 1, squared row norms, and the norm of the network with itself."""

    layer: Activations
    x: np.ndarray
    row_norms: np.ndarray
    self_product: float


@dataclass(frozen=True)
class CKA(Measure):
    """Linear CKA: HSIC(K, L) / sqrt(HSIC(K, K) HSIC(L, L)) with K = X X^T, L = Y Y^T.

    The debiased form uses the unbiased HSIC of Song et al. (zero diagonals), so that independent networks give 0 on
    average whatever their width; it may then be slightly negative. All sums are taken over pairs of units, or of
    principal coordinates where there are more units than stimuli; no kernel matrix is built.
    `similarity()` is the value clipped to [0, 1], `distance()` its angle, arccos(similarity) over pi/2.
    Where all stimuli of one network are equally alike (one-hot rows, say) nothing is left without the diagonal: the
    value is NaN and the status TOO_FEW_ROWS.

    Attributes
    ----------
    debiased : bool
        False gives the biased value, which grows with width over number of stimuli.

    Examples
    --------
    >>> x = np.random.default_rng(0).normal(size=(50, 4))
    >>> round(CKA()(x, 3 * x + 1).value, 6)
    1.0
    """

    debiased: bool = True

    traits: ClassVar[Traits] = Traits(
        symmetric=True,
        metric=False,
        larger_is_more_similar=True,
        identity_value=1.0,
        invariances=frozenset({"permutation", "orthogonal", "isotropic_scaling", "translation"}),
    )
    references: ClassVar[tuple[str, ...]] = (
        "S. Kornblith, M. Norouzi, H. Lee, G. Hinton: Similarity of neural network representations revisited. "
        "ICML 2019",
        "L. Song, A. Smola, A. Gretton, J. Bedo, K. Borgwardt: Feature selection via dependence maximization. "
        "JMLR 13 (2012)",
    )

    def prepare(self, data: Any) -> PreparedCKA:
        """Centre, scale, and compute the network's product with itself."""
        layer = as_activations(data)
        x = centred_live(layer.values)
        if not x.size:
            return PreparedCKA(layer, x, np.zeros(len(x)), 0.0)
        x = compact(unit_norm(x))
        norms = np.einsum("ij,ij->i", x, x)
        own = self._hsic(x, norms, x, norms) if len(x) >= 4 or not self.debiased else 0.0
        return PreparedCKA(layer, x, norms, own if own > NOTHING * float(((x.T @ x) ** 2).sum()) else 0.0)

    def compare(self, a: PreparedCKA, b: PreparedCKA) -> Score:
        """Compare two prepared networks."""
        matching = match_rows(a.layer, b.layer)
        m = len(matching.rows_a)
        if not a.x.size or not b.x.size:
            return _bad(self.id, Status.DEGENERATE)
        if self.debiased and m < 4:
            return _bad(self.id, Status.TOO_FEW_ROWS)
        x, y = a.x[matching.rows_a], b.x[matching.rows_b]
        product = self._hsic(x, a.row_norms[matching.rows_a], y, b.row_norms[matching.rows_b])
        below = a.self_product * b.self_product
        if a.self_product <= 0 or b.self_product <= 0:
            return _bad(self.id, Status.TOO_FEW_ROWS)
        value = float(product / np.sqrt(below))
        similarity = float(np.clip(value, 0.0, 1.0))
        return Score(self.id, value, float(np.arccos(similarity) / (np.pi / 2)), similarity)

    def _hsic(self, x: np.ndarray, norms_x: np.ndarray, y: np.ndarray, norms_y: np.ndarray) -> float:
        """HSIC times a constant; debiased: the U-statistic over kernels without their diagonals.

        With centred columns the row sums of K without its diagonal are -|x_i|^2, which turns Song's formula
        tr(KL) + (1K1)(1L1)/((m-1)(m-2)) - 2/(m-2) 1KL1 into sums over row norms.
        """
        cross = float(((x.T @ y) ** 2).sum())
        if not self.debiased:
            return cross
        m = len(x)
        diagonal = float(norms_x @ norms_y)
        return cross - diagonal + float(norms_x.sum() * norms_y.sum()) / ((m - 1) * (m - 2)) - 2.0 / (m - 2) * diagonal


def _bad(name: str, status: Status) -> Score:
    return Score(name, float("nan"), float("nan"), 0.0, status)
