"""Two layers in few coordinates, where maps are fitted to all pairs of units: with many units everything is cheaper there."""

from __future__ import annotations

import numpy as np

from conjugacy.numerics.device import product, symmetric_eigen
from conjugacy.numerics.spectral import kept_coordinates
from conjugacy.transformations.layer import Layer

WIDE = 512  # units, above which
LEFT_OUT = 1e-5  # of the units' variance may be left out
LEADING, LEFT_OUT_LARGE = 768, 1e-4  # of more coordinates so many are kept, where these leave out no more

Compact = tuple[np.ndarray, "np.ndarray | None"]
"""Rows (m, r), and an orthonormal basis (p, r) of their coordinates; None where these are the units."""


def compact_pair(a: Layer, b: Layer, *, scaled: bool = False) -> tuple[Compact, Compact]:
    """Return both layers' live units, centred, in few coordinates: at most m, and of many units those that matter.

    Units have one common scale, or unit variance each where `scaled`. Of more than 512 the last principal coordinates of units of
    equal variance are left out, as far as a hundred-thousandth of it goes: so what is loud in one layer leaves its coordinates to
    what is quiet in the other, and both keep as many. Of more than 768 coordinates these are the leading 768, where they leave
    out at most a ten-thousandth.
    """
    count = max(_needed(layer, LEFT_OUT) for layer in (a, b))
    if count > LEADING and max(_needed(layer, LEFT_OUT_LARGE) for layer in (a, b)) <= LEADING:
        count = LEADING
    return _cut(a, count, scaled), _cut(b, count, scaled)


def _needed(layer: Layer, left_out: float) -> int:
    m, p = layer.z.shape
    if p <= WIDE:
        return min(m, p)
    return layer.coordinates_holding(left_out)


def _cut(layer: Layer, count: int, scaled: bool) -> Compact:
    m, p = layer.z.shape
    if p <= min(m, max(WIDE, count)):
        return (layer.z if scaled else layer.raw), None
    u, s, vt = layer.ridge.u[:, :count], layer.ridge.s[:count], layer.ridge.right(layer.z, count)
    if scaled:
        return u * s, vt.T
    inner = s[:, None] * vt
    inner *= layer.std[layer.live] / layer.scale
    w, v = symmetric_eigen(product(inner, inner.T), in_place=True)
    rank = kept_coordinates(np.maximum(w[::-1], 0.0), 1.0)
    sizes, turn = np.sqrt(w[::-1][:rank]), v[:, ::-1][:, :rank]
    return product(u, turn * sizes), product(inner.T, turn / sizes)
