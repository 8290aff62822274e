"""Centred kernel alignment, linear or Gaussian, debiased unless told otherwise, exact over batches."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np

from conjugacy.data import Activations, aligned_rows
from conjugacy.errors import InputError, ShapeError
from conjugacy.measure import Measure, Traits, as_activations, check_choices
from conjugacy.numerics.centring import double_centred, u_centred, unit_pairs
from conjugacy.numerics.columns import centred_live, compact, unit_norm
from conjugacy.numerics.cross_moments import CrossMoments
from conjugacy.numerics.kernels import gaussian, median_distance, squared_distances
from conjugacy.results import Score, Status

NOTHING = 1e-12  # a product with itself below this share of the biased one is rounding


@dataclass(frozen=True, eq=False)
class PreparedCKA:
    """Centred columns of Frobenius norm 1, squared row norms, and the norm of the network with itself.

    For the Gaussian kernel `x` is the centred kernel matrix of norm 1, (m, m), and `row_norms` is empty.
    """

    layer: Activations
    x: np.ndarray
    row_norms: np.ndarray
    self_product: float


@dataclass(frozen=True)
class CKA(Measure):
    """CKA: HSIC(K, L) / sqrt(HSIC(K, K) HSIC(L, L)), with K = X X^T (linear) or a Gaussian kernel of the rows.

    The debiased form uses the unbiased HSIC of Song et al. (zero diagonals), so that independent networks give 0 on
    average whatever their width; it may then be slightly negative. For the linear kernel all sums are taken over pairs of
    units, or of principal coordinates where there are more units than stimuli, and no kernel matrix is built.
    `similarity()` is the value clipped to [0, 1], `distance()` its angle, arccos(similarity) over pi/2.
    Where all stimuli of one network are equally alike (one-hot rows, say) nothing is left without the diagonal: the
    value is NaN and the status TOO_FEW_ROWS.

    Attributes
    ----------
    debiased : bool
        False gives the biased value, which grows with width over number of stimuli.
    kernel : {"linear", "rbf"}
        rbf is exp(-|x_i - x_j|^2 / (2 s^2)); every network then keeps an (m, m) matrix.
    bandwidth : float
        s of the rbf kernel in units of the median distance between two stimuli.

    Examples
    --------
    >>> x = np.random.default_rng(0).normal(size=(50, 4))
    >>> round(CKA()(x, 3 * x + 1).value, 6)
    1.0
    """

    debiased: bool = True
    kernel: Literal["linear", "rbf"] = "linear"
    bandwidth: float = 1.0

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
        "A. Murphy, J. Zylberberg, A. Fyshe: Correcting biased centered kernel alignment measures in biological and "
        "artificial neural networks. arXiv:2405.01012 (2024)",
    )

    def __post_init__(self) -> None:
        check_choices(self)
        if not self.bandwidth > 0:
            raise InputError(f"bandwidth: got {self.bandwidth}, expected a positive number of median distances")

    def prepare(self, data: Any) -> PreparedCKA:
        """Centre, scale, and compute the network's product with itself."""
        layer = as_activations(data)
        x = centred_live(layer.values)
        if not x.size:
            return PreparedCKA(layer, x, np.zeros(len(x)), 0.0)
        x = compact(unit_norm(x))
        if self.kernel == "rbf":
            return self._prepare_kernel(layer, x)
        norms = np.einsum("ij,ij->i", x, x)
        own = self._hsic(x, norms, x, norms) if len(x) >= 4 or not self.debiased else 0.0
        return PreparedCKA(layer, x, norms, own if own > NOTHING * float(((x.T @ x) ** 2).sum()) else 0.0)

    def _prepare_kernel(self, layer: Activations, x: np.ndarray) -> PreparedCKA:
        squared = squared_distances(x, x)
        np.fill_diagonal(squared, 0.0)
        kernel = gaussian(squared, self.bandwidth**2 * median_distance(squared))
        few = self.debiased and len(x) < 4
        centred = kernel if few else u_centred(kernel) if self.debiased else double_centred(kernel)
        unit = None if few else unit_pairs(centred, float(np.linalg.norm(kernel)))
        return PreparedCKA(layer, centred if unit is None else unit, np.zeros(0), 0.0 if unit is None else 1.0)

    def compare(self, a: PreparedCKA, b: PreparedCKA) -> Score:
        """Compare two prepared networks."""
        rows_a, rows_b = aligned_rows(a.layer, b.layer)
        if not a.x.size or not b.x.size:
            return Score.missing(self.id, Status.DEGENERATE)
        if (self.debiased and len(a.x) < 4) or a.self_product <= 0 or b.self_product <= 0:
            return Score.missing(self.id, Status.TOO_FEW_ROWS)
        if self.kernel == "rbf":
            product = float(np.vdot(a.x[rows_a][:, rows_a], b.x[rows_b][:, rows_b]))
        else:
            product = self._hsic(a.x[rows_a], a.row_norms[rows_a], b.x[rows_b], b.row_norms[rows_b])
        return self._score(product / float(np.sqrt(a.self_product * b.self_product)))

    def over_batches(self, batches: Iterable[tuple[Any, Any]]) -> Score:
        """Compare two networks whose matched rows come in batches; the value is that of all rows at once.

        Linear kernel alone, since a sum over pairs of units is a sum over rows; a Gaussian kernel needs all pairs of rows.

        Parameters
        ----------
        batches : iterable of (array (b, n), array (b, p))
            Both networks' activations on the same stimuli; batches may differ in size and may hold a single row.

        Raises
        ------
        InputError
            For the Gaussian kernel, or where there is no batch.
        ShapeError
            Where a batch's two parts differ in rows, or batches in units.

        Examples
        --------
        >>> x = np.random.default_rng(0).normal(size=(50, 4))
        >>> y = np.tanh(x)
        >>> score = CKA().over_batches((x[i : i + 7], y[i : i + 7]) for i in range(0, 50, 7))
        >>> bool(abs(score.value - CKA()(x, y).value) < 1e-12)
        True
        """
        if self.kernel != "linear":
            raise InputError(f"kernel: got {self.kernel!r}; over batches CKA is exact for kernel=linear alone")
        sums: CrossMoments | None = None
        for number, (x, y) in enumerate(batches):
            x, y = as_activations(x).values, as_activations(y).values
            if len(x) != len(y) or (sums is not None and (x.shape[1], y.shape[1]) != sums.widths):
                raise ShapeError(f"batch {number}: got shapes {x.shape} and {y.shape}, expected as many rows, and the "
                                 "units of the first batch")  # fmt: skip
            sums = (sums or CrossMoments.empty(x, y)).plus(x, y)
        if sums is None:
            raise InputError("there is no batch to compare")
        if sums.count < 2 or not all(sums.varies):
            return Score.missing(self.id, Status.DEGENERATE)
        if self.debiased and sums.count < 4:
            return Score.missing(self.id, Status.TOO_FEW_ROWS)
        cross, own_x, own_y = (sums.hsic(i, j, debiased=self.debiased) for i, j in ((0, 1), (0, 0), (1, 1)))
        biased = [sums.hsic(i, i, debiased=False) for i in (0, 1)]
        if own_x <= NOTHING * biased[0] or own_y <= NOTHING * biased[1]:
            return Score.missing(self.id, Status.TOO_FEW_ROWS)
        return self._score(cross / float(np.sqrt(own_x) * np.sqrt(own_y)))

    def _score(self, value: float) -> Score:
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
