"""Memory, disk and time of a study: what may be used, and what will be."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from conjugacy.errors import InputError
from conjugacy.storage.limits import amount, available_memory
from conjugacy.study.work.clock import duration

T = TypeVar("T")
SAMPLED = 4  # networks from which the time is told
SHARE = 0.6  # of what is free, unless said otherwise
WORKER = 250e6  # a process that has loaded numpy, scipy and scikit-learn
COPIES = 4  # of a recording that exist for a moment while it is read and prepared
FREED = 1.5  # freed memory does not all go back at once
_UNITS = {"": 1.0, "k": 1e3, "m": 1e6, "g": 1e9, "t": 1e12, "ki": 2.0**10, "mi": 2.0**20, "gi": 2.0**30, "ti": 2.0**40}


def parse_memory(given: float | str | None) -> float:
    """Return a number of bytes; 60 % of the free memory where none is given.

    Raises
    ------
    InputError
        Where it is no amount of memory.

    Examples
    --------
    >>> parse_memory("4 GB"), parse_memory("512MiB"), parse_memory(1e9)
    (4000000000.0, 536870912.0, 1000000000.0)
    """
    if given is None:
        free = available_memory()
        return resident() + SHARE * (4e9 if free is None else free)
    found = re.fullmatch(r"\s*([0-9.]+(?:e[0-9]+)?)\s*([kmgt]?i?)b?\s*", str(given).lower())
    try:
        size = float(found[1]) * _UNITS[found[2]] if found else 0.0
    except (ValueError, KeyError):
        size = 0.0
    if size <= 0:
        raise InputError(f"memory: got {given!r}, expected an amount such as '4 GB' or 4e9")
    return size


def resident() -> float:
    """Return the bytes that this process holds now."""
    try:
        return float(int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE"))
    except (OSError, ValueError, IndexError):
        import resource

        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return float(peak if sys.platform == "darwin" else 1024 * peak)


def room(memory: float, workers: int, own: bool, recording: float, prepared: float, batch: float) -> float:
    """Return how many bytes of prepared networks a worker may hold.

    Parameters
    ----------
    memory : float
        Bytes for all.
    workers : int
        Processes that compare.
    own : bool
        Whether they are processes of their own.
    recording, prepared, batch : float
        Bytes of the largest recording, of the largest prepared network, and of what a batch of pairs makes.

    Raises
    ------
    InputError
        Where it is too little for two networks.
    """
    free = (memory - resident()) / workers - WORKER if own else memory - resident()
    left = free - max(COPIES * recording, batch)
    if left < 3 * prepared:
        needed = resident() + workers * ((WORKER if own else 0.0) + max(COPIES * recording, batch) + 4 * prepared)
        raise InputError(
            f"memory: {amount(memory)} is too little for {workers} worker{'s' if workers > 1 else ''}: "
            f"{amount(needed)} are needed "
            f"(a recording takes {amount(recording)}, prepared {amount(prepared)}); give more, or fewer workers"
        )
    return left / FREED


def spread(things: Sequence[T], count: int) -> list[T]:
    """Return all things, first so many from all over the list: like networks often are shown beside each other.

    Examples
    --------
    >>> spread("abcdefg", 3)
    ['a', 'd', 'g', 'b', 'c', 'e', 'f']
    """
    last = len(things) - 1
    first = list(dict.fromkeys(round(last * i / max(count - 1, 1)) for i in range(count)))
    return [things[i] for i in [*first, *(i for i in range(len(things)) if i not in first)]]


@dataclass(frozen=True)
class Budget:
    """What a study will take.

    Attributes
    ----------
    networks, pairs, comparisons : int
        Networks; pairs of different ones; what is compared in all: each pair by every measure and on every pair of layers.
    tasks : int
        Tiles.
    cpu_seconds, seconds : float
        On one core, and by the clock with the workers asked for.
    memory, disk : float
        Bytes: what is needed at least, and what the store will take.
    sample : tuple of str
        The networks that were tried.
    """

    networks: int
    pairs: int
    comparisons: int
    tasks: int
    cpu_seconds: float
    seconds: float
    memory: float
    disk: float
    sample: tuple[str, ...]

    def __str__(self) -> str:
        return (
            f"{self.networks} networks, {self.pairs} pairs, {self.comparisons} comparisons in {self.tasks} tiles\n"
            f"time    {duration(self.cpu_seconds)} of one core, about {duration(self.seconds)} by the clock\n"
            f"memory  {amount(self.memory)} at least\n"
            f"disk    {amount(self.disk)}\n"
            f"(from {', '.join(self.sample[:-1])} and {self.sample[-1]}, which were prepared and compared)"
        )
