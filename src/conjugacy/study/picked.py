"""What callers pick out of a study: a measure, a pair of layers, networks, one table of numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from conjugacy.asked import name_of, one_of, shown
from conjugacy.errors import InputError
from conjugacy.measure import measures_of
from conjugacy.results import Classes
from conjugacy.results.states import VARIABLES
from conjugacy.study.counted import pairs_asked_of

if TYPE_CHECKING:
    from conjugacy.study.study_table import StudyTable

TABLES = (*VARIABLES, "status")
FEW_NAMED = 4  # of many, where one is to be named


def measure_in(study: StudyTable, given: Any) -> str:
    """Return the id of a measure of the study: of an id, of a configured measure, of a function that was compared by.

    Raises
    ------
    InputError
        Where the study has no such measure.
    """
    if not isinstance(given, str) and (callable(given) or hasattr(given, "traits")):
        given = measures_of(given)[0][0]
    return one_of("measure", given, study.measures)


def layers_in(study: StudyTable, given: Any) -> str:
    """Return the label of a pair of layers of the study.

    Raises
    ------
    InputError
        Where the study has no such pair.
    """
    return one_of("layer pair", given, study.layer_pairs)


def network_in(study: StudyTable, given: Any) -> str:
    """Return the name of a network of the study.

    Raises
    ------
    InputError
        Where the study has no such network.
    """
    rows, columns = study.networks
    named = name_of(given) if isinstance(given, str) else given
    return one_of("network", named, dict.fromkeys((*rows, *columns)))


def classes_of(given: Any) -> Classes | None:
    """Return how networks are sorted, as `Study.classes` returns it, or None.

    Raises
    ------
    InputError
        Where it is something else.
    """
    if given is not None and not isinstance(given, Classes):
        raise InputError(f"classes: got {shown(given)}, expected what study.classes() returns")
    return given


def table_of(study: StudyTable, variable: Any, measure: Any, layer_pair: Any) -> np.ndarray:
    """Return one variable of one measure; what may be asked is in `Study.table`."""
    name = one_of("variable", variable, TABLES)
    which = only("measure", study.measures) if measure is None else measure_in(study, measure)
    asked = pairs_asked_of(study, which) if layer_pair is None else ()
    pair = only("layer pair", asked) if layer_pair is None else layers_in(study, layer_pair)
    found: Any = study.dataset[name]
    return np.asarray(found.sel(measure=which, layer_pair=pair).values)


def only(what: str, known: tuple[str, ...]) -> str:
    """Return the only name there is.

    Raises
    ------
    InputError
        Where there are several.
    """
    if len(known) > 1:
        more = "" if len(known) <= FEW_NAMED else f" and {len(known) - FEW_NAMED} more"
        option = what.replace(" ", "_")
        raise InputError(
            f"{what}: there are {len(known)} ({', '.join(known[:FEW_NAMED])}{more}); name one with {option}="
        )
    return next(iter(known))
