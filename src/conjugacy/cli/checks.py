"""What is checked before any work begins: conditions of `--fail-on`, and places to write to."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conjugacy.errors import InputError, UnknownNameError


@dataclass(frozen=True)
class Condition:
    """One `--fail-on`: an axis that has, or has not, a certain answer."""

    text: str
    axis: str
    answer: str
    equal: bool

    def is_met(self, verdict: Any) -> bool:
        """Whether the verdict fulfils it."""
        return (getattr(verdict, self.axis).answer == self.answer) == self.equal


def condition(text: str) -> Condition:
    """Read AXIS=ANSWER or AXIS!=ANSWER.

    Raises
    ------
    InputError, UnknownNameError
        Where the text is neither, or names no axis or answer.
    """
    from conjugacy.results import ANSWERS
    from conjugacy.results.axis import AXES

    equal = "!=" not in text
    axis, sign, answer = (part.strip() for part in text.partition("=" if equal else "!="))
    if not sign:
        raise InputError(f"--fail-on {text}: expected AXIS=ANSWER or AXIS!=ANSWER, as in function=undecided")
    if axis not in AXES:
        raise UnknownNameError.of("axis", axis, AXES)
    answers = (*ANSWERS, "different")
    if answer not in answers:
        raise UnknownNameError.of("answer", answer, answers)
    return Condition(text, axis, answer, equal)


def require_place(path: Path) -> None:
    """Refuse a report that could not be written."""
    if path.is_dir():
        raise InputError(f"--report {path}: is a folder; give the name of a file, as {path / 'report.html'}")
    _require_parent(path, "--report")


def require_folder(path: Path) -> None:
    """Refuse an output folder that cannot be made."""
    if path.exists() and not path.is_dir():
        raise InputError(f"--out {path}: is a file, expected a folder")


def require_new_recordings(paths: Sequence[Path], *, overwrite: bool) -> None:
    """Refuse recordings that could not be written, before the network runs."""
    from conjugacy.storage.formats import endings, format_of

    if len({path.resolve() for path in paths}) < len(paths):
        raise InputError(f"--out and --untrained are both {paths[0]}; give two names")
    for path in paths:
        if format_of(path) is None:
            raise InputError(f"{path} has the unknown extension {path.suffix!r}; expected {', '.join(endings())}")
        if path.exists() and not overwrite:
            raise InputError(f"{path} exists; choose another name, or add --overwrite")
        _require_parent(path, "output")


def _require_parent(path: Path, what: str) -> None:
    folder = path.parent
    if not folder.is_dir():
        raise InputError(f"{what} {path}: there is no folder {folder}; make it first")
    if not os.access(folder, os.W_OK):
        raise InputError(f"{what} {path}: the folder {folder} cannot be written to")
