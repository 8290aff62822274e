"""A study's folder looked over: what is damaged, and what of it can be mended without comparing anything."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from conjugacy.asked import place
from conjugacy.errors import FormatError, InputError
from conjugacy.storage.atomic import remove
from conjugacy.storage.packed import read_packed
from conjugacy.storage.tables import TableStore
from conjugacy.study.work.ledger import TABLE, Ledger, locked
from conjugacy.study.work.ledger_file import COPY, FILE, read_one
from conjugacy.study.work.networks import stamp_of, why
from conjugacy.study.work.rows import ROWS

_LEFT_OVER = re.compile(r"\.[0-9a-f]{16}\.(tmp|old)")


@dataclass(frozen=True)
class Checkup:
    """What was found in a store.

    Attributes
    ----------
    found : tuple of str
        What was damaged, and can be mended.
    lost : tuple of str
        What cannot.
    told : tuple of str
        What is no damage, and good to know.
    mended : bool
        Whether what was found has been mended.
    """

    found: tuple[str, ...]
    lost: tuple[str, ...]
    told: tuple[str, ...]
    mended: bool

    @property
    def is_whole(self) -> bool:
        """Whether all is as it should be now."""
        return not self.lost and (self.mended or not self.found)

    def __str__(self) -> str:
        done = "mended: " if self.mended else "damaged: "
        lines = [*(done + one for one in self.found), *("lost: " + one for one in self.lost), *self.told]
        return "\n".join(lines if self.found or self.lost else ["the store is intact", *lines])


def check_store(store: str | os.PathLike[str], *, repair: bool = True) -> Checkup:
    """Verify a study's folder, and mend what can be.

    Of `study.json` and its copy the whole one takes the place of the other; descriptions of the table are rewritten; tiles and
    prepared networks that cannot be decoded are removed, so that `pairwise` does them again. No number is changed.

    Parameters
    ----------
    store : path
        The folder.
    repair : bool
        Whether to mend; else it is only told.

    Raises
    ------
    InputError
        Where it is no store, another process works on it, or neither `study.json` nor its copy can be read.

    Examples
    --------
    >>> import tempfile, numpy as np, conjugacy as cj
    >>> x = np.random.default_rng(0).normal(size=(50, 3))
    >>> _ = cj.pairwise({"a": x, "b": 2 * x}, measures="cka", store=tempfile.mkdtemp() + "/s")
    >>> print(check_store(_.store))
    the store is intact
    """
    folder = place("store", store)
    if not folder.is_dir() or not any((folder / name).exists() for name in (FILE, COPY, TABLE)):
        raise InputError(f"{str(folder)!r} holds no study; conjugacy pairwise FOLDER --store {folder} makes one")
    with locked(folder):
        ledger = Ledger.read(folder)
        if ledger is None:
            raise InputError(f"{str(folder)!r} holds no study")
        found = [*_files(folder, ledger, repair), *_table(folder, ledger, repair)]
        found += [*_prepared(folder, ledger, repair), *_left_over(folder, repair)]
        return Checkup(tuple(found), tuple(_lost(folder)), tuple(_recordings(ledger)), repair)


def _files(folder: Path, ledger: Ledger, repair: bool) -> Iterator[str]:
    damaged = False
    for name in (FILE, COPY):
        try:
            read_one(folder / name)
        except FileNotFoundError:
            damaged = True
            if name == FILE:
                yield f"{name} is missing; its copy has the same content"
        except FormatError as error:
            damaged = True
            yield f"{name}: {why(error)}"
    if damaged and repair:
        ledger.save(folder)


def _table(folder: Path, ledger: Ledger, repair: bool) -> Iterator[str]:
    if not (folder / TABLE).exists():
        return
    try:
        table = TableStore(folder / TABLE, ledger.shape, ledger.block, readonly=True)
    except Exception as error:  # zarr raises many kinds of errors over damaged descriptions
        yield f"{TABLE}: {why(error)}"
        if not repair:
            return
        table = TableStore(folder / TABLE, ledger.shape, ledger.block)
    damaged = [tile for tile in table.tiles() if table.is_damaged(tile)]
    if damaged:
        yield f"{len(damaged)} tiles of {TABLE}; pairwise compares their pairs again"
    for tile in damaged if repair else ():
        table.discard(tile)


def _prepared(folder: Path, ledger: Ledger, repair: bool) -> Iterator[str]:
    keys = {key for one in ledger.prepared.values() for key in one.keys.values()}
    damaged = [
        file for key in sorted(keys) if (file := folder / "prepared" / f"{key}.npz").exists() and not _reads(file)
    ]
    if damaged:
        yield f"{len(damaged)} prepared networks; pairwise prepares them again where they are needed"
    for file in damaged if repair else ():
        file.unlink()


def _reads(file: Path) -> bool:
    try:
        read_packed(file, None)
    except FormatError:
        return False
    return True


def _left_over(folder: Path, repair: bool) -> Iterator[str]:
    """Say what writers left that were killed."""
    left = [path for part in (folder, folder / "prepared") if part.is_dir() for path in part.iterdir()]
    left = [path for path in left if _LEFT_OVER.fullmatch(path.name)]
    if left:
        yield f"{len(left)} files that were being written when a process was killed"
    for path in left if repair else ():
        remove(path)


def _lost(folder: Path) -> Iterator[str]:
    if (folder / ROWS).exists() and not _reads(folder / ROWS):
        yield f"{ROWS}: which rows the networks share; no network can be added, what was compared can still be read"


def _recordings(ledger: Ledger) -> Iterator[str]:
    changed = [
        name
        for name, p in ledger.prepared.items()
        if not p.network.state and stamp_of(Path(p.network.path)) != p.network.stamp
    ]
    if changed:
        many = "recording is gone or has" if len(changed) == 1 else "recordings are gone or have"
        yield f"{len(changed)} {many} changed since they were compared, {changed[0]} among them"
