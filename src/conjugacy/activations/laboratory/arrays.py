"""From named arrays of a laboratory's file to those of a recording: axes in order, labels in place, all of it told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from conjugacy.activations.laboratory.choices import ReadingOptions
from conjugacy.activations.laboratory.roles import Roles, count_of, labels, layers_of, roles_of
from conjugacy.activations.laboratory.steps import even_step
from conjugacy.activations.laboratory.tables import as_trials
from conjugacy.activations.laboratory.turned import axes_words, in_order, letters_of
from conjugacy.errors import InputError
from conjugacy.storage.laboratory import Held

_LETTER = {"trials": "k", "conditions": "k", "time": "t", "units": "n", "stimuli": "m", "groups": "m"}


def understood(held: Held, how: ReadingOptions) -> tuple[dict[str, np.ndarray], dict[str, Any], list[str]]:
    """Return the arrays and the `meta` of a recording, and what was understood, as sentences.

    Raises
    ------
    InputError, ShapeError, UnknownNameError
        Where the file can be read in several ways: the message says what to choose.

    Examples
    --------
    >>> held = Held({"rates": np.zeros((5, 4, 3)), "cond": np.array(["x", "y", "x"]), "t": np.arange(4) * 0.1})
    >>> arrays, meta, told = understood(held, ReadingOptions())
    >>> arrays["rates"].shape, arrays["conditions"].tolist(), told[0]
    ((3, 4, 5), ['x', 'y', 'x'], "'rates' is units x time points x trials, as labels have these lengths")
    """
    held, how = as_trials(held, how)
    roles = roles_of(held, how.roles, how.layers)
    names = layers_of(held, roles, how.layers)
    heads = roles.get("outputs", ())[:1]
    sizes = _sizes(held, roles)
    layers, forms, told = dict[str, Any](), dict[str, str](), list(held.told)
    for name in (*names, *(head for head in heads if head not in names)):
        letters, why = letters_of(held, name, how.letters(name), sizes)
        told.append(f"{name!r} is {_list_words(held, name)}{axes_words(letters)}, {why}")
        ordered = [in_order(one, letters) for one in held.lists.get(name, (held.arrays.get(name, np.empty(0)),))]
        moving = "t" in letters
        layers[name] = ordered if moving and (name in held.lists or "k" not in letters) else ordered[0]
        forms[name] = "ktn" if moving else "mn"
        if moving and "k" not in letters and name not in held.lists:
            told.append(f"{name!r} is one trial")
    if len(set(forms.values())) > 1:
        raise InputError(
            f"some layers move in time and others do not ({', '.join(f'{k!r}: {v}' for k, v in forms.items())}); choose layers "
            "of one kind"
        )
    arrays = _padded(layers) if "ktn" in forms.values() else dict(layers)
    meta: dict[str, Any] = {"layers": list(layers), "shape": forms[names[0]]}
    if heads:
        meta["output_layer"] = heads[0]
        told.append(f"{heads[0]!r} is the output")
    used = _labelled(held, roles, arrays, meta, how, told)
    idle = [name for name in (*held.arrays, *held.lists) if name not in used | set(layers)]
    told += [f"not used: {few(idle)}"] if idle else []
    told += [f"not read: {few([f'{name} ({why})' for name, why in held.left_out.items()])}"] if held.left_out else []
    return arrays, meta, told


def _sizes(held: Held, roles: Roles) -> dict[str, int]:
    """Return how many trials, times, units and stimuli the labels name."""
    found = dict[str, int]()
    for role in ("stimuli", "groups", "trials", "conditions", "time", "units"):
        count = count_of(held, roles.get(role, ()))
        if count is not None:
            found.setdefault(_LETTER[role], count)
    return found


def _labelled(
    held: Held,
    roles: Roles,
    arrays: dict[str, np.ndarray],
    meta: dict[str, Any],
    how: ReadingOptions,
    told: list[str],
) -> set[str]:
    """Put labels beside the layers; return the arrays that were used."""
    moving, used = meta["shape"] == "ktn", {name for name in roles.get("outputs", ())}
    rows = len(arrays[meta["layers"][0]])
    points = arrays[meta["layers"][0]].shape[1]
    given = how.roles or {}
    wanted = ("trials", "conditions") if moving else ("stimuli", "groups")
    sources = dict(roles)
    if not moving and "stimuli" not in sources:  # what names trials of one state each names rows
        for role in ("trials", "conditions"):
            if count_of(held, sources.get(role, ())) == rows:
                sources["stimuli"] = sources.pop(role)
                break
    for role in wanted:
        if role not in sources:
            continue
        names, count = sources[role], count_of(held, sources[role])
        if count != rows:
            _refuse_given(role, names, count, rows, given)
            continue
        arrays[role] = labels(held, names)
        used |= set(names)
        told.append(_label_words(role, names, arrays[role]))
    if "targets" in roles and held.arrays[roles["targets"][0]].shape[:1] == (rows,):
        arrays["targets"], used = held.arrays[roles["targets"][0]], used | set(roles["targets"])
        told.append(f"{roles['targets'][0]!r} holds the right answers")
    if moving:
        used |= _timed(held, roles, arrays, points, how, told)
    units = meta["layers"][0]
    if (names := roles.get("units")) and count_of(held, names) == arrays[units].shape[-1]:
        meta["units"] = {units: [str(one) for one in labels(held, names).tolist()]}
        used |= set(names)
        told.append(f"{names[0]!r} names the units")
    return used


def _timed(
    held: Held,
    roles: Roles,
    arrays: dict[str, np.ndarray],
    points: int,
    how: ReadingOptions,
    told: list[str],
) -> set[str]:
    """Say how far apart time points are, and which lengths trials have; return the arrays that were used."""
    used = set[str]()
    if "lengths" in roles and "lengths" not in arrays:
        found = held.arrays[roles["lengths"][0]].reshape(-1)
        arrays["lengths"] = found.astype(np.int64) if (found == np.round(found)).all() else found
        used |= set(roles["lengths"])
        told.append(f"{roles['lengths'][0]!r} holds the lengths of the trials")
    if how.dt is not None:
        arrays["dt"] = np.asarray(float(how.dt))
        told.append(f"time points are {how.dt:g} apart, as asked")
    elif "dt" in roles and held.arrays[roles["dt"][0]].size == 1:
        arrays["dt"] = held.arrays[roles["dt"][0]].astype(np.float64).reshape(())
        used |= set(roles["dt"])
        told.append(f"time points are {float(arrays['dt']):g} apart ({roles['dt'][0]!r})")
    elif "time" in roles and count_of(held, roles["time"]) == points and points > 1:
        name = roles["time"][0]
        arrays["dt"] = np.asarray(even_step(held.arrays[name].reshape(-1), name))
        used |= set(roles["time"])
        told.append(f"time points are {float(arrays['dt']):g} apart ({name!r})")
    else:
        told.append("nothing says how far apart time points are: dt = 1")
    return used


def _padded(layers: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """Return lists of trials as one array each, with NaN behind the shorter ones, and their lengths."""
    lengths = {name: [len(one) for one in layer] for name, layer in layers.items() if isinstance(layer, list)}
    found = dict[str, np.ndarray]()
    for name, layer in layers.items():
        if not isinstance(layer, list):
            found[name] = layer
            continue
        whole = np.full((len(layer), max(lengths[name]), layer[0].shape[1]), np.nan)
        for row, trial in zip(whole, layer, strict=True):
            row[: len(trial)] = trial
        found[name] = whole
    several = {tuple(own) for own in lengths.values()}
    if len(several) > 1:
        raise InputError(
            f"the trials of {', '.join(map(repr, lengths))} differ in length; choose layers that share their times"
        )
    own = list(several.pop()) if several else []
    if len(set(own)) > 1:
        found["lengths"] = np.asarray(own, dtype=np.int64)
    return found


def _refuse_given(role: str, names: Sequence[str], count: int | None, rows: int, given: Mapping[str, Any]) -> None:
    if role in given:
        has = (
            "differ in length"
            if count is None
            else f"has {count} labels"
            if len(names) == 1
            else f"have {count} labels each"
        )
        raise InputError(
            f"roles: {', '.join(map(repr, names))} for {role!r} {has}, and there are {rows} rows or trials"
        )


def _label_words(role: str, names: Sequence[str], found: np.ndarray) -> str:
    count = len(np.unique(found))
    what = {"trials": "ids of trials", "stimuli": "ids of stimuli", "groups": "groups", "conditions": "conditions"}[
        role
    ]
    holds = "holds" if len(names) == 1 else "together hold"
    return f"{' and '.join(map(repr, names))} {holds} the {what}: {count} different for {len(found)}"


def _list_words(held: Held, name: str) -> str:
    return f"a list of {len(held.lists[name])} trials, each " if name in held.lists else ""


def few(names: Sequence[str]) -> str:
    """Return the first names of many, as they stand in a sentence."""
    return ", ".join(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "")
