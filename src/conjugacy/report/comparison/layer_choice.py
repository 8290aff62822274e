"""What the page needs to draw any pair of layers that a reader chooses: points as small whole numbers, and their colours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from conjugacy.report.figures.plane import colouring
from conjugacy.results import LayerPlanes, Plane

if TYPE_CHECKING:
    from conjugacy.comparison import Comparison

STEPS = 499  # points lie between -499 and 499: three digits say more than the picture shows
MOST_NUMBERS = 200_000  # coordinates in the page; with more layers, fewer rows


def has_choice(comparison: Comparison) -> bool:
    """Whether there are layers to choose from."""
    return None not in (comparison.layer_planes, comparison.plane, comparison.layer_map)


def choice_data(comparison: Comparison) -> dict[str, Any] | None:
    """Return layers' points and rows' colours, or None where there is nothing to choose from."""
    planes, plane = comparison.layer_planes, comparison.plane
    if planes is None or plane is None or comparison.layer_map is None:
        return None
    keep = _kept(planes, plane)
    rows, chosen = planes.rows[keep], colouring(plane)
    return {
        "a": [_whole(points[keep]) for points in planes.a],
        "b": [_whole(points[keep]) for points in planes.b],
        "rows": rows.tolist(),
        "colours": chosen.of_rows(rows.tolist()),
        "shapes": chosen.shapes_of_rows(rows.tolist()),
        "layersA": list(comparison.layer_map.layers_a),
        "layersB": list(comparison.layer_map.layers_b),
    }


def _kept(planes: LayerPlanes, plane: Plane) -> np.ndarray:
    """Return the rows that are coloured, evenly thinned so that the page stays small."""
    coloured = [c is not None for c in colouring(plane).of_rows(planes.rows.tolist())]
    found = np.flatnonzero(coloured)
    most = max(20, MOST_NUMBERS // (2 * max(1, len(planes.a) + len(planes.b))))
    return found if len(found) <= most else found[np.linspace(0, len(found) - 1, most).astype(np.int64)]


def _whole(points: np.ndarray) -> list[int]:
    """Return x and y in turn, scaled together."""
    centred = points - points.mean(axis=0)
    largest = float(np.abs(centred).max(initial=0.0)) or 1.0
    return np.round(centred * (STEPS / largest)).astype(np.int64).ravel().tolist()
