"""A gate: what is required of one network in another's place, what must not be, and why it passes or not."""

from conjugacy.comparison.gate.gate import gate
from conjugacy.comparison.gate.result import GateResult

__all__ = ["GateResult", "gate"]
