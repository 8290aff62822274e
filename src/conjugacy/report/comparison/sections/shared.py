"""What both layers share: how many coordinates, how much of either they carry, and what they are good for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from conjugacy.errors import InputError
from conjugacy.report.comparison.section import FileFigure, Section
from conjugacy.report.figures.shared import LABEL, SIZE, draw_shared, shared_figure
from conjugacy.report.shared_words import attribute_sentences, direction_name, percent, shared_sentences
from conjugacy.report.stimulus_pictures import pictured_ends
from conjugacy.report.words import cell
from conjugacy.results import SharedAttribute, SharedDirection
from conjugacy.results.digits import p_cell, per_cent

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from conjugacy.comparison import Comparison


def _values(comparison: Comparison, place: str) -> Mapping[str, Any] | None:
    found = comparison.shared
    if found is None:
        return None
    return {
        "sentences": shared_sentences(found),
        "figure": Markup(shared_figure(found, "shared-", LABEL)),  # noqa: S704  (matplotlib escapes)
        "ends": pictured_ends(found),
        "attributes": attribute_sentences(found),
        "tests": [_test(one) for one in found.attributes],
        "rows": [_row(j, one) for j, one in enumerate(found.directions)],
        "n_rows": found.rows,
        "all_rows": found.rows == comparison.n_samples,
    }


def _row(j: int, found: SharedDirection) -> tuple[str, ...]:
    return (
        str(j + 1),
        percent(found.new_share).replace(" %", "\u00a0%"),
        per_cent(found.share_a),
        per_cent(found.share_b),
        cell(found.a_to_b),
        cell(found.b_to_a),
        per_cent(found.null),
    )


def _test(one: SharedAttribute) -> tuple[str, ...]:
    null = per_cent(one.told.null)
    return (
        one.attribute,
        direction_name(one.part, one.direction),
        f"{percent(one.told)}, chance {per_cent(one.chance)}" if one.kind == "classes" else percent(one.told),
        null,
        p_cell(one.p),
        p_cell(one.p_adjusted),
        "yes" if one.carried else "no",
        f"{one.kind}, {one.rows} rows",
    )


def _draw(figure: Figure, comparison: Comparison, axis: str) -> None:
    if comparison.shared is None:
        raise InputError(
            "figure: nothing is known of what the layers share; it needs a hidden layer of both networks and 60 rows"
        )
    draw_shared(figure, comparison.shared)


SECTION = Section(
    ("representation",), _values, title="What they share", id="shared", figure=FileFigure("shared", SIZE, _draw)
)
