"""What is said of two networks, and of many: frozen records of numbers and words; nothing is computed here."""

from conjugacy.results.axis import (
    ANSWERS,
    AxisVerdict,
    ClassErrors,
    Control,
    Estimate,
    Evidence,
    Floor,
    Gain,
    RungResult,
    SkippedUnit,
    Verdict,
    WhereErrors,
    WorstStimulus,
    WorstUnit,
)
from conjugacy.results.classes import Classes, Clustering, Group, Relation
from conjugacy.results.contrast import Contrast, Mean, Near
from conjugacy.results.drop_in import DROP_IN_ANSWERS, Change, ChangedRow, DropIn, Margins
from conjugacy.results.few_units import Dimension, DimensionEstimate, FewUnits, Reconstruction
from conjugacy.results.intrinsic import IntrinsicMatch, IntrinsicSide
from conjugacy.results.motion import CurveBand, Motion, RecurrenceCurves, Spectrum, StatePaths, StepErrors
from conjugacy.results.pictures import LayerMap, LayerPlanes, Plane
from conjugacy.results.plain import SCHEMA, plain
from conjugacy.results.reason import ABOUT, Reason
from conjugacy.results.score import Score, Status
from conjugacy.results.shared import PrivatePart, SharedBy, SharedDirection, SharedPart, SharedTask
from conjugacy.results.shared_attribute import SharedAttribute
from conjugacy.results.states import CODES, STATES
from conjugacy.results.sweep import Sweep

__all__ = [
    "ABOUT",
    "ANSWERS",
    "CODES",
    "DROP_IN_ANSWERS",
    "SCHEMA",
    "STATES",
    "AxisVerdict",
    "Change",
    "ChangedRow",
    "ClassErrors",
    "Classes",
    "Clustering",
    "Contrast",
    "Control",
    "CurveBand",
    "Dimension",
    "DimensionEstimate",
    "DropIn",
    "Estimate",
    "Evidence",
    "FewUnits",
    "Floor",
    "Gain",
    "Group",
    "IntrinsicMatch",
    "IntrinsicSide",
    "LayerMap",
    "LayerPlanes",
    "Margins",
    "Mean",
    "Motion",
    "Near",
    "Plane",
    "PrivatePart",
    "Reason",
    "Reconstruction",
    "RecurrenceCurves",
    "Relation",
    "RungResult",
    "Score",
    "SharedAttribute",
    "SharedBy",
    "SharedDirection",
    "SharedPart",
    "SharedTask",
    "SkippedUnit",
    "Spectrum",
    "StatePaths",
    "Status",
    "StepErrors",
    "Sweep",
    "Verdict",
    "WhereErrors",
    "WorstStimulus",
    "WorstUnit",
    "plain",
]
