"""From judged ladders to answers: evidence, floors, controls, and the decision on each axis."""

from conjugacy.verdict.controls import gain_over, untrained_control
from conjugacy.verdict.decide import decide_function, decide_representation, function_answer, representation_answer
from conjugacy.verdict.outputs import OutputPair, guess_kind, output_form, pair_outputs

__all__ = [
    "OutputPair",
    "decide_function",
    "decide_representation",
    "function_answer",
    "gain_over",
    "guess_kind",
    "output_form",
    "pair_outputs",
    "representation_answer",
    "untrained_control",
]
