"""Which files of a folder are networks: its recordings, or the laboratory's files of a folder without recordings."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from conjugacy.errors import InputError
from conjugacy.storage.formats import endings, in_words, is_recording_name
from conjugacy.storage.laboratory import is_laboratory_name
from conjugacy.storage.laboratory.kinds import ENDINGS


def networks_among(paths: Iterable[Path], folder: Path) -> list[Path]:
    """Return the recordings among what a folder holds; where it holds none, the laboratory's files.

    Labels often lie beside recordings as `.npy`, so the two are not mixed.

    Parameters
    ----------
    paths : iterable of path
        Files, and folders whose names end as a recording's.
    folder : path
        Named in the error.

    Returns
    -------
    list of path

    Raises
    ------
    InputError
        If it holds neither.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> for name in ("a.npy", "b.mat", "notes.txt"):
    ...     (folder / name).touch()
    >>> [path.name for path in networks_among(sorted(folder.iterdir()), folder)]
    ['a.npy', 'b.mat']
    """
    listed = [(path, path.is_dir()) for path in paths if not path.name.startswith(".")]  # hidden, or left by a system
    found = [path for path, is_folder in listed if is_recording_name(path, folder=is_folder)]
    found = found or [path for path, is_folder in listed if not is_folder and is_laboratory_name(path)]
    if not found:
        raise InputError(
            f"{str(folder)!r} holds no recordings ({in_words(endings())}), and no other arrays ({in_words(ENDINGS)}); "
            "conjugacy record makes recordings"
        )
    return found
