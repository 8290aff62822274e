"""Whole comparisons: two networks, from recordings or live models to a verdict; and many."""

from conjugacy.study.compare import compare
from conjugacy.study.pairwise import pairwise, plan
from conjugacy.study.saved import open_study

__all__ = ["compare", "open_study", "pairwise", "plan"]
