"""What two layers share: how many coordinates, how much of each layer they carry, what they are good for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from conjugacy.results.axis import Estimate, Evidence
from conjugacy.results.digits import per_cent
from conjugacy.results.shared_attribute import SharedAttribute, attribute_frame

if TYPE_CHECKING:
    import pandas


@dataclass(frozen=True)
class SharedDirection:
    """One common coordinate.

    Attributes
    ----------
    new_share : Evidence
        On held-out rows, what both layers' directions have in common given the coordinates before it, between 0 and 1: of the
        search's directions, before they are turned to be straight and read again.
    share_a, share_b : float
        Of each layer's variance, what it explains beyond the coordinates before it.
    a_to_b, b_to_a : Estimate
        What A's common coordinates leave unexplained of B's one, and back.
    null : float
        What they leave with the rows re-paired: the median of several draws.
    """

    new_share: Evidence
    share_a: float
    share_b: float
    a_to_b: Estimate
    b_to_a: Estimate
    null: float


@dataclass(frozen=True)
class PrivatePart:
    """What one layer has besides.

    Attributes
    ----------
    share : Evidence
        Of the layer's variance, what the common coordinates do not tell; noise of single rows is in it.
    directions : tuple of float
        Shares of its strongest directions, those of 1 % or more, at most eight.
    count : int
        How many directions have 1 % or more.
    rows : tuple of str
        The stimuli that stand out most along the strongest: their ids, or places in A.
    told_by_other : Evidence or None
        Of the strongest, what the other layer tells on held-out rows: much where it is common too, and too weak to count.
    high, low : tuple of str
        Those at either end of it, the farthest first.
    pictures : uint8 array, (k, h, w, 1 or 3 or 4), or None
        Those of `high` and then of `low`, where inputs are images.
    pictured : str or None
        Which inputs were drawn, or why none were.
    """

    share: Evidence
    directions: tuple[float, ...]
    count: int
    rows: tuple[str, ...]
    told_by_other: Evidence | None = None
    high: tuple[str, ...] = ()
    low: tuple[str, ...] = ()
    pictures: np.ndarray | None = field(default=None, compare=False, repr=False)
    pictured: str | None = None


@dataclass(frozen=True)
class SharedTask:
    """How much of the task is read from parts of one network, on held-out rows.

    Attributes
    ----------
    network : {"a", "b"}
    what : {"accuracy", "explained"}
        Share of rows put into the right class; share of the targets' variance.
    common, private, whole : Evidence
        From the common coordinates alone, from what they do not tell, from the whole layer.
    chance : float
        What always answering the largest class, or the mean, is worth.
    """

    network: str
    what: str
    common: Evidence
    private: Evidence
    whole: Evidence
    chance: float


@dataclass(frozen=True)
class SharedBy:
    """What copies that learned nothing share over the same stimuli.

    Attributes
    ----------
    control : {"untrained", "shuffled"}
    dimensions : int
    interval : (int, int)
    share_a, share_b : float
        Of the copies' variance.
    """

    control: str
    dimensions: int
    interval: tuple[int, int]
    share_a: float
    share_b: float


@dataclass(frozen=True)
class SharedPart:
    """What two layers have in common, and what each has besides.

    Attributes
    ----------
    dimensions : int
        k, the fewest coordinates, each readable from either layer, given which the two tell nothing substantial of each other.
    interval : (int, int)
        Between which k may lie.
    linear : int
        How many linear directions of one layer the other predicts; curved views of one coordinate count again.
    directions : tuple of SharedDirection
    share_a, share_b : Evidence
        Of each layer's variance, what the common coordinates tell, read from this layer itself, on rows left out.
    private_parts : (PrivatePart, PrivatePart)
    tasks : tuple of SharedTask
    attributes : tuple of SharedAttribute
        With `attributes`: which of them every direction tells.
    notes : tuple of str
        Which attributes were left out, and why; which layers' coordinates are read from units as normal scores.
    controls : tuple of SharedBy
    rows : int
        On how many rows, drawn at random where there are more than 2000.
    a, b : Transformation or None
        From either layer's units to the common coordinates; `inverse` gives what these tell of all units. None where k is 0.
    private_a, private_b : Transformation
        From units to what the common coordinates do not tell, along its strongest directions.
    told_a, told_b : Evidence or None
        Of each layer's variance, what they tell read from the other layer, on held-out rows: less, where the two layers know them
        with noise of their own. None in records of earlier versions.
    """

    dimensions: int
    interval: tuple[int, int]
    linear: int
    directions: tuple[SharedDirection, ...]
    share_a: Evidence
    share_b: Evidence
    private_parts: tuple[PrivatePart, PrivatePart]
    tasks: tuple[SharedTask, ...] = ()
    controls: tuple[SharedBy, ...] = ()
    rows: int = 0
    a: Any = None
    b: Any = None
    private_a: Any = None
    private_b: Any = None
    attributes: tuple[SharedAttribute, ...] = ()
    notes: tuple[str, ...] = ()
    told_a: Evidence | None = None
    told_b: Evidence | None = None

    def attribute_table(self) -> pandas.DataFrame:
        """Return which attributes the common and the private directions tell, one row for every test.

        `p_adjusted` is `p` after Holm's steps over all rows of the table. Empty where no attributes were given.

        Examples
        --------
        >>> import numpy as np, conjugacy as cj
        >>> rng = np.random.default_rng(0)
        >>> s, u, v = rng.normal(size=(3, 120, 1))
        >>> x, y = np.hstack([s, u]) @ rng.normal(size=(2, 9)), np.hstack([s, v]) @ rng.normal(size=(2, 9))
        >>> table = cj.compare(x, y, attributes={"size": s[:, 0]}).shared.attribute_table()
        >>> table[["attribute", "part", "carried"]].values.tolist()
        [['size', 'common', True], ['size', 'a', False], ['size', 'b', False]]
        """
        return attribute_frame(self.attributes)

    def __repr__(self) -> str:
        low, high = self.interval
        of = f"{_two(self.share_a, self.share_b)} of A and B"
        if self.told_a is not None and self.told_b is not None:
            of += f", {_two(self.told_a, self.told_b)} read from the other one"
        return f"<{self.dimensions} common coordinates ({low} to {high}), {of}; next: .directions, .tasks, .a(x)>"


def _two(a: Evidence, b: Evidence) -> str:
    return " and ".join(per_cent(max(0.0, one.value or 0.0)) for one in (a, b))
