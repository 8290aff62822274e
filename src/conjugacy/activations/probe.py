"""What a few rows show of a network: which axes follow the stimuli, whether rows influence each other, chance and memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast

import numpy as np

from conjugacy.activations.axes import Settled, inherited, said_of, settled
from conjugacy.activations.networks.protocol import Network
from conjugacy.activations.padding import MORE, Columns, untouched, with_tokens
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
    look = _Looking(network, shown, layers)
    first = look.rows(range(few))
    notes: list[str] = []
    if isinstance(first, str):
        few = min(size, len(shown))
        fewer = max(1, few - (ROWS - OTHER_ROWS))
        first = look.rows(range(few))
    if isinstance(first, str):
        said_already = first.startswith("the model raised on rows")
        raise ModelError(first if said_already else f"the model raised on rows 0 to {few - 1}: {first}")
    other = None if few == fewer else look.rows(range(fewer)[::-1])
    if isinstance(other, str):
        notes.append(f"takes batches of one size only ({other}): whether rows influence each other could not be tried")
        other = None
    columns = _columns(shown, few)
    longer = None if columns is None else look.batch(columns.padded())
    axes = _settled(network, first, other, (few, fewer), said)
    if isinstance(longer, dict):
        axes = _with_tokens(axes, said, first, longer)
    if columns is not None and shown.mask is not None and not shown.mask.all() and columns.can_be_halved:
        axes = _masked(look, columns, axes, first)
    chance = _chance(look, range(few), first)
    notes += chance or ([] if other is None else _influence(first, other, fewer, axes))
    if not chance and isinstance(longer, dict) and columns is not None:
        notes += _padding(columns, first, longer, axes)
    remarks: Any = getattr(network, "remarks", None)
    return Probed(axes, tuple([*notes, *([] if remarks is None else remarks(shown))]))


@dataclass(frozen=True, eq=False)
class _Looking:
    """A network, what it is shown, and the layers that are looked at."""

    network: Network
    shown: Shown
    layers: Sequence[str]

    def rows(self, rows: Sequence[int], seed: int = 0) -> dict[str, _Look] | str:
        """Return what every layer gives on some rows, or why the network raised."""
        return self.batch(self.shown.rows(list(rows)), seed)

    def batch(self, batch: Any, seed: int = 0) -> dict[str, _Look] | str:
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
            name: _Look(tuple(value[0]), as_array(value[1]))
            if look is not None and isinstance(value, tuple)
            else _Look(tuple(value.shape), as_array(sampled(value)[1]))
            for name, value in found.items()
        }


def sampled(values: Any) -> tuple[tuple[int, ...], Any]:
    """Return the shape of values, and at most `SAMPLED` of them: all along the first two axes, evenly along the others.

    Examples
    --------
    >>> shape, some = sampled(np.zeros((7, 10, 64, 64)))
    >>> shape, some.shape
    ((7, 10, 64, 64), (7, 10, 8, 8))
    """
    shape = tuple(values.shape)
    over = int(np.prod(shape)) / SAMPLED
    step = over ** (1 / (len(shape) - 2)) if len(shape) > 2 else 1
    step = 1 if step <= 1 else 2 ** int(np.ceil(np.log2(step)))  # the same for a little more, which is held against it
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
            told = inherited(order, known, name, look.values)
        second = None if other is None or name not in other else other[name].shape
        found[name] = settled((look.shape, second), rows, told)
        axes = found[name].axes
        if axes is not None:
            known[name] = axes
    return found


def _columns(shown: Shown, few: int) -> Columns | None:
    """Return a few rows of inputs that have names and a mask; None of others."""
    if not shown.named or shown.mask is None or shown.mask.shape[1] < 2:
        return None
    return Columns(shown.rows(list(range(few))), shown.mask[:few])


def _with_tokens(
    axes: Mapping[str, Settled], said: Mapping[str, str], first: Mapping[str, _Look], longer: Mapping[str, _Look]
) -> dict[str, Settled]:
    """Return the axes with those of tokens where the user says nothing of them: what grows with padding."""
    found = dict(axes)
    for name, one in axes.items():
        if name in longer and one.why_not is None and said_of(said, name, len(first[name].shape)) is None:
            found[name] = replace(one, axes=with_tokens(one.axes, first[name].shape, longer[name].shape))
    return found


def _masked(
    look: _Looking, columns: Columns, axes: dict[str, Settled], first: Mapping[str, _Look]
) -> dict[str, Settled]:
    """Return the axes with which of them the mask says nothing of: layers as long with half of the columns."""
    length = columns.length
    others = [
        n for n, one in axes.items() if one.axes and "t" in one.axes and first[n].shape[one.axes.index("t")] != length
    ]
    half = look.batch(columns.halved()) if others else ""
    if isinstance(half, str):
        return axes
    free = {n for n in others if n in half and untouched(axes[n].axes, first[n].shape, half[n].shape)}
    return {name: replace(one, masked=name not in free) for name, one in axes.items()}


def _padding(
    columns: Columns, first: Mapping[str, _Look], longer: Mapping[str, _Look], axes: Mapping[str, Settled]
) -> list[str]:
    """Say where tokens have other values with more padding."""
    one, two = dict[str, _Look](), dict[str, _Look]()
    for name, look in first.items():
        known = axes[name].axes
        if known is None or name not in longer or known[0] != "b":
            continue
        x, y = look.values, longer[name].values
        if "t" in known:
            at = known.index("t")
            if x.shape[at] != columns.length or y.shape[at] != columns.length + MORE:
                continue
            x, y = columns.real(x, at), columns.real(y, at, longer=True)
        one[name], two[name] = _Look(x.shape, x), _Look(y.shape, y)
    moved = _differing(one, two)
    if not moved:
        return []
    return [
        f"padding is not ignored: with {MORE} more columns of it {_named(moved)} differ at tokens that are there; what is "
        "recorded depends on how far the inputs are padded"
    ]


def _chance(look: _Looking, rows: range, first: Mapping[str, _Look]) -> list[str]:
    """Say whether the pass keeps a state, or draws at random."""
    again = look.rows(rows)
    if isinstance(again, str):
        return [f"raised when it was run a second time: {again}"]
    kept = _differing(first, again)
    if kept:
        return [
            f"keeps a state between passes, or adds in no fixed order: the same rows give other values in {_named(kept)}; "
            "what is recorded depends on what was run before"
        ]
    drawn = look.rows(rows, seed=1) if hasattr(look.network, "reseed") else ""
    moved = {} if isinstance(drawn, str) else _differing(first, drawn)
    return [f"draws at random in its pass: from another random state {_named(moved)} differ"] if moved else []


def _influence(
    first: Mapping[str, _Look], other: Mapping[str, _Look], count: int, axes: Mapping[str, Settled]
) -> list[str]:
    """Say whether rows influence each other: `other` has fewer of them, in the opposite order."""
    one, two = dict[str, _Look](), dict[str, _Look]()
    for name, look in first.items():
        if name not in other or other[name].values.ndim != look.values.ndim:
            continue
        back = other[name].values
        found = axes[name].axes
        at = 0 if found is None else found.index("b")
        if axes[name].why_not is not None or at > 1 or back.shape[at] != count:
            continue
        one[name] = _Look(look.shape, np.take(look.values, range(count), axis=at))
        two[name] = _Look(look.shape, np.flip(back, axis=at))
    moved = _differing(one, two)
    if not moved:
        return []
    return [
        f"rows influence each other in {_named(moved)}: with other rows beside it a stimulus gives other values (statistics "
        "of the batch, ranges of quantised activations, a recurrence over the rows); what is recorded depends on batch_size"
    ]


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
