"""How each network was recorded: what became of axes, what a few rows showed of it, and what was left out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from conjugacy.report.comparison.section import TOP, Section

if TYPE_CHECKING:
    from conjugacy.comparison import Comparison


def _values(comparison: Comparison, place: str) -> Mapping[str, Any] | None:
    provenance = _mapping(comparison.settings.get("provenance"))
    found = [
        {
            "name": name,
            "passes": list(_mapping(provenance.get(side)).get("passes") or ()),
            "reduced": _mapping(_mapping(provenance.get(side)).get("reduced")),
            "left_out": _mapping(_mapping(provenance.get(side)).get("left_out")),
        }
        for side, name in zip("ab", comparison.networks, strict=True)
    ]
    some = any(one["passes"] or one["reduced"] or one["left_out"] for one in found)
    return {"recorded": found} if some else None


def _mapping(value: Any) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", value) if isinstance(value, Mapping) else {}


SECTION = Section((TOP,), _values, title="How they were recorded")
