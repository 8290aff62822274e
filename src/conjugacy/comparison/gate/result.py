"""What a gate has found: prints as one screen, and writes itself for people and for CI systems."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from conjugacy.report.gate import gate_markdown, gate_text, junit_xml
from conjugacy.results.drop_in import DropIn, Margins
from conjugacy.results.gate import EXIT_CODES, Checked, Outcome, Spread, Subgroup
from conjugacy.results.plain import SCHEMA, plain


@dataclass(frozen=True)
class GateResult:
    """What a gate has found.

    Attributes
    ----------
    outcome : str
        `passed`, `failed` or `undecided`.
    networks : (str, str)
        A, and B that is to replace it.
    rows : int
        On how many rows.
    conditions : tuple
        Every condition; one about layers for every pair of layers.
    drop_in
        Over all rows; None if no condition asks for it.
    subgroups : tuple
        The worst first.
    first_that_differs : (str, str) or None
        Of several pairs of layers the first, in the order of A, at which a condition has not passed.
    pairs : tuple
        Every B in place of every A, if there are several; all else is about the worst pair.
    spread
        How far several As differ among themselves.
    margins, tolerance, seed
        As given.
    notes : tuple of str
        What was done that was not asked for.
    seconds : float
        CPU seconds since the networks had run.

    Examples
    --------
    >>> import numpy as np, conjugacy as cj
    >>> outputs = {"outputs": np.random.default_rng(0).integers(0, 5, size=(500, 1))}
    >>> found = cj.gate(outputs, outputs, require="churn<0.02")
    >>> found.passed, found.exit_code
    (True, 0)
    """

    outcome: Outcome
    networks: tuple[str, str]
    rows: int
    conditions: tuple[Checked, ...]
    drop_in: DropIn | None = None
    subgroups: tuple[Subgroup, ...] = ()
    first_that_differs: tuple[str, str] | None = None
    pairs: tuple[GateResult, ...] = ()
    spread: Spread | None = None
    margins: Margins = field(default_factory=Margins)
    tolerance: float = 0.05
    seed: int = 0
    notes: tuple[str, ...] = ()
    seconds: float = 0.0

    @property
    def passed(self) -> bool:
        """Whether everything that is required is shown, and nothing that must not be."""
        return self.outcome == "passed"

    @property
    def exit_code(self) -> int:
        """0 passed, 1 failed, 3 undecided."""
        return EXIT_CODES[self.outcome]

    @property
    def share_passed(self) -> float:
        """Share of pairs that pass; of one pair 1 or 0."""
        pairs = self.pairs or (self,)
        return sum(pair.passed for pair in pairs) / len(pairs)

    def to_dict(self) -> dict[str, Any]:
        """Return the record as plain Python objects; missing numbers are None."""
        record: dict[str, Any] = {"schema": SCHEMA, "gate": self.outcome, "exit_code": self.exit_code, **plain(self)}
        record.pop("outcome")
        record["pairs"] = [pair.to_dict() for pair in self.pairs]
        record["share_passed"] = self.share_passed
        return record

    def to_json(self) -> str:
        """Return the record as text."""
        return json.dumps(self.to_dict(), indent=2, ensure_ascii=False, allow_nan=False)

    def junit(self) -> str:
        """Return the conditions as JUnit XML: one test case each, a failure where it fails, an error where it is undecided."""
        return junit_xml(self)

    def markdown(self) -> str:
        """Return it as Markdown, for the summary of a step of a CI system."""
        return gate_markdown(self)

    def __str__(self) -> str:
        return gate_text(self)
