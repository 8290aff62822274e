"""A table of rows and columns as arrays: trials and times where columns name them, units from the columns that are left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from conjugacy.activations.laboratory.choices import ReadingOptions
from conjugacy.activations.laboratory.roles import Roles, labels, roles_of
from conjugacy.activations.laboratory.steps import even_step
from conjugacy.errors import InputError
from conjugacy.storage.laboratory import Held

ROW = ("row",)
LAYER = "activations"
"""What the layer is called that the columns of a table make."""


def as_trials(held: Held, how: ReadingOptions) -> tuple[Held, ReadingOptions]:
    """Return a table as arrays: one row a stimulus, or one row a time point where it has columns of trials and of times.

    A file that is no table is returned as it is. Choices of columns are made by then.

    Raises
    ------
    InputError
        Where a trial's condition changes within it, or two rows have the same trial and time.

    Examples
    --------
    >>> columns = {"trial": np.array([0, 0, 1]), "time": np.array([0.0, 0.1, 0.0]), "u1": np.arange(3.0), "u2": np.ones(3)}
    >>> found, _ = as_trials(Held(columns, axes={name: ("row",) for name in columns}), ReadingOptions())
    >>> [one.shape for one in found.lists["activations"]], found.arrays["trials"].tolist()
    ([(2, 2), (1, 2)], [0, 1])
    """
    if not held.arrays or any(held.axes.get(name) != ROW for name in held.arrays):
        return held, how
    roles = roles_of(held, how.roles, how.layers)
    beside = {name for names in roles.values() for name in names}
    columns = {LAYER: _columns(held, how.layers, beside)}
    if "outputs" in roles:
        columns["outputs"] = list(roles["outputs"])
    layers = {name: np.stack([_numbers(held, one) for one in own], axis=1) for name, own in columns.items()}
    used = beside.union(*columns.values())
    left = {name: "text, and no label" for name in held.arrays if name not in used}
    units = columns[LAYER]
    told = (*held.told, f"{len(units)} columns are units: {', '.join(units[:3])}{', ...' if len(units) > 3 else ''}")
    how = replace(how, layers=[LAYER], roles=None, axes=None)
    names, left = np.array(units), {**left, **held.left_out}
    if "trials" in roles and "time" in roles:
        arrays, lists = _by_trial(held, roles, layers)
        axes = {name: ("time", "units") for name in lists}
        return Held({**arrays, "units": names}, lists=lists, axes=axes, left_out=left, told=told), how
    kept = {
        role: labels(held, own) for role, own in roles.items() if role in ("stimuli", "groups", "trials", "conditions")
    }
    kept |= {"targets": held.arrays[roles["targets"][0]]} if "targets" in roles else {}
    return Held(
        {**layers, **kept, "units": names},
        axes={name: ("stimuli", "units") for name in layers},
        left_out=left,
        told=told,
    ), how


def _numbers(held: Held, name: str) -> np.ndarray:
    if held.arrays[name].dtype.kind not in "biuf":
        raise InputError(f"the column {name!r} holds text, expected numbers")
    return held.arrays[name].astype(np.float64)


def _columns(held: Held, asked: Sequence[str] | None, beside: set[str]) -> list[str]:
    numbers = [name for name, one in held.arrays.items() if one.dtype.kind in "biuf" and name not in beside]
    if asked is None:
        if not numbers:
            raise InputError("no column of the table holds numbers of a unit; it has labels alone")
        return numbers
    missing = [name for name in asked if name not in numbers]
    if missing:
        raise InputError(
            f"layers: {missing[0]!r} is no column of numbers; there are {', '.join(map(repr, numbers[:8]))}"
        )
    return list(asked)


def _by_trial(
    held: Held, roles: Roles, layers: Mapping[str, np.ndarray]
) -> tuple[dict[str, np.ndarray], dict[str, tuple[np.ndarray, ...]]]:
    ids, times = labels(held, roles["trials"]), held.arrays[roles["time"][0]].astype(np.float64)
    every, first, which = np.unique(ids, return_index=True, return_inverse=True)
    order = np.lexsort((times, which))
    ends = np.cumsum(np.bincount(which))[:-1]
    steps = np.split(times[order], ends)
    for name, own in zip(every.tolist(), steps, strict=True):
        if (np.diff(own) <= 0).any():
            raise InputError(f"two rows of trial {name!r} have the same time; give every time point one row")
    found = {"trials": every}
    if "conditions" in roles:
        own = labels(held, roles["conditions"])
        if (own != own[first][which]).any():
            raise InputError(f"the condition in {roles['conditions'][0]!r} changes within a trial; give each trial one")
        found["conditions"] = own[first]
    longest = max(steps, key=len)
    if len(longest) > 1:
        step = even_step(longest, str(roles["time"][0]))
        for name, own in zip(every.tolist(), steps, strict=True):
            if len(own) > 1 and not np.allclose(np.diff(own), step, rtol=1e-2):
                raise InputError(
                    f"the times of trial {name!r} are not {step:g} apart as those of others; interpolate them first"
                )
        found["dt"] = np.asarray(step)
    return found, {name: tuple(np.split(values[order], ends)) for name, values in layers.items()}
