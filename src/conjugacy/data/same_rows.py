"""Layers of one recording have the same rows: of one kind, as many, under the same ids; and no state is beyond all numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from conjugacy.data import check
from conjugacy.data.activations import Activations
from conjugacy.data.trajectories import Trajectories
from conjugacy.errors import InputError, ShapeError, StimuliError


def _rows(layer: Activations | Trajectories) -> tuple[Any, ...]:
    return layer.lengths if isinstance(layer, Trajectories) else layer.shape[:1]


def _ids(layer: Activations | Trajectories) -> np.ndarray | None:
    return layer.trials if isinstance(layer, Trajectories) else layer.stimuli


def require_squares(hidden: Mapping[str, Activations | Trajectories], who: str) -> None:
    """Refuse states so large that their squares overflow.

    Raises
    ------
    NotFiniteError
    """
    for name, layer in hidden.items():
        for array in layer.values if isinstance(layer, Trajectories) else (layer.stored,):
            check.require_squares(array, f"{who}, layer {name!r}")


def require_same_rows(
    who: str, first_name: str, first: Activations | Trajectories, name: str, layer: Activations | Trajectories
) -> None:
    """Refuse a layer whose rows are not those of the first.

    Raises
    ------
    InputError, ShapeError, StimuliError
    """
    if not isinstance(layer, (Activations, Trajectories)):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InputError(f"{who}, layer {name!r}: expected Activations or Trajectories, got {type(layer).__name__}")
    if type(layer) is not type(first):
        raise InputError(
            f"{who}: layer {first_name!r} and layer {name!r} mix activations and trajectories; save two recordings"
        )
    if _rows(layer) != _rows(first):
        raise ShapeError(
            f"{who}: layer {first_name!r} has {_count(first)}, layer {name!r} has {_count(layer)}; "
            "all layers must hold the same stimuli (or trials and time points)"
        )
    ids, first_ids = _ids(layer), _ids(first)
    same = ids is first_ids or (ids is not None and first_ids is not None and np.array_equal(ids, first_ids))
    if not same:
        raise StimuliError(f"{who}: layers {first_name!r} and {name!r} carry different ids; all layers share one list")


def _count(layer: Activations | Trajectories) -> str:
    if isinstance(layer, Trajectories):
        return f"{len(layer.values)} trials of {min(layer.lengths)}-{max(layer.lengths)} time points"
    return f"{layer.shape[0]} rows"
