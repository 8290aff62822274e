"""How to cite what was used: the software, the ideas, and the measures."""

from __future__ import annotations

from collections.abc import Sequence

from conjugacy import __version__
from conjugacy.measure import get_measure
from conjugacy.report import bibtex

SOFTWARE = f"Conjugacy {__version__}: when have two neural networks learned the same task? Python package."
TRANSFORMATIONS = (
    "T. Bertalan, F. Dietrich, I. G. Kevrekidis: Transformations establishing equivalence across neural networks: "
    "When have two networks learned the same task? Chaos 34 (2024), doi:10.1063/5.0206406"
)
BIBTEX = "\n\n".join(bibtex.SOFTWARE)


def citations(measures: Sequence[str] = ()) -> list[str]:
    """Return the references of the software, its ideas and the named measures, each once.

    Raises
    ------
    UnknownNameError
        Where a measure is not known.

    Examples
    --------
    >>> citations(["cka"])[0].startswith("Conjugacy")
    True
    """
    found = [SOFTWARE, TRANSFORMATIONS]
    for name in measures:
        found += get_measure(name).references
    return list(dict.fromkeys(found))


def as_bibtex(measures: Sequence[str] = ()) -> str:
    """Return the same references as BibTeX.

    Raises
    ------
    UnknownNameError
        Where a measure is not known.

    Examples
    --------
    >>> "kornblith2019similarity" in as_bibtex(["cka"])
    True
    """
    return bibtex.bibtex(reference for name in measures for reference in get_measure(name).references)
