"""One array laid onto another: rotations of points and of vector fields, transport, canonical correlations."""

from conjugacy.numerics.alignment.linear_systems import FAST, Alignment, Effort, VectorFields
from conjugacy.numerics.alignment.vector_fields import align_pairs, align_vector_fields, lower_bounds, padded, prepare

__all__ = [
    "FAST",
    "Alignment",
    "Effort",
    "VectorFields",
    "align_pairs",
    "align_vector_fields",
    "lower_bounds",
    "padded",
    "prepare",
]
