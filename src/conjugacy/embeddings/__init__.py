"""One network's states as a manifold: how many coordinates they need."""

from conjugacy.embeddings.dimension import intrinsic_dimension

__all__ = ["intrinsic_dimension"]
