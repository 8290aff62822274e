"""Inputs that are images, as small pictures."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from conjugacy.asked import whole_number
from conjugacy.data import Activations, Recording
from conjugacy.errors import InputError, ShapeError

ImageShape = tuple[int, ...]
LAST, FIRST = (1, 3, 4), (1, 3)  # numbers of channels, after or before the places
SMALLEST = 5  # places on a side: a table with fewer columns is no picture
LARGEST = 96  # places of a side in a picture that is kept
EXPECTED = "(h, w), (h, w, channels) or (channels, h, w)"


def image_shape_of(given: Any) -> ImageShape | None:
    """Return the shape of one image as it was given.

    Raises
    ------
    InputError

    Examples
    --------
    >>> image_shape_of([8, 8])
    (8, 8)
    """
    if given is None:
        return None
    if isinstance(given, str) or not hasattr(given, "__iter__"):
        raise InputError(f"image_shape: got {given!r}, expected {EXPECTED}")
    shape = tuple(whole_number("image_shape", one, 1) for one in list(given))
    if len(shape) == 2 or (len(shape) == 3 and (shape[2] in LAST or shape[0] in FIRST)):
        return shape
    raise InputError(f"image_shape: got {shape}, expected {EXPECTED}, with 1, 3 or 4 channels last, or 1 or 3 first")


def require_images(recording: Recording, shape: ImageShape | None) -> None:
    """Refuse the shape of an image that the recorded inputs have not.

    Raises
    ------
    ShapeError
    """
    inputs = inputs_of(recording)
    if shape is None or inputs is None or math.prod(inputs.shape[1:]) == math.prod(shape):
        return
    raise ShapeError(
        f"image_shape: got {shape}, {math.prod(shape)} numbers; the inputs of {recording.name!r} are of shape "
        f"{inputs.shape[1:]}, {math.prod(inputs.shape[1:])} numbers"
    )


def inputs_of(recording: Recording) -> np.ndarray | None:
    """Return what a network was shown, (m, ...); None where it is not recorded."""
    first = recording.first
    return first.inputs if isinstance(first, Activations) else None


@dataclass(frozen=True, eq=False)
class StimulusImages:
    """Inputs as images, or why they are not.

    Attributes
    ----------
    images : array, (m, h, w, c), or None
    how : str or None
        What they were taken for, or why they were not drawn.
    """

    images: np.ndarray | None
    how: str | None

    @classmethod
    def of(cls, inputs: np.ndarray | None, shape: ImageShape | None) -> StimulusImages:
        """Return inputs (m, ...) as images, where their shape or what was said of it leaves no doubt."""
        if inputs is None:
            return cls(None, None)
        told = inputs.shape[1:] if shape is None else shape
        size = " x ".join(map(str, told))
        if shape is None:
            both = len(told) == 3 and told[0] in FIRST and told[2] in LAST
            if both or len(told) not in (2, 3):
                return cls(None, _hint(told, size, both=both))
        laid = inputs.reshape(-1, *told)
        if len(told) == 2:
            laid = laid[..., None]
        elif told[2] not in LAST:
            if told[0] not in FIRST:
                return cls(None, None)
            laid = np.moveaxis(laid, 1, 3)
        if min(laid.shape[1:3]) < SMALLEST and shape is None:
            return cls(None, None)
        return cls(
            laid, f"Inputs of {size} numbers are drawn as pictures: black is their lowest number, white their highest"
        )

    def pictures(self, rows: np.ndarray) -> np.ndarray | None:
        """Return those of some rows, (k, h, w, c), small, from the lowest number of all inputs, 0, to the highest, 255."""
        if self.images is None or not len(rows):
            return None
        low, high = float(self.images.min()), float(self.images.max())
        if not np.isfinite([low, high]).all():
            finite = self.images[np.isfinite(self.images)]
            low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)
        shown = _smaller(np.nan_to_num(self.images[rows], nan=low, posinf=high, neginf=low))
        return np.round((shown - low) * (255.0 / (high - low) if high > low else 0.0)).astype(np.uint8)


def _hint(told: ImageShape, size: str, *, both: bool) -> str | None:
    if both:
        return f"Inputs of {size} numbers may have their channels first or last: image_shape says which"
    side = math.isqrt(told[0]) if len(told) == 1 else 0
    if side >= SMALLEST and side * side == told[0]:
        return f"Inputs of {size} numbers are not drawn: if they are images, say image_shape=({side}, {side})"
    return None


def _smaller(images: np.ndarray) -> np.ndarray:
    """Return images (k, h, w, c) of at most 96 places a side, each the mean of those it stands for."""
    step = math.ceil(max(images.shape[1:3]) / LARGEST)
    if step == 1:
        return images
    for axis in (1, 2):
        starts = np.arange(0, images.shape[axis], step)
        counts = np.diff([*starts, images.shape[axis]]).reshape([-1 if i == axis else 1 for i in range(4)])
        images = np.add.reduceat(images, starts, axis=axis) / counts
    return images
