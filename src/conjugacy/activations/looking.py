"""A few rows, looked at: what every layer of a network gives to them, sampled, and whether two looks differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from conjugacy.activations.networks.protocol import Network
from conjugacy.activations.shown import Shown
from conjugacy.activations.tensors import as_array
from conjugacy.data import is_head
from conjugacy.errors import ModelError
from conjugacy.results.digits import per_cent

SAMPLED = 2**8  # numbers that are looked at for every row and token
EXACT, COARSE = 1e-3, 5e-2  # of a layer's spread: rounding, of single and of half precision


@dataclass(frozen=True, eq=False)
class Look:
    """What a layer gave: its shape, and a sample of it, from the same places in every look."""

    shape: tuple[int, ...]
    values: np.ndarray  # a sample, the same places in every look


@dataclass(frozen=True, eq=False)
class Looking:
    """A network, what it is shown, and the layers that are looked at."""

    network: Network
    shown: Shown
    layers: Sequence[str]

    def rows(self, rows: Sequence[int], seed: int = 0) -> dict[str, Look] | str:
        """Return what every layer gives on some rows, or why the network raised."""
        frames = bool(getattr(self.network, "takes_frames", False))
        return self.batch(self.shown.rows(list(rows), frames=frames), seed)

    def batch(self, batch: Any, seed: int = 0) -> dict[str, Look] | str:
        """Return what every layer gives to a batch, or why the network raised."""
        network = self.network
        if hasattr(network, "reseed"):
            cast("Any", network).reseed(seed)
        look: Any = getattr(network, "look", None)
        try:
            found = network.run(batch, self.layers) if look is None else look(batch, self.layers, sampled)
        except ModelError as error:
            return str(error)
        return {
            name: Look(tuple(value[0]), as_array(value[1]))
            if look is not None and isinstance(value, tuple)
            else Look(tuple(value.shape), as_array(sampled(value)[1]))
            for name, value in found.items()
        }


def sampled(values: Any) -> tuple[tuple[int, ...], Any]:
    """Return the shape of values, and some of them: all along the first two axes, evenly along the others.

    How many does not depend on the first two axes, so that looks at more rows, or at longer inputs, see the same places.

    Examples
    --------
    >>> shape, some = sampled(np.zeros((7, 10, 64, 64)))
    >>> shape, some.shape
    ((7, 10, 64, 64), (7, 10, 16, 16))
    """
    shape = tuple(values.shape)
    inner = len(shape) - 2
    step = int(np.ceil((int(np.prod(shape[2:])) / SAMPLED) ** (1 / inner))) if inner > 0 and np.prod(shape) else 1
    if step <= 1:
        return shape, values
    return shape, values[(slice(None), slice(None), *[slice(None, None, step)] * inner)]


def differing(one: Mapping[str, Look], two: Mapping[str, Look]) -> dict[str, float]:
    """Return layers whose values differ by more than rounding, and by how much of their spread."""
    found: dict[str, float] = {}
    for name, look in one.items():
        x, y = look.values, two[name].values if name in two else None
        if y is None or x.shape != y.shape or x.dtype.kind not in "biuf" or not x.size:
            continue
        with np.errstate(invalid="ignore", over="ignore"):
            apart = np.abs(x.astype(np.float64) - y.astype(np.float64))
            spread = float(np.nanstd(np.where(np.isfinite(x), x, np.nan))) if np.isfinite(x).any() else 0.0
        far = float(np.nanmax(np.where(np.isfinite(apart), apart, 0.0)))
        limit = COARSE if x.dtype == np.float16 or _of_few_digits(x) else EXACT
        if far > limit * max(spread, 1e-12):
            found[name] = far / max(spread, 1e-12)
    return found


def _of_few_digits(x: np.ndarray) -> bool:
    """Whether single precision holds numbers of bfloat16."""
    return x.dtype == np.float32 and not (np.ascontiguousarray(x).view(np.uint32) & 0xFFFF).any()


def named(layers: Mapping[str, float]) -> str:
    """Name the layer that differs first, how much, and how many more do."""
    first, by = next(iter(layers.items()))
    more = f" and {len(layers) - 1} more" if len(layers) > 1 else ""
    what = "the outputs" if is_head(first) else f"layer {first!r}"
    return f"{what} (by {per_cent(by)} of the spread){more}"
