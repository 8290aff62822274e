"""Tables made from the registry of measures."""

from __future__ import annotations

import textwrap
from dataclasses import fields
from typing import Any, cast

from conjugacy.errors import InputError
from conjugacy.measure import Measure, get_measure, measure_names

INDENT = 25  # room for a measure's name


def measure_rows() -> list[dict[str, Any]]:
    """Return what every measure says of itself; one that cannot be imported says why."""
    rows: list[dict[str, Any]] = []
    for name in measure_names():
        try:
            rows.append(_row(name, get_measure(name)))
        except InputError as error:
            rows.append({"id": name, "error": str(error)})
    return rows


def _row(name: str, measure: Measure) -> dict[str, Any]:
    traits = measure.traits
    return {
        "id": name,
        "what": (type(measure).__doc__ or "").strip().splitlines()[0],
        "symmetric": traits.symmetric,
        "metric": traits.metric,
        "larger_is_more_similar": traits.larger_is_more_similar,
        "identity_value": traits.identity_value,
        "invariances": sorted(traits.invariances),
        "knobs": {f.name: getattr(measure, f.name) for f in fields(cast(Any, measure))},
    }


def measure_table(rows: list[dict[str, Any]]) -> str:
    """Return the rows as text that fits a terminal of 100 columns."""
    blocks: list[str] = []
    for row in rows:
        if "error" in row:
            blocks.append(
                textwrap.fill(row["error"], 96, initial_indent=f"{row['id']:<{INDENT}}", subsequent_indent=" " * INDENT)
            )
            continue
        kind = "symmetric" if row["symmetric"] else "directional"
        kind += ", a metric" if row["metric"] else ""
        kind += ", larger is more similar" if row["larger_is_more_similar"] else ", larger is farther apart"
        knobs = ", ".join(f"{k}={str(v).lower()}" for k, v in row["knobs"].items()) or "none"
        lines = [
            textwrap.fill(row["what"], 96, initial_indent=f"{row['id']:<{INDENT}}", subsequent_indent=" " * INDENT),
            f"{'':{INDENT}}{kind}; {_identity(row['identity_value'])}",
            textwrap.fill(
                f"unmoved by: {', '.join(row['invariances']) or 'nothing'}",
                96,
                initial_indent=" " * INDENT,
                subsequent_indent=" " * (INDENT + 2),
            ),
            f"{'':{INDENT}}knobs: {knobs}",
        ]
        blocks.append("\n".join(lines))
    return "\n".join(blocks)


def _identity(value: float | None) -> str:
    return "no fixed value for a network and itself" if value is None else f"{value:g} for a network and itself"
