"""What a measure is, and which there are."""

from conjugacy.data import as_activations
from conjugacy.measure.interface import INVARIANCES, Measure, Traits
from conjugacy.measure.judged import FEWEST_CLUSTERS
from conjugacy.measure.options import check_choices
from conjugacy.measure.registry import (
    apart_beyond,
    denies,
    get_measure,
    known_by_id,
    lend,
    measure_names,
    measure_or_none,
    measures_of,
)
from conjugacy.measure.rules import RULES

__all__ = [
    "FEWEST_CLUSTERS",
    "INVARIANCES",
    "RULES",
    "Measure",
    "Traits",
    "apart_beyond",
    "as_activations",
    "check_choices",
    "denies",
    "get_measure",
    "known_by_id",
    "lend",
    "measure_names",
    "measure_or_none",
    "measures_of",
]
