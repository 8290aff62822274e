"""What a few rows show of a network: which axes follow the stimuli, whether rows influence each other, chance and memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from conjugacy.activations.axes import Settled, inherited, said_of, settled
from conjugacy.activations.looking import Look, Looking, differing, named
from conjugacy.activations.networks.protocol import Network
from conjugacy.activations.padding import MORE, Columns, untouched, with_tokens
from conjugacy.activations.random_pass import RANDOM, passes_apart
from conjugacy.activations.shown import Shown
from conjugacy.activations.tensors import as_array
from conjugacy.data import is_head
from conjugacy.errors import ModelError

ROWS, OTHER_ROWS = 7, 4  # few things else come in sevens and fours
NUMBERS = 2**16  # of stimuli that are shown


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
    look = Looking(network, shown, layers)
    first = look.rows(range(few))
    notes: list[str] = []
    if isinstance(first, str):
        few = min(size, len(shown))
        fewer = max(1, few - (ROWS - OTHER_ROWS))
        first = look.rows(range(few))
    if isinstance(first, str):
        said_already = first.startswith("the model raised on rows")
        raise ModelError(first if said_already else f"the model raised on rows 0 to {few - 1}: {first}")
    some = _quietest(shown, few, fewer)
    other = None if few == fewer else look.rows(some)
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
    chance = _chance(look, range(few), first, axes)
    notes += chance or ([] if other is None else _influence(first, other, some, axes))
    if not chance and isinstance(longer, dict) and columns is not None:
        notes += _padding(columns, first, longer, axes)
    remarks: Any = getattr(network, "remarks", None)
    return Probed(axes, tuple([*notes, *([] if remarks is None else remarks(shown))]))


def _settled(
    network: Network, first: Mapping[str, Look], other: Mapping[str, Look] | None, rows: tuple[int, int],
    said: Mapping[str, str],
) -> dict[str, Settled]:  # fmt: skip
    """Return the axes of every layer: said, known from its kind, or taken over from what gave the same."""
    infos, axes_of = network.layers(), getattr(network, "axes_of", None)
    keeps_axes: Any = getattr(network, "keeps_axes", None)
    order = [(name, look.values) for name, look in first.items()]
    known: dict[str, str] = {}
    found: dict[str, Settled] = {}
    for name, look in first.items():
        ndim = len(look.shape)
        plain = name.partition("#")[0]
        told = said_of(said, name, ndim)
        if told is None and (not is_head(name) or not infos):
            info = infos.get(plain)
            told = (
                axes_of("" if is_head(name) else name, ndim)
                if axes_of is not None
                else info.axes
                if info is not None
                else None
            )
        if told is None or len(told) != ndim:
            keeps = keeps_axes is not None and not is_head(name) and keeps_axes(name)
            fed: Any = getattr(network, "fed_by", None)
            told = known.get(fed(name) or "") if fed is not None and keeps else None
            told = told if told is not None else inherited(order, known, name, look.values, keeps=keeps)
        second = None if other is None or name not in other else other[name].shape
        found[name] = settled((look.shape, second), rows, told)
        axes = found[name].axes
        if axes is not None:
            known[name] = axes
    return found


def _quietest(shown: Shown, few: int, fewer: int) -> list[int]:
    """Return some of a few rows, without the largest, which would weigh most on the others, and in another order."""
    values = as_array(shown.main[:few])
    if values.dtype.kind not in "biuf":
        return list(range(fewer))[::-1]
    size = np.abs(values.astype(np.float64)).reshape(few, -1).max(axis=1)
    return [int(i) for i in np.argsort(size, kind="stable")[:fewer][::-1]]


def _columns(shown: Shown, few: int) -> Columns | None:
    """Return a few rows of inputs that have names and a mask; None of others."""
    if not shown.named or shown.mask is None or shown.mask.shape[1] < 2:
        return None
    return Columns(shown.rows(list(range(few))), shown.mask[:few])


def _with_tokens(
    axes: Mapping[str, Settled], said: Mapping[str, str], first: Mapping[str, Look], longer: Mapping[str, Look]
) -> dict[str, Settled]:
    """Return the axes with those of tokens where the user says nothing of them: what grows with padding."""
    found = dict(axes)
    for name, one in axes.items():
        if name in longer and one.why_not is None and said_of(said, name, len(first[name].shape)) is None:
            found[name] = replace(one, axes=with_tokens(one.axes, first[name].shape, longer[name].shape))
    return found


def _masked(look: Looking, columns: Columns, axes: dict[str, Settled], first: Mapping[str, Look]) -> dict[str, Settled]:
    """Return the axes with which of them the mask says nothing of: layers as long with half of the columns."""
    others = [name for name, one in axes.items() if one.axes and "t" in one.axes]
    half = look.batch(columns.halved()) if others else ""
    if isinstance(half, str):
        return axes
    free = {n for n in others if n in half and untouched(axes[n].axes, first[n].shape, half[n].shape)}
    return {name: replace(one, masked=name not in free) for name, one in axes.items()}


def _padding(
    columns: Columns, first: Mapping[str, Look], longer: Mapping[str, Look], axes: Mapping[str, Settled]
) -> list[str]:
    """Say where tokens have other values with more padding."""
    one, two = dict[str, Look](), dict[str, Look]()
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
        one[name], two[name] = Look(x.shape, x), Look(y.shape, y)
    moved = differing(one, two)
    if not moved:
        return []
    return [
        f"padding is not ignored: with {MORE} more columns of it {named(moved)} differ at tokens that are there; what is "
        "recorded depends on how far the inputs are padded"
    ]


def _chance(look: Looking, rows: range, first: Mapping[str, Look], axes: Mapping[str, Settled]) -> list[str]:
    """Say whether the pass keeps a state, or draws at random."""
    again = look.rows(rows)
    if isinstance(again, str):
        return [f"raised when it was run a second time: {again}"]
    kept = differing(first, again)
    if kept:
        return [
            f"keeps a state between passes, or adds in no fixed order: the same rows give other values in {named(kept)}; "
            "what is recorded depends on what was run before"
        ]
    drawn = look.rows(rows, seed=1) if hasattr(look.network, "reseed") else ""
    return [_random(first, drawn, axes)] if not isinstance(drawn, str) and differing(first, drawn) else []


def _random(first: Mapping[str, Look], drawn: Mapping[str, Look], axes: Mapping[str, Settled]) -> str:
    """Say how many of the units that were looked at another random state moves, and how far; each layer once."""
    pairs: list[tuple[np.ndarray, np.ndarray]] = []
    for name, look in first.items():
        known = axes.get(name, Settled()).axes
        at = 0 if known is None else known.index("b")
        if at > 1 or name not in drawn or drawn[name].values.shape != look.values.shape:
            continue
        one, two = (np.moveaxis(x, at, 0).reshape(x.shape[at], -1) for x in (look.values, drawn[name].values))
        again = any(one.shape == kept.shape and np.array_equal(one, kept) for kept, _ in pairs)
        if one.dtype.kind in "biuf" and not again:
            pairs.append((one, two))
    most = max((len(one) for one, _ in pairs), default=0)
    kept = [pair for pair in pairs if len(pair[0]) == most]
    if not kept:
        return RANDOM
    one, two = (np.concatenate([pair[i] for pair in kept], axis=1).astype(np.float64) for i in (0, 1))
    found = passes_apart(one, two)
    return RANDOM if found is None else found.said


def _influence(
    first: Mapping[str, Look], other: Mapping[str, Look], some: Sequence[int], axes: Mapping[str, Settled]
) -> list[str]:
    """Say whether rows influence each other: `other` has some of them, in another order."""
    one, two = dict[str, Look](), dict[str, Look]()
    for name, look in first.items():
        if name not in other or other[name].values.ndim != look.values.ndim:
            continue
        back = other[name].values
        found = axes[name].axes
        at = 0 if found is None else found.index("b")
        if axes[name].why_not is not None or at > 1 or back.shape[at] != len(some):
            continue
        one[name] = Look(look.shape, np.take(look.values, some, axis=at))
        two[name] = Look(look.shape, back)
    moved = differing(one, two)
    if not moved:
        return []
    return [
        f"rows influence each other in {named(moved)}: with other rows beside it a stimulus gives other values; "
        "statistics of the batch, ranges of quantised activations or a recurrence over the rows do that; "
        "what is recorded depends on batch_size"
    ]
