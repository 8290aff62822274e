"""Which rows the networks of a study share: those of the largest set of recordings with the same ids."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from conjugacy.errors import ConjugacyError, FormatError, InputError
from conjugacy.storage.packed import read_packed, write_packed
from conjugacy.study.work.networks import StudyNetwork, StudyRows, row_ids, why
from conjugacy.study.work.prepared import Reading, read_recording

ROWS = "rows.npz"


def first_of_most(networks: Sequence[StudyNetwork], reading: Reading) -> StudyNetwork:
    """Return the first network of the largest set with the same ids, from what the recordings say of their rows.

    Raises
    ------
    InputError
        Where no recording can be read.
    """
    ids: dict[str, str] = {}
    reasons: list[str] = []
    for network in networks:
        try:
            ids[network.name] = row_ids(network.path, reading.shape)
        except (ConjugacyError, OSError) as error:
            reasons.append(why(error))
    if not ids:
        raise InputError(f"none of {len(networks)} recordings can be read; the first: {reasons[0]}")
    most = Counter(ids.values()).most_common(1)[0][0]
    return next(n for n in networks if ids.get(n.name) == most)


def rows_of_study(folder: Path, networks: Sequence[StudyNetwork], reading: Reading, *, fresh: bool) -> StudyRows:
    """Return the rows that the study's networks share; written down once, so that networks added later are brought to the same.

    A `fresh` store takes them from its networks, whatever a run that came to nothing has left.

    Raises
    ------
    InputError
        Where no recording can be read.
    """
    file = folder / ROWS
    if not fresh and file.exists():
        try:
            return read_packed(file, ("conjugacy",))
        except FormatError:
            raise InputError(
                f"{str(file)!r} is damaged: which rows the networks share is lost; give another store, or remove this one"
            ) from None
    first = read_recording(first_of_most(networks, reading), reading).first
    rows = StudyRows.of(first)
    write_packed(file, rows)
    return rows
