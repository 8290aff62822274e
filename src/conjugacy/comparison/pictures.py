"""Pictures of two networks' layers: every pair by a cheap measure, both in two principal coordinates. They decide nothing."""

from __future__ import annotations

from typing import Any

import numpy as np

from conjugacy.comparison.layer_path import best_path
from conjugacy.comparison.matched_pair import Pair
from conjugacy.comparison.setup import Setup, own_targets, shared_targets
from conjugacy.data import Activations
from conjugacy.measure import get_measure
from conjugacy.numerics.columns import any_varies
from conjugacy.results import AxisVerdict, LayerMap, LayerPlanes, Plane
from conjugacy.transformations import Layer

CHEAP = "cka"
CHEAP_ROWS = 2000
PLANE_ROWS = 2000
CHOICE_ROWS = 300  # of every layer, for the pair that a reader chooses


def layer_map(pair: Pair) -> LayerMap:
    """Return a cheap measure for every pair of layers that vary, outputs included, on at most 2000 of the rows; descriptive."""
    measure, pick = get_measure(CHEAP), np.arange(len(pair.matched.clusters))
    if len(pick) > CHEAP_ROWS:
        pick = np.sort(np.random.default_rng(0).choice(pick, CHEAP_ROWS, replace=False))
    names: list[list[str]] = []
    prepared: list[list[Any]] = []
    for recording in (pair.a, pair.b):
        layers = {name: pair.values(recording, name) for name in recording.layers}
        varying = {name: values for name, values in layers.items() if any_varies(values)}
        names.append(list(varying))
        prepared.append([measure.prepare(Activations(values[pick])) for values in varying.values()])
    values = tuple(tuple(_finite(measure.compare(x, y).value) for y in prepared[1]) for x in prepared[0])
    table = np.array([[np.nan if v is None else v for v in row] for row in values], dtype=np.float64)
    return LayerMap(tuple(names[0]), tuple(names[1]), values, measure.id, best_path(table))


def plane_of(setup: Setup, axis: AxisVerdict) -> Plane | None:
    """Return both layers in two principal coordinates, the second turned onto the first."""
    pair, matching = setup.pair, setup.pair.matching
    if axis.layers is None or matching is None:
        return None
    rows = _plane_rows(setup)
    a, b = (
        _two(Layer(pair.values(recording, name)[rows], setup.seed).points)
        for recording, name in ((pair.a, axis.layers[0]), (pair.b, axis.layers[1]))
    )
    u, _, vt = np.linalg.svd(b.T @ a)
    targets = shared_targets(own_targets(pair))
    if targets is not None and targets.ndim == 1:
        colours, source = targets[rows].astype(np.float64), "target of each stimulus"
    else:
        colours, source = a[:, 0], "first principal coordinate of A"
    names = tuple(str(s) for s in matching.stimuli[rows])
    return Plane(a, b @ (u @ vt), colours, source, names)


def layer_planes(setup: Setup, found: LayerMap, plane: Plane) -> LayerPlanes:
    """Return every layer of the map in two principal coordinates, on evenly taken rows of the plane."""
    pair, total = setup.pair, len(plane.rows)
    rows = np.unique(np.linspace(0, total - 1, min(CHOICE_ROWS, total)).astype(np.int64))
    chosen = _plane_rows(setup)[rows]
    a, b = (
        tuple(_two(_coordinates(pair.values(recording, name)[chosen])) for name in names)
        for recording, names in ((pair.a, found.layers_a), (pair.b, found.layers_b))
    )
    return LayerPlanes(a, b, rows)


def _coordinates(values: np.ndarray) -> np.ndarray:
    return Layer(values).points if any_varies(values) else np.zeros((len(values), 2))


def _plane_rows(setup: Setup) -> np.ndarray:
    """Return the rows that are drawn, of all that are matched."""
    rows = np.arange(len(setup.pair.matched.rows_a))
    if len(rows) > PLANE_ROWS:
        rows = np.sort(np.random.default_rng(setup.seed).choice(rows, PLANE_ROWS, replace=False))
    return rows


def _two(points: np.ndarray) -> np.ndarray:
    return np.column_stack([points, np.zeros((len(points), 2))])[:, :2]


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
