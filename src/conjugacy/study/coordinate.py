"""Networks along a number: a step, a width, a seed; given, or read from their names."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from conjugacy.asked import number
from conjugacy.errors import InputError

COMMON = ("step", "epoch", "iteration", "checkpoint", "width")
"""What a study's page looks for in names by itself."""

FEWEST = 3  # values that make a curve
EXACT = 2**53  # up to it every whole number is a float
_NUMBER = r"(?<![0-9])(?<![0-9][_,.])([0-9]+(?:\.[0-9]+)?(?:e[+-]?[0-9]+)?)(?![0-9a-z]|[_,][0-9])"  # whole: neither 1k nor 1_000
MOST_NAMED = 3


def coordinates_of(names: Sequence[str], coordinate: str | Mapping[str, float]) -> tuple[str, dict[str, float]]:
    """Return the word for a coordinate and its value for every network; whole numbers if all of them are whole.

    The word is looked for in the names, with a number behind it. If no name has the word and every name holds exactly one
    number, that number is taken.

    Raises
    ------
    InputError
        If a network has no value.

    Examples
    --------
    >>> coordinates_of(["a/step10", "a/step_200"], "step")
    ('step', {'a/step10': 10, 'a/step_200': 200})
    >>> coordinates_of(["ckpt-5", "ckpt-7.5"], "step")[1]
    {'ckpt-5': 5.0, 'ckpt-7.5': 7.5}
    """
    word, values = _read(names, coordinate)
    whole = all(float(value).is_integer() and abs(value) <= EXACT for value in values.values())
    return word, {name: int(value) if whole else float(value) for name, value in values.items()}


def _read(names: Sequence[str], coordinate: str | Mapping[str, float]) -> tuple[str, dict[str, float]]:
    if isinstance(coordinate, Mapping):
        missing = [name for name in names if name not in coordinate]
        _require(missing, "are not in the mapping: give every network a number")
        return "coordinate", {name: number(f"coordinate of {name!r}", coordinate[name]) for name in names}
    if not isinstance(coordinate, str) or not coordinate:  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InputError(
            f"coordinate: got {coordinate!r}, expected a word such as 'step', or a mapping from names to numbers"
        )
    found = _behind(names, coordinate)
    if not any(found.values()):
        alone = {name: re.findall(_NUMBER, name, re.IGNORECASE) for name in names}
        if all(len(numbers) == 1 for numbers in alone.values()):
            return coordinate, {name: float(numbers[0]) for name, numbers in alone.items()}
    _require(
        [name for name, match in found.items() if match is None],
        f"have no number behind {coordinate!r}: rename them, or give a mapping from names to numbers",
    )
    return coordinate, {name: number(f"{coordinate} of {name!r}", float(match[1])) for name, match in found.items()}


def _behind(names: Sequence[str], coordinate: str) -> dict[str, Any]:
    """Return, for every name, where a number stands behind a word."""
    behind = re.compile(rf"(?<![a-z]){re.escape(coordinate)}s?[ _=:.\-]*{_NUMBER}", re.IGNORECASE)
    return {name: behind.search(name) for name in names}


def coordinate_in(names: Sequence[str]) -> str | None:
    """Return the first common word that orders all networks by at least three numbers, or None.

    Examples
    --------
    >>> coordinate_in(["step0", "step10", "step200"]), coordinate_in(["a", "b"])
    ('step', None)
    """
    for word in COMMON:
        if all(_behind(names, word).values()):
            try:
                _, values = coordinates_of(names, word)
            except InputError:
                continue
            if len(set(values.values())) >= FEWEST:
                return word
    return None


def _require(missing: Sequence[str], what: str) -> None:
    if missing:
        more = f" and {len(missing) - MOST_NAMED} more" if len(missing) > MOST_NAMED else ""
        raise InputError(f"coordinate: {', '.join(missing[:MOST_NAMED])}{more} {what}")
