"""From judged ladders to answers: evidence, floors, controls, and the decision on each axis."""

from conjugacy.verdict.controls import CONTROLS, gain_over, judge_control
from conjugacy.verdict.decide import (
    Context,
    decide_function,
    decide_representation,
    function_answer,
    representation_answer,
)
from conjugacy.verdict.known import KnownLayers, KnownOutputs
from conjugacy.verdict.outputs import pair_outputs
from conjugacy.verdict.relation import ladder_answer
from conjugacy.verdict.sides import Asked, Side

__all__ = [
    "CONTROLS",
    "Asked",
    "Context",
    "KnownLayers",
    "KnownOutputs",
    "Side",
    "decide_function",
    "decide_representation",
    "function_answer",
    "gain_over",
    "judge_control",
    "ladder_answer",
    "pair_outputs",
    "representation_answer",
]
