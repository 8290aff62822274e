"""Where it is told how the work goes on: to the caller who asks, else to the log `conjugacy`."""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator
from contextlib import contextmanager

from conjugacy.errors import InputError

LOG = logging.getLogger("conjugacy")


def teller(progress: Callable[[str], None] | None) -> Callable[[str], None]:
    """Return what sentences on the work go to: `progress`, else the log `conjugacy` at level INFO.

    Raises
    ------
    InputError
        Where progress is nothing to call.

    Examples
    --------
    >>> told = []
    >>> teller(told.append)("comparing outputs")
    >>> told
    ['comparing outputs']
    """
    if progress is None:
        return _log
    if not callable(progress):  # pyright: ignore[reportUnnecessaryComparison] - users give anything
        raise InputError(f"progress: got {type(progress).__name__}, expected a function that takes a sentence")
    return progress


@contextmanager
def telling(progress: Callable[[str], None] | None) -> Generator[Callable[[str], None]]:
    """Give what sentences go to while something lasts; what is told later, of work that waited, goes to the log.

    Examples
    --------
    >>> told = []
    >>> with telling(told.append) as tell:
    ...     tell("comparing outputs")
    >>> tell("drawing the layer map")
    >>> told
    ['comparing outputs']
    """
    listening = [teller(progress)]
    try:
        yield lambda sentence: listening[-1](sentence)
    finally:
        listening.append(_log)


def _log(sentence: str) -> None:
    LOG.info("%s", sentence)
