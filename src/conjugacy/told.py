"""Where it is told how the work goes on: to the caller who asks, else to the log `conjugacy`."""

from __future__ import annotations

import logging
from collections.abc import Callable

LOG = logging.getLogger("conjugacy")


def teller(progress: Callable[[str], None] | None) -> Callable[[str], None]:
    """Return what sentences on the work go to: `progress`, else the log `conjugacy` at level INFO.

    Examples
    --------
    >>> told = []
    >>> teller(told.append)("comparing outputs")
    >>> told
    ['comparing outputs']
    """
    return progress if progress is not None else _log


def _log(sentence: str) -> None:
    LOG.info("%s", sentence)
