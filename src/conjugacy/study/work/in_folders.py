"""The networks of a study's folder, by name."""

from __future__ import annotations

import os
from pathlib import Path

from conjugacy.data import natural_order
from conjugacy.storage.formats import is_recording_name
from conjugacy.storage.in_folder import networks_among
from conjugacy.storage.laboratory import is_laboratory_name


def recordings_in(folder: Path) -> tuple[list[Path], list[Path]]:
    """Return the networks of a folder and its subfolders in natural order, and other arrays that are passed over for them.

    Raises
    ------
    InputError
        Where there is none.
    """
    found: list[Path] = []
    for here, folders, files in os.walk(folder):
        stores = [name for name in folders if is_recording_name(name, folder=True)]
        # hidden folders, and what other stores keep, are no recordings
        folders[:] = sorted(
            name
            for name in folders
            if not name.startswith(".") and name not in stores and not _is_store(Path(here, name))
        )
        found += [Path(here, name) for name in (*stores, *files)]
    by_name = {name_in(path, folder) + path.suffix: path for path in networks_among(found, folder)}
    others = [] if is_laboratory_name(next(iter(by_name.values()))) else [p for p in found if is_laboratory_name(p)]
    return [by_name[name] for name in natural_order(by_name)], sorted(p for p in others if not p.name.startswith("."))


def name_in(path: Path, folder: Path) -> str:
    """Return a network's name in a study: its place in the folder, without the ending.

    Examples
    --------
    >>> name_in(Path("nets/seeds/a.npz"), Path("nets"))
    'seeds/a'
    """
    return path.relative_to(folder).with_suffix("").as_posix()


def _is_store(folder: Path) -> bool:
    return (folder / "study.json").is_file() or ((folder / "prepared").is_dir() and (folder / "lock").is_file())
