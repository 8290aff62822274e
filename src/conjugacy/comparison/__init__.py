"""Two networks: from recordings or live models to a verdict on each axis."""

from conjugacy.comparison.compare import compare
from conjugacy.comparison.comparison import Comparison

__all__ = ["Comparison", "compare"]
