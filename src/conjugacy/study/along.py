"""What a study says along a coordinate: value, answers and gain, with intervals, as a table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from conjugacy.asked import one_of, whole_number
from conjugacy.errors import InputError
from conjugacy.results import CODES
from conjugacy.study.coordinate import coordinates_of
from conjugacy.study.frames import mean_of_pairs
from conjugacy.study.sorting.answers import EQUIVALENT, OPEN, read_answers
from conjugacy.study.sorting.distances import gives_answers

if TYPE_CHECKING:
    import pandas

    from conjugacy.study.study_table import StudyTable

AGAINST = ("last", "first", "same")
COUNTS = ("equivalent", "otherwise", "undecided")
LEAST = 1e-6  # below it an unexplained fraction is rounding


def along(
    study: StudyTable, coordinate: str | Mapping[str, float], *, against: str | None = None, seed: int = 0
) -> pandas.DataFrame:
    """Return a curve for every measure over a number that orders the networks, with 95 % intervals.

    One line for every value: number of pairs, mean value and interval (over networks; of one pair over its rows). For verdicts
    also how many pairs are `equivalent`, `otherwise` or `undecided`, and the `gain`: log10 of what was unexplained at the first
    value over what is unexplained now. Against the first networks there is no gain: nothing is gained by leaving them.

    Parameters
    ----------
    study : Study
    coordinate : str or mapping of network to number
        A word in the names with a number behind it, as `step` in `step1000`.
    against : {"last", "first", "same"}, optional
        What networks are compared with: those at the largest or smallest value, or others at their own value. `same` where
        several networks share a value, else `last`.
    seed : int
        Draws networks for intervals.

    Raises
    ------
    InputError
        Where a network has no number, or the study compares one list with another.

    Examples
    --------
    >>> from conjugacy.study.table import study_of
    >>> x = np.array([0.0, 3.0, 4.0])
    >>> names = ["step0", "step10", "step100"]
    >>> found = along(study_of(names, values=np.abs(x[:, None] - x), measure="procrustes"), "step")
    >>> found["step"].tolist(), found["value"].tolist()
    ([0, 10], [4.0, 1.0])
    """
    import pandas as pd

    if not study.is_square:
        raise InputError("along: a curve needs every network compared with every other; leave against= out of pairwise")
    seed = whole_number("seed", seed)
    word, values = coordinates_of(study.networks[0], coordinate)
    at = np.array([values[name] for name in study.networks[0]])
    repeated = len(np.unique(at)) < len(at)
    chosen = ("same" if repeated else "last") if against is None else one_of("against", against, AGAINST)
    parts = [
        _Curve(study, measure, pair, at, chosen, seed).table(word)
        for measure, counted in study.counts().items()
        for pair in counted
    ]
    found = pd.concat(parts, ignore_index=True)
    return found.astype({name: "Int64" for name in COUNTS if name in found})


@dataclass(frozen=True, eq=False)
class _Curve:
    """One measure on one pair of layers along a coordinate."""

    study: StudyTable
    measure: str
    pair: str
    at: np.ndarray
    against: str
    seed: int

    def table(self, word: str) -> pandas.DataFrame:
        """Return one line for every value that has a pair."""
        import pandas as pd

        end = self.at.max() if self.against == "last" else self.at.min()
        rows: list[dict[str, Any]] = []
        for value in np.unique(self.at):
            here = np.flatnonzero(self.at == value)
            there = here if self.against == "same" else np.flatnonzero(self.at == end)
            rows.append({word: value, "measure": self.measure, "layers": self.pair, **self._point(here, there)})
        found = pd.DataFrame([row for row in rows if row["pairs"]], columns=list(rows[0]))
        return self._with_gain(found)

    def _point(self, here: np.ndarray, there: np.ndarray) -> dict[str, Any]:
        square = np.array_equal(here, there)
        table = self._cells("value", here, there)
        mean, low, high, pairs = mean_of_pairs(table, square, self.seed)
        if pairs == 1:  # one pair has the interval of its own rows
            keep = np.isfinite(table)
            low, high = (float(self._cells(name, here, there)[keep][0]) for name in ("low", "high"))
        counts: dict[str, Any] = {}
        if gives_answers(self.measure):
            said = read_answers(self.study, self.measure, self.pair).said[np.ix_(here, there)]
            said = said[np.triu_indices(len(here), 1)] if square else said.ravel()
            found = said == EQUIVALENT, said > EQUIVALENT, said == OPEN
            counts = {name: int(one.sum()) for name, one in zip(COUNTS, found, strict=True)}
        return {"pairs": pairs, "value": mean, "low": low, "high": high, **counts}

    def _cells(self, name: str, here: np.ndarray, there: np.ndarray) -> np.ndarray:
        table = self.study.table(name, self.measure, self.pair).astype(float)
        codes = self.study.table("status", self.measure, self.pair)
        table = np.where(codes == CODES["missing"], np.nan, table)
        both = np.where(np.isfinite(table), table, table.T)
        np.fill_diagonal(both, np.nan)
        cells = both[np.ix_(here, there)]
        return np.where(np.tri(len(here), dtype=bool), np.nan, cells) if np.array_equal(here, there) else cells

    def _with_gain(self, found: pandas.DataFrame) -> pandas.DataFrame:
        """Add how much less is left unexplained than at the first value, as log10 of the ratio."""
        if not gives_answers(self.measure) or len(found) < 2 or self.against == "first":
            return found
        value, low, high = (np.maximum(found[name].to_numpy(float), LEAST) for name in ("value", "low", "high"))
        gains = {
            "gain": np.log10(value[0] / value),
            "gain_low": np.log10(low[0] / high),
            "gain_high": np.log10(high[0] / low),
        }
        for name, numbers in gains.items():
            numbers[0] = 0.0
            found[name] = numbers
        return found
