"""Quasi-Newton descent over rotations: min |A - C B C^T|_F from given starts, in batches."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import array_api_compat
import numpy as np

Array = Any  # numpy arrays, or torch tensors on any device

MEMORY = 8  # steps that the quasi-Newton direction remembers
HALVINGS = 12
ARMIJO = 1e-4
NEGLIGIBLE = 1e-11  # predicted decrease over the squared distance at which the descent has arrived
EXACT = 1e-26  # squared distance below which two systems are the same to rounding


def descend(
    xp: Any, a: Array, b: Array, c: Array, steps: int, negligible: float = NEGLIGIBLE
) -> tuple[Array, Array, Array]:
    """Minimise |A - C B C^T|^2 / 2 by C <- cayley(w) C, w skew, with L-BFGS; every pair of the batch on its own.

    A pair has arrived where the decrease predicted and found is below `negligible` times its squared distance. Written in
    D = A - C B C^T, so that distances far below the square root of the precision are reached.
    """
    out_c, out_f = c + 0.0, xp.zeros_like(c[:, 0, 0])
    out_done = out_f < 0
    rows = xp.arange(c.shape[0], device=array_api_compat.device(c))
    turned = c @ b @ c.mT
    d = a - turned
    f, g = squared_norm(xp, d) / 2, _gradient(d, turned)
    history: list[tuple[Array, Array, Array]] = []
    done = f < EXACT / 2
    new = done
    for step in range(steps + 1):
        new = new if step < steps else new | ~done
        if xp.any(new):
            # kept at once: what others in the batch still need must not change this pair
            out_c[rows[new]], out_f[rows[new]], out_done[rows[new]] = c[new], f[new], done[new]
        if step == steps or xp.all(done):
            break
        if xp.sum(xp.astype(done, xp.float64)) > 0.2 * done.shape[0]:
            rows, a, c, turned, f, g = (x[~done] for x in (rows, a, c, turned, f, g))
            history = [(s[~done], y[~done], r[~done]) for s, y, r in history]
            done = done[~done]
        w = _direction(xp, g, history)
        slope = _inner(xp, g, w)
        size, steep = frobenius(xp, w), frobenius(xp, g)
        bad = ~(slope < -1e-10 * size * steep)
        if xp.any(bad):
            w = xp.where(bad[:, None, None], -g / 2, w)
            slope = xp.where(bad, -(steep**2) / 2, slope)
        size = frobenius(xp, w)
        longest = 0.75 * np.sqrt(c.shape[-1])
        shrink = xp.where(size > longest, longest / xp.where(size > 0, size, xp.ones_like(size)), xp.ones_like(size))
        w, slope = w * shrink[:, None, None], slope * shrink
        t, new_c, new_turned, new_f = _line_search(xp, a, c, turned, f, w, slope)
        new_g = _gradient(a - new_turned, new_turned)
        s, y = w * t[:, None, None], new_g - g
        sy = _inner(xp, s, y)
        useful = sy > 1e-12 * frobenius(xp, s) * frobenius(xp, y)
        history = [
            *history[-MEMORY + 1 :],
            (s, y, xp.where(useful, 1 / xp.where(useful, sy, xp.ones_like(sy)), 0 * sy)),
        ]
        little = negligible * new_f
        arrived = (t == 0) | (-slope * t < little) & (f - new_f < little) | (new_f < EXACT / 2)
        done, new = done | arrived, arrived & ~done
        c, turned, f, g = new_c, new_turned, new_f, new_g
    return out_c, 2 * out_f, out_done


def _gradient(d: Array, turned: Array) -> Array:
    """Return the skew gradient of |D|^2 / 2 in w at C <- exp(w) C; linear in D, hence exact near 0."""
    m = d @ turned.mT - turned.mT @ d
    return (m.mT - m) / 2


def _direction(xp: Any, g: Array, history: Sequence[tuple[Array, Array, Array]]) -> Array:
    """Return minus the quasi-Newton step (two-loop recursion)."""
    if not history:
        return -g / 2
    q, weights = g, list[Array]()
    for s, y, r in reversed(history):
        weight = r * _inner(xp, s, q)
        weights.append(weight)
        q = q - weight[:, None, None] * y
    s, y, r = history[-1]
    yy = _inner(xp, y, y)
    scale = xp.where(
        (r > 0) & (yy > 0), 1 / xp.where((r > 0) & (yy > 0), r * yy, xp.ones_like(r)), 0.5 * xp.ones_like(r)
    )
    q = q * scale[:, None, None]
    for (s, y, r), weight in zip(history, reversed(weights), strict=True):
        q = q + s * (weight - r * _inner(xp, y, q))[:, None, None]
    return -q


def _line_search(
    xp: Any, a: Array, c: Array, turned: Array, f: Array, w: Array, slope: Array
) -> tuple[Array, Array, Array, Array]:
    """Return (t, C, C B C^T, f) after a step that lowers f enough (Armijo); t = 0 where none does."""
    t = xp.ones_like(f)
    new_c, new_turned, new_f = c, turned, f
    todo = xp.arange(f.shape[0], device=array_api_compat.device(f))
    for attempt in range(HALVINGS):
        whole = attempt == 0
        r = _cayley(xp, w if whole else t[todo, None, None] * w[todo])
        moved = r @ (turned if whole else turned[todo]) @ r.mT
        value = squared_norm(xp, (a if whole else a[todo]) - moved) / 2
        fine = value <= (f + ARMIJO * t * slope if whole else f[todo] + ARMIJO * t[todo] * slope[todo])
        if whole:
            if xp.all(fine):
                return t, r @ c, moved, value
            new_c, new_turned, new_f = c + 0.0, turned + 0.0, f + 0.0
        at = todo[fine]
        new_c[at], new_turned[at], new_f[at] = r[fine] @ c[at], moved[fine], value[fine]
        todo = todo[~fine]
        if not todo.shape[0]:
            return t, new_c, new_turned, new_f
        t[todo] *= 0.35
    t[todo] = 0.0
    return t, new_c, new_turned, new_f


def _cayley(xp: Any, w: Array) -> Array:
    """Return the rotation (I - w/2)^-1 (I + w/2) = 2 (I - w/2)^-1 - I."""
    one = xp.eye(w.shape[-1], dtype=w.dtype, device=array_api_compat.device(w))
    return 2 * xp.linalg.inv(one - w / 2) - one


def _inner(xp: Any, x: Array, y: Array) -> Array:
    return xp.sum(x * y, axis=(-2, -1))


def squared_norm(xp: Any, x: Array) -> Array:
    """Return |x_i|_F^2 of every matrix."""
    return xp.sum(x * x, axis=(-2, -1))


def frobenius(xp: Any, x: Array) -> Array:
    """Return |x_i|_F of every matrix."""
    return xp.sqrt(squared_norm(xp, x))
