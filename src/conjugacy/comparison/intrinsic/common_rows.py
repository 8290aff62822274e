"""Stimuli that both networks saw: named, or those whose ids agree."""

from __future__ import annotations

from typing import Any

import numpy as np

from conjugacy.data import Activations, Recording
from conjugacy.data.content_ids import BY_CONTENT
from conjugacy.errors import InputError, StimuliError


def common_rows(a: Recording, b: Recording, common: Any) -> np.ndarray:
    """Return rows of A and of B that saw the same stimulus, (p, 2).

    Raises
    ------
    InputError, StimuliError
        Where what is given is no list of ids or of pairs, or names a stimulus that a network has not, or several times.
    """
    ids = [first.stimuli if isinstance(first := r.first, Activations) else None for r in (a, b)]
    pairs = _shared(*ids) if common is None else _given(common)
    sides = [_rows_of(r, "ab"[side], ids[side], pairs[:, side].astype(str)) for side, r in enumerate((a, b))]
    return np.stack(sides, axis=1)


def _shared(a: np.ndarray | None, b: np.ndarray | None) -> np.ndarray:
    """Return the ids that both networks hold once, as pairs, (p, 2); none where one has no ids."""
    if a is None or b is None:
        return np.empty((0, 2), dtype=str)
    once = [np.unique(own.astype(str), return_counts=True) for own in (a, b)]
    first, second = (names[times == 1] for names, times in once)  # repeats have no single place
    return np.repeat(np.intersect1d(first, second)[:, None], 2, axis=1)


def _given(common: Any) -> np.ndarray:
    """Return the ids that were given, as pairs, (p, 2)."""
    given = np.asarray(common)
    pairs = np.repeat(given[:, None], 2, axis=1) if given.ndim == 1 else given
    if pairs.ndim != 2 or pairs.shape[1] != 2 or not len(pairs):
        raise InputError(f"common: got shape {given.shape}, expected ids that both saw, (p,), or pairs of ids, (p, 2)")
    return pairs


def _rows_of(recording: Recording, letter: str, ids: np.ndarray | None, wanted: np.ndarray) -> np.ndarray:
    """Return the row of every wanted id, (p,); a recording without ids, or with ids from content, counts its rows."""
    places = np.arange(len(recording.first.values)).astype(str)
    known = places if ids is None else ids.astype(str)
    if recording.provenance.get("ids") == BY_CONTENT and not np.isin(wanted, known).any():
        known = places
    place = {name: i for i, name in enumerate(known.tolist())}
    names, times = np.unique(known[np.isin(known, wanted)], return_counts=True)
    if (times > 1).any():
        raise StimuliError(
            f"common: {recording.name or letter!r} has stimulus {names[times > 1][0]!r} {int(times.max())} times; a common "
            "stimulus has one place: give repeats names of their own"
        )
    missing = [x for x in wanted.tolist() if x not in place]
    if missing:
        raise StimuliError(
            f"common: {recording.name or letter!r} has no stimulus {missing[0]!r} ({len(missing)} of {len(wanted)} are missing)"
        )
    return np.array([place[x] for x in wanted.tolist()], dtype=np.int64)
