"""How to cite what was used: the software, the ideas, and the measures."""

from __future__ import annotations

from collections.abc import Sequence

from conjugacy import __version__
from conjugacy.measure import get_measure

SOFTWARE = f"Conjugacy {__version__}: when have two neural networks learned the same task? Python package."
TRANSFORMATIONS = (
    "T. Bertalan, F. Dietrich, I. G. Kevrekidis: Transformations establishing equivalence across neural networks: "
    "When have two networks learned the same task? Chaos 34 (2024), doi:10.1063/5.0206406"
)
BIBTEX = f"""@software{{conjugacy,
  title = {{Conjugacy: when have two neural networks learned the same task?}},
  version = {{{__version__}}},
}}

@article{{bertalan2024transformations,
  author = {{Bertalan, Tom and Dietrich, Felix and Kevrekidis, Ioannis G.}},
  title = {{Transformations establishing equivalence across neural networks: When have two networks learned the same task?}},
  journal = {{Chaos}},
  volume = {{34}},
  year = {{2024}},
  doi = {{10.1063/5.0206406}},
}}
"""


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
