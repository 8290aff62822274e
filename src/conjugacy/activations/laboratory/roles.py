"""Which arrays of a file are layers, and which say what their rows, times and units are."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from conjugacy.activations.laboratory.choices import ROLES
from conjugacy.errors import InputError, UnknownNameError
from conjugacy.storage.laboratory import Held

Roles = Mapping[str, tuple[str, ...]]
"""By role the arrays that have it; several only of conditions, and of outputs in tables."""


def roles_of(held: Held, given: Mapping[str, Any] | None, layers: Sequence[str] | None) -> dict[str, tuple[str, ...]]:
    """Return which arrays have a role: those that are given, else those whose name is known.

    Raises
    ------
    UnknownNameError, InputError
        Where a name that is given is not in the file, or several are given for a role that one array has.

    Examples
    --------
    >>> roles_of(Held({"rates": np.eye(3), "trial_ids": np.arange(3)}), None, None)
    {'trials': ('trial_ids',)}
    """
    known = (*held.arrays, *held.lists)
    found = dict[str, tuple[str, ...]]()
    for role, said in (given or {}).items():
        names = (said,) if isinstance(said, str) else tuple(said)
        for name in names:
            if name not in known:
                raise UnknownNameError.of(f"array for {role!r}", str(name), known)
        if len(names) > 1 and role not in ("conditions", "outputs"):
            raise InputError(f"roles: {role!r} got {len(names)} names, expected one")
        found[role] = names
    taken = {name for names in found.values() for name in names} | set(layers or ())
    for role, words in ROLES.items():
        if role in found:
            continue
        named = [name for word in words for name in known if _plain(name) == word and name not in taken]
        fits = [name for name in named if role in ("outputs", "drive", "targets") or _is_list(held, name)]
        if fits:
            found[role] = (fits[0],)
            taken.add(fits[0])
    return found


def layers_of(held: Held, roles: Roles, asked: Sequence[str] | None) -> list[str]:
    """Return the arrays that are layers: those that are asked for, else the only one that can be one.

    Raises
    ------
    UnknownNameError, InputError
        Where an array is not in the file, or there is none, or several.
    """
    known = (*held.arrays, *held.lists)
    if asked is not None:
        for name in asked:
            if name not in known:
                raise UnknownNameError.of("array", str(name), known)
        return list(asked)
    taken = {name for names in roles.values() for name in names}
    able = [name for name in known if name not in taken and is_able(held, name)]
    if len(able) == 1:
        return able
    there = "; ".join(held.words(name) for name in able[:8])
    if able:
        raise InputError(
            f"{len(able)} arrays in it may be what is to be compared: {there}{'; ...' if len(able) > 8 else ''}; say which: "
            f"layers=[{able[0]!r}] (--layer on the command line of convert)"
        )
    raise InputError(f"no array in it is a table of numbers; it holds {_all_words(held)}")


def is_able(held: Held, name: str) -> bool:
    """Whether an array can be a layer: numbers over two or three axes, none of which has one place alone where there are two."""
    if name in held.lists:
        return all(one.ndim == 2 and min(one.shape) > 1 for one in held.lists[name] if one.size)
    array = held.arrays[name]
    return array.dtype.kind in "biuf" and array.ndim in (2, 3) and sorted(array.shape)[-2] > 1 and 0 not in array.shape


def labels(held: Held, names: Sequence[str]) -> np.ndarray:
    """Return the labels that one array holds, or several together, as text with `/` between.

    Examples
    --------
    >>> labels(Held({"a": np.array([[1, 2]]), "b": np.array(["x", "y"])}), ["a", "b"]).tolist()
    ['1/x', '2/y']
    """
    columns = [_flat(held.arrays[name]) for name in names]
    if len(columns) == 1:
        return columns[0]
    return np.array(["/".join(map(str, row)) for row in zip(*(column.tolist() for column in columns), strict=True)])


def count_of(held: Held, names: Sequence[str]) -> int | None:
    """Return how many labels there are; None where arrays that belong together differ."""
    sizes = {held.arrays[name].size for name in names if name in held.arrays}
    return sizes.pop() if len(sizes) == 1 else None


def _flat(array: np.ndarray) -> np.ndarray:
    flat = array.reshape(-1)
    whole = flat.dtype.kind == "f" and np.isfinite(flat).all() and (flat == np.round(flat)).all()
    return flat.astype(np.int64) if whole else flat


def _plain(name: str) -> str:
    """Return a name as names of roles are written: the last part, in small letters, words joined by one line."""
    last = re.split(r"[./]", name)[-1]
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", last)
    return re.sub(r"[^a-z0-9]+", "_", apart.lower()).strip("_")


def _is_list(held: Held, name: str) -> bool:
    return name in held.arrays and max(held.arrays[name].shape, default=1) == held.arrays[name].size


def _all_words(held: Held) -> str:
    there = [held.words(name) for name in (*held.arrays, *held.lists)] + [
        f"{k!r} ({v})" for k, v in held.left_out.items()
    ]
    return "; ".join(there[:8]) + ("; ..." if len(there) > 8 else "") if there else "nothing"
