"""What may happen to two networks' activations without changing how they are related, or only in a way that must be said."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

Array = np.ndarray
Made = tuple[Array, Array, Array | None]  # both networks and ids, or None


@dataclass(frozen=True)
class Disturbance:
    """A change of both networks; `said` is a word that a warning, note or reason holds where the answer may change.

    Where nothing of the relation is lost, the answer stays `same`; elsewhere it may become undecided.
    """

    change: Callable[[Array, Array, np.random.Generator], Made]
    said: str | None = None
    same: bool = False


def _each(f: Callable[[Array], Array]) -> Callable[[Array, Array, np.random.Generator], Made]:
    return lambda a, b, rng: (f(a), f(b), None)


def _one_row(size: float, *, all_units: bool) -> Callable[[Array, Array, np.random.Generator], Made]:
    def change(a: Array, b: Array, rng: np.random.Generator) -> Made:
        b = b.copy()
        b[7, slice(None) if all_units else 0] += size * b.std()
        return a, b, None

    return change


def _wide(a: Array, b: Array, rng: np.random.Generator) -> Made:
    """Mix sixty rows of each into far more units than rows."""
    mix = [rng.standard_normal((x.shape[1], 300)) / np.sqrt(x.shape[1]) for x in (a, b)]
    return (a @ mix[0])[:60], (b @ mix[1])[:60], None


def _constant(count: int) -> Callable[[Array], Array]:
    return lambda x: np.column_stack([x, np.full((len(x), count), 3.25)])


def _repeated(a: Array, b: Array, rng: np.random.Generator) -> Made:
    ids = np.repeat(np.arange(len(a)), 2)
    return np.repeat(a, 2, axis=0), np.repeat(b, 2, axis=0), ids


def _states(a: Array, b: Array, rng: np.random.Generator) -> Made:
    """Every state occurs twice under different ids."""
    return np.concatenate([a, a]), np.concatenate([b, b]), None


def _view(x: Array) -> Array:
    wide = np.zeros((2 * len(x), 2 * x.shape[1]))
    wide[::2, ::2] = x
    return wide[::2, ::2]


DISTURBANCES: dict[str, Disturbance] = {
    "times 1e-8": Disturbance(_each(lambda x: 1e-8 * x), same=True),
    "times 1e8": Disturbance(_each(lambda x: 1e8 * x), same=True),
    "plus 1e6": Disturbance(_each(lambda x: x + 1e6), same=True),
    "times 1e-8, plus 1": Disturbance(_each(lambda x: 1e-8 * x + 1.0), same=True),
    "one network times 1e8": Disturbance(lambda a, b, rng: (a, 1e8 * b, None), same=True),
    "float32": Disturbance(_each(lambda x: x.astype(np.float32))),
    "float16": Disturbance(_each(lambda x: x.astype(np.float16))),
    "float32, plus 1000": Disturbance(_each(lambda x: (x + 1000).astype(np.float32))),
    "one dead unit": Disturbance(_each(lambda x: np.column_stack([x, np.zeros(len(x))])), said="constant"),
    "many constant units": Disturbance(_each(_constant(200)), said="constant"),
    "Fortran order": Disturbance(_each(np.asfortranarray), same=True),
    "views with gaps": Disturbance(_each(_view), same=True),
    "one row in one unit, x 1e3": Disturbance(_one_row(1e3, all_units=False), said="row"),
    "one row in all units, x 1e3": Disturbance(_one_row(1e3, all_units=True), said="row"),
    "one row in all units, x 1e6": Disturbance(_one_row(1e6, all_units=True), said="row"),
    "far more units than rows": Disturbance(_wide),
    "40 rows": Disturbance(lambda a, b, rng: (a[:40], b[:40], None)),
    "repeats under one id": Disturbance(_repeated, said="repeat"),
    "every state twice": Disturbance(_states, said="repeat states"),
    "rows in another order": Disturbance(lambda a, b, rng: (a[(p := rng.permutation(len(a)))], b[p], p), same=True),
    "units in another order": Disturbance(
        lambda a, b, rng: (a[:, rng.permutation(a.shape[1])], b[:, rng.permutation(b.shape[1])], None),
        same=True,
    ),
}
