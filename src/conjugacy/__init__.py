"""Say when two neural networks have learned the same task.

>>> import numpy as np, conjugacy as cj
>>> x = np.random.default_rng(0).normal(size=(100, 3))
>>> round(cj.get_measure("cka")(x, x @ [[0, 1, 0], [1, 0, 0], [0, 0, 1]]).value, 6)
1.0
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from conjugacy.activations import convert, load, record
    from conjugacy.comparison import Comparison, compare
    from conjugacy.comparison.gate import gate
    from conjugacy.comparison.transfer import transfer
    from conjugacy.data import Activations, Recording, Trajectories
    from conjugacy.errors import ConjugacyError
    from conjugacy.measure import Measure, Traits, get_measure, measure_names
    from conjugacy.results import Evidence, Score, Status, Verdict
    from conjugacy.study import Study, pairwise
    from conjugacy.transformations import Transformation

__version__ = "0.2.0"

_HOME = {
    "Activations": "data",
    "Comparison": "comparison",
    "ConjugacyError": "errors",
    "Evidence": "results",
    "Measure": "measure",
    "Recording": "data",
    "Score": "results",
    "Status": "results",
    "Study": "study",
    "Traits": "measure",
    "Trajectories": "data",
    "Transformation": "transformations",
    "Verdict": "results",
    "compare": "comparison",
    "convert": "activations",
    "gate": "comparison.gate",
    "get_measure": "measure",
    "load": "activations",
    "measure_names": "measure",
    "pairwise": "study",
    "record": "activations",
    "transfer": "comparison.transfer",
}

__all__ = [
    "Activations",
    "Comparison",
    "ConjugacyError",
    "Evidence",
    "Measure",
    "Recording",
    "Score",
    "Status",
    "Study",
    "Traits",
    "Trajectories",
    "Transformation",
    "Verdict",
    "compare",
    "convert",
    "gate",
    "get_measure",
    "load",
    "measure_names",
    "pairwise",
    "record",
    "transfer",
]


def __getattr__(name: str) -> Any:
    # lazily, so that `import conjugacy` loads neither numpy nor torch
    if name not in _HOME:
        raise AttributeError(f"module 'conjugacy' has no attribute {name!r}")
    value = getattr(importlib.import_module(f"conjugacy.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
