"""Many networks: compared two by two, kept in a store, sorted into classes."""

from conjugacy.study.check import check_store
from conjugacy.study.pairwise import pairwise, plan
from conjugacy.study.study import Study

__all__ = ["Study", "check_store", "pairwise", "plan"]
