"""Passes of onnxruntime over a batch: all rows at once, or as many at a time as the model takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from conjugacy.activations.networks.onnx.feeds import GraphInput
from conjugacy.errors import ModelError

Found = dict[str, np.ndarray]


@dataclass(frozen=True, eq=False)
class OnnxPass:
    """How a session is run.

    Attributes
    ----------
    session : onnxruntime.InferenceSession
    inputs : sequence of GraphInput
    size : int or None
        How many rows the model takes at once; None where it takes any number.
    names : mapping of str to str
        Tensor -> what the session calls it.
    places : mapping of str to int
        Tensors -> the axis of the rows, where it is known.
    """

    session: Any
    inputs: Sequence[GraphInput]
    size: int | None
    names: Mapping[str, str]
    places: Mapping[str, int]

    def over(self, arrays: Mapping[str, np.ndarray], rows: int) -> tuple[Found, dict[str, str]]:
        """Return tensors with all their axes, and why others are missing.

        Raises
        ------
        ModelError
            Where onnxruntime raises.
        """
        if self.size is None:
            return self._with_rows(self._once(arrays, rows), rows)
        size = self.size
        parts = [
            (self._once(self._chunk(arrays, start, rows), size), min(size, rows - start))
            for start in range(0, rows, size)
        ]
        found: Found = {}
        notes: dict[str, str] = {}
        for name in self.names:
            pieces = [piece for part, count in parts if (piece := self._cut(name, part[name], count)) is not None]
            if len(pieces) < len(parts):
                notes[name] = f"shape {parts[0][0][name].shape}, in which {size} rows cannot be told apart"
            elif len({piece.shape[1:] for piece in pieces}) > 1:
                notes[name] = "another shape for other stimuli"
            else:
                found[name] = np.moveaxis(np.concatenate(pieces), 0, max(self.places.get(name, 0), 0))
        return found, notes

    def _chunk(self, arrays: Mapping[str, np.ndarray], start: int, rows: int) -> Found:
        """Return so many rows as the model takes; the last one is repeated where there are fewer."""
        places = np.minimum(np.arange(start, start + (self.size or 1)), rows - 1)
        return {e.name: arrays[e.name] if e.rows is None else arrays[e.name][places] for e in self.inputs}

    def _once(self, arrays: Mapping[str, np.ndarray], rows: int) -> Found:
        given = {each.name: np.ascontiguousarray(each.fitted(arrays[each.name], rows)) for each in self.inputs}
        try:
            return dict(zip(self.names, self.session.run(list(self.names.values()), given), strict=True))
        except Exception as error:
            shapes = ", ".join(f"{name} {array.shape}" for name, array in given.items())
            raise ModelError(f"onnxruntime raised on {shapes}: {error}") from error

    def _with_rows(self, found: Found, rows: int) -> tuple[Found, dict[str, str]]:
        notes = {
            name: f"shape {array.shape}, no axis with one entry for each of {rows} stimuli"
            for name, array in found.items()
            if rows not in array.shape
        }
        return {name: array for name, array in found.items() if name not in notes}, notes

    def _cut(self, name: str, array: np.ndarray, count: int) -> np.ndarray | None:
        """Return the rows of one pass along the first axis, without those that only filled it up; None where there are none."""
        place = self.places.get(name, -1)
        if self.size == 1 and (place < 0 or place >= array.ndim or array.shape[place] != 1):
            return array if array.ndim and array.shape[0] == 1 else array[None]  # whole, it belongs to its only row
        place = max(place, 0)
        if place >= array.ndim or array.shape[place] != self.size:
            return None
        return np.moveaxis(array, place, 0)[:count]
