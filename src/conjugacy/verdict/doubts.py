"""What may turn an answer: outputs that give the inputs away, and a floor of noise."""

from __future__ import annotations

from conjugacy.results import Estimate, Floor
from conjugacy.transformations import Ladder, rung_named
from conjugacy.verdict.inputs import Identifies
from conjugacy.verdict.sentences import percent


def outputs_that_match(identifies: Identifies | None, rung: str) -> tuple[str, str]:
    """Leave open outputs that match by maps that mix them, where such maps also give the inputs away or that is not known.

    Where inputs are not known, a match up to an affine map stands, and a smooth one does not.
    """
    words = rung_named(rung).words
    if identifies is None:
        untested = f"without the inputs it cannot be tested whether {words} of the outputs gives them away"
        if rung_named(rung).any_invertible:
            return "undecided", f"{untested}; then any two invertible outputs would match: record with inputs"
        return (
            "equivalent",
            f"{untested}; then any two networks with such outputs would match: record with inputs to know",
        )
    numbers = f"inputs unexplained from outputs: {percent(identifies.a)} for A, {percent(identifies.b)} for B"
    if identifies.states == ("fails", "fails"):
        return "equivalent", f"the outputs do not determine the inputs ({numbers}), so their match means something"
    if "holds" in identifies.states:
        return "undecided", (
            f"the outputs determine the input by {words} ({numbers}); every pair of such networks matches, whatever was learned; "
            "more stimuli would not change that"
        )
    return "undecided", f"whether the outputs determine the inputs is open ({numbers}): record more stimuli"


def against_floor(answer: str, ladder: Ladder, floor: Floor) -> tuple[str, str | None]:
    """Leave open what replicas of one network may show as well: a map cannot predict what changes from repeat to repeat.

    Noise of source and target both count: with a share f of noise in each, units that predict units leave 1 - (1 - f)^2.
    """
    if floor.high is None:
        return answer, None
    failing = [d for d in ladder.directions if ladder.determines(d) == "fails"]
    lows = [ladder.estimate(direction, ladder.up_to).low or 0.0 for direction in failing]
    if max(lows) > ladder.tolerance + 1.0 - (1.0 - min(floor.high, 1.0)) ** 2:
        return answer, None
    return "undecided", (
        "what is left unexplained is no more than the tolerance beyond the floor of both networks "
        f"({percent(Estimate(floor.value, floor.low, floor.high))}, {floor.source}); it may all be noise: average the repeats, "
        "or record more of them"
    )
