"""Progress of many like steps: how many are done, how fast, how long it will still take."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from conjugacy.comparison.setup import Progress
from conjugacy.results.digits import digits

EVERY = 5.0  # seconds between two sentences


@dataclass
class Clock:
    """Tells how the work goes on, every few seconds.

    Attributes
    ----------
    tell : callable
        Takes a sentence.
    what : str
        What is counted.
    total : int
        Steps in all.
    """

    tell: Progress
    what: str
    total: int
    done: int = 0
    start: float = field(default_factory=time.monotonic)
    last: float = field(default_factory=time.monotonic)

    def more(self, steps: int) -> None:
        """Count steps that were done."""
        self.done += steps
        now = time.monotonic()
        if self.done and (now - self.last > EVERY or (self.done >= self.total and now - self.start > EVERY)):
            self.last = now
            self.tell(self.sentence(now))

    def sentence(self, now: float) -> str:
        """Return what to say."""
        rate = self.done / max(now - self.start, 1e-9)
        left = (self.total - self.done) / rate
        pace = f"{digits(rate)} a second" if rate >= 1 else f"{digits(1 / rate)} s each"
        return f"{self.done} of {self.total} {self.what}, {pace}, {duration(left)} left"


def duration(seconds: float) -> str:
    """Return a duration in words.

    Examples
    --------
    >>> duration(3), duration(140), duration(9000), duration(400000)
    ('3 s', '2 min 20 s', '2 h 30 min', '4 d 15 h')
    """
    whole = round(seconds)
    parts = [(whole // 86400, "d"), (whole // 3600 % 24, "h"), (whole // 60 % 60, "min"), (whole % 60, "s")]
    while len(parts) > 1 and parts[0][0] == 0:
        parts = parts[1:]
    return " ".join(f"{count} {unit}" for count, unit in parts[:2] if count) or "0 s"
