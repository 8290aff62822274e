"""The second fits of the smooth rung, by name, in the order in which they are tried where the first one leaves an answer open."""

from __future__ import annotations

from conjugacy.transformations.sharper import Sharper
from conjugacy.transformations.straight import Straight

SECOND_FITS: dict[str, type[Straight] | type[Sharper]] = {"straight": Straight, "sharper": Sharper}
WORDS = {
    "straight": "by a second fit, between units as normal scores, which undoes how units saturate",
    "sharper": "by a second fit, with distances along the directions in which the map changes",
}
