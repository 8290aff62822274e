"""What networks are shown: one array, or several under their names, with one row for each stimulus."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast

import numpy as np

from conjugacy.activations.data_frames import frame_columns, frame_rows, is_frame
from conjugacy.activations.randomness import own_randomness
from conjugacy.activations.tensors import as_array
from conjugacy.data.content_ids import BY_CONTENT, content_ids
from conjugacy.data.foreign import is_array, is_tensor, plain_array, require_plain
from conjugacy.errors import InputError, ShapeError
from conjugacy.numerics.columns import LARGEST

KEEP_INPUT_BYTES = 64 * 2**20
MASKS = ("attention_mask",)  # 1 where there is a token; of other masks it is not known what is 1
MOST_BATCHES = 10**7


@dataclass(frozen=True, eq=False)
class Shown:
    """What networks are shown.

    Attributes
    ----------
    parts : mapping of str to array or tensor, (m, ...)
        Inputs by name; of a single one the name is empty.
    notes : tuple of str
        What was put together or passed over, as sentences.
    shuffled : bool
        Whether the rows come in an order that was drawn at random: what else belongs to them cannot be given by place.
    beside : mapping of str to number
        Inputs that are one number for all stimuli, by name.
    """

    parts: Mapping[str, Any]
    notes: tuple[str, ...] = ()
    shuffled: bool = False
    beside: Mapping[str, bool | int | float] = field(default_factory=dict[str, "bool | int | float"])

    def __len__(self) -> int:
        return len(self.main)

    @property
    def named(self) -> bool:
        """Whether inputs have names."""
        return "" not in self.parts

    @property
    def main(self) -> Any:
        """The only input, or the first that is no mask."""
        return next((part for name, part in self.parts.items() if "mask" not in name), next(iter(self.parts.values())))

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the main input."""
        return tuple(self.main.shape)

    @property
    def mask(self) -> np.ndarray | None:
        """Which tokens are there, (m, t), where the inputs say so."""
        found = next((self.parts[name] for name in MASKS if name in self.parts), None)
        return as_mask(found) if found is not None and len(found.shape) == 2 else None

    def rows(self, which: slice | Sequence[int] | np.ndarray, *, frames: bool = False) -> Any:
        """Return some rows as a network takes them: one array, or a mapping; copies, since a network may write into them.

        A data frame is one array, unless the network takes `frames`.
        """
        found = {name: _copied(part, which, frames=frames) for name, part in self.parts.items()}
        return {**found, **self.beside} if self.named else found[""]

    @property
    def inputs(self) -> tuple[np.ndarray | None, str | None]:
        """The stimuli as (stimuli, values), or why a recording does without them."""
        if self.named and len(self.parts) > 1 + sum("mask" in name for name in self.parts):
            return None, f"several: {', '.join(self.parts)}"
        if math.prod(self.shape) * 8 > KEEP_INPUT_BYTES:
            return None, "larger than 64 MiB"
        array = as_array(self.main)
        if array.dtype.kind not in "biuf":
            return None, f"values of type {array.dtype}"
        if array.dtype == np.float64 and array.size and np.nanmax(np.abs(array)) > LARGEST:
            return None, "values so large that their squares overflow"
        return array.reshape(len(array), -1), None

    @property
    def ids(self) -> tuple[np.ndarray | None, str]:
        """Ids made from what the stimuli hold, and how they came about."""
        found: list[np.ndarray] = []
        frame = self.parts.get("")
        for name, part in frame_columns(frame) if is_frame(frame) else self.parts.items():
            array = as_array(part)
            one = content_ids(array)
            if one is None:
                named = f"input {name!r}: " if name else ""
                return None, f"none: {named}stimuli of type {array.dtype} have no ids of their own; give ids="
            found.append(one)
        return found[0] if len(found) == 1 else content_ids(np.stack(found, axis=1)), BY_CONTENT


def as_shown(given: Any) -> Shown:
    """Return anything that holds stimuli in one form; what comes in batches is put together.

    Parameters
    ----------
    given : array, tensor, data frame, list of texts, mapping of names to these, or iterable of batches (a DataLoader)
        A batch is an array, a mapping, or a tuple that begins with the input.

    Raises
    ------
    ShapeError, InputError
        Where there are no rows, parts have other numbers of rows, or one text is given.

    Examples
    --------
    >>> both = as_shown({"input_ids": np.ones((3, 5), int), "attention_mask": np.ones((3, 5), int)})
    >>> len(both), both.named, both.mask.shape
    (3, True, (3, 5))
    >>> as_shown([(np.zeros((2, 4)), [0, 1]), (np.zeros((1, 4)), [1])]).shape
    (3, 4)
    """
    if isinstance(given, Shown):
        return given
    if isinstance(given, Mapping):
        return _mapping(cast("Mapping[Any, Any]", given))
    if isinstance(given, str):
        raise InputError(
            f"stimuli: got one text of {len(given)} characters; expected a list of texts, or an array of numbers"
        )
    if _is_texts(given):
        return Shown({"": np.asarray(given, dtype=object)})
    if _comes_in_batches(given):
        with own_randomness():  # a loader draws, were it only the seed of its workers
            return replace(_together(given), shuffled=_is_shuffled(given))
    array = _one(given, "stimuli")
    if array.ndim == 0 or len(array) == 0:
        raise ShapeError(f"stimuli: got shape {tuple(array.shape)}, expected one row per stimulus")
    return Shown({"": array})


def _one(given: Any, what: str) -> Any:
    """Return a tensor or array as it is, and what holds numbers otherwise as an array; what has no plain values is refused."""
    require_plain(given, what)
    if is_tensor(given) or is_frame(given):
        return given
    return np.asarray(given) if is_array(given) else plain_array(given, what)


def as_mask(mask: Any) -> np.ndarray:
    """Return which tokens are there, (m, t), from zeros and ones of any type.

    Raises
    ------
    ShapeError, InputError
        Where it is no matrix of zeros and ones, or a row has no token.
    """
    array = as_array(mask)
    if array.ndim != 2:
        raise ShapeError(f"mask: got shape {array.shape}, expected (stimuli, tokens)")
    if array.dtype != bool and not np.isin(array, (0, 1)).all():
        raise InputError(
            "mask: got other values than 0 and 1; expected 1 (or True) where there is a token, 0 for padding"
        )
    found = array.astype(bool)
    if not found.any(axis=1).all():
        raise InputError(f"mask: row {int(np.flatnonzero(~found.any(axis=1))[0])} has no token; leave it out")
    return found


def _copied(part: Any, which: Any, *, frames: bool) -> Any:
    if hasattr(part, "detach"):
        return part[which].detach().clone()
    if is_frame(part):
        return frame_rows(part, which, whole=frames)
    return np.array(part[which])


def _mapping(given: Mapping[Any, Any]) -> Shown:
    parts: dict[str, Any] = {}
    beside: dict[str, bool | int | float] = {}
    notes: list[str] = []
    for key, value in given.items():
        if value is None:
            continue
        require_plain(value, f"input {str(key)!r}")
        part = value if is_tensor(value) else np.asarray(value)
        if part.ndim == 0 and isinstance(part.item(), (bool, int, float)):
            beside[str(key)] = part.item()
            notes.append(f"input {str(key)!r} is {part.item()} for every stimulus")
            continue
        if part.ndim == 0 or (part.dtype == object and not all(isinstance(one, str) for one in part.ravel().tolist())):
            notes.append(
                f"input {str(key)!r} is not shown: {type(value).__name__}, no array with one row for each stimulus"
            )
            continue
        parts[str(key)] = part
    notes += [_of_mask(name) for name in parts if _is_other_mask(name)]
    if not parts:
        raise ShapeError(
            "stimuli: got a mapping without arrays, expected names of inputs -> arrays with one row per stimulus"
        )
    rows = {name: len(part) for name, part in parts.items()}
    if len(set(rows.values())) > 1 or not next(iter(rows.values())):
        raise ShapeError(f"stimuli: got inputs with {rows} rows, expected one row per stimulus in each")
    return Shown(parts, tuple(notes), beside=beside)


def _is_other_mask(name: str) -> bool:
    return "mask" in name and not name.endswith("attention_mask")


def _of_mask(name: str) -> str:
    return f"input {name!r} is shown, and not taken for which tokens are there: that is attention_mask, or mask=, 1 for a token"


def _is_texts(given: Any) -> bool:
    return isinstance(given, (list, tuple)) and bool(given) and isinstance(cast("Sequence[Any]", given)[0], str)


def _comes_in_batches(given: Any) -> bool:
    """Whether something holds batches: a loader, a generator, or a list of mappings, tuples of arrays or tensors."""
    if is_array(given) or hasattr(given, "__array__"):
        return False
    if isinstance(given, (list, tuple)):
        first: Any = cast("Sequence[Any]", given)[0] if given else None
        if isinstance(first, Mapping):
            return True
        return isinstance(first, (list, tuple)) and bool(first) and hasattr(cast("Sequence[Any]", first)[0], "shape")
    return isinstance(given, Iterable)


def _is_shuffled(loader: Any) -> bool:
    """Whether a loader draws the order of its rows."""
    samplers = getattr(loader, "sampler", None), getattr(getattr(loader, "batch_sampler", None), "sampler", None)
    return any("Random" in type(sampler).__name__ for sampler in samplers)


def _together(batches: Iterable[Any]) -> Shown:
    found: list[Shown] = []
    notes: dict[str, None] = {}
    for batch in _first_of(batches):
        one = batch
        if isinstance(batch, (list, tuple)) and batch:
            several = cast("Sequence[Any]", batch)
            one = several[0]
            if len(several) > 1:
                notes[f"of {len(several)} parts of a batch the first is shown; give the right answers as targets="] = (
                    None
                )
        found.append(as_shown(one))
        notes |= dict.fromkeys(found[-1].notes)
    if not found:
        raise ShapeError("stimuli: the batches are used up, or there are none; give a list or a DataLoader")
    names = list(found[0].parts)
    if any(list(one.parts) != names for one in found):
        raise InputError(f"stimuli: batches have other inputs than the first, which has {', '.join(names)}")
    beside = found[0].beside
    if any(one.beside != beside for one in found):
        raise InputError(
            f"stimuli: inputs that are one number have to be the same in all batches: {', '.join(beside) or 'the first has none'}"
        )
    parts: dict[str, Any] = {}
    for name in names:
        rows = [as_array(one.parts[name]) for one in found]
        if len({row.shape[1:] for row in rows}) > 1:
            rows = _padded(rows, name, found[0].mask is not None)
            notes[f"batches of other lengths are padded with 0 to {rows[0].shape[1]}"] = None
        parts[name] = np.concatenate(rows)
    notes |= dict.fromkeys(_of_mask(name) for name in names if _is_other_mask(name))
    return replace(_mapping(parts) if names != [""] else Shown(parts), notes=tuple(notes), beside=beside)


def _first_of(batches: Iterable[Any]) -> Iterator[Any]:
    for i, batch in enumerate(batches):
        if i >= MOST_BATCHES:
            raise InputError(f"stimuli: more than {MOST_BATCHES} batches; is this an endless generator?")
        yield batch


def _padded(rows: list[np.ndarray], name: str, masked: bool) -> list[np.ndarray]:
    """Return batches padded with zeros along their first axis beyond rows; only where a mask says what is padding."""
    shapes = {row.shape[2:] for row in rows}
    if not masked or len(shapes) > 1 or any(row.ndim < 2 for row in rows):
        raise ShapeError(
            f"stimuli: batches of input {name or 'values'!r} have other shapes ({', '.join(str(r.shape) for r in rows[:3])}); "
            "pad them alike, and give which tokens are there as 'attention_mask'"
        )
    longest = max(row.shape[1] for row in rows)
    return [np.pad(row, [(0, 0), (0, longest - row.shape[1]), *[(0, 0)] * (row.ndim - 2)]) for row in rows]
