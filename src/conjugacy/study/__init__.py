"""Whole comparisons: two networks, from recordings or live models to a verdict."""

from conjugacy.study.compare import compare

__all__ = ["compare"]
