"""Which attribute of the stimuli a direction tells, with the p that holds for all that were asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from conjugacy.results.axis import Evidence

if TYPE_CHECKING:
    import pandas

LEVEL = 0.05
WORTH = 0.1  # of the way from chance to certainty: what is under it may be shown, and tells hardly anything


@dataclass(frozen=True)
class SharedAttribute:
    """How well one direction, or all of one part together, tells one attribute on held-out rows.

    Attributes
    ----------
    attribute : str
        Its name.
    kind : {"classes", "values"}
    part : {"common", "a", "b"}
        Whether the direction is a common one, or one of what is A's or B's own.
    direction : int or None
        Which, from 1, the strongest private one first; None of all together.
    told : Evidence
        Balanced accuracy of classes, share of the variance of values; `null` is the median with rows re-paired.
    chance : float
        What knowing nothing is worth: one over the number of classes, or 0.
    p : float
        How often rows re-paired do as well.
    p_adjusted : float
        After Holm's steps over all tests of the comparison.
    draws : int
        From how many pairings.
    rows : int
        On how many rows the attribute is known.
    """

    attribute: str
    kind: str
    part: str
    direction: int | None
    told: Evidence
    chance: float
    p: float
    p_adjusted: float
    draws: int
    rows: int

    @property
    def beyond_chance(self) -> float:
        """How far it comes on the way from chance, 0, to certainty, 1."""
        return ((self.told.value or 0.0) - self.chance) / (1.0 - self.chance)

    @property
    def carried(self) -> bool:
        """Whether it is shown to tell the attribute, and tells a tenth or more of it."""
        return self.p_adjusted <= LEVEL and self.beyond_chance >= WORTH


COLUMNS = (
    "attribute", "kind", "part", "direction", "what", "value", "low", "high", "chance", "null", "p", "p_adjusted", "carried",
    "rows",
)  # fmt: skip


def attribute_frame(found: Sequence[SharedAttribute]) -> pandas.DataFrame:
    """Return all tests as a table."""
    import pandas as pd

    rows = [
        (
            one.attribute,
            one.kind,
            one.part,
            "all" if one.direction is None else str(one.direction),
            one.told.name,
            one.told.value,
            one.told.low,
            one.told.high,
            one.chance,
            one.told.null,
            one.p,
            one.p_adjusted,
            one.carried,
            one.rows,
        )
        for one in found
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))
