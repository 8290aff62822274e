"""What a study says of every pair of networks, with errors controlled over all pairs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from conjugacy.errors import InputError
from conjugacy.measure import apart_beyond, denies
from conjugacy.results import CODES

if TYPE_CHECKING:
    from conjugacy.study.study_table import StudyTable

EQUIVALENT, ONTO, FROM, OTHER, OPEN, NONE = 1, 2, 3, 4, 0, -1
"""A pair (row, column) is the same; the row determines the column; the column the row; plainly not; open; not compared."""

_MEANING = {
    "equivalent": EQUIVALENT,
    "a_determines_b": ONTO,
    "b_determines_a": FROM,
    "partly_related": OTHER,
    "unrelated": OTHER,
    "not_equivalent": OTHER,
    "different": OTHER,
    **dict.fromkeys(("missing", "not_tested", "unreadable", "mismatched", "failed"), NONE),
}


LOOKS_SO = 0.5  # p of a pair that leaves less than the tolerance


@dataclass(frozen=True, eq=False)
class Answers:
    """What is said of every pair, mirrored on the diagonal, which is open.

    Attributes
    ----------
    said : int8 array, (N, N)
        EQUIVALENT, ONTO, FROM, OTHER, OPEN or NONE.
    values : float32 array, (N, N)
        Unexplained fraction of variance of the worse direction, in [0, 1]; NaN where there is none.
    p : float array, (N, N) or None
        Of the claim that is made; None where the study has none.
    apart : bool array, (N, N), or None
        Pairs that must not share a class though nothing is denied (`apart_beyond`); None where denials say so.
    """

    said: np.ndarray
    values: np.ndarray
    p: np.ndarray | None
    apart: np.ndarray | None = None

    @property
    def denies(self) -> bool:
        """Whether pairs may be said not to be equivalent."""
        return self.apart is None

    @property
    def compared(self) -> np.ndarray:
        """Pairs that were compared, (N, N) bool."""
        found = self.said != NONE
        np.fill_diagonal(found, False)
        return found

    @property
    def holds(self) -> np.ndarray:
        """Pairs that are equivalent, (N, N) bool."""
        return self.said == EQUIVALENT

    @property
    def fails(self) -> np.ndarray:
        """Pairs that are not, or must not share a class, (N, N) bool."""
        return self.said > EQUIVALENT if self.apart is None else self.apart & (self.said == OPEN)

    def take(self, rows: np.ndarray) -> Answers:
        """Return some networks, or all in another order."""
        pairs = np.ix_(rows, rows)
        p, apart = (None if table is None else table[pairs] for table in (self.p, self.apart))
        return replace(self, said=self.said[pairs], values=self.values[pairs], p=p, apart=apart)


def read_answers(study: StudyTable, measure: str, layer_pair: str | None) -> Answers:
    """Read what a study's verdicts say; a pair that stands in the lower triangle only is mirrored.

    Raises
    ------
    InputError
        Where the study has a status that is none of `STATES`.
    """
    codes = study.table("status", measure, layer_pair)
    meaning = np.full(256, OPEN, np.int8)
    for state, code in CODES.items():
        meaning[code] = _MEANING.get(state, OPEN)
    if codes.size and (codes.min() < 0 or codes.max() >= len(CODES)):
        raise InputError(f"status: got codes from {codes.min()} to {codes.max()}, expected 0 to {len(CODES) - 1}")
    said = meaning[codes.astype(np.uint8)]
    given = np.triu(said != NONE, 1)
    values = study.table("value", measure, layer_pair).astype(np.float32)
    p = study.table("p", measure, layer_pair).astype(float)
    upper = np.where(given, said, _mirrored(said).T)
    values, p = np.where(given, values, values.T), np.where(given, p, p.T)
    apart = None
    if not denies(measure):
        beyond = study.table("low", measure, layer_pair) > apart_beyond(measure)
        apart = np.triu(np.where(given, beyond, beyond.T), 1)
        apart |= apart.T
    p = _symmetric(p)
    known = p if np.isfinite(p[_pairs(p)]).any() else None
    return Answers(_both_ways(upper), _symmetric(np.clip(values, 0, 1)), known, apart)


def _mirrored(said: np.ndarray) -> np.ndarray:
    """Exchange the two one-way answers."""
    return np.where(said == ONTO, FROM, np.where(said == FROM, ONTO, said)).astype(np.int8)


def _both_ways(upper: np.ndarray) -> np.ndarray:
    """Fill the lower triangle from the upper; the diagonal is open."""
    upper = np.triu(upper, 1)
    return upper + _mirrored(upper).T


def _pairs(table: np.ndarray) -> np.ndarray:
    """Mark every pair once."""
    return np.triu(np.ones(table.shape, bool), 1)


def _symmetric(values: np.ndarray) -> np.ndarray:
    upper = np.triu(values, 1)
    return upper + upper.T


def controlled(answers: Answers, q: float) -> Answers:
    """Leave open what does not stand when false claims are controlled over all pairs (Benjamini and Hochberg 1995).

    Every compared pair counts, open ones with p = 1. Each p is that of the claim made, the nearer side of the tolerance:
    at most a share q of the claims that stay is on the wrong side, in expectation (Benjamini and Yekutieli 2005, directional
    errors). Pairs that share a network depend on each other; the procedure keeps its level under positive dependence. Where a
    study has no p at all, all claims stay.

    Where nothing is ever denied, most pairs lie far beyond the tolerance, and would count as so many chances of a false yes. So
    the pairs that look equivalent, p <= 1/2, count alone, each with 2 p: given that p <= 1/2 it is uniform at the tolerance, and
    larger beyond it (Zhao, Small and Su 2019; Ellis, Pecanka and Goeman 2020).
    """
    if answers.p is None:
        return answers
    at = np.triu(answers.compared, 1)
    said = answers.said[at]
    claimed = said > OPEN if answers.denies else said == EQUIVALENT
    told = claimed if answers.denies else claimed | (said == OPEN)
    p = np.where(told & np.isfinite(answers.p[at]), np.clip(answers.p[at], 0.0, 1.0), 1.0)
    from scipy.stats import false_discovery_control  # a quarter of a second to load

    counted = np.ones(len(p), dtype=bool) if answers.denies else p <= LOOKS_SO
    adjusted = np.ones(len(p))
    if counted.any():
        adjusted[counted] = false_discovery_control(p[counted] if answers.denies else p[counted] / LOOKS_SO)
    kept = claimed & (adjusted <= q)
    upper = np.triu(answers.said, 1)
    upper[at] = np.where(kept, upper[at], OPEN)
    return replace(answers, said=_both_ways(upper))
