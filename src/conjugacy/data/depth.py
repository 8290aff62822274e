"""Which layer stands for the inside of a network: the deepest hidden one that is not the outputs once more."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import expit, log_expit, softmax

from conjugacy.data.activations import Activations
from conjugacy.data.recording import Recording
from conjugacy.data.trajectories import Trajectories
from conjugacy.errors import InputError

RULE = "the deepest hidden layer of each network"
GUESSED = "layer_order"
"""Key of a recording's provenance that says where the order of its layers comes from, where that is a guess."""
BY_NAME = "natural order of names, a guess: the file does not say in meta.layers"
ROUNDING = 1.0 / 256.0  # bfloat16's; of the spread, in root mean square
MOST_ROWS = 2000  # on which layers are held against the outputs


@dataclass(frozen=True)
class Deepest:
    """The layer that is compared where none is named.

    Attributes
    ----------
    name : str
        The deepest hidden layer.
    repeats : tuple of str
        Deeper layers, which hold the outputs once more.
    guessed : bool
        Whether the order of the layers is guessed from their names.
    is_output : bool
        Whether it is the output, for want of a hidden layer.
    """

    name: str
    repeats: tuple[str, ...] = ()
    guessed: bool = False
    is_output: bool = False

    def said(self, who: str) -> tuple[str, ...]:
        """Return what a reader must know of this choice, `who` being the network."""
        found: list[str] = []
        if self.repeats:
            holds = "holds" if len(self.repeats) == 1 else "hold"
            found.append(f"{' and '.join(self.repeats)} of {who} {holds} the outputs once more")
        if self.is_output:
            found.append(f"{who} has no other layer than its outputs")
        if self.guessed:
            found.append(f"the order of {who}'s layers is guessed from their names")
        return tuple(found)


def deepest_hidden(recording: Recording, among: Sequence[str] | None = None) -> Deepest | None:
    """Return the deepest hidden layer that is not the outputs once more; None where there is none.

    Depth is the order of the recording's layers: as the network ran, as `meta.layers` of a file says, else the natural order of
    their names. `among` leaves the choice between some of them.

    Examples
    --------
    >>> x = np.random.default_rng(0).normal(size=(20, 3))
    >>> logits = x[:, :2] * 3
    >>> layers = {"h": x, "fc": logits, "outputs": np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)}
    >>> deepest_hidden(Recording.from_arrays(layers))
    Deepest(name='h', repeats=('fc',), guessed=False, is_output=False)
    """
    names = [name for name in recording.hidden_layers if among is None or name in among]
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
    found = deepest_hidden(recording)
    if found is None:
        who = f"{recording.name or 'the recording'!r}"
        again = f" ({', '.join(recording.hidden_layers)} hold the outputs once more)" if recording.hidden_layers else ""
        raise InputError(f"{who} has no layer besides its output{again}: record hidden layers, or name one (layers=)")
    return found


def deepest_or_output(recording: Recording) -> Deepest:
    """Return the deepest hidden layer, else the output: of moving states the outputs are some."""
    return deepest_hidden(recording) or Deepest(recording.output_name or list(recording.layers)[-1], is_output=True)


def is_guessed(recording: Recording) -> bool:
    """Whether the order of the layers is guessed from their names."""
    return GUESSED in recording.provenance


def how_chosen(deepest: Sequence[Deepest]) -> str:
    """Return the rule in words, with what was passed over or guessed in either network."""
    more = [sentence for one, who in zip(deepest, "AB", strict=True) for sentence in one.said(who)]
    return f"{RULE} ({'; '.join(more)})" if more else RULE


def _repeats(recording: Recording, names: Sequence[str]) -> list[str]:
    """Return the layers at the end that hold the outputs once more, the deepest first."""
    outputs = recording.outputs
    if outputs is None:
        return []
    wanted, found = _rows(outputs), list[str]()
    for name in reversed(names):
        layer = recording.layer(name)
        if _width(layer) != wanted.shape[1] or not same_up_to_form(_rows(layer), wanted):
            break
        found.append(name)
    return found


def _width(layer: Activations | Trajectories) -> int:
    return layer.n_units if isinstance(layer, Trajectories) else layer.shape[1]


def _rows(layer: Activations | Trajectories) -> np.ndarray:
    """Return at most 2000 rows, evenly taken."""
    values = np.concatenate(layer.values) if isinstance(layer, Trajectories) else layer.values
    return values[:: max(1, -(-len(values) // MOST_ROWS))]


def same_up_to_form(x: np.ndarray, y: np.ndarray) -> bool:
    """Whether two arrays (m, q) are equal up to rounding, a shift of whole rows, softmax, sigmoid or their logarithms.

    Rounding is a root-mean-square difference of at most 1/256 of the spread, that of bfloat16.

    Examples
    --------
    >>> x = np.random.default_rng(0).normal(size=(50, 4))
    >>> same_up_to_form(x, x - x.mean(axis=1, keepdims=True)), same_up_to_form(x, np.tanh(x))
    (True, False)
    """
    return x.shape == y.shape and (_turns_into(x, y) or _turns_into(y, x))


def _turns_into(x: np.ndarray, y: np.ndarray) -> bool:
    """Whether x, its softmax or sigmoid, or a logarithm or exponential of these, is y."""
    if _close(x, y):
        return True
    if x.shape[1] > 1 and (_close(_centred(x), _centred(y)) or _close(softmax(x, axis=1), y)):
        return True
    if _close(expit(x), y) or _close(log_expit(x), y):
        return True
    return bool((x <= 0).all()) and _close(np.exp(x), y)  # x is the logarithm


def _centred(x: np.ndarray) -> np.ndarray:
    return x - x.mean(axis=1, keepdims=True)


def _close(x: np.ndarray, y: np.ndarray) -> bool:
    spread = float(((y - y.mean(axis=0)) ** 2).mean())
    return float(((x - y) ** 2).mean()) <= ROUNDING**2 * spread


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
