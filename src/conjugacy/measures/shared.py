"""The common part as a measure: how many coordinates two layers share, and how much of either they carry."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np

from conjugacy.data import Rows
from conjugacy.measure import Measure, Traits, check_choices
from conjugacy.measures._by_ids import in_order_of_ids, matched_by_ids
from conjugacy.numerics.columns import any_varies
from conjugacy.numerics.sameness import same_numbers
from conjugacy.results import Score, Status
from conjugacy.transformations import Standard
from conjugacy.transformations.common.judged import FEWEST_CLUSTERS, FEWEST_ROWS, SharedLayers


@dataclass(frozen=True, eq=False)
class PreparedValues:
    """A layer with its rows sorted by stimulus id."""

    rows: Rows
    values: np.ndarray


@dataclass(frozen=True)
class SharedMeasure(Measure):
    """Shared part: sqrt(s_A s_B), s the share of a layer's variance that the other layer tells through common coordinates.

    k coordinates are common: the fewest, each readable from either layer, given which the two tell nothing substantial of each
    other. A curved view of one latent counts once, and relations that are even in every unit are found. Every unit counts the
    same, and rows are held out. `details` holds `dimensions` (k), its `interval`, and `linear`, how many directions a linear map
    predicts. It holds both shares (`told_a`, `told_b`), and what the coordinates tell read from the layer itself (`share_a`,
    `share_b`): more, where the two layers know the coordinates with noise of their own.

    Attributes
    ----------
    value : {"share", "dimensions"}
        What a table shows: the share, which `similarity()` always is, or k.
    seed : int
        Draws folds, landmarks and the bootstrap.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> s, u, v = (rng.normal(size=(300, 2)) for _ in range(3))
    >>> x, y = np.tanh(np.hstack([s, u]) @ rng.normal(size=(4, 30))), np.hstack([s, v]) @ rng.normal(size=(4, 20))
    >>> SharedMeasure()(x, y).details["dimensions"]
    2
    """

    value: Literal["share", "dimensions"] = "share"
    seed: int = 0

    traits: ClassVar[Traits] = Traits(
        symmetric=True,
        metric=False,
        larger_is_more_similar=True,
        identity_value=1.0,
        invariances=frozenset({"permutation", "isotropic_scaling", "unit_scaling", "translation"}),
    )
    references: ClassVar[tuple[str, ...]] = (
        "H. D. Vinod: Canonical ridge and econometrics of joint production. Journal of Econometrics 4 (1976), for the search",
        "T. Bertalan, F. Dietrich, I. G. Kevrekidis: Transformations establishing equivalence across neural networks: "
        "When have two networks learned the same task? Chaos 34 (2024), doi:10.1063/5.0206406",
    )

    has_own_interval: ClassVar[bool] = True

    def __post_init__(self) -> None:
        check_choices(self)

    @property
    def preparation(self) -> str:
        """The same whatever is shown."""
        return "shared"

    def prepare(self, data: Any) -> PreparedValues:
        """Sort the rows by stimulus id."""
        layer = in_order_of_ids(data)
        return PreparedValues(layer.rows, layer.values)

    def compare(self, a: PreparedValues, b: PreparedValues) -> Score:
        """Look for the common part of two prepared networks."""
        matching = matched_by_ids(a.rows, b.rows)
        x, y = a.values[matching.rows_a], b.values[matching.rows_b]
        standard = Standard(matching.clusters, 0.05, self.seed)
        if not (any_varies(x) and any_varies(y)):
            return Score.missing(self.id, Status.DEGENERATE)
        if len(x) < FEWEST_ROWS or standard.n_clusters < FEWEST_CLUSTERS:
            return Score.missing(self.id, Status.TOO_FEW_ROWS)
        found = SharedLayers(x, y, standard)
        ends = found.told_by_other(0), found.told_by_other(1)
        same, k, part = same_numbers(x, y) is not None, found.part.dimensions, found.part
        share = 1.0 if same else _both(ends[0].value, ends[1].value)
        limits = (1.0, 1.0) if same else (_both(ends[0].low, ends[1].low), _both(ends[0].high, ends[1].high))
        return Score(
            measure=self.id,
            value=share if self.value == "share" else float(k),
            distance_value=1.0 - share,
            similarity_value=share,
            interval=limits if self.value == "share" else (float(part.interval[0]), float(part.interval[1])),
            details={
                "dimensions": k,
                "interval": part.interval,
                "linear": part.linear,
                "told_a": ends[0].value,
                "told_b": ends[1].value,
                "share_a": found.share(0).value,
                "share_b": found.share(1).value,
            },
        )


def _both(a: float | None, b: float | None) -> float:
    """Return the geometric mean of two shares."""
    return math.sqrt(max(0.0, a or 0.0) * max(0.0, b or 0.0))
