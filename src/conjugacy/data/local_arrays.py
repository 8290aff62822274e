"""The arrays that say how a layer moves when the stimulus moves a little, checked against the layer."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np

from conjugacy.asked import name_of
from conjugacy.data import check
from conjugacy.data.activations import Activations
from conjugacy.data.trajectories import Trajectories
from conjugacy.errors import ShapeError, UnknownNameError


def frozen_local(
    tensors: Mapping[str, Any], layers: Mapping[str, Activations | Trajectories], kind: str, who: str
) -> Mapping[str, np.ndarray]:
    """Check the arrays that say how layers move with the stimulus."""
    found: dict[str, np.ndarray] = {}
    for given, values in tensors.items():
        key = name_of(str(given))
        what = f"{kind} of {who}, layer {key!r}"
        layer = layers.get(key)
        if not isinstance(layer, Activations):
            raise UnknownNameError.of(f"layer of activations in {who} for its {kind}", key, layers)
        array = check.as_numeric(values, what)
        m, n = layer.shape
        if array.ndim != 3 or array.shape[:2] != (m, n) or (kind == "covariances" and array.shape[2] != n):
            expected = f"({m}, {n}, {n if kind == 'covariances' else 'd'})"
            raise ShapeError(f"{what}: got shape {array.shape}, expected {expected}")
        found[key] = check.frozen_floats(array, what)
    return MappingProxyType(found)
