"""Many networks: compared two by two, kept in a store, sorted into classes."""

from conjugacy.study.pairwise import pairwise, plan
from conjugacy.study.study import Study

__all__ = ["Study", "pairwise", "plan"]
