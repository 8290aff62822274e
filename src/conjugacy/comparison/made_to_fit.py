"""Two recordings made to fit before their rows are matched: what only one has, unequal repeats, unequal lengths, padding."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, cast

import numpy as np

from conjugacy.asked import one_of
from conjugacy.comparison.attributes import Attribute
from conjugacy.comparison.fitting import Fitting, count_of
from conjugacy.data import Recording, Trajectories
from conjugacy.data.members import Members, averaged, deviations, rows_taken, shortest
from conjugacy.data.missing import BOTH, SHORTEN, TRIALS, UNPAD, padding_words, zero_tails
from conjugacy.errors import InputError, StimuliError
from conjugacy.storage.complete import LEFT_OUT_ROWS

AVERAGE, CUT, DEVIATIONS = "average", "cut", "deviations"
REPEATS = (AVERAGE, CUT, DEVIATIONS)
SHOWN = 5


def repeats_of(given: Any) -> str | None:
    """Return what is to be done with repeats, or None.

    Raises
    ------
    InputError, UnknownNameError
    """
    return None if given is None else one_of("repeats", given, REPEATS)


def made_to_fit(pair: Fitting, missing: Sequence[str], repeats: str | None) -> Fitting:
    """Return two recordings as they are compared, as far as something was asked for; padding is told in any case.

    Parameters
    ----------
    pair : Fitting
    missing : sequence of str
        `intersect`, `shorten`, `unpad`, and `drop-trials`, which leaves out of each network what the other has left out.
    repeats : {"average", "cut", "deviations"} or None

    Raises
    ------
    InputError, StimuliError
        Where a network lacks the ids or the conditions that this needs, or nothing would be left.
    """
    if pair.a.is_dynamic != pair.b.is_dynamic:
        return pair
    for side in (0, 1):
        pair = _without_padding(pair, side, asked=UNPAD in missing)
    if TRIALS in missing:
        pair = _left_out_of_both(pair)
    if repeats in (AVERAGE, DEVIATIONS):
        for side in (0, 1):
            pair = _by_group(pair, side, repeats)
    if repeats == CUT:
        pair = _as_many_repeats(pair)
    if BOTH in missing:
        pair = _in_both(pair)
    return _shortened(pair) if SHORTEN in missing and pair.a.is_dynamic else pair


def _name(recording: Recording, side: int) -> str:
    return recording.name or "ab"[side]


def _ids(recording: Recording) -> np.ndarray | None:
    first = recording.first
    return first.trials if isinstance(first, Trajectories) else first.stimuli


def _without_padding(pair: Fitting, side: int, *, asked: bool) -> Fitting:
    one = (pair.a, pair.b)[side]
    if not one.is_dynamic:
        return pair
    paths = [x for x in one.layers.values() if isinstance(x, Trajectories)]
    lengths = zero_tails([np.concatenate(trials, axis=1) for trials in zip(*(x.values for x in paths), strict=True)])
    if lengths is None:
        return pair
    said = f"{_name(one, side)}: {padding_words(paths[0].lengths, lengths)}"
    if not asked:
        return pair.saying(f"{said}, which looks like padding; missing='{UNPAD}' cuts it")
    return pair.changed(side, lambda x: _cut(x, lengths)).saying(f"{said}; they were taken for padding and cut")


def _cut(recording: Recording, lengths: Sequence[int]) -> Recording:
    layers = {name: x.cut(lengths) if isinstance(x, Trajectories) else x for name, x in recording.layers.items()}
    return replace(recording, layers=layers)


def _left_out_of_both(pair: Fitting) -> Fitting:
    """Leave out of each network what was left out of the other for missing values."""
    found: list[list[str]] = []
    for one in (pair.a, pair.b):
        left: Any = one.provenance.get(LEFT_OUT_ROWS)
        found.append([str(x) for x in cast("list[Any]", left)] if isinstance(left, list) else [])
    for side in (0, 1):
        one, ids = (pair.a, pair.b)[side], _ids((pair.a, pair.b)[side])
        if ids is None or not found[1 - side]:
            continue
        keep = ~np.isin(ids.astype(str), found[1 - side])
        if keep.all() or not keep.any():
            continue
        rows = np.flatnonzero(keep)
        pair = pair.changed(side, lambda x, rows=rows: rows_taken(x, rows), rows).saying(
            f"{_name(one, side)}: {_gone(keep)} {_word(one)} left out, as the other network has NaN there: {_few(ids[~keep])}"
        )
    return pair


def _gone(keep: np.ndarray) -> str:
    return f"{int((~keep).sum())} of {len(keep)}"


def _word(recording: Recording) -> str:
    return "trials" if recording.is_dynamic else "stimuli"


def _members(recording: Recording, side: int, what: str) -> Members:
    """Return which rows repeat a stimulus, or which trials a condition."""
    first = recording.first
    labels = first.conditions if isinstance(first, Trajectories) else first.stimuli
    if labels is None:
        needs = "conditions of its trials" if recording.is_dynamic else "ids of its stimuli"
        raise InputError(
            f"repeats={what!r}: {_name(recording, side)} has no {needs}; give them"
            f"{' (convert: roles of conditions)' if recording.is_dynamic else ''}"
        )
    return Members.of(labels)


def _by_group(pair: Fitting, side: int, repeats: str) -> Fitting:
    one = (pair.a, pair.b)[side]
    members = _members(one, side, repeats)
    kind = "conditions" if one.is_dynamic else "stimuli"
    cut = _cut_words(one, members)
    if repeats == AVERAGE:
        if side == 0:
            _require_one_label(pair.attributes, members, kind)
        first = np.array([rows[0] for rows in members.rows])
        rows = "trials" if one.is_dynamic else "rows"
        said = f"{_name(one, side)}: {count_of(one)} {rows} were averaged to {len(first)} {kind}"
        return pair.changed(side, lambda x: averaged(x, members), first).saying(
            f"{said} ({_span(members.counts)} each){cut}"
        )
    single = [str(name) for name, count in zip(members.names.tolist(), members.counts, strict=True) if count < 2]
    if single:
        raise InputError(
            f"repeats='{DEVIATIONS}': {_name(one, side)} has {kind} with one repeat, whose deviation is nothing: {_few(single)}; "
            "leave them out"
        )
    said = f"{_name(one, side)}: the mean of each of {len(members.rows)} {kind} was subtracted"
    return pair.changed(side, lambda x: deviations(x, members)).saying(f"{said} ({_span(members.counts)} repeats){cut}")


def _require_one_label(attributes: Sequence[Attribute], members: Members, kind: str) -> None:
    """Refuse to average rows that are labelled differently."""
    for attribute in attributes:
        for name, rows in zip(members.names.tolist(), members.rows, strict=True):
            values = attribute.values[rows]
            if not np.array_equal(values, np.full_like(values, values[0]), equal_nan=values.dtype.kind == "f"):
                raise InputError(
                    f"repeats='{AVERAGE}': attributes[{attribute.name!r}] differs between repeats of {str(name)!r}; give one "
                    f"value for each of the {kind}, or leave it out"
                )


def _cut_words(one: Recording, members: Members) -> str:
    first = one.first
    if not isinstance(first, Trajectories):
        return ""
    left = shortest(first.lengths, members)
    cut = sum(was > now for was, now in zip(first.lengths, left, strict=True))
    return f"; {cut} trials were cut to the shortest of their condition" if cut else ""


def _as_many_repeats(pair: Fitting) -> Fitting:
    """Keep of every stimulus or condition as many repeats as both networks have, the first ones."""
    both = [_members(one, side, CUT) for side, one in enumerate((pair.a, pair.b))]
    counts = [dict(zip(map(str, one.names.tolist()), one.counts, strict=True)) for one in both]
    for side, members in enumerate(both):
        one = (pair.a, pair.b)[side]
        most = [
            min(own, counts[1 - side].get(str(name), own))
            for name, own in zip(members.names, members.counts, strict=True)
        ]
        rows = np.concatenate([own[:count] for own, count in zip(members.rows, most, strict=True)])
        numbered = [
            f"{name}#{i}" for name, count in zip(members.names.tolist(), most, strict=True) for i in range(count)
        ]
        ids = np.array(numbered) if one.is_dynamic else None
        pair = pair.changed(side, lambda x, rows=rows, ids=ids: rows_taken(x, rows, ids), rows)
        kind = "condition" if one.is_dynamic else "stimulus"
        pair = pair.saying(
            f"{_name(one, side)}: {len(rows)} of {count_of(one)} repeats are compared, the first of every {kind} that both have"
            f"{', matched in this order' if one.is_dynamic else ''}"
        )
    return pair


def _in_both(pair: Fitting) -> Fitting:
    ids = [_ids(one) for one in (pair.a, pair.b)]
    if ids[0] is None or ids[1] is None:
        lacking = _name((pair.a, pair.b)[0 if ids[0] is None else 1], 0 if ids[0] is None else 1)
        raise InputError(
            f"missing='{BOTH}': {lacking} has no ids; give `{'trials' if pair.a.is_dynamic else 'stimuli'}` to both"
        )
    texts = [own.astype(str) for own in ids if own is not None]
    for side in (0, 1):
        one, keep = (pair.a, pair.b)[side], np.isin(texts[side], texts[1 - side])
        if not keep.any():
            raise StimuliError(f"missing='{BOTH}': the two networks share no {_word(one)}")
        if keep.all():
            continue
        rows = np.flatnonzero(keep)
        pair = pair.changed(side, lambda x, rows=rows: rows_taken(x, rows), rows).saying(
            f"{_name(one, side)}: {_gone(keep)} {_word(one) if one.is_dynamic else 'rows'} left out, as the other network has "
            f"none of them: {_few(texts[side][~keep])}"
        )
    return pair


def _shortened(pair: Fitting) -> Fitting:
    """Cut matched trials to the length that both have."""
    a, b = pair.a.first, pair.b.first
    if not (isinstance(a, Trajectories) and isinstance(b, Trajectories)) or a.dt != b.dt:
        return pair  # at unequal steps they are brought to one step and length anyway
    if a.trials is None or b.trials is None:
        names = [np.arange(len(x.values)).astype(str) for x in (a, b)]
    else:
        names = [a.trials.astype(str), b.trials.astype(str)]
    known = [dict(zip(own.tolist(), x.lengths, strict=True)) for own, x in zip(names, (a, b), strict=True)]
    for side in (0, 1):
        one, own = (pair.a, pair.b)[side], known[side]
        least = [min(own[name], known[1 - side].get(name, own[name])) for name in names[side].tolist()]
        cut = [was - now for was, now in zip(own.values(), least, strict=True) if was > now]
        if not cut:
            continue
        pair = pair.changed(side, lambda x, least=least: _cut(x, least)).saying(
            f"{_name(one, side)}: {len(cut)} of {len(least)} trials cut at the end by {_span(cut)} time points, to the length "
            "that both networks have"
        )
    return pair


def _span(counts: Sequence[int]) -> str:
    return f"{min(counts)}" if min(counts) == max(counts) else f"{min(counts)} to {max(counts)}"


def _few(ids: Any) -> str:
    found = [str(x) for x in ids[:SHOWN]]
    return ", ".join(map(repr, found)) + (", ..." if len(ids) > SHOWN else "")
