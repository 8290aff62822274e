"""What a few rows show of a network: which axes follow the stimuli, whether rows influence each other, chance and memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np

from conjugacy.activations.axes import Settled, inherited, said_of, settled
from conjugacy.activations.networks.protocol import Look, Network
from conjugacy.activations.random_pass import RANDOM, passes_apart
from conjugacy.activations.shown import Shown
from conjugacy.activations.tensors import as_array
from conjugacy.data import is_head
from conjugacy.errors import ModelError

ROWS, OTHER_ROWS = 7, 4  # few things else come in sevens and fours
NUMBERS = 2**16  # of stimuli that are shown
SAMPLED = 2**14  # numbers of a layer that are looked at
EXACT, COARSE = 1e-3, 5e-2  # of a layer's spread: rounding, of single and of half precision


@dataclass(frozen=True, eq=False)
class Probed:
    """What was found out on a few rows.

    Attributes
    ----------
    axes : mapping of str to Settled
        Of every layer and output that ran, in the order in which they ran.
    notes : tuple of str
        What is to be told: sentences.
    """

    axes: Mapping[str, Settled] = field(default_factory=dict[str, Settled])
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class _Look:
    shape: tuple[int, ...]
    values: np.ndarray  # a sample, the same places in every look
    given: np.ndarray | None = None  # likewise of what the layer was given, where that has its shape


def probe(network: Network, shown: Shown, layers: Sequence[str], said: Mapping[str, str], size: int) -> Probed:
    """Run a network on a few rows: at two numbers of rows, in two orders, from two random states, and twice.

    Parameters
    ----------
    network : Network
    shown : Shown
    layers : sequence of str
        Those to look at.
    said : mapping of str to str
        What the user says of axes.
    size : int
        Rows of a batch, shown where the network raises on fewer.

    Raises
    ------
    ModelError
        Where the network raises on all of what it is shown.
    """
    few = max(min(2, len(shown)), min(ROWS, len(shown), NUMBERS // max(1, int(np.prod(shown.shape[1:])))))
    fewer = max(1, few - (ROWS - OTHER_ROWS)) if few > 2 else max(1, few - 1)
    first = _look(network, shown, range(few), layers)
    notes: list[str] = []
    if isinstance(first, str):
        few = fewer = min(size, len(shown))
        first = _look(network, shown, range(few), layers)
    if isinstance(first, str):
        raise ModelError(f"the model raised on rows 0 to {few - 1}: {first}")
    some = _quietest(shown, few, fewer)
    other = None if few == fewer else _look(network, shown, some, layers)
    if isinstance(other, str):
        notes.append(f"takes batches of one size only ({other}): whether rows influence each other could not be tried")
        other = None
    axes = _settled(network, first, other, (few, fewer), said)
    notes += _behaviour(network, shown, range(few), layers, first, None if other is None else (other, some), axes)
    return Probed(axes, tuple(notes))


def _look(
    network: Network, shown: Shown, rows: Sequence[int], layers: Sequence[str], seed: int = 0
) -> dict[str, _Look] | str:
    """Return what every layer gives on some rows, or why the network raised."""
    if hasattr(network, "reseed"):
        cast("Any", network).reseed(seed)
    look: Any = getattr(network, "look", None)
    batch = shown.rows(list(rows))
    try:
        found = network.run(batch, layers) if look is None else look(batch, layers, sampled)
    except ModelError as error:
        return str(error)
    return {name: _seen(value if isinstance(value, Look) else Look(*sampled(value))) for name, value in found.items()}


def _seen(look: Look) -> _Look:
    given = None if look.given is None else as_array(look.given)
    return _Look(look.shape, as_array(look.values), given)


def _quietest(shown: Shown, few: int, fewer: int) -> list[int]:
    """Return some of a few rows, without the largest, which would weigh most on the others, and in another order."""
    values = as_array(shown.main[:few])
    size = (
        np.abs(values.astype(np.float64)).reshape(few, -1).max(axis=1)
        if values.dtype.kind in "biuf"
        else np.arange(few)
    )
    return [int(i) for i in np.argsort(size, kind="stable")[:fewer][::-1]]


def sampled(values: Any) -> tuple[tuple[int, ...], Any]:
    """Return the shape of values, and at most `SAMPLED` of them: all along the first two axes, evenly along the others.

    Examples
    --------
    >>> shape, some = sampled(np.zeros((7, 10, 64, 64)))
    >>> shape, some.shape
    ((7, 10, 64, 64), (7, 10, 13, 13))
    """
    shape = tuple(values.shape)
    over = int(np.prod(shape)) / SAMPLED
    step = max(1, int(np.ceil(over ** (1 / max(len(shape) - 2, 1))))) if len(shape) > 2 else 1
    return shape, values[
        (slice(None), slice(None), *[slice(None, None, step)] * (len(shape) - 2))
    ] if step > 1 else values


def _settled(
    network: Network, first: Mapping[str, _Look], other: Mapping[str, _Look] | None, rows: tuple[int, int],
    said: Mapping[str, str],
) -> dict[str, Settled]:  # fmt: skip
    """Return the axes of every layer: said, known from its kind, or taken over from what gave the same."""
    infos, axes_of = network.layers(), getattr(network, "axes_of", None)
    order = [(name, look.values) for name, look in first.items()]
    known: dict[str, str] = {}
    found: dict[str, Settled] = {}
    for name, look in first.items():
        ndim = len(look.shape)
        plain = name.partition("#")[0]
        told = said_of(said, name, ndim)
        if told is None and not is_head(name):
            info = infos.get(plain)
            told = axes_of(name, ndim) if axes_of is not None else info.axes if info is not None else None
        if told is None or len(told) != ndim:
            before = order[: len(found)]
            if look.given is not None:
                told = inherited([b for b in before if b[1].shape == look.given.shape], known, look.given)
            told = told if told is not None and len(told) == ndim else inherited(before, known, look.values)
        second = None if other is None or name not in other else other[name].shape
        found[name] = settled((look.shape, second), rows, told)
        axes = found[name].axes
        if axes is not None:
            known[name] = axes
    return found


def _behaviour(
    network: Network, shown: Shown, rows: range, layers: Sequence[str], first: Mapping[str, _Look],
    other: tuple[Mapping[str, _Look], Sequence[int]] | None, axes: Mapping[str, Settled],
) -> list[str]:  # fmt: skip
    """Say whether the pass draws at random, keeps a state, or lets rows influence each other."""
    again = _look(network, shown, rows, layers)
    if isinstance(again, str):
        return [f"raised when it was run a second time: {again}"]
    kept = _differing(first, again)
    if kept:
        return [
            f"keeps a state between passes, or adds in no fixed order: the same rows give other values in {_named(kept)}; "
            "what is recorded depends on what was run before"
        ]
    if hasattr(network, "reseed"):
        drawn = _look(network, shown, rows, layers, seed=1)
        if not isinstance(drawn, str) and _differing(first, drawn):
            return [_random(first, drawn, axes)]
    if other is None:
        return []
    looks, some = other
    aligned: dict[str, tuple[_Look, _Look]] = {}
    for name, look in first.items():
        at = axes.get(name, Settled()).rows
        if at is None or at > 1 or name not in looks or looks[name].values.ndim != look.values.ndim:
            continue
        if looks[name].values.shape[at] == len(some):
            aligned[name] = _Look(look.shape, np.take(look.values, some, axis=at)), looks[name]
    moved = _differing({n: pair[0] for n, pair in aligned.items()}, {n: pair[1] for n, pair in aligned.items()})
    if not moved:
        return []
    return [
        f"rows influence each other in {_named(moved)}: with other rows beside it a stimulus gives other values (statistics "
        "of the batch, ranges of quantised activations, a recurrence over the rows); what is recorded depends on batch_size"
    ]


def _random(first: Mapping[str, _Look], drawn: Mapping[str, _Look], axes: Mapping[str, Settled]) -> str:
    """Say how many of the units that were looked at another random state moves, and how far; each layer once."""
    pairs: list[tuple[np.ndarray, np.ndarray]] = []
    for name, look in first.items():
        at = axes.get(name, Settled()).rows
        if at is None or name not in drawn or drawn[name].values.shape != look.values.shape:
            continue
        one, two = (np.moveaxis(x, at, 0).reshape(x.shape[at], -1) for x in (look.values, drawn[name].values))
        if one.dtype.kind in "biuf" and not any(
            one.shape == kept.shape and np.array_equal(one, kept) for kept, _ in pairs
        ):
            pairs.append((one, two))
    rows = {len(one) for one, _ in pairs}
    one, two = (np.concatenate([pair[i] for pair in pairs if len(pair[0]) == max(rows)], axis=1) for i in (0, 1))
    found = passes_apart(one.astype(np.float64), two.astype(np.float64))
    return RANDOM if found is None else found.said


def _differing(one: Mapping[str, _Look], two: Mapping[str, _Look]) -> dict[str, float]:
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


def _named(layers: Mapping[str, float]) -> str:
    """Name the layer that differs first, how much, and how many more do."""
    first, by = next(iter(layers.items()))
    more = f" and {len(layers) - 1} more" if len(layers) > 1 else ""
    what = "the outputs" if is_head(first) else f"layer {first!r}"
    return f"{what} (by {100 * by:.0f} % of the spread){more}"
