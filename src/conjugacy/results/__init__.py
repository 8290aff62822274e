"""What a comparison says: frozen records of numbers and words; nothing is computed here."""

from conjugacy.results.axis import (
    ANSWERS,
    AxisVerdict,
    ClassErrors,
    Control,
    Estimate,
    Evidence,
    Floor,
    Gain,
    RUNGS,
    RungResult,
    Score,
    SkippedUnit,
    Status,
    Verdict,
    WhereErrors,
    WorstStimulus,
    WorstUnit,
)
from conjugacy.results.pictures import LayerMap, LayerPlanes, Plane
from conjugacy.results.comparison import Comparison, SCHEMA, plain

__all__ = [
    "ANSWERS",
    "AxisVerdict",
    "ClassErrors",
    "Comparison",
    "Control",
    "Estimate",
    "Evidence",
    "Floor",
    "Gain",
    "LayerMap",
    "LayerPlanes",
    "Plane",
    "RUNGS",
    "RungResult",
    "SCHEMA",
    "Score",
    "SkippedUnit",
    "Status",
    "Verdict",
    "WhereErrors",
    "WorstStimulus",
    "WorstUnit",
    "plain",
]
