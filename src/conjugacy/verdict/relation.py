"""What the maps alone say of two networks."""

from __future__ import annotations

from conjugacy.transformations import Ladder
from conjugacy.transformations.chance import PLANTED


def ladder_answer(ladder: Ladder) -> str:
    """Return the answer that the ladder alone gives."""
    if ladder.rung is not None:
        return "equivalent"
    a_to_b, b_to_a = (ladder.determines(direction) for direction in ladder.directions)
    if a_to_b == "holds" and b_to_a == "fails":
        return "a_determines_b"
    if b_to_a == "holds" and a_to_b == "fails":
        return "b_determines_a"
    if a_to_b == "fails" and b_to_a == "fails":
        return _without_a_map(ladder)
    return "not_equivalent" if "fails" in (a_to_b, b_to_a) else "undecided"


def _without_a_map(ladder: Ladder) -> str:
    """Return what two that do not determine each other are; chance is computed only here, where it matters."""
    if ladder.chance.rejects:
        return "partly_related"
    return "unrelated" if ladder.chance.would_show and not tells_part(ladder) else "not_equivalent"


def tells_part(ladder: Ladder) -> bool:
    """Whether either clearly tells as much of the other on held-out rows as the test of chance must show.

    Where re-paired groups of rows look as dependent as the pair itself does, rows may share what no re-pairing takes away.
    """
    told = [ladder.estimate(direction, ladder.up_to).high for direction in ladder.directions]
    return any(high is not None and high < 1.0 - PLANTED for high in told)
