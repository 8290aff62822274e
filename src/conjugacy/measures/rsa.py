"""Representational similarity analysis: how alike two networks' dissimilarities between stimuli are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal, cast

import numpy as np
from scipy.spatial.distance import squareform
from scipy.stats import kendalltau, rankdata

from conjugacy.data import Activations, Rows, aligned_rows
from conjugacy.errors import StimuliError
from conjugacy.measure import Measure, Traits, as_activations, check_choices
from conjugacy.numerics.neighbours.dissimilarities import cross_validated, euclidean, noise_whitened, one_minus_cosine
from conjugacy.results import Score, Status

COMMON = frozenset({"permutation", "isotropic_scaling"})
INVARIANCES = {
    "correlation": COMMON,
    "cosine": COMMON | {"orthogonal"},
    "euclidean": COMMON | {"orthogonal", "translation"},
    "squared_euclidean": COMMON | {"orthogonal", "translation"},
    "crossvalidated": COMMON | {"orthogonal", "translation"},
    "crossnobis": COMMON | {"unit_scaling", "translation"},
}


@dataclass(frozen=True, eq=False)
class PreparedRDM:
    """One row for each stimulus, its dissimilarities as they enter the comparison (m (m - 1) / 2,), or why there are none."""

    rows: Rows
    pairs: np.ndarray
    status: Status


@dataclass(frozen=True)
class RSA(Measure):
    """RSA: correlation of the m (m - 1) / 2 dissimilarities between stimuli of one network with those of the other.

    `similarity()` is the value clipped to [0, 1], `distance()` is 1 - value. With repeats (rows that share a stimulus id, as
    many for every stimulus) the cross-validated dissimilarities d_ij = mean over r != s of (x_ir - x_jr)^T (x_is - x_js) have
    no bias from noise; `crossnobis` takes them in units in which the noise is white.

    Attributes
    ----------
    dissimilarity : {"correlation", "cosine", "euclidean", "squared_euclidean", "crossvalidated", "crossnobis"}
        1 - correlation over units, 1 - cosine, distance, its square, and the two that need repeats.
    comparison : {"spearman", "pearson", "tau_a", "cosine"}
        Correlation of ranks, of values, Kendall's tau a (ties count as undecided), or the cosine. The cosine is near 1 for any
        two networks, since distances are positive: read it beside its null.

    Examples
    --------
    >>> x = np.random.default_rng(0).normal(size=(30, 8))
    >>> round(RSA()(x, 3 * x[:, ::-1]).value, 9)
    1.0
    """

    dissimilarity: Literal[
        "correlation", "cosine", "euclidean", "squared_euclidean", "crossvalidated", "crossnobis"
    ] = "correlation"
    comparison: Literal["spearman", "pearson", "tau_a", "cosine"] = "spearman"

    references: ClassVar[tuple[str, ...]] = (
        "N. Kriegeskorte, M. Mur, P. Bandettini: Representational similarity analysis. Front. Syst. Neurosci. 2 (2008)",
        "A. Walther, H. Nili, N. Ejaz, A. Alink, N. Kriegeskorte, J. Diedrichsen: Reliability of dissimilarity measures for "
        "multi-voxel pattern analysis. NeuroImage 137 (2016)",
    )

    def __post_init__(self) -> None:
        check_choices(self)

    @property
    def traits(self) -> Traits:  # pyright: ignore[reportIncompatibleVariableOverride] - depends on the dissimilarity
        """What this measure promises with its dissimilarity."""
        return Traits(True, False, True, 1.0, INVARIANCES[self.dissimilarity])

    def prepare(self, data: Any) -> PreparedRDM:
        """Compute the dissimilarities and bring them to the form that is compared."""
        layer = as_activations(data)
        if self.dissimilarity in ("crossvalidated", "crossnobis"):
            layer, square = self._from_repeats(layer)
            if square is None:
                return PreparedRDM(layer.rows, np.zeros(0), Status.NO_REPEATS)
        elif self.dissimilarity in ("correlation", "cosine"):
            square = one_minus_cosine(layer.values, correlation=self.dissimilarity == "correlation")
            if square is None:
                return PreparedRDM(layer.rows, np.zeros(0), Status.UNDEFINED_ROWS)
        else:
            square = euclidean(layer.values, squared=self.dissimilarity == "squared_euclidean")
        if len(square) < 3:
            return PreparedRDM(layer.rows, np.zeros(0), Status.TOO_FEW_ROWS)
        pairs = squareform(square, checks=False)
        # what rounding leaves of equal rows is no pattern
        size = 1e-14 * float(np.abs(layer.values).max())
        rounding = {"correlation": 1e-12, "cosine": 1e-12, "euclidean": size, "crossnobis": 0.0}.get(self.dissimilarity)
        if not np.ptp(pairs) > (size**2 if rounding is None else rounding):
            return PreparedRDM(layer.rows, np.zeros(0), Status.DEGENERATE)
        return PreparedRDM(layer.rows, self._form(pairs), Status.OK)

    def compare(self, a: PreparedRDM, b: PreparedRDM) -> Score:
        """Compare two prepared networks."""
        rows = aligned_rows(a.rows, b.rows)
        bad = next((p.status for p in (a, b) if not p.status.is_ok), None)
        if bad is not None:
            return Score.missing(self.id, bad)
        x, y = (_reordered(p.pairs, r) for p, r in zip((a, b), rows, strict=True))
        value = _tau_a(x, y) if self.comparison == "tau_a" else float(np.clip(x @ y, -1.0, 1.0))
        return Score(self.id, value, 1.0 - value, max(0.0, value))

    def _form(self, pairs: np.ndarray) -> np.ndarray:
        """Return the vector whose product with another's is the comparison."""
        if self.comparison == "tau_a":
            return pairs
        pairs = rankdata(pairs) if self.comparison == "spearman" else pairs
        pairs = pairs if self.comparison == "cosine" else pairs - pairs.mean()
        return pairs / np.linalg.norm(pairs)

    def _from_repeats(self, layer: Activations) -> tuple[Activations, np.ndarray | None]:
        """Return one row for each stimulus and the cross-validated dissimilarities; None without repeats."""
        if layer.stimuli is None:
            return layer, None
        names, counts = np.unique(layer.stimuli, return_counts=True)
        if counts.max() == 1:
            return layer, None
        if counts.min() != counts.max():
            few, many = names[counts.argmin()].item(), names[counts.argmax()].item()
            raise StimuliError(
                f"cross-validated distances need as many repeats of every stimulus; {few!r} has {counts.min()}, {many!r} has "
                f"{counts.max()}: leave rows out, or take another dissimilarity"
            )
        order = np.argsort(layer.stimuli, kind="stable")
        repeats = layer.values[order].reshape(len(names), counts[0], -1).transpose(1, 0, 2)
        repeats = repeats - repeats.mean(axis=(0, 1))
        first = layer.take(order[:: int(counts[0])])
        live = np.ptp(repeats, axis=(0, 1)) > 0
        if not live.any():
            return first, np.zeros((len(names), len(names)))
        repeats = repeats[:, :, live]
        return first, cross_validated(noise_whitened(repeats) if self.dissimilarity == "crossnobis" else repeats)


def _reordered(pairs: np.ndarray, rows: np.ndarray | slice) -> np.ndarray:
    if isinstance(rows, slice):
        return pairs
    return squareform(squareform(pairs, checks=False)[np.ix_(rows, rows)], checks=False)


def _tau_a(x: np.ndarray, y: np.ndarray) -> float:
    """Return concordant minus discordant over all pairs, from tau b, which takes tied pairs out."""
    pairs = len(x) * (len(x) - 1) / 2
    ties = [(c * (c - 1) / 2).sum() for c in (np.unique(v, return_counts=True)[1] for v in (x, y))]
    tau_b = float(cast(Any, kendalltau(x, y)).statistic)
    return tau_b * float(np.sqrt((pairs - ties[0]) * (pairs - ties[1]))) / pairs
