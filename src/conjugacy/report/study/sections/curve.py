"""Curves over a coordinate: a step, a width."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
from markupsafe import Markup

from conjugacy.report.figures.style import new_figure, to_svg
from conjugacy.report.study.figure_file import StudyDrawn
from conjugacy.report.study.figures.curve import SIZE, draw
from conjugacy.report.study.section import StudySection, StudyShown
from conjugacy.results.digits import digits

COLUMNS = ("pairs", "value", "low", "high", "equivalent", "otherwise", "undecided", "gain", "gain_low", "gain_high")


def _values(shown: StudyShown) -> Mapping[str, Any] | None:
    curve: Any = shown.curve
    if curve is None or curve.empty:
        return None
    word = str(curve.columns[0])
    with new_figure(*SIZE) as figure:
        draw(figure, StudyDrawn(shown.study, curve=curve))
        drawn = to_svg(figure, "curve-", f"curves over {word}: values, answers and gain, as in the table below")
    columns = [name for name in COLUMNS if name in curve]
    rows = [
        [digits(row[word]), row["measure"], row["layers"], *(_number(row[name]) for name in columns)]
        for _, row in curve.iterrows()
    ]
    head = [word, "measure", "layers", *(name.replace("_", " ") for name in columns)]
    return {"figure": Markup(drawn), "head": head, "rows": rows, "word": word, "gain": "gain" in curve}  # noqa: S704  (matplotlib escapes)


def _number(value: Any) -> str:
    return "-" if pd.isna(value) else digits(float(value))


SECTION = StudySection(_values, title="Along the way", id="curve")
