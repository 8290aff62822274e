"""Maps from one network onto another: one file per family, and the ladder that fits and judges them."""

from conjugacy.transformations.direction import Direction, judge_direction
from conjugacy.transformations.few_units import Reconstructor, choose_units
from conjugacy.transformations.judged_pair import judge, judge_repeats, judge_series
from conjugacy.transformations.kernel_map import KernelMap
from conjugacy.transformations.ladder import Ladder
from conjugacy.transformations.layer import Layer
from conjugacy.transformations.linear import LinearMap
from conjugacy.transformations.power import prepare
from conjugacy.transformations.rung import Rung
from conjugacy.transformations.rungs import LADDER, RUNGS, RungName, rung_named
from conjugacy.transformations.rungs.affine import Affine
from conjugacy.transformations.rungs.identity import Identity
from conjugacy.transformations.rungs.permutation import Permutation
from conjugacy.transformations.rungs.rotation import Rotation
from conjugacy.transformations.rungs.smooth import Smooth
from conjugacy.transformations.standard import Standard
from conjugacy.transformations.transformation import Composition, Transformation

__all__ = [
    "LADDER",
    "RUNGS",
    "Affine",
    "Composition",
    "Direction",
    "Identity",
    "KernelMap",
    "Ladder",
    "Layer",
    "LinearMap",
    "Permutation",
    "Reconstructor",
    "Rotation",
    "Rung",
    "RungName",
    "Smooth",
    "Standard",
    "Transformation",
    "choose_units",
    "judge",
    "judge_direction",
    "judge_repeats",
    "judge_series",
    "prepare",
    "rung_named",
]
