"""Which axis of an array is trials, time or units: said, named by the file, or told by the lengths of the labels beside it."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

import numpy as np

from conjugacy.activations.laboratory.choices import LETTERS, ROLES
from conjugacy.errors import InputError, ShapeError
from conjugacy.storage.laboratory import Held

ORDERS = {2: ("mn", "tn", "kn"), 3: ("ktn",)}
_OF_ROLE = {"trials": "k", "time": "t", "units": "n", "stimuli": "m"}


def letters_of(held: Held, name: str, said: str | None, sizes: Mapping[str, int]) -> tuple[str, str]:
    """Return a letter for each axis of an array, or of each array of a list (`tn`), and how they are known.

    Parameters
    ----------
    held : Held
    name : str
    said : str or None
        What the caller says.
    sizes : mapping of letter to int
        How many trials, times, units and stimuli the labels name.

    Raises
    ------
    InputError, ShapeError
        Where the axes are not known: the message says what to choose.

    Examples
    --------
    >>> letters_of(Held({"r": np.zeros((5, 4, 3))}), "r", None, {"k": 3, "t": 4})
    ('ntk', 'as labels have these lengths')
    """
    if name in held.lists and name in held.axes:
        return "tn", "as its columns are units"
    if name in held.lists:
        return _of_list(held.lists[name], name, said, sizes)
    shape = held.arrays[name].shape
    if said is not None:
        if len(said) != len(shape):
            raise ShapeError(
                f"axes of {name!r}: got {said!r} for an array of shape {shape}; expected one letter for each axis"
            )
        return said, "as asked"
    named = held.axes.get(name, ())
    if named and (found := _of_names(named)) is not None:
        return found, "as the file names its axes"
    able = [order for order in _orders(shape, sizes) if _fits(order, shape, sizes)]
    if len(shape) == 2 and not any(letter in sizes for letter in "ktmn"):
        return "mn", "as two axes are taken where nothing says otherwise"
    if len(able) == 1:
        return able[0], "as labels have these lengths"
    raise InputError(_choice(name, shape, able))


def in_order(array: np.ndarray, letters: str) -> np.ndarray:
    """Return an array with trials, time and units in this order; of stimuli and units, stimuli first.

    Examples
    --------
    >>> in_order(np.zeros((5, 4, 3)), "ntk").shape
    (3, 4, 5)
    """
    return np.transpose(array, [letters.index(letter) for letter in "mktn" if letter in letters])


def axes_words(letters: str) -> str:
    """Return the axes as they stand in a sentence.

    Examples
    --------
    >>> axes_words("ntk")
    'units x time points x trials'
    """
    return " x ".join(LETTERS[letter] for letter in letters)


def _orders(shape: Sequence[int], sizes: Mapping[str, int]) -> list[str]:
    """Return the orders of axes that may be, as far as labels say what there is."""
    kinds = (
        ["ktn"]
        if len(shape) == 3
        else ["tn"]
        if "t" in sizes
        else ["kn"]
        if "k" in sizes and "m" not in sizes
        else ["mn"]
    )
    return ["".join(order) for kind in kinds for order in itertools.permutations(kind)]


def _fits(order: str, shape: Sequence[int], sizes: Mapping[str, int]) -> bool:
    known = [letter for letter in order if letter in sizes]
    return bool(known) and all(sizes[letter] == n for letter, n in zip(order, shape, strict=True) if letter in sizes)


def _of_names(named: Sequence[str]) -> str | None:
    """Return the letters of axes that have names; what is no trial, time or stimulus is the units where one is left."""
    letters = [next((_OF_ROLE[role] for role in _OF_ROLE if one.lower() in ROLES[role]), None) for one in named]
    letters = [
        "k" if x is None and one.lower() in ROLES["conditions"] else x for x, one in zip(letters, named, strict=True)
    ]
    if letters.count(None) == 1 and "n" not in letters:
        letters = ["n" if x is None else x for x in letters]
    known = [x for x in letters if x is not None]
    if len(known) != len(letters) or len(set(known)) != len(known):
        return None
    found = "".join(known)
    return found if "".join(sorted(found, key="mktn".index)) in (*ORDERS[2], *ORDERS[3]) else None


def _of_list(arrays: Sequence[np.ndarray], name: str, said: str | None, sizes: Mapping[str, int]) -> tuple[str, str]:
    """Return the axes of the arrays of a list: that whose length is the same in all is the units."""
    if said is not None:
        if sorted(said) != ["n", "t"]:
            raise ShapeError(f"axes of {name!r}: got {said!r} for a list of trials; expected 'tn' or 'nt'")
        return said, "as asked"
    rows, columns = ({one.shape[axis] for one in arrays} for axis in (0, 1))
    units = sizes.get("n")
    able = [order for order, n in (("tn", columns), ("nt", rows)) if len(n) == 1 and (units is None or n == {units})]
    if len(able) == 1:
        return able[0], "as one axis is equally long in all trials"
    shapes = ", ".join(str(one.shape) for one in arrays[:3])
    raise InputError(
        f"the arrays of {name!r} have the shapes {shapes}, ...; say which axis is time and which is units: "
        f"axes={{{name!r}: 'tn'}} or 'nt' (--axes {name}=tn)"
    )


def _choice(name: str, shape: Sequence[int], able: Sequence[str]) -> str:
    orders = able or _orders(shape, {})
    examples = " or ".join(f"{order!r} ({axes_words(order)})" for order in orders[:3])
    what = "more than one order of axes fits" if able else "nothing says which axis is which"
    return (
        f"{name!r} has the shape {tuple(shape)}, and {what}; say it: axes={{{name!r}: ...}} as {examples}"
        f"{', ...' if len(orders) > 3 else ''} (convert --axes {name}={orders[0]}; shape= of load and pairwise)"
    )
