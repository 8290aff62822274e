"""Two layers in few coordinates, where maps are fitted to all pairs of units: with many units everything is cheaper there."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from conjugacy.numerics.device import product, symmetric_eigen
from conjugacy.numerics.scratch import scratch
from conjugacy.numerics.spectral import kept_coordinates
from conjugacy.transformations.layer import AT_ONCE, LEFT_OUT, Layer

WIDE = 512  # units, above which
LEADING, LEFT_OUT_LARGE = 768, 1e-4  # of more coordinates so many are kept, where these leave out no more
HARDLY = 1e-3  # of what a map leaves unexplained: how much of it may be what coordinates leave out

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
    u, s, vt = layer.ridge.u[:, :count], layer.ridge.s[:count], layer.right(count)
    if scaled:
        return np.multiply(u, s, out=scratch(u.shape)), vt.T
    inner = s[:, None] * vt
    inner *= layer.std[layer.live] / layer.scale
    w, v = symmetric_eigen(product(inner, inner.T), in_place=True)
    rank = kept_coordinates(np.maximum(w[::-1], 0.0), 1.0)
    sizes, turn = np.sqrt(w[::-1][:rank]), v[:, ::-1][:, :rank]
    return product(u, turn * sizes, out=scratch((m, rank))), product(inner.T, turn / sizes)


def judged_in_few(target: Layer) -> np.ndarray:
    """Return the judged units of a layer; of many those of their principal coordinates that matter, (m, q)."""
    if not (target.judged.all() and len(target.judged) > WIDE):
        return target.z[:, target.judged]
    count = target.coordinates_holding(LEFT_OUT)
    return target.ridge.u[:, :count] * target.ridge.s[:count]


def told_in_few(target: Layer, residuals: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """Return held-out residuals (m, p) of a layer's live units, of many of them by way of the coordinates that matter.

    No map predicts what these leave out of the units. Where that is more than a thousandth of what is left unexplained of the
    judged units, the units themselves are told.

    Parameters
    ----------
    target : Layer
    residuals : function of array (m, q) to array (m, q)
        Held-out residuals of any targets.
    """
    few = target.z.shape[1] > WIDE
    told, basis = _cut(target, _needed(target, LEFT_OUT), scaled=True) if few else (target.z, None)
    if basis is None:
        return residuals(target.z)
    left = residuals(told)
    found = per_unit(np.subtract(told, left, out=left), basis, target)
    left_out = float(target.z.size - (target.ridge.s[: basis.shape[1]] ** 2).sum())
    left = np.einsum("ij,ij->j", found, found)[target.judged].sum()
    return found if left_out <= HARDLY * left else residuals(target.z)


def per_unit(told: np.ndarray, basis: np.ndarray | None, target: Layer, *, scaled: bool = True) -> np.ndarray:
    """Return residuals in units of the target's standard deviations, of what is told in few coordinates.

    What these coordinates leave out of the target, no map predicts. Without `scaled` the units have one common scale. To many
    units it is turned in single precision, which moves residuals by a ten-millionth of the units.
    """
    sizes = None if scaled else target.std[target.live] / target.scale
    if basis is None:
        found = told if sizes is None else np.divide(told, sizes, out=told)
        return np.subtract(target.z, found, out=found)
    precision, found = np.float32 if len(basis) > WIDE else np.float64, scratch(target.z.shape)
    turn = (basis.T if sizes is None else basis.T / sizes).astype(precision, copy=False)
    for start in range(0, len(told), AT_ONCE):
        part = slice(start, start + AT_ONCE)
        np.subtract(target.z[part], product(told[part].astype(precision, copy=False), turn), out=found[part])
    return found


def in_units(target: Layer, coefficients: np.ndarray) -> np.ndarray:
    """Return coefficients (k, p) of a map to a layer's live units, from those of a map to what `told_in_few` asked for."""
    count = coefficients.shape[1]
    return coefficients if count == target.z.shape[1] else product(coefficients, target.right(count))
