"""A sentence that carries an answer, and what it is about: nothing depends on where it stands."""

from __future__ import annotations

from typing import Any


class Reason(str):
    """A sentence that carries an answer, and what it is about.

    Attributes
    ----------
    about : str
        What it tells of: one of `ABOUT`.
    decided : bool
        Whether it is what the answer rests on.

    Examples
    --------
    >>> one = Reason("repeats differ as much", about="floor", decided=True)
    >>> one, one.about, one.decided
    ('repeats differ as much', 'floor', True)
    """

    about: str
    decided: bool

    def __new__(cls, text: str, *, about: str, decided: bool = False) -> Reason:
        """Build it from its text."""
        made = super().__new__(cls, text)
        made.about, made.decided = about, decided
        return made

    def __getnewargs_ex__(self) -> tuple[tuple[str], dict[str, Any]]:
        return (str(self),), {"about": self.about, "decided": self.decided}


ABOUT = ("maps", "control", "floor", "inputs", "decisions", "rows", "flows", "data")
"""What a reason may be about."""
