"""What is known of two networks' outputs besides the maps between them."""

from __future__ import annotations

import numpy as np

from conjugacy.results import Estimate, Floor
from conjugacy.transformations import RUNGS, Ladder, Layer, Standard, judge_direction
from conjugacy.verdict.evidence import regression_floor, repeat_floor

CODE_UNITS = 256


def function_floor(
    ladder: Ladder, kinds: tuple[str, str], targets: tuple[np.ndarray | None, np.ndarray | None], stimuli: np.ndarray
) -> Floor:
    """Return what two networks that learned the same may differ by: their own errors, else their spread over repeats."""
    if kinds == ("regression", "regression"):
        floor = regression_floor((ladder.a.values, ladder.b.values), targets, ladder.clusters, ladder.seed)
        if floor is not None:
            return floor
    repeats = repeat_floor(ladder.a, ladder.b, stimuli, ladder.clusters, ladder.seed)
    if repeats is None and targets[0] is not None and "regression" not in kinds:
        return Floor(source="none on this scale: the networks' own errors are shares of rows, beside the agreement")
    return repeats or Floor()


def reconstructed(outputs: Layer, inputs: np.ndarray, standard: Standard) -> tuple[Estimate, str]:
    """Return what outputs leave unexplained of the inputs, (m, d), and whether they determine them."""
    direction = judge_direction(outputs, Layer(inputs, standard.seed), standard.clusters, seed=standard.seed)
    return standard.estimate(direction, RUNGS[-1]), standard.determines(direction)


def input_code(inputs: np.ndarray, seed: int) -> np.ndarray:
    """Return inputs (m, ...) as rows of at most 256 numbers."""
    inputs = inputs.reshape(len(inputs), -1)
    if inputs.shape[1] <= CODE_UNITS:
        return inputs
    # a random code of the inputs carries what they carry
    mix = np.random.default_rng(seed).standard_normal((inputs.shape[1], CODE_UNITS))
    return (inputs - inputs.mean(axis=0)) @ mix
