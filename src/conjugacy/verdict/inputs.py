"""Whether outputs give away what a network was shown: then any two invertible ones match, whatever was learned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from conjugacy.results import Estimate, Evidence
from conjugacy.transformations import LADDER, Layer, Standard, judge_direction

CODE_UNITS = 256
ASKED = tuple(rung.name for rung in LADDER if not rung.unit_by_unit)
"""The rungs up to which it is asked whether outputs determine inputs: those whose maps mix units."""

LINEAR = [rung.name for rung in LADDER if not rung.any_invertible][-1]
"""The rung that is asked where units change places: of many outputs some are near to each of the other network's."""

GivesInputs = Mapping[str, tuple[Estimate, str]]
"""By rung: what outputs leave unexplained of inputs by maps up to it, and whether they determine them."""


@dataclass(frozen=True)
class Identifies:
    """Whether outputs determine what the network was shown: the inputs' unexplained fraction from each network's outputs."""

    a: Estimate
    b: Estimate
    states: tuple[str, str]

    def evidence(self) -> tuple[Evidence, ...]:
        """Return both numbers as evidence."""
        return tuple(
            Evidence(f"inputs_from_outputs_{name}", e.unexplained, e.low, e.high, unit="unexplained fraction")
            for name, e in (("a", self.a), ("b", self.b))
        )


def input_code(inputs: np.ndarray, seed: int) -> np.ndarray:
    """Return inputs (m, ...) as rows of at most 256 numbers."""
    inputs = inputs.reshape(len(inputs), -1)
    if inputs.shape[1] <= CODE_UNITS:
        return inputs
    # a random code of the inputs carries what they carry
    mix = np.random.default_rng(seed).standard_normal((inputs.shape[1], CODE_UNITS))
    return (inputs - inputs.mean(axis=0)) @ mix


def inputs_from_outputs(
    outputs: Layer, code: np.ndarray, standard: Standard, rungs: Sequence[str] = ASKED
) -> GivesInputs:
    """Return what outputs leave unexplained of a code of the inputs, (m, d), by maps up to each of some rungs."""
    direction = judge_direction(outputs, Layer(code, standard.seed), standard.clusters, seed=standard.seed)
    held = {rung: replace(standard, up_to=rung, denies=True) for rung in rungs}
    return {rung: (held[rung].estimate(direction, rung), held[rung].determines(direction)) for rung in rungs}
