"""Maps from one network onto another: one file per family, and the ladder that fits and judges them."""

from conjugacy.transformations.affine import Affine
from conjugacy.transformations.direction import Direction, Standard, judge_direction, prepare
from conjugacy.transformations.few_units import Reconstructor, choose_units
from conjugacy.transformations.identity import Identity
from conjugacy.transformations.ladder import Ladder, judge
from conjugacy.transformations.linear import LinearMap
from conjugacy.transformations.network import Network
from conjugacy.transformations.permutation import Permutation
from conjugacy.transformations.rotation import Rotation
from conjugacy.transformations.smooth import KernelMap, Smooth
from conjugacy.transformations.transformation import Composition, Transformation

__all__ = [
    "Affine",
    "Composition",
    "Direction",
    "Identity",
    "KernelMap",
    "Ladder",
    "LinearMap",
    "Network",
    "Permutation",
    "Reconstructor",
    "Rotation",
    "Smooth",
    "Standard",
    "Transformation",
    "choose_units",
    "judge",
    "judge_direction",
    "prepare",
]
