"""From judged ladders to answers: evidence, floors, controls, and the decision on each axis."""

from conjugacy.verdict.controls import gain_over, untrained_control
from conjugacy.verdict.decide import decide_function, decide_representation
from conjugacy.verdict.outputs import OutputPair, pair_outputs

__all__ = [
    "OutputPair",
    "decide_function",
    "decide_representation",
    "gain_over",
    "pair_outputs",
    "untrained_control",
]
