"""What a study's folder says of itself: networks, measures, layer pairs, settings; one JSON file, written as a whole."""

from __future__ import annotations

import os
import socket
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

from conjugacy.errors import FormatError, InputError
from conjugacy.study.work.ledger_file import FILE, Record, read_record, write_record
from conjugacy.study.work.networks import StudyNetwork
from conjugacy.study.work.prepared import Prepared, Reading

TABLE = "results.zarr"
T = TypeVar("T")
REFUSALS = 200  # refused pairs whose reasons are kept


@dataclass
class Ledger:
    """The contents of `study.json`.

    Attributes
    ----------
    measures : list of str
        Ids, in the order of the table.
    layer_pairs : list of (str, str)
        Layers of the rows' and the columns' networks.
    seed, draws, block : int
        As given; networks along a side of a tile.
    reading : Reading
        How recordings are read.
    kind : str or None
        What outputs are taken for, where they are compared.
    rows, cols : list of str
        Names in the order of the table; `cols` is None where it is square.
    prepared : dict of str to Prepared
        Networks by name, and what was prepared of them.
    refusals : list of (measure, network, network, reason)
        Pairs that a measure refused.
    groups : dict of str to list of str
        The two lists that are to be contrasted; empty where there is one.
    notes : list of str
        What was done that nobody asked for.
    near : int
        Among how many of the nearest classes a network is looked for; 0 where every pair is compared.
    joined : dict
        What `representatives` found: classes, and what they rest on; empty where every pair is compared.
    """

    measures: list[str]
    layer_pairs: list[tuple[str, str]]
    seed: int
    draws: int
    block: int
    reading: Reading
    kind: str | None
    rows: list[str]
    cols: list[str] | None
    prepared: dict[str, Prepared] = field(default_factory=dict[str, Prepared])
    refusals: list[tuple[str, str, str, str]] = field(default_factory=list[tuple[str, str, str, str]])
    notes: list[str] = field(default_factory=list[str])
    groups: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    near: int = 0
    joined: dict[str, Any] = field(default_factory=dict[str, Any])

    @property
    def columns(self) -> list[str]:
        """Names of the columns."""
        return self.rows if self.cols is None else self.cols

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """Shape of the table."""
        return len(self.rows), len(self.columns), len(self.measures), len(self.layer_pairs)

    @property
    def labels(self) -> list[str]:
        """Names of the layer pairs."""
        return [a if a == b else f"{a} ~ {b}" for a, b in self.layer_pairs]

    def unread(self) -> dict[str, str]:
        """Return why networks could not be compared."""
        return {n: p.network.reason for n, p in self.prepared.items() if p.network.state}

    def save(self, folder: Path) -> None:
        """Write the file and its copy."""
        record = asdict(self)
        if not self.near:  # so that earlier versions read it
            del record["near"], record["joined"]
        write_record(folder, record)

    @classmethod
    def read(cls, folder: Path) -> Ledger | None:
        """Read the file, or its copy where it is damaged; None where there is none.

        Raises
        ------
        FormatError
            Where both are damaged, or of a later version; where there is a table and nothing says what it holds.
        """
        record = read_record(folder)
        if record is not None:
            return _ledger(folder, record)
        if (folder / TABLE).exists():
            raise FormatError(
                f"{str(folder)!r} holds a table and no {FILE}: which networks its numbers are of is lost; give another store, or "
                f"remove {TABLE}"
            )
        return None


def _ledger(folder: Path, record: Record) -> Ledger:
    try:
        known: dict[str, Any] = {
            **record,
            "reading": Reading(**record["reading"]),
            "prepared": {name: _prepared(one) for name, one in record["prepared"].items()},
        }
        found = Ledger(**known)
        joined = [
            name for one in found.joined.get("classes", []) for name in (*one["members"], *one["representatives"])
        ]
        lost = [name for name in (*found.rows, *found.columns, *joined) if name not in found.prepared]
    except (KeyError, TypeError, ValueError) as error:
        raise FormatError(f"{str(folder / FILE)!r} is damaged: {type(error).__name__} {error}") from None
    if lost or not all(found.shape[i] for i in ((0, 2, 3) if found.near else range(4))):
        raise FormatError(f"{str(folder / FILE)!r} is damaged: it says nothing of {lost[:1] or 'its networks'}")
    return found


def _prepared(one: Record) -> Prepared:
    known: dict[str, Any] = {
        "rules": 1,
        **one,
        "network": StudyNetwork(**one["network"]),
        "read_as": tuple(one.get("read_as", ())),
    }  # there were no rules at first
    return Prepared(**known)


def joined(old: Ledger | None, new: Ledger) -> Ledger:
    """Return what a store holds with what is asked for now added: networks, measures and layers at the end.

    Raises
    ------
    InputError
        Where the store was made with other settings.
    """
    if old is None:
        return new
    for name, what in (
        ("seed", "seed"),
        ("draws", "draws"),
        ("reading", "output_layer, output_kind, shape or reducer"),
    ):
        if getattr(old, name) != getattr(new, name):
            raise InputError(
                f"{what}: the store was made with {getattr(old, name)!r}, got {getattr(new, name)!r}; give the same, or another "
                "store"
            )
    if bool(old.near) != bool(new.near):
        raise InputError(
            "representatives: the store was made with it, or without it, and now it is otherwise; give another store"
        )
    if (old.cols is None) != (new.cols is None):
        raise InputError(
            "against: the store was made with it and now it is missing, or the reverse; give another store"
        )
    rows = _with(old.rows, new.rows)
    cols = None if old.cols is None or new.cols is None else _with(old.cols, new.cols)
    lists = [(old.rows, new.rows), *([] if old.near else [(old.cols or [], new.cols or [])])]
    gone = sum(len(set(before) - set(given)) for before, given in lists)
    kept = ("outputs are taken", "heavy products")  # the others were of that run
    notes = [note for note in old.notes if note.startswith(kept)]
    if gone:
        notes.append(f"{gone} networks of the store were not given this time; their results are kept")
    return replace(
        old,
        rows=rows,
        cols=cols,
        measures=_with(old.measures, new.measures),
        layer_pairs=_with(old.layer_pairs, new.layer_pairs),
        notes=notes,
        near=new.near,
        groups={key: _with(old.groups.get(key, []), new.groups.get(key, [])) for key in {**old.groups, **new.groups}},
    )


def _with(old: list[T], new: list[T]) -> list[T]:
    return [*old, *(one for one in new if one not in set(old))]


@contextmanager
def locked(folder: Path) -> Generator[None]:
    """Keep other processes from writing to a store; the lock goes with the process that holds it.

    Raises
    ------
    InputError
        Where another process works on the store, or the folder cannot be written to.
    """
    from filelock import FileLock, Timeout

    lock, who = FileLock(folder / "lock", timeout=0), folder / "running"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock.acquire()
        who.write_text(f"process {os.getpid()} on {socket.gethostname()}")
    except Timeout:
        raise InputError(
            f"{str(folder)!r}: {_who(folder)} is using this store; wait until it is done, or give another store"
        ) from None
    except (FileExistsError, NotADirectoryError):
        raise InputError(f"store: {str(folder)!r} is a file, expected a folder") from None
    except OSError as error:
        lock.release()
        raise InputError(f"store: {str(folder)!r} cannot be written: {error.strerror or error}") from None
    try:
        yield
    finally:
        who.unlink(missing_ok=True)
        lock.release()


def _who(folder: Path) -> str:
    try:
        return (folder / "running").read_bytes()[:200].decode()
    except (OSError, ValueError):
        return "another process"
