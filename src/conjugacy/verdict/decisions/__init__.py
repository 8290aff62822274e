"""Whether two networks that choose between classes do the same task, told from what they choose."""

from conjugacy.verdict.decisions.agreement import Agreement, agreement
from conjugacy.verdict.decisions.given import Decided
from conjugacy.verdict.decisions.same_task import SameTask, same_task

__all__ = ["Agreement", "Decided", "SameTask", "agreement", "same_task"]
