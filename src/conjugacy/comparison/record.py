"""The JSON record of a comparison, as plain Python objects."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

from conjugacy.report.shared_words import shared_sentence
from conjugacy.results.plain import SCHEMA, plain
from conjugacy.results.score import Score
from conjugacy.results.shared import SharedPart

if TYPE_CHECKING:
    from conjugacy.comparison.comparison import Comparison


def record_of(comparison: Comparison) -> dict[str, Any]:
    """Return the JSON record (`schema: 1`); missing numbers are None."""
    record: dict[str, Any] = {
        "schema": SCHEMA,
        "tolerance": comparison.tolerance,
        "seed": comparison.seed,
        "networks": list(comparison.networks),
        "n_samples": comparison.n_samples,
        "function": plain(comparison.verdict.function),
        "representation": plain(comparison.verdict.representation),
        "dynamics": plain(comparison.verdict.dynamics),
        "drop_in": plain(comparison.drop_in),
        "measures": [_score_record(score) for score in comparison.measures],
        "few_units": _few_units(comparison),
        "shared": _shared(comparison.shared),
        "sweeps": None
        if comparison.sweeps is None
        else {name: plain(one) for name, one in zip("ab", comparison.sweeps, strict=True)},
        "layer_map": plain(comparison.layer_map),
        **_match(comparison),
        "notes": list(comparison.notes),
        "settings": plain(comparison.settings),
    }
    return record


def _match(comparison: Comparison) -> dict[str, Any]:
    """How rows were matched; of networks that saw different stimuli, how well that is known."""
    found = comparison.intrinsic
    if found is None:
        nothing = dict.fromkeys(("n_common", "resolved", "symmetries", "intrinsic"))
        return {"match": comparison.settings.get("match", "stimuli"), **nothing}
    details = plain(found)
    for name in ("n_common", "resolved", "symmetries", "points_a", "points_b"):
        del details[name]
    counts = {"n_common": found.n_common, "resolved": found.resolved, "symmetries": found.symmetries}
    return {"match": "intrinsic", **counts, "intrinsic": details}


def _few_units(comparison: Comparison) -> dict[str, Any] | None:
    if comparison.few_units is None:
        return None
    ways = zip(("a_to_b", "b_to_a"), comparison.few_units, strict=True)
    return {way: plain(found) | {"sufficient": found.dimension.sufficient} for way, found in ways}


def _shared(found: SharedPart | None) -> dict[str, Any] | None:
    """Return what two layers share, without the maps and the pictures."""
    if found is None:
        return None
    maps = ("a", "b", "private_a", "private_b")
    record = {f.name: plain(getattr(found, f.name)) for f in fields(found) if f.name not in maps}
    for part in record["private_parts"]:
        del part["pictures"]
    for one, test in zip(record["attributes"], found.attributes, strict=True):
        one["carried"] = test.carried
    return {"sentence": shared_sentence(found), **record}


def _score_record(score: Score) -> dict[str, Any]:
    return {
        "measure": score.measure,
        "value": plain(score.value),
        "distance": plain(score.distance()),
        "similarity": plain(score.similarity()),
        "status": score.status.name.lower(),
        "interval": plain(score.interval),
    }
