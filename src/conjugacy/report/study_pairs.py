"""Which pairs of a study tell most, and the names of the files of their pages."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

from conjugacy.results import Classes, Study
from conjugacy.results.study import CODES

_MOST_SIGNS = 40


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
