"""From judged ladders to answers: evidence, floors, controls, and the decision on each axis."""

from conjugacy.verdict.controls import gain_over, untrained_control
from conjugacy.verdict.decide import (
    Context,
    decide_function,
    decide_representation,
    function_answer,
    ladder_answer,
    representation_answer,
)
from conjugacy.verdict.known import Asked, KnownLayers, KnownOutputs, Side
from conjugacy.verdict.outputs import OutputPair, guess_kind, output_form, pair_outputs

__all__ = [
    "Asked",
    "Context",
    "KnownLayers",
    "KnownOutputs",
    "OutputPair",
    "Side",
    "decide_function",
    "decide_representation",
    "function_answer",
    "gain_over",
    "guess_kind",
    "ladder_answer",
    "output_form",
    "pair_outputs",
    "representation_answer",
    "untrained_control",
]
