"""Where a key lies inside a file that is itself a tree (.zarr, .h5), where '/' opens a group."""

from __future__ import annotations

from collections.abc import Iterable

KEY_ATTRIBUTE = "conjugacy_key"
"""Attribute of an array that could not be stored at its key: the key."""


def paths_of(keys: Iterable[str]) -> dict[str, str]:
    """Return a path for every key: the key itself wherever a tree can hold it, else a numbered name.

    Examples
    --------
    >>> paths_of(["encoder/0", "encoder", "../x"])
    {'encoder/0': 'encoder/0', 'encoder': 'array-1', '../x': 'array-2'}
    """
    paths = Paths()
    return {key: paths.next(key) for key in keys}


class Paths:
    """Gives out paths, none of which lies in another.

    Examples
    --------
    >>> paths = Paths()
    >>> paths.next("a"), paths.next("a/b"), paths.next("A")
    ('a', 'array-1', 'array-2')
    """

    def __init__(self) -> None:
        self._taken: set[str] = set()  # some file systems do not tell upper from lower case
        self._groups: set[str] = set()

    def next(self, key: str) -> str:
        """Return the path of one more key."""
        path, suffix = key, ""
        while not _fits(path) or self._collides(path.casefold()):
            path, suffix = f"array-{len(self._taken)}{suffix}", suffix + "_"
        self._taken.add(path.casefold())
        self._groups.update(_groups(path.casefold()))
        return path

    def _collides(self, path: str) -> bool:
        # an array cannot hold another one
        return path in self._taken or path in self._groups or any(group in self._taken for group in _groups(path))


def _groups(path: str) -> list[str]:
    """Return the groups in which a path lies."""
    parts = path.split("/")
    return ["/".join(parts[:i]) for i in range(1, len(parts))]


def _fits(path: str) -> bool:
    parts = path.split("/")
    return "\\" not in path and all(
        part.strip(".") and not part.startswith((".z", "__")) and part != "zarr.json" and len(part.encode()) <= 200
        for part in parts
    )
