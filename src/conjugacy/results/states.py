"""The states of a study's cells: the status of a score or the answer of a verdict, as numbers in a table."""

from __future__ import annotations

from collections.abc import Mapping

from conjugacy.results.axis import ANSWERS
from conjugacy.results.score import Status

STATES = (
    "missing",  # not compared yet, or not asked for
    *(s.name.lower() for s in Status),
    *(a for a in ANSWERS if a not in ("not_equivalent", "undecided", "not_tested")),
    "different",
    "not_tested",
    "unreadable",  # a recording that could not be read
    "mismatched",  # recordings of other stimuli
    "failed",  # the measure refused these two networks
    "not_equivalent",  # last: a store keeps these numbers
)
"""What the numbers of the variable `status` stand for: the status of a score, or the answer of a verdict."""

CODES: Mapping[str, int] = {state: code for code, state in enumerate(STATES)}
MIRRORED: Mapping[str, str] = {"a_determines_b": "b_determines_a", "b_determines_a": "a_determines_b"}
"""The answers that turn into another one where the two networks change places."""

VARIABLES = ("value", "low", "high", "p")
"""The numbers of a cell, beside its status."""
