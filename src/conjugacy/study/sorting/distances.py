"""A study's values as distances: 0 for a network and itself, the same both ways."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from conjugacy.asked import one_of
from conjugacy.errors import InputError
from conjugacy.measure import get_measure, measure_or_none
from conjugacy.study.picked import measure_in

if TYPE_CHECKING:
    from conjugacy.study.study_table import StudyTable


@dataclass(frozen=True, eq=False)
class Distances:
    """Distances between networks, and how the measure's values became such.

    Attributes
    ----------
    values : float array, (rows, columns)
        NaN where there are none; of a square study symmetric, with 0 on the diagonal.
    notes : tuple of str
        What was done.
    """

    values: np.ndarray
    notes: tuple[str, ...]


def gives_answers(measure: str) -> bool:
    """Whether the measure of an id answers how networks are related; not where this installation does not know it."""
    known = measure_or_none(measure.partition(":")[0])
    return known is not None and known.traits.answers


def the_measure(study: StudyTable, given: str | None, axis: str | None = None) -> str:
    """Return the measure that is meant: the given one, else the verdict on an axis (by default of units), else the only one.

    A measure of another package that answers counts as the verdict does.

    Raises
    ------
    InputError
        Where several could be meant.
    """
    if given is not None:
        return measure_in(study, given)
    verdicts = [name for name in study.measures if gives_answers(name)]
    axis = None if axis is None else one_of("axis", axis, ("representation", "function"))
    of_outputs = [name for name in verdicts if "axis=function" in name]
    of_units = of_outputs if axis == "function" else [name for name in verdicts if name not in of_outputs]
    if axis is not None and not of_units:
        id_of = "verdict:axis=function" if axis == "function" else "verdict"
        both = [*study.measures, id_of]
        raise InputError(
            f"axis: the study has no verdict on the {axis} axis; run pairwise again with measures={both}, on the same store if "
            "there is one: what it holds is not done again"
        )
    found = of_units or verdicts or list(study.measures)
    if len(found) > 1 and "verdict" not in found:
        raise InputError(f"measure: there are {len(found)} to choose from ({', '.join(found)}); name one")
    return "verdict" if "verdict" in found else found[0]


def distances(study: StudyTable, measure: str, layer_pair: str | None) -> Distances:
    """Turn the values of one measure into distances.

    The value of a measure that answers is the unexplained fraction of variance, clipped to [0, 1]. Values of which larger is more
    alike are taken off the value of a network and itself; what falls below 0 by rounding is 0.
    """
    values = study.table("value", measure, layer_pair).astype(float)
    notes: list[str] = []
    if gives_answers(measure):
        values = np.clip(values, 0, 1)
        notes.append("distance: unexplained fraction of variance in the worse direction, at most 1")
    else:
        values = _by_traits(values, measure, notes)
    if study.is_square:
        values = _symmetrised(values, notes)
    return Distances(values, tuple(notes))


def _by_traits(values: np.ndarray, measure: str, notes: list[str]) -> np.ndarray:
    traits = get_measure(measure).traits
    if not traits.larger_is_more_similar:
        notes.append(f"distance: the value of {measure}")
        return np.maximum(values, 0)
    if traits.identity_value is not None:
        notes.append(f"distance: {traits.identity_value:g} less the value of {measure}")
        return np.maximum(traits.identity_value - values, 0)
    notes.append(f"distance: the largest value of {measure} less the value; a network and itself has no fixed one")
    return np.nanmax(values, initial=0.0) - values if np.isfinite(values).any() else values


def _symmetrised(values: np.ndarray, notes: list[str]) -> np.ndarray:
    """Average both ways where they differ, and take the one that is there where the other is missing."""
    there, back = np.isfinite(values), np.isfinite(values.T)
    mean = np.where(there & back, (values + values.T) / 2, np.where(there, values, values.T))
    if (
        not np.allclose(values, values.T, rtol=1e-6, atol=1e-12, equal_nan=True)
        and (there & back & ~_close(values)).any()
    ):
        notes.append("the two directions of a pair differ and were averaged")
    np.fill_diagonal(mean, 0)
    return mean


def _close(values: np.ndarray) -> np.ndarray:
    return np.isclose(values, values.T, rtol=1e-6, atol=1e-12)
