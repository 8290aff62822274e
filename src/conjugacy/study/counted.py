"""How many pairs of a study have which status, and its summary as what JSON can hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from conjugacy.results.plain import SCHEMA, plain
from conjugacy.results.states import STATES

if TYPE_CHECKING:
    from conjugacy.study.study import Study
    from conjugacy.study.study_table import StudyTable


def pairs_asked_of(study: StudyTable, measure: str) -> tuple[str, ...]:
    """Return the layer pairs that a measure was asked of; all, where it was asked of none."""
    status: Any = study.dataset.status.sel(measure=measure)
    asked = tuple(pair for pair in study.layer_pairs if np.asarray(status.sel(layer_pair=pair).values).any())
    return asked or study.layer_pairs


def counts_of(study: StudyTable) -> dict[str, dict[str, dict[str, int]]]:
    """Return how many pairs have which status, by measure and layer pair; each pair of a square study once."""
    found: dict[str, dict[str, dict[str, int]]] = {}
    for measure in study.measures:
        for pair in pairs_asked_of(study, measure):
            status = study.table("status", measure, pair)
            cells = status[np.triu_indices(len(status), 1)] if study.is_square else status.ravel()
            codes, numbers = np.unique(cells, return_counts=True)
            words = {STATES[code]: int(number) for code, number in zip(codes, numbers, strict=True)}
            found.setdefault(measure, {})[pair] = words
    return found


def record_of(study: Study) -> dict[str, Any]:
    """Return the summary of a study: networks, counts, classes, what went wrong."""
    classes: dict[str, Any] = {}
    if (study.is_square and len(study.networks[0]) > 1) or "joined" in study.settings:
        for measure in study.measures:
            for pair in pairs_asked_of(study, measure):
                classes.setdefault(measure, {})[pair] = dict(study.classes(measure=measure, layer_pair=pair))
    return {
        "schema": SCHEMA,
        "networks": {"rows": list(study.networks[0]), "columns": list(study.networks[1])},
        "counts": study.counts(),
        "classes": classes,
        "unread": dict(study.unread),
        "notes": list(study.notes),
        "settings": plain(study.settings),
        "store": None if study.store is None else str(study.store),
    }
