"""From what a network gave to a recording: rows of stimuli, of tokens, or trajectories."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from conjugacy.activations.driven import Driven
from conjugacy.activations.shown import Shown
from conjugacy.activations.tensors import as_array
from conjugacy.data import Activations, Recording, Trajectories, is_head
from conjugacy.errors import ShapeError

OTHERS = "holds {} tokens or time points, and others {}; name layers of one length"


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


def of_one_length(
    arrays: Mapping[str, np.ndarray], mask: np.ndarray | None
) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    """Return the layers that hold as many tokens as the mask, else as the output, else as most do; and why others are left out.

    Examples
    --------
    >>> kept, why = of_one_length({"conv": np.zeros((3, 20, 8)), "a": np.zeros((3, 10, 8)), "b": np.zeros((3, 10, 8))}, None)
    >>> list(kept), why
    (['a', 'b'], {'conv': 'holds 20 tokens or time points, and others 10; name layers of one length'})
    """
    if not arrays:
        return {}, {}
    lengths = {name: values.shape[1] for name, values in arrays.items()}
    heads = [length for name, length in lengths.items() if is_head(name)]
    few = [mask.shape[1]] if mask is not None and mask.shape[1] in lengths.values() else heads or list(lengths.values())
    wanted = max(dict.fromkeys(few), key=few.count)
    others = {name: OTHERS.format(length, wanted) for name, length in lengths.items() if length != wanted}
    return {name: values for name, values in arrays.items() if name not in others}, others


def of_tokens(
    arrays: Mapping[str, np.ndarray], rows: Belonging, shown: Shown
) -> tuple[dict[str, np.ndarray], Belonging]:
    """Return every token as a row of its own, and what belongs to it."""
    shape = _common(arrays)
    there = np.ones(shape, bool) if rows.mask is None else rows.mask
    return {name: values[there] for name, values in arrays.items()}, belonging_of_tokens(there, rows, shown)


def belonging_of_tokens(there: np.ndarray, rows: Belonging, shown: Shown) -> Belonging:
    """Return what belongs to every token that is there, (m, t): its sequence is its group."""
    sequence, position = np.nonzero(there)
    ids = np.arange(len(there)) if rows.ids is None else np.asarray(rows.ids)
    named = np.array([f"{ids[i]}/{j}" for i, j in zip(sequence, position, strict=True)])
    groups = sequence if rows.groups is None else np.asarray(rows.groups)[sequence]
    main = as_array(shown.main)
    inputs = None
    if main.shape[:2] == there.shape and main.dtype.kind in "biuf" and rows.inputs is not None:
        inputs = main[there].reshape(len(sequence), -1)
    return Belonging(named, groups, _of_each(rows.targets, there, sequence), inputs)


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
    """Return a recording of trajectories: a trial for each stimulus, as long as its mask says, driven by what is shown next."""
    shape = _common(arrays)
    lengths = np.full(shape[0], shape[1]) if rows.mask is None else _lengths(rows.mask)
    driven = Driven.of(shown)
    drive = None if driven is None or driven.channels.shape[1] != shape[1] else driven.next(lengths.tolist())
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
            raise ShapeError(f"layer {name!r}: {OTHERS.format(shape[1], first[1])}")
    return first[0], first[1]
