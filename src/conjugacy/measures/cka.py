"""Centred kernel alignment, linear or Gaussian, debiased unless told otherwise, exact over batches."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np

from conjugacy.data import aligned_rows
from conjugacy.errors import InputError, ShapeError
from conjugacy.measure import Measure, Traits, as_activations, check_choices
from conjugacy.measures._shapes import PreparedShape, check_variance, matched_shapes, prepare_shape, shape_preparation
from conjugacy.numerics.centring import double_centred, u_centred, unit_pairs
from conjugacy.numerics.columns import centred_live, compact, unit_norm
from conjugacy.numerics.cross_moments import CrossMoments
from conjugacy.numerics.kernels import gaussian, median_distance, squared_distances
from conjugacy.numerics.principal import Cut, cross_range, leading_coordinates
from conjugacy.numerics.products import products
from conjugacy.results import Score, Status

NOTHING = 1e-12  # a product with itself below this share of the biased one is rounding


@dataclass(frozen=True)
class CKA(Measure):
    """CKA: HSIC(K, L) / sqrt(HSIC(K, K) HSIC(L, L)), with K = X X^T (linear) or a Gaussian kernel of the rows.

    The debiased form uses the unbiased HSIC of Song et al. (zero diagonals), so that independent networks give 0 on
    average whatever their width; it may then be slightly negative. For the linear kernel all sums are taken over pairs of
    units, or of principal coordinates where there are more units than stimuli, and no kernel matrix is built.
    `similarity()` is the value clipped to [0, 1], `distance()` its angle, arccos(similarity) over pi/2.
    Where all stimuli of one network are equally alike (one-hot rows, say) nothing is left without the diagonal: the
    value is NaN and the status TOO_FEW_ROWS.

    With `variance` below 1 the leading principal coordinates X_r of each network are compared instead, which is fast for many
    wide networks. For the linear kernel `details["loss"]` then bounds how far the value of all units lies from this one. With
    X = [X_r, E] and Y = [Y_r, F], both of norm 1 and singular values in falling order, 0 <= |X^T Y|^2 - |X_r^T Y_r|^2 <=
    sum s_i(E)^2 s_i(Y)^2 + sum s_i(X_r)^2 s_i(F)^2. Every network's product with itself and the squared lengths of its rows are
    known exactly. For the Gaussian kernel there is no bound.

    Attributes
    ----------
    debiased : bool
        False gives the biased value, which grows with width over number of stimuli.
    kernel : {"linear", "rbf"}
        rbf is exp(-|x_i - x_j|^2 / (2 s^2)); every network then keeps an (m, m) matrix.
    bandwidth : float
        s of the rbf kernel in units of the median distance between two stimuli.
    variance : float
        Share of each network's variance that its principal coordinates hold; 1 keeps the units as they are.

    Examples
    --------
    >>> x = np.random.default_rng(0).normal(size=(50, 4))
    >>> round(CKA()(x, 3 * x + 1).value, 6)
    1.0
    """

    debiased: bool = True
    kernel: Literal["linear", "rbf"] = "linear"
    bandwidth: float = 1.0
    variance: float = 1.0

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
        check_variance(self.variance)
        if not self.bandwidth > 0:
            raise InputError(f"bandwidth: got {self.bandwidth}, expected a positive number of median distances")

    @property
    def preparation(self) -> str:
        """Shared with Procrustes and Bures where the kernel is linear."""
        return shape_preparation(self.variance) if self.kernel == "linear" else self.id

    def prepare(self, data: Any) -> PreparedShape:
        """Centre, scale, and compute the network's product with itself."""
        if self.kernel == "linear":
            return prepare_shape(data, self.variance)
        layer = as_activations(data)
        x = centred_live(layer.values)
        if not x.size:
            return PreparedShape(layer.rows, x)
        x = compact(unit_norm(x))
        return PreparedShape(
            layer.rows, self._kernel(leading_coordinates(x, self.variance)[0] if self.variance < 1 else x)
        )

    def _kernel(self, x: np.ndarray) -> np.ndarray:
        """Return the centred kernel matrix of norm 1, (m, m); zeros where nothing is left of it."""
        squared = squared_distances(x, x)
        np.fill_diagonal(squared, 0.0)
        kernel = gaussian(squared, self.bandwidth**2 * median_distance(squared))
        if self.debiased and len(x) < 4:
            return np.zeros_like(kernel)
        unit = unit_pairs(u_centred(kernel) if self.debiased else double_centred(kernel), float(np.linalg.norm(kernel)))
        return np.zeros_like(kernel) if unit is None else unit

    def compare(self, a: PreparedShape, b: PreparedShape) -> Score:
        """Compare two prepared networks."""
        return self.compare_all([a], [b])[0]

    def compare_all(self, a: Sequence[PreparedShape], b: Sequence[PreparedShape]) -> list[Score]:
        """Compare many pairs of prepared networks, a[i] with b[i]."""
        name = self.id
        if self.kernel == "rbf":
            return [self._of_kernels(name, x, y) for x, y in zip(a, b, strict=True)]
        both = [matched_shapes(x, y) for x, y in zip(a, b, strict=True)]
        owns = [None if pair is None else self._owns(x, y) for pair, x, y in zip(both, a, b, strict=True)]
        live = [pair for pair, own in zip(both, owns, strict=True) if pair is not None and own is not None]
        crosses = iter(products([x.x for x, _ in live], [y.x for _, y in live]))
        return [
            Score.missing(name, Status.DEGENERATE)
            if pair is None
            else Score.missing(name, Status.TOO_FEW_ROWS)
            if own is None
            else self._linear(name, *pair, own, next(crosses))
            for pair, own in zip(both, owns, strict=True)
        ]

    def _of_kernels(self, name: str, a: PreparedShape, b: PreparedShape) -> Score:
        rows_a, rows_b = aligned_rows(a.rows, b.rows)
        if not a.x.size or not b.x.size:
            return Score.missing(name, Status.DEGENERATE)
        if not (a.x.any() and b.x.any()):
            return Score.missing(name, Status.TOO_FEW_ROWS)
        return _score(name, float(np.vdot(a.x[rows_a][:, rows_a], b.x[rows_b][:, rows_b])))

    def _owns(self, a: PreparedShape, b: PreparedShape) -> tuple[float, float] | None:
        """Return both networks' HSIC with themselves; None where one has none."""
        x, y = self._own(a.square, a.row_norms), self._own(b.square, b.row_norms)
        return None if x is None or y is None else (x, y)

    def _own(self, square: float, norms: np.ndarray) -> float | None:
        if self.debiased and len(norms) < 4:
            return None
        own = self._hsic(square, norms, norms)
        return own if own > NOTHING * square else None

    def _linear(
        self, name: str, a: PreparedShape, b: PreparedShape, owns: tuple[float, float], product: np.ndarray
    ) -> Score:
        cross = float(np.vdot(product, product))
        value = self._hsic(cross, a.row_norms, b.row_norms) / math.sqrt(owns[0] * owns[1])
        if a.cut is None or b.cut is None:
            return _score(name, value)
        low, high = self._range(a.cut, b.cut, cross)
        return _score(name, value, {"loss": max(value - low, high - value, 0.0)})

    def _range(self, a: Cut, b: Cut, cross: float) -> tuple[float, float]:
        """Return between what the value of all units lies; everywhere where it has none."""
        owns = [self._own(float(cut.squares @ cut.squares), cut.row_norms) for cut in (a, b)]
        if owns[0] is None or owns[1] is None:
            return -math.inf, math.inf
        low, high = (
            self._hsic(c, a.row_norms, b.row_norms) / math.sqrt(owns[0] * owns[1]) for c in cross_range(a, b, cross)
        )
        return low, min(1.0, high)

    def over_batches(self, batches: Iterable[tuple[Any, Any]]) -> Score:
        """Compare two networks whose matched rows come in batches; the value is that of all rows at once.

        Linear, a sum over pairs of units is a sum over rows, and no more than sums are kept. A Gaussian kernel needs all pairs of
        rows and the median distance of them all: the batches are put together, and the whole is compared.

        Parameters
        ----------
        batches : iterable of (array (b, n), array (b, p))
            Both networks' activations on the same stimuli; batches may differ in size and may hold a single row.

        Raises
        ------
        InputError
            Where there is no batch.
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
        pairs = _checked(batches)
        first = next(pairs, None)
        if first is None:
            raise InputError("there is no batch to compare")
        if self.kernel != "linear":
            x, y = (np.concatenate(side) for side in zip(first, *pairs, strict=True))
            return self(x, y)
        sums = CrossMoments.empty(*first).plus(*first)
        for x, y in pairs:
            sums = sums.plus(x, y)
        if sums.count < 2 or not all(sums.varies):
            return Score.missing(self.id, Status.DEGENERATE)
        if self.debiased and sums.count < 4:
            return Score.missing(self.id, Status.TOO_FEW_ROWS)
        cross, own_x, own_y = (sums.hsic(i, j, debiased=self.debiased) for i, j in ((0, 1), (0, 0), (1, 1)))
        biased = [sums.hsic(i, i, debiased=False) for i in (0, 1)]
        if own_x <= NOTHING * biased[0] or own_y <= NOTHING * biased[1]:
            return Score.missing(self.id, Status.TOO_FEW_ROWS)
        return _score(self.id, cross / float(np.sqrt(own_x) * np.sqrt(own_y)))

    def _hsic(self, cross: float, norms_x: np.ndarray, norms_y: np.ndarray) -> float:
        """HSIC times a constant, from |X^T Y|_F^2; debiased: the U-statistic over kernels without their diagonals.

        With centred columns the row sums of K without its diagonal are -|x_i|^2, and the squared norms of all rows sum to 1,
        which turns Song's formula tr(KL) + (1K1)(1L1)/((m-1)(m-2)) - 2/(m-2) 1KL1 into sums over row norms.
        """
        if not self.debiased:
            return cross
        m = len(norms_x)
        return cross - (1.0 + 2.0 / (m - 2)) * float(norms_x @ norms_y) + 1.0 / ((m - 1) * (m - 2))


def _checked(batches: Iterable[tuple[Any, Any]]) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield batches whose parts have as many rows, and all the same units."""
    widths: tuple[int, int] | None = None
    for number, (a, b) in enumerate(batches):
        x, y = as_activations(a).values, as_activations(b).values
        if len(x) != len(y) or (widths is not None and (x.shape[1], y.shape[1]) != widths):
            raise ShapeError(
                f"batch {number}: got shapes {x.shape} and {y.shape}, expected as many rows, and the units of the first batch"
            )
        widths = x.shape[1], y.shape[1]
        yield x, y


def _score(name: str, value: float, details: dict[str, float] | None = None) -> Score:
    similarity = min(1.0, max(0.0, value))
    return Score(name, value, math.acos(similarity) / (math.pi / 2), similarity, details=details or {})
