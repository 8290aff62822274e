"""A sentence that carries an answer, and what it is about: nothing depends on where it stands."""

from __future__ import annotations

from typing import Any, Literal, get_args

About = Literal["identity", "maps", "control", "floor", "inputs", "decisions", "rows", "flows", "data"]
ABOUT: tuple[str, ...] = get_args(About)
"""What a reason may be about."""


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

    about: About
    decided: bool

    def __new__(cls, text: str, *, about: About, decided: bool = False) -> Reason:
        """Build it from its text."""
        made = super().__new__(cls, text)
        made.about, made.decided = about, decided
        return made

    def __getnewargs_ex__(self) -> tuple[tuple[str], dict[str, Any]]:
        return (str(self),), {"about": self.about, "decided": self.decided}


def reasons(about: About, *sentences: str) -> tuple[Reason, ...]:
    """Return sentences about one thing; the first is what the answer rests on.

    Examples
    --------
    >>> [(r, r.decided) for r in reasons("flows", "they differ", "by a tenth")]
    [('they differ', True), ('by a tenth', False)]
    """
    return tuple(Reason(sentence, about=about, decided=i == 0) for i, sentence in enumerate(sentences))
