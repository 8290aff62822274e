"""What the page draws besides the ladders: the layer map, and layers in two coordinates."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class LayerMap:
    """A cheap measure for every pair of layers; descriptive, it decides nothing.

    `path` runs from the first pair to the last through the most alike layers, both in their order.
    """

    layers_a: tuple[str, ...]
    layers_b: tuple[str, ...]
    values: tuple[tuple[float | None, ...], ...]
    measure: str
    path: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, eq=False)
class LayerPlanes:
    """Every layer of both networks in its first two principal coordinates, on the same rows; what the page lets choose from.

    Attributes
    ----------
    a, b : tuple of array, (k, 2)
        One per layer of the layer map.
    rows : int array, (k,)
        Rows of the `Plane` beside it, whose colours and names they share.
    """

    a: tuple[np.ndarray, ...]
    b: tuple[np.ndarray, ...]
    rows: np.ndarray


@dataclass(frozen=True, eq=False)
class Plane:
    """Both networks in their first two principal coordinates, the rows matched; what the page draws."""

    a: np.ndarray
    b: np.ndarray
    colours: np.ndarray
    colour_source: str
    rows: tuple[str, ...]
