"""Which layer stands for the inside of a network: the deepest hidden one that does not merely repeat the outputs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from conjugacy.data.activations import Activations
from conjugacy.data.trajectories import Trajectories
from conjugacy.errors import InputError

if TYPE_CHECKING:
    from conjugacy.data.recording import Recording

RULE = "the deepest hidden layer of each network"
GUESSED = "layer_order"
"""Key of a recording's provenance that says where the order of its layers comes from, where that is a guess."""
BY_NAME = "natural order of names, a guess: the file does not say in meta.layers"
ROUNDING = 1.0 / 512.0  # of the spread, in root mean square: twice what bfloat16 rounds off
NEAR_CERTAIN = 1e-4  # probabilities nearer to 0 or 1 no longer tell their scores
FEWEST_TOLD = 2  # rows on which a column is told at least
MOST_ROWS = 2000  # on which layers are compared with the outputs


@dataclass(frozen=True)
class Deepest:
    """The layer that is compared where none is named.

    Attributes
    ----------
    name : str
        The deepest hidden layer.
    repeats : tuple of str
        Deeper layers, which repeat the outputs.
    guessed : bool
        Whether the order of the layers is guessed from their names.
    is_output : bool
        Whether it is the output because there is no hidden layer.
    """

    name: str
    repeats: tuple[str, ...] = ()
    guessed: bool = False
    is_output: bool = False

    def said(self, who: str) -> tuple[str, ...]:
        """Return what a reader must know of this choice, `who` being the network."""
        found: list[str] = []
        if self.repeats:
            verb = "repeats" if len(self.repeats) == 1 else "repeat"
            found.append(f"{' and '.join(self.repeats)} of {who} {verb} the outputs")
        if self.is_output:
            found.append(f"{who} has no other layer than its outputs")
        if self.guessed:
            whose = "its" if who == "it" else f"{who}'s"
            found.append(f"the order of {whose} layers is guessed from their names")
        return tuple(found)


def deepest_among(recording: Recording, names: Sequence[str]) -> Deepest | None:
    """Return the deepest of some hidden layers that does not merely repeat the outputs; None where there is none.

    Depth is the order of the recording's layers: as the network ran, as `meta.layers` of a file says, else the natural order of
    their names. Of all hidden layers it is `Recording.deepest`.
    """
    names = [name for name in recording.hidden_layers if name in names]
    repeats = _repeats(recording, names)
    if len(repeats) == len(names):
        return None
    return Deepest(names[-1 - len(repeats)], tuple(repeats[::-1]), len(names) > 1 and is_guessed(recording))


def require_deepest(recording: Recording) -> Deepest:
    """Return the deepest hidden layer.

    Raises
    ------
    InputError
        Where there is none.
    """
    found = recording.deepest
    if found is None:
        who = f"{recording.name or 'the recording'!r}"
        again = f" ({', '.join(recording.hidden_layers)} repeat the outputs)" if recording.hidden_layers else ""
        raise InputError(f"{who} has no layer besides its output{again}: record hidden layers, or name one (layers=)")
    return found


def deepest_or_output(recording: Recording) -> Deepest:
    """Return the deepest hidden layer, else the output: of moving states the outputs are some."""
    return recording.deepest or Deepest(recording.output_name or list(recording.layers)[-1], is_output=True)


def is_guessed(recording: Recording) -> bool:
    """Whether the order of the layers is guessed from their names."""
    return GUESSED in recording.provenance


def how_chosen(deepest: Sequence[Deepest]) -> str:
    """Return the rule in words, with what was passed over or guessed in either network."""
    more = [sentence for one, who in zip(deepest, "AB", strict=True) for sentence in one.said(who)]
    return f"{RULE} ({'; '.join(more)})" if more else RULE


def _repeats(recording: Recording, names: Sequence[str]) -> list[str]:
    """Return the layers at the end that repeat the outputs, the deepest first."""
    heads, found = [recording.layer(head) for head in recording.heads], list[str]()
    for name in reversed(names):
        layer = recording.layer(name)
        if not any(_width(layer) == _width(head) and _is_again(_rows(layer), _rows(head)) for head in heads):
            break
        found.append(name)
    return found


def _is_again(x: np.ndarray, outputs: np.ndarray) -> bool:
    """Whether a layer merely repeats the outputs; where these are masked, as far as they are not."""
    masks = np.isneginf(outputs)
    if not masks.any():
        return same_up_to_form(x, outputs)
    columns = (~masks).sum(axis=0) >= FEWEST_TOLD
    if not columns.any():
        return False
    told, x, outputs = (array[:, columns] for array in (~masks, x, outputs))
    forms = [np.where(told, array, np.nan) for array in (x, outputs)]
    counts = np.maximum(told.sum(axis=1, keepdims=True), 1)
    moved = [array - np.where(told, array, 0.0).sum(axis=1, keepdims=True) / counts for array in forms]
    return _close(forms[0], forms[1], FEWEST_TOLD) or _close(moved[0], moved[1], FEWEST_TOLD)


def _width(layer: Activations | Trajectories) -> int:
    return layer.n_units if isinstance(layer, Trajectories) else layer.shape[1]


def _rows(layer: Activations | Trajectories) -> np.ndarray:
    """Return at most 2000 rows, evenly taken; the time points of trials count as one list."""
    if isinstance(layer, Activations):
        return np.asarray(layer.stored[:: max(1, -(-layer.shape[0] // MOST_ROWS))], dtype=np.float64)
    step = max(1, -(-sum(layer.lengths) // MOST_ROWS))
    starts = np.cumsum([0, *layer.lengths[:-1]])
    return np.concatenate([trial[-start % step :: step] for trial, start in zip(layer.values, starts, strict=True)])


def same_up_to_form(x: np.ndarray, y: np.ndarray) -> bool:
    """Whether two arrays (m, q) are equal up to rounding, a shift of whole rows, softmax, sigmoid or their logarithms.

    Probabilities are compared with scores as scores: where they are so near 0 or 1 that scores cannot be told from them, on half
    of the rows or more, they are not called the same. Rounding is a root-mean-square difference of at most 1/512 of the spread
    of every column, twice that of bfloat16.

    Examples
    --------
    >>> x = np.random.default_rng(0).normal(size=(50, 4))
    >>> same_up_to_form(x, x - x.mean(axis=1, keepdims=True)), same_up_to_form(x, np.tanh(x))
    (True, False)
    """
    return x.shape == y.shape and any(_same(one, other) for one in _as_scores(x) for other in _as_scores(y))


def _as_scores(x: np.ndarray) -> list[np.ndarray]:
    """Return values as they are, and as the scores that they may be probabilities of, or logarithms of these; NaN if not told."""
    found = [x]
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        if x.min() >= 0 and x.max() <= 1:
            found += [_told(np.log(x)), _logit(x)]
        if x.max() <= 0:
            found.append(_logit(np.exp(x)))
    return found


def _logit(p: np.ndarray) -> np.ndarray:
    return np.where((p > NEAR_CERTAIN) & (p < 1 - NEAR_CERTAIN), np.log(p) - np.log1p(-p), np.nan)


def _told(x: np.ndarray) -> np.ndarray:
    return np.where(np.isfinite(x), x, np.nan)


def _same(x: np.ndarray, y: np.ndarray) -> bool:
    return _close(x, y) or (x.shape[1] > 1 and _close(_centred(x), _centred(y)))


def _centred(x: np.ndarray) -> np.ndarray:
    return x - x.mean(axis=1, keepdims=True)


def _close(x: np.ndarray, y: np.ndarray, fewest: float | None = None) -> bool:
    """Whether every column is the same up to rounding, where it is told on so many rows, else on half of them at least."""
    told = np.isfinite(x) & np.isfinite(y)
    counts = told.sum(axis=0)
    if counts.min() < (fewest or max(FEWEST_TOLD, len(x) / 2)):
        return False
    spread = np.where(told, (y - np.where(told, y, 0.0).sum(axis=0) / counts) ** 2, 0.0).sum(axis=0)
    apart = np.where(told, (x - y) ** 2, 0.0).sum(axis=0)
    # a column that does not vary has no spread of its own: it is compared with the others'
    return bool((apart <= ROUNDING**2 * np.where(spread > 0, spread, spread.max())).all())


def natural_order(names: Iterable[str]) -> list[str]:
    """Return names with the numbers in them by size.

    Examples
    --------
    >>> natural_order(["h10", "h2", "h1", "fc"])
    ['fc', 'h1', 'h2', 'h10']
    """
    return sorted(names, key=_natural)


def _natural(name: str) -> tuple[tuple[bool, int, str], ...]:
    parts = re.split(r"([0-9]+)", name)
    return tuple((part.isdecimal(), int(part) if part.isdecimal() else 0, part) for part in parts if part)
