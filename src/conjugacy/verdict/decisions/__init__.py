"""Whether two networks that choose between classes do the same task, told from what they choose."""

from conjugacy.verdict.decisions.agreement import Agreement, agreement

__all__ = ["Agreement", "agreement"]
