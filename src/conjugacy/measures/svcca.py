"""Singular vector canonical correlation analysis: CCA of the principal components that hold most of the variance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from conjugacy.errors import InputError
from conjugacy.measure import Measure, Traits
from conjugacy.measures._canonical import (
    PreparedView,
    check_ridge_and_folds,
    mean_scores,
    prepare_view,
    view_preparation,
)
from conjugacy.results import Score


@dataclass(frozen=True)
class SVCCA(Measure):
    """SVCCA: the mean canonical correlation of the fewest principal components that hold `variance` of each network.

    As `cca` in everything else. `similarity()` is the value clipped to [0, 1], `distance()` is 1 - value.

    Attributes
    ----------
    variance : float
        Share of each network's variance that its components hold.
    ridge, folds, seed
        As in `cca`. Components are those of all rows, also where correlations are held out: they know nothing of the other
        network.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.random.default_rng(0).normal(size=(80, 4))
    >>> noisy = np.column_stack([x, 0.01 * np.random.default_rng(1).normal(size=(80, 4))])
    >>> bool(SVCCA()(noisy, x).value > 0.999)
    True
    """

    variance: float = 0.99
    ridge: float = 0.0
    folds: int | None = None
    seed: int = 0

    traits: ClassVar[Traits] = Traits(
        symmetric=True,
        metric=False,
        larger_is_more_similar=True,
        identity_value=1.0,
        invariances=frozenset({"permutation", "orthogonal", "isotropic_scaling", "translation"}),
    )
    references: ClassVar[tuple[str, ...]] = (
        "M. Raghu, J. Gilmer, J. Yosinski, J. Sohl-Dickstein: SVCCA: Singular vector canonical correlation analysis for deep "
        "learning dynamics and interpretability. NeurIPS 2017",
    )

    def __post_init__(self) -> None:
        check_ridge_and_folds(self.ridge, self.folds)
        if not 0 < self.variance <= 1:
            raise InputError(f"variance: got {self.variance}, expected a share above 0 and at most 1")

    @property
    def preparation(self) -> str:
        """Shared by the measures on canonical correlations that keep as much of the variance."""
        return view_preparation(self.variance)

    def prepare(self, data: Any) -> PreparedView:
        """Centre, factorise, and keep the leading components."""
        return prepare_view(data, self.variance)

    def compare(self, a: PreparedView, b: PreparedView) -> Score:
        """Compare two prepared networks."""
        return self.compare_all([a], [b])[0]

    def compare_all(self, a: Sequence[PreparedView], b: Sequence[PreparedView]) -> list[Score]:
        """Compare many pairs of prepared networks, a[i] with b[i]."""
        return mean_scores(self.id, a, b, self.ridge, self.folds, self.seed)
