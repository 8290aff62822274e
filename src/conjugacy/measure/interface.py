"""The Measure interface and its declared traits."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, ClassVar, cast

from conjugacy.measure.judged import judged
from conjugacy.results import Score

INVARIANCES = (
    "permutation",
    "orthogonal",
    "isotropic_scaling",
    "unit_scaling",
    "translation",
    "invertible_linear",
)
"""Changes of one network's units under which a measure may promise not to move."""


@dataclass(frozen=True)
class Traits:
    """The declared properties of a measure; a test proves that what is declared holds and what is not declared fails.

    Attributes
    ----------
    symmetric : bool
        compare(a, b) equals compare(b, a).
    metric : bool
        `distance()` satisfies the triangle inequality.
    larger_is_more_similar : bool
        The direction of `value`.
    identity_value : float or None
        `value` of a network and itself; None if it depends on the network.
    invariances : frozenset of str
        Which of `INVARIANCES`, applied to either network, leave `value` unchanged.
    data : str
        What it compares: activations, outputs (activations whose units are classes), a recording's outputs with their kind and
        targets (`recording`), trajectories, matched trajectories, trajectories of the same units, or driven trajectories.
    answers : bool
        Whether `details["answer"]` of a score says how two networks are related, in a word of `results.STATES`, with the
        unexplained fraction of variance in the worse direction as `value`. A study is sorted by such answers.
    denies : bool
        Whether such an answer may be that two networks are not equivalent; else what does not show it is open.

    Examples
    --------
    >>> import conjugacy as cj
    >>> traits = cj.get_measure("procrustes").traits
    >>> traits.metric, "orthogonal" in traits.invariances
    (True, True)
    """

    symmetric: bool
    metric: bool
    larger_is_more_similar: bool
    identity_value: float | None
    invariances: frozenset[str]
    data: str = "activations"
    answers: bool = False
    denies: bool = True


class Measure(ABC):
    """A way to compare two networks: it prepares each network once and compares each pair once.

    A measure is a frozen dataclass whose fields are its options; one file holds one measure. `traits` are those of the measure
    as configured. If it `has_own_interval`, it resamples rows itself or has no interval, so a study draws neither shuffles nor
    halves of the rows for it. If it `reads_targets`, a study gives it the layer in a recording, with the targets if known.

    Examples
    --------
    >>> import numpy as np, conjugacy as cj
    >>> x = np.random.default_rng(0).normal(size=(50, 3))
    >>> cka = cj.get_measure("cka")
    >>> round(cka.compare(cka.prepare(x), cka.prepare(2 * x)).value, 6)
    1.0
    """

    traits: ClassVar[Traits]
    references: ClassVar[tuple[str, ...]] = ()
    has_own_interval: ClassVar[bool] = False
    reads_targets: ClassVar[bool] = False

    @property
    def caveat(self) -> str:
        """What must be known of its answers as it is configured, in words; it stands in the notes of a study."""
        return ""

    @abstractmethod
    def prepare(self, data: Any) -> Any:
        """Do all the work that needs one network only; `data` is (m, n), Activations or an array."""

    @abstractmethod
    def compare(self, a: Any, b: Any) -> Score:
        """Compare two prepared networks."""

    def compare_all(self, a: Sequence[Any], b: Sequence[Any]) -> list[Score]:
        """Compare many pairs of prepared networks, a[i] with b[i]; a pair's score does not depend on the others.

        Measures whose pairs are small products do them together.
        """
        return [self.compare(x, y) for x, y in zip(a, b, strict=True)]

    @property
    def preparation(self) -> str:
        """What `prepare` makes: measures of equal `preparation` take the same prepared network; the id, unless it is shared."""
        return self.id

    def for_halves(self) -> Measure:
        """Return what `judge` computes on halves of the rows: the measure, unless its knobs count rows."""
        return self

    def __call__(self, x: Any, y: Any) -> Score:
        """Prepare and compare two networks in one go."""
        return self.compare(self.prepare(x), self.prepare(y))

    def judge(self, x: Any, y: Any, *, draws: int = 200, seed: int = 0) -> Score:
        """Compare two networks beside what chance gives: a permutation null, the value calibrated by it, and an interval.

        Rows of `y` are shuffled against those of `x`, dependent rows as blocks, and everything is computed again. The details
        hold the null's mean and 95 % quantile in the direction of more alike (`null_mean`, `null_limit`), the share of draws
        at least as alike (`p`), and `calibrated` = (value - null mean) / (identity - null mean): 0 for unrelated, 1 for equal
        networks (identity is `ceiling` where the details hold one), whatever the width and the number of rows. The interval
        comes from random halves of the rows, drawn without replacement: a row drawn twice, as a bootstrap does, is its own
        nearest neighbour and alike to itself. Halves of the rows spread around their own mean as all rows do around the truth
        (Politis and Romano 1994). There is none where most halves have one value, and all rows another: halves then do not
        show how the value varies.

        Parameters
        ----------
        x, y : Activations or array, (m, n)
        draws : int
            Shuffles, and halves; each costs two preparations at most and a comparison.
        seed : int
            Seeds both.

        Raises
        ------
        InputError
            Where the measure compares trajectories, or `draws` is below 20.

        Examples
        --------
        >>> import numpy as np, conjugacy as cj
        >>> x = np.random.default_rng(0).normal(size=(40, 50))
        >>> score = cj.get_measure("cka:debiased=false").judge(x, np.random.default_rng(1).normal(size=(40, 50)))
        >>> score.value > 0.5, abs(score.details["calibrated"]) < 0.1, score.details["p"] > 0.05
        (True, True, True)
        """
        return judged(self, x, y, draws, seed)

    @property
    def id(self) -> str:
        """Name with the knobs that are not at their default, as ``cka:debiased=false``."""
        knobs = [
            f"{f.name}={str(getattr(self, f.name)).lower()}"
            for f in fields(cast(Any, self))
            if getattr(self, f.name) != f.default
        ]
        name = type(self).__module__.rpartition(".")[2]
        return name + (":" + ",".join(knobs) if knobs else "")
