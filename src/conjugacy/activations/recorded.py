"""From what a network gave to a recording: rows of stimuli, of tokens, or trajectories."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from conjugacy.activations.shown import Shown
from conjugacy.activations.tensors import as_array
from conjugacy.data import Activations, Recording, Trajectories
from conjugacy.errors import ShapeError

MOST_IDS = 10**7


@dataclass(frozen=True, eq=False)
class Belonging:
    """What belongs to the stimuli.

    Attributes
    ----------
    ids, groups, targets, inputs : array or None
    mask : bool array, (m, t), or None
        Which tokens are there; None where all are.
    """

    ids: Any
    groups: Any
    targets: Any
    inputs: np.ndarray | None
    mask: np.ndarray | None = None


def of_tokens(
    arrays: Mapping[str, np.ndarray], rows: Belonging, shown: Shown
) -> tuple[dict[str, np.ndarray], Belonging]:
    """Return every token as a row of its own, and what belongs to it: its sequence is its group."""
    shape = _common(arrays)
    there = np.ones(shape, bool) if rows.mask is None else rows.mask
    sequence, position = np.nonzero(there)
    ids = np.arange(shape[0]) if rows.ids is None else np.asarray(rows.ids)
    named = np.array([f"{ids[i]}/{j}" for i, j in zip(sequence, position, strict=True)])
    groups = sequence if rows.groups is None else np.asarray(rows.groups)[sequence]
    main = as_array(shown.main)
    inputs = None
    if main.shape[:2] == shape and main.dtype.kind in "biuf" and rows.inputs is not None:
        inputs = main[there].reshape(len(sequence), -1)
    return (
        {name: values[there] for name, values in arrays.items()},
        Belonging(named, groups, _of_each(rows.targets, there, sequence), inputs),
    )


def _of_each(targets: Any, there: np.ndarray, sequence: np.ndarray) -> Any:
    """Return targets of tokens; those of a sequence belong to each of its tokens."""
    if targets is None:
        return None
    given = np.asarray(targets)
    if given.shape[:2] == there.shape:
        return given[there]
    if len(given) == len(there):
        return given[sequence]
    raise ShapeError(
        f"targets: got shape {given.shape}, expected {there.shape} for tokens, or one for each of {len(there)} sequences"
    )


def trajectories(arrays: Mapping[str, np.ndarray], rows: Belonging, shown: Shown, **settings: Any) -> Recording:
    """Return a recording of trajectories: a trial for each stimulus, as long as its mask says, driven by what was shown."""
    shape = _common(arrays)
    lengths = np.full(shape[0], shape[1]) if rows.mask is None else _lengths(rows.mask)
    main = as_array(shown.main)
    driven = main.ndim == 3 and main.shape[:2] == shape and main.dtype.kind == "f"
    drive = tuple(main[i, :n] for i, n in enumerate(lengths)) if driven else None
    trials = rows.ids
    if trials is not None and len(np.unique(np.asarray(trials))) < shape[0]:
        trials = None  # equal inputs: trials match by place
    layers: dict[str, Activations | Trajectories] = {
        name: Trajectories(tuple(values[i, :n] for i, n in enumerate(lengths)), trials=trials, drive=drive, layer=name)
        for name, values in arrays.items()
    }
    return Recording(layers, **settings)


def _lengths(mask: np.ndarray) -> np.ndarray:
    lengths = mask.sum(axis=1)
    if not (mask == (np.arange(mask.shape[1]) < lengths[:, None])).all():
        raise ShapeError(
            "mask: has gaps, or padding before the first token; expected padding at the end for tokens='time'"
        )
    return lengths


def _common(arrays: Mapping[str, np.ndarray]) -> tuple[int, int]:
    shapes = {name: values.shape[:2] for name, values in arrays.items()}
    first = next(iter(shapes.values()))
    for name, shape in shapes.items():
        if shape != first:
            raise ShapeError(
                f"layer {name!r}: holds {shape[1]} tokens or time points, and others {first[1]}; name layers of one length"
            )
    return first[0], first[1]
