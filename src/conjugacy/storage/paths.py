"""Where a key lies inside a file that is itself a tree (.zarr, .h5), where '/' opens a group."""

from __future__ import annotations

from collections.abc import Collection, Iterable

KEY_ATTRIBUTE = "conjugacy_key"
"""Attribute of an array that could not be stored at its key: the key."""


def paths_of(keys: Iterable[str]) -> dict[str, str]:
    """Return a path for every key: the key itself wherever a tree can hold it, else a numbered name.

    Examples
    --------
    >>> paths_of(["encoder/0", "encoder", "../x"])
    {'encoder/0': 'encoder/0', 'encoder': 'array-1', '../x': 'array-2'}
    """
    chosen: dict[str, str] = {}
    for key in keys:
        chosen[key] = path_for(key, chosen.values())
    return chosen


def path_for(key: str, before: Collection[str]) -> str:
    """Return the path of one more key beside those that were given out before.

    Examples
    --------
    >>> path_for("a/b", ["a"])
    'array-1'
    """
    taken = [path.casefold() for path in before]
    path, suffix = key, ""
    while not _fits(path) or _collides(path.casefold(), taken):
        path, suffix = f"array-{len(taken)}{suffix}", suffix + "_"
    return path


def _fits(path: str) -> bool:
    parts = path.split("/")
    return "\\" not in path and all(
        part.strip(".") and not part.startswith((".z", "__")) and part != "zarr.json" and len(part.encode()) <= 200
        for part in parts
    )


def _collides(path: str, taken: list[str]) -> bool:
    # an array cannot hold another one, and some file systems do not tell upper from lower case
    return any(path == t or path.startswith(t + "/") or t.startswith(path + "/") for t in taken)
