"""Which attributes of the stimuli the common and the private directions tell, all tests held to one level."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from conjugacy.comparison.attributes import Attribute
from conjugacy.comparison.setup import Setup
from conjugacy.data import Recording, Trajectories
from conjugacy.numerics.columns import any_varies
from conjugacy.numerics.holm import holm
from conjugacy.results import SharedAttribute
from conjugacy.transformations import Standard
from conjugacy.transformations.common.attribute_probe import AttributeProbe, Labelled, told_of
from conjugacy.transformations.common.judged import FEWEST_CLUSTERS, FEWEST_ROWS, SharedLayers

STRONGEST = 3  # private directions of each layer
PER_TEST = 40  # pairings: of as many tests each may be Holm's first, and p reaches half of the level
MOST_DRAWS = 9999
Part = tuple[str, int | None, np.ndarray]


def shared_attributes(
    found: SharedLayers, attributes: Sequence[Attribute]
) -> tuple[tuple[SharedAttribute, ...], tuple[str, ...]]:
    """Return how well every direction tells every attribute, and what was left out; attributes are those of the layers' rows."""
    parts, notes, tested = directions_of(found), list[str](), list[tuple[Attribute, np.ndarray, np.ndarray, Standard]]()
    for one in attributes:
        rows, values, said = one.known(found.standard.clusters)
        notes += said
        standard = found.standard.at(rows)
        if why := _not_tested(one, values, standard):
            notes.append(f"{one.name} is not tested: {why}")
        else:
            tested.append((one, rows, values, standard))
    draws = min(MOST_DRAWS, PER_TEST * len(parts) * len(tested) - 1)
    done = [one for known in tested for one in _tested(known, parts, found.folds, draws)]
    adjusted = holm(np.array([one.p for one in done]))
    return tuple(replace(one, p_adjusted=float(p)) for one, p in zip(done, adjusted, strict=True)), tuple(notes)


def attributes_on(setup: Setup, rows: np.ndarray) -> tuple[Attribute, ...]:
    """Return the attributes of some of the matched rows; of trajectories the conditions of their trials."""
    own = setup.matching.rows_a[rows]
    if setup.pair.trials is None:
        return tuple(one.at(own) for one in setup.attributes)
    for recording in setup.pair.trials:
        if (found := _conditions(recording)) is not None:
            # every time point has the condition of its trial
            return (Attribute.of("condition", found[own]),)
    return ()


def _conditions(recording: Recording) -> np.ndarray | None:
    first = recording.first
    if not isinstance(first, Trajectories) or first.conditions is None:
        return None
    return np.repeat(first.conditions, first.lengths)


def directions_of(found: SharedLayers) -> list[Part]:
    """Return parts, numbers and coordinates (m, k) of what is tested: all of a part together, then its directions."""
    ends, parts = found.ends, list[Part]()
    if found.part.dimensions:
        a, b = (end.common / np.maximum(end.common.std(axis=0), 1e-300) for end in ends)
        parts += _with_each("common", a + b, found.part.dimensions)
    for name, end in zip("ab", ends, strict=True):
        parts += _with_each(name, end.own, STRONGEST)
    return parts


def _with_each(name: str, z: np.ndarray, most: int) -> list[Part]:
    z = z[:, [any_varies(column[:, None]) for column in z.T]]
    each: list[Part] = [(name, j + 1, z[:, [j]]) for j in range(min(most, z.shape[1]))]
    return each if z.shape[1] == 1 else [(name, None, z), *each] if z.shape[1] else []


def _not_tested(one: Attribute, values: np.ndarray, standard: Standard) -> str | None:
    if len(values) < FEWEST_ROWS or standard.n_clusters < FEWEST_CLUSTERS:
        return (
            f"it is known on {len(values)} rows in {standard.n_clusters} groups, of {FEWEST_ROWS} and {FEWEST_CLUSTERS}"
        )
    if one.is_class:
        return None if values.max() > 0 else "it has one class"
    return None if any_varies(values[:, None]) else "it is the same on all rows"


def _tested(
    known: tuple[Attribute, np.ndarray, np.ndarray, Standard], parts: Sequence[Part], folds: np.ndarray, draws: int
) -> list[SharedAttribute]:
    one, rows, values, standard = known
    own = np.unique(folds[rows], return_inverse=True)[1].reshape(len(rows))
    labelled = Labelled(values, one.is_class, own, standard)
    done = list[SharedAttribute]()
    for part, number, z in parts:
        told = told_of(AttributeProbe.of(z[rows], own, standard.seed), labelled, draws)
        kind = "classes" if one.is_class else "values"
        done.append(
            SharedAttribute(
                one.name, kind, part, number, told.told, labelled.chance, told.p, told.p, told.draws, len(rows)
            )
        )
    return done
