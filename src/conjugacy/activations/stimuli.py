"""What networks are shown, what they were to answer, and labels of rows, from the user's files."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from conjugacy.errors import FormatError, InputError, ShapeError, UnknownNameError
from conjugacy.storage import read_arrays
from conjugacy.storage.formats import endings, format_of, in_words
from conjugacy.storage.limits import require_even
from conjugacy.storage.texts import require_characters

STIMULI_KEYS = ("stimuli", "inputs", "x", "images", "data")
BESIDE_STIMULI = ("ids", "groups", "targets")


@dataclass(frozen=True, eq=False)
class Stimuli:
    """What networks are shown, (m, ...), with ids, groups and targets where the file has them.

    `values` of a network with several named inputs are a mapping of arrays with m rows each.
    """

    values: np.ndarray | Mapping[str, np.ndarray]
    ids: np.ndarray | None = None
    groups: np.ndarray | None = None
    targets: np.ndarray | None = None

    @property
    def array(self) -> np.ndarray:
        """The values where they are one array.

        Raises
        ------
        InputError
            Where they are several named ones.
        """
        if isinstance(self.values, Mapping):
            names = ", ".join(self.values)
            raise InputError(f"got several named arrays ({names}), expected one array of network inputs")
        return self.values


def load_stimuli(path: str | Path, key: str | None = None, targets: str | None = None) -> Stimuli:
    """Return the stimuli of a `.npy` file or of a file of one of the formats of recordings.

    In a file of several arrays the stimuli are the array `key`, else `stimuli`, `inputs`, `x`, `images`, `data`, else the only
    one, else all of them by name (`input_ids`, `attention_mask`), each with one row for each stimulus; `ids`, `groups` and
    `targets` are shown beside them. `targets` names another array of the file, or a file of its own.

    Raises
    ------
    InputError, FormatError, UnknownNameError, ShapeError
        Where a file is missing, damaged or does not say which array is meant, or named arrays have unequal numbers of rows.
    """
    place = Path(path)
    apart = load_targets(targets) if targets is not None and _is_file(targets) else None
    named = targets if apart is None else None
    if place.suffix.lower() == ".npy":
        if named is not None:
            raise InputError(
                f"targets {named!r}: is not a .npy, .csv or .txt file, and {str(place)!r} holds one array alone"
            )
        return Stimuli(_npy(place, "stimuli"), targets=apart)
    if format_of(place) is None:
        known = in_words((".npy", *endings()))
        raise InputError(f"stimuli {str(place)!r}: unknown extension {place.suffix!r}; expected {known}")
    raw = read_arrays(place)
    arrays = dict(raw.arrays)
    beside = {name: arrays.pop(name) for name in BESIDE_STIMULI if name in arrays and name not in (key, named)}
    if named is not None:
        if named not in arrays:
            raise UnknownNameError.of("array", named, arrays, where=f"in {place} to take for targets, nor such a file")
        beside["targets"] = arrays.pop(named)
    elif apart is not None:
        beside["targets"] = apart
    if key is None:
        key = next((k for k in STIMULI_KEYS if k in arrays), next(iter(arrays)) if len(arrays) == 1 else None)
    if key is None and len(arrays) > 1:
        _require_inputs(arrays, place, is_recording=isinstance(raw.meta.get("layers"), list))
        return Stimuli(arrays, **beside)
    if key is None or key not in arrays:
        raise UnknownNameError.of("array", key or "stimuli", arrays, where=f"in {place} to show the network")
    return Stimuli(arrays[key], **beside)


def _require_inputs(arrays: Mapping[str, np.ndarray], place: Path, *, is_recording: bool) -> None:
    """Refuse named arrays that are no inputs of one network for the same stimuli."""
    which = f"choose one of {', '.join(arrays)} (--stimuli-key)"
    if is_recording:
        raise InputError(f"stimuli {str(place)!r}: it is a recording without the network's inputs; {which}")
    texts = [name for name, array in arrays.items() if array.dtype.kind not in "biuf"]
    if texts:
        raise InputError(
            f"stimuli {str(place)!r}: {texts[0]!r} holds {arrays[texts[0]].dtype}, expected numbers; {which}"
        )
    rows = {array.shape[0] if array.ndim else None for array in arrays.values()}
    if len(rows) > 1 or None in rows:
        shapes = ", ".join(f"{name} {array.shape}" for name, array in arrays.items())
        raise ShapeError(
            f"stimuli {str(place)!r}: several named inputs need one row for each stimulus, got {shapes}; {which}"
        )


def load_targets(path: str | Path) -> np.ndarray:
    """Return class numbers or values, a row for each stimulus, from a `.npy`, or the numbers in the lines of a `.csv` or `.txt`.

    Raises
    ------
    InputError, FormatError
        Where the file is missing or damaged, or a line holds anything but numbers.
    """
    place = Path(path)
    if place.suffix.lower() == ".npy":
        return _npy(place, "targets")
    _require_file(place, "targets")
    lines = _lines(place)
    try:
        found = np.array([[float(x) for x in re.split(r"[,;\s]+", line.strip(" ,;\t"))] for line in lines])
    except ValueError as error:
        raise FormatError(
            f"targets {str(place)!r}: expected a class number, or as many values, in every line: {error}"
        ) from None
    whole = found.shape[1:] == (1,) and bool(np.array_equal(found, np.round(found)))
    found = found[:, 0] if found.shape[1:] == (1,) else found
    return found.astype(np.int64) if whole else found


def _is_file(text: str) -> bool:
    return Path(text).is_file() or Path(text).suffix.lower() in (".npy", ".csv", ".txt")


def load_labels(path: str | Path, *, empty: bool = False) -> np.ndarray:
    """Return one label per row from a `.npy`, or a `.csv` or `.txt` with one per line; an empty line is one if so said."""
    place = Path(path)
    if place.suffix.lower() == ".npy":
        return _npy(place, "groups")
    _require_file(place, "groups")
    lines = _lines(place, empty=empty)
    require_even(f"groups {str(place)!r}", len(lines), max(map(len, lines), default=0), sum(map(len, lines)))
    return np.array(lines, dtype=str)


def _lines(place: Path, *, empty: bool = False) -> list[str]:
    """Return the lines of a text, those that are empty only where they are asked for."""
    try:
        lines = [line.strip() for line in place.read_text(encoding="utf-8").splitlines()]
    except (OSError, ValueError) as error:
        raise FormatError(f"{str(place)!r} cannot be read as text: {error}") from None
    return lines if empty else [line for line in lines if line]


def _npy(path: Path, what: str) -> np.ndarray:
    _require_file(path, what)
    try:
        with path.open("rb") as stream:
            found = np.lib.format.read_array(stream, allow_pickle=False)
        if found.dtype.kind == "U":
            require_characters(what, found)
        return found
    except FormatError:
        raise
    except Exception as error:  # what numpy makes of a damaged header
        raise FormatError(f"{what} file {str(path)!r} cannot be read as .npy: {error}") from None


def _require_file(path: Path, what: str) -> None:
    if not path.is_file():
        raise InputError(f"{what} file {str(path)!r} does not exist; check the path")
