"""Which pairs of a study tell most, how they are compared again in full, and the names of the files of their pages."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from conjugacy.errors import ConjugacyError
from conjugacy.measure import get_measure
from conjugacy.results import Classes
from conjugacy.results.states import CODES

if TYPE_CHECKING:
    from conjugacy.comparison import Comparison
    from conjugacy.study import Study

_MOST_SIGNS = 40
ComparePair: TypeAlias = "Callable[[str, str], Comparison | None]"


def recorded_at(study: Study) -> dict[str, str]:
    """Return the paths of recordings that are still there: a study of arrays has none that last."""
    paths = study.settings.get("paths")
    known = paths if isinstance(paths, Mapping) else {}
    return {str(name): str(path) for name, path in known.items() if Path(str(path)).exists()}


def tolerance_of(study: Study, measure: str) -> float | None:
    """Return the tolerance of the verdicts, as the study or the measure keeps it; None where there is none."""
    try:
        found = study.settings.get("tolerance", getattr(get_measure(measure), "tolerance", None))
    except ConjugacyError:  # a measure of a package that is not here
        return None
    return float(found) if isinstance(found, (int, float)) else None


def in_full(study: Study, measure: str, layer_pair: str | None = None) -> ComparePair:
    """Return how two networks are compared again with all the evidence: on the layers and as the measure of the table."""
    tolerance = tolerance_of(study, measure)
    more = {} if tolerance is None else {"tolerance": tolerance}
    return partial(study.pair, measure=measure, layer_pair=layer_pair, **more)


def telling_pairs(study: Study, classes: Classes | None) -> Iterator[tuple[str, str]]:
    """Give pairs worth a page of their own: representatives of different classes, intransitive pairs, undecided ones."""
    seen: set[tuple[str, str]] = set()
    for a, b in _candidates(study, classes):
        if a != b and (a, b) not in seen and (b, a) not in seen:
            seen.add((a, b))
            yield a, b


def _candidates(study: Study, classes: Classes | None) -> Iterator[tuple[str, str]]:
    if classes is not None:
        first = [group.representative for group in classes.groups]
        for i in range(1, len(first)):  # the largest classes with each other first
            yield from ((first[j], first[i]) for j in range(i))
        for a, b, c in classes.examples:
            yield from ((a, c), (a, b), (b, c))
    measure = study.measures[0] if classes is None else classes.measure
    layers = study.layer_pairs[0] if classes is None else classes.layer_pair
    status = study.table("status", measure, layers)
    rows, columns = study.networks
    for i, j in np.argwhere(status == CODES["undecided"]).tolist():
        yield rows[i], columns[j]


def file_name(number: int, a: str, b: str) -> str:
    """Return a name that every file system takes, whatever the networks are called.

    Examples
    --------
    >>> file_name(3, "net/1", "<b>")
    '003-net-1-b.html'
    """
    parts = [re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-")[:_MOST_SIGNS] for name in (a, b)]
    return "-".join([f"{number:03d}", *(part for part in parts if part)]) + ".html"
