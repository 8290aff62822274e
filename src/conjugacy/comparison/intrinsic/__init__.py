"""Recordings of different stimuli brought together: rows of one network, and the other's layers at the same places."""

from conjugacy.comparison.intrinsic.brought import Brought
from conjugacy.comparison.intrinsic.said import not_brought, with_match
from conjugacy.comparison.intrinsic.together import bring_together

__all__ = ["Brought", "bring_together", "not_brought", "with_match"]
