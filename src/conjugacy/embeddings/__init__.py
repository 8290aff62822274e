"""One network's states as a manifold: how many coordinates they need, and coordinates of the world that they show."""

from typing import TYPE_CHECKING, Any

from conjugacy.embeddings.alignment import RigidMap, align_by_points, alignments_of_shapes, procrustes_gap
from conjugacy.embeddings.dimension import intrinsic_dimension
from conjugacy.embeddings.extension import GeometricHarmonics, LocalLinear
from conjugacy.embeddings.independent import independent_modes, mode_residuals
from conjugacy.embeddings.intrinsic import Intrinsic, intrinsic_coordinates
from conjugacy.embeddings.isometric import IsometricCoordinates, isometric_coordinates
from conjugacy.embeddings.local_metric import LocalMetric

if TYPE_CHECKING:
    from conjugacy.embeddings.diffusion_map import DiffusionMap

__all__ = [
    "DiffusionMap",
    "GeometricHarmonics",
    "Intrinsic",
    "IsometricCoordinates",
    "LocalLinear",
    "LocalMetric",
    "RigidMap",
    "align_by_points",
    "alignments_of_shapes",
    "independent_modes",
    "intrinsic_coordinates",
    "intrinsic_dimension",
    "isometric_coordinates",
    "mode_residuals",
    "procrustes_gap",
]


def __getattr__(name: str) -> Any:
    # a scikit-learn estimator: the library is loaded by those who ask for it, since every comparison comes by here
    if name != "DiffusionMap":
        raise AttributeError(f"module 'conjugacy.embeddings' has no attribute {name!r}")
    from conjugacy.embeddings.diffusion_map import DiffusionMap

    globals()[name] = DiffusionMap
    return DiffusionMap
