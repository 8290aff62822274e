"""A comparison as a table: one line for every axis, for drop-in and for every further measure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conjugacy.report.words import TITLES, told_rung
from conjugacy.results.axis import AXES, WAYS

if TYPE_CHECKING:
    import pandas

    from conjugacy.comparison.comparison import Comparison


def summary_of(comparison: Comparison) -> pandas.DataFrame:
    """Return the table; see `Comparison.summary`."""
    import pandas as pd

    rows: dict[str, dict[str, Any]] = {}
    for axis in AXES:
        verdict = getattr(comparison.verdict, axis)
        row: dict[str, Any] = {"answer": verdict.answer, "rung": verdict.rung}
        row |= dict(zip(("layer_a", "layer_b"), verdict.layers or (None, None), strict=True))
        told = told_rung(verdict)
        for way in WAYS if told is not None else ():
            found = getattr(told, way)
            row |= {way: found.unexplained, f"{way}_low": found.low, f"{way}_high": found.high}
        rows[TITLES[axis]] = row
    rows["drop-in"] = {"answer": comparison.drop_in.answer}
    for score in comparison.measures:
        low, high = score.interval or (None, None)
        name = score.measure if score.measure not in rows else f"{score.measure} (measure)"
        rows[name] = {"answer": score.status.name.lower(), "value": score.value, "low": low, "high": high}
    ends = [f"{way}{end}" for way in WAYS for end in ("", "_low", "_high")]
    columns = ["answer", "rung", "layer_a", "layer_b", *ends, "value", "low", "high"]
    table = pd.DataFrame.from_dict(rows, orient="index").reindex(columns=columns)
    numbers = [*ends, "value", "low", "high"]
    return table.astype({name: float for name in numbers})
