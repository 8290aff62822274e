"""What is missing in a recording, counted, and what is left out for it where that is asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from conjugacy.asked import one_of, several_of
from conjugacy.errors import InputError

UNITS, TRIALS, BOTH, SHORTEN, UNPAD = "drop-units", "drop-trials", "intersect", "shorten", "unpad"
DROPS = (UNITS, TRIALS)
MISSING = (UNITS, TRIALS, BOTH, SHORTEN, UNPAD)
"""What may be done about what is missing."""

SHOWN = 5
FEWEST_ZEROS, MOST_BETWEEN = 3, 0.02  # zeros at the end of a trial, and how often all units are zero elsewhere


def asked_of(given: Any, known: Sequence[str] = MISSING) -> tuple[str, ...]:
    """Return what is to be done about what is missing: one word, or several.

    Raises
    ------
    InputError, UnknownNameError

    Examples
    --------
    >>> asked_of("intersect"), asked_of(None)
    (('intersect',), ())
    """
    if given is None:
        return ()
    words = (given,) if isinstance(given, str) else several_of("missing", given, "words")
    return tuple(one_of("missing", word, known) for word in dict.fromkeys(words))


@dataclass(frozen=True, eq=False)
class Remainder:
    """What is kept of a recording's layers.

    Attributes
    ----------
    units : mapping of layer to array (n,)
        Whether each unit is kept.
    rows : array (rows,)
        Whether each trial or stimulus is kept.
    told : tuple of str
        What was left out, as sentences.
    """

    units: Mapping[str, np.ndarray]
    rows: np.ndarray
    told: tuple[str, ...]


def nan_cells(values: Any) -> np.ndarray:
    """Return where a layer has NaN, (rows, n): of trials, whether a unit has one at any time.

    Parameters
    ----------
    values : array (m, n) or (k, t, n), or a sequence of k arrays (t, n)

    Examples
    --------
    >>> nan_cells([np.array([[0.0, np.nan], [0.0, 1.0]]), np.zeros((3, 2))]).tolist()
    [[False, True], [False, False]]
    """
    if isinstance(values, np.ndarray) and values.ndim == 2:
        return np.isnan(values)
    return np.stack([np.isnan(trial).any(axis=0) for trial in values])


def kept(
    cells: Mapping[str, np.ndarray], asked: Sequence[str], rows: str, names: Mapping[str, Any] | None = None
) -> Remainder:
    """Return what is kept where units, or rows, with NaN are left out.

    With both words, units go that miss more than half of the rows, then rows that miss any unit that is left.

    Parameters
    ----------
    cells : mapping of layer to array (rows, n)
        Where values are missing.
    asked : sequence of str
    rows : str
        What a row is called.
    names : mapping of layer to names of its units, optional

    Raises
    ------
    InputError
        If nothing would be left.

    Examples
    --------
    >>> kept({"h": np.array([[False, True], [False, True], [False, False]])}, ("drop-units",), "trials").told
    ("1 of 2 units of 'h' was left out for NaN: 1 (in 2 of 3 trials)",)
    """
    units, told = dict[str, np.ndarray](), list[str]()
    count = len(next(iter(cells.values())))
    for layer, missing in cells.items():
        share = missing.mean(axis=0) if len(missing) else np.zeros(missing.shape[1])
        gone = share > (0.5 if TRIALS in asked else 0.0) if UNITS in asked else np.zeros(missing.shape[1], bool)
        units[layer] = ~gone
        if gone.all() and gone.size:
            raise InputError(f"layer {layer!r}: every unit has NaN; missing='{TRIALS}' leaves trials out instead")
        if gone.any():
            told.append(f"{_units_words(layer, missing, gone, rows, (names or {}).get(layer))}")
    left = [missing[:, units[layer]].any(axis=1) for layer, missing in cells.items()]
    gone = np.any(left, axis=0) if TRIALS in asked else np.zeros(count, bool)
    if gone.all() and gone.size:
        raise InputError(
            f"every one of the {count} {rows} has NaN in some unit; missing='{UNITS}' leaves units out instead"
        )
    if gone.any():
        told.append(
            f"{gone.sum()} of {count} {rows} {_were(gone.sum())} left out for NaN: {_few(np.flatnonzero(gone))}"
        )
    return Remainder(units, ~gone, tuple(told))


def nan_words(cells: np.ndarray, rows: str) -> str:
    r"""Return how many units and rows have NaN, and the ways out, for a message.

    Examples
    --------
    >>> nan_words(np.array([[False, True], [False, False]]), "trials")[:50]
    '1 of 2 units has NaN (unit 1; in 1 of 2 trials: 0)'
    """
    bad, where = np.asarray(cells.any(axis=0)), np.flatnonzero(cells.any(axis=1))
    named = f"unit{'s' * int(bad.sum() > 1)} {_few(np.flatnonzero(bad))}"
    has = "has" if bad.sum() == 1 else "have"
    return (
        f"{bad.sum()} of {len(bad)} units {has} NaN ({named}; in {len(where)} of {len(cells)} {rows}: {_few(where)}): "
        f"missing='{UNITS}' leaves these units out, missing='{TRIALS}' these {rows}"
    )


def zero_tails(trials: Sequence[np.ndarray]) -> list[int] | None:
    """Return how long each trial is without the zeros at its end, or None where these are no padding.

    They are taken for padding where several units are all exactly zero for three time points or more up to the end, and hardly
    ever elsewhere.

    Examples
    --------
    >>> trials = [np.ones((9, 2)), np.ones((9, 2))]
    >>> trials[0][5:] = 0.0
    >>> zero_tails(trials)
    [5, 9]
    """
    lengths, between, points = list[int](), 0, 0
    for trial in trials:
        moving = np.flatnonzero((trial != 0).any(axis=1))
        last = int(moving[-1]) + 1 if moving.size else 0
        lengths.append(last)
        between, points = between + last - moving.size, points + last
    tails = np.array([len(trial) for trial in trials]) - lengths
    if trials[0].shape[1] < 2 or (tails >= FEWEST_ZEROS).sum() == 0 or min(lengths) == 0:
        return None
    if between > MOST_BETWEEN * points:
        return None  # silent times are a part of these data
    return [length if tail >= FEWEST_ZEROS else length + int(tail) for length, tail in zip(lengths, tails, strict=True)]


def padding_words(before: Sequence[int], after: Sequence[int]) -> str:
    """Return in words which trials end in zeros.

    Examples
    --------
    >>> padding_words([9, 9], [5, 9])
    '1 of 2 trials ends in 4 time points at which every unit is exactly 0'
    """
    tails = np.asarray(before) - np.asarray(after)
    some = tails[tails > 0]
    span = f"{some.min()}" if some.min() == some.max() else f"{some.min()} to {some.max()}"
    verb = "ends" if len(some) == 1 else "end"
    return f"{len(some)} of {len(tails)} trials {verb} in {span} time points at which every unit is exactly 0"


def _units_words(layer: str, missing: np.ndarray, gone: np.ndarray, rows: str, names: Any) -> str:
    where = np.flatnonzero(gone)
    counts = missing[:, where].sum(axis=0)
    span = f"{counts.min()}" if counts.min() == counts.max() else f"{counts.min()} to {counts.max()}"
    shown = where if names is None else np.asarray(names)[where]
    were = f"{len(where)} of {len(gone)} units of {layer!r} {_were(len(where))}"
    return f"{were} left out for NaN: {_few(shown)} (in {span} of {len(missing)} {rows})"


def _were(count: int) -> str:
    return "was" if count == 1 else "were"


def _few(found: np.ndarray) -> str:
    return ", ".join(map(str, found[:SHOWN].tolist())) + (", ..." if len(found) > SHOWN else "")
