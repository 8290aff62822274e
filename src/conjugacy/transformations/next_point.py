"""The direct test of two systems on matched trials: one's past against both, on the other's next point.

u_ab = (e_AB - e*) / (V - e*): e_AB is the held-out error of B's next point from a window of A's past, e* the smaller of those
from B's own past and from both, V that of the drive's history and the time in the trial alone. Noise that is new at the next
point is in every error and cancels; windows stand in for units that are not seen.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from conjugacy.dynamics.drive import Known
from conjugacy.dynamics.own_limits import OwnLimits
from conjugacy.dynamics.windows import delays_tried, longer_tried
from conjugacy.results import Estimate
from conjugacy.transformations.split import Split

FEW, SPLITS = 24, 3  # with fewer courses, medians over so many divisions of them
APART = 101  # between the seeds of divisions


@dataclass(frozen=True, eq=False)
class NextPoint:
    """The direct test over one division of the trials, or the medians of three where trials are few.

    Attributes
    ----------
    a, b, drive, courses, seed
        As of `Matched`.
    delays : int or None
        Time points that make one state; None: chosen on held-out trials, for every map.
    enough : float
        Excess up to which a direction holds: where one is not seen to, and takes the longest window, longer ones are tried.
    """

    a: tuple[np.ndarray, ...]
    b: tuple[np.ndarray, ...]
    drive: tuple[np.ndarray, ...] | None
    courses: np.ndarray
    seed: int = 0
    delays: int | None = None
    enough: float = 0.10

    @cached_property
    def splits(self) -> tuple[Split, ...]:
        """The divisions."""
        known = Known.of(self.drive, [len(x) for x in self.a])
        shortest = min(len(x) for x in self.a)
        short = self._divided(known, delays_tried(shortest, self.delays))
        if self.delays is not None or not self._too_short(short):
            return short
        return self._divided(known, longer_tried(shortest))

    def _divided(self, known: Known, tried: tuple[int, ...]) -> tuple[Split, ...]:
        count = SPLITS if int(self.courses.max()) + 1 < FEW else 1
        return tuple(
            Split(self.a, self.b, self.drive, self.courses, known, tried, self.seed + APART * i) for i in range(count)
        )

    def _too_short(self, splits: tuple[Split, ...]) -> bool:
        """Say whether a direction is not seen to hold with the longest window that was tried."""
        for i in (0, 1):
            highs = [way.high if way.high is not None else 1.0 for way in (split.way(i, 1 - i)[0] for split in splits)]
            at_end = [split.told[i][1 - i].back == split.tried[-1] for split in splits]
            if np.median(highs) >= self.enough and np.median(at_end) == 1:
                return True
        return False

    def _median(self, of: Callable[[Split], float]) -> float:
        return float(np.median([of(split) for split in self.splits]))

    def _estimate(self, of: Callable[[Split], Estimate]) -> Estimate:
        found = [of(split) for split in self.splits]
        rows = np.array([[x.unexplained, x.low, x.high] for x in found], dtype=np.float64)
        if np.isnan(rows).any():  # nothing was left to tell in one of the divisions
            return Estimate(float(np.median(rows[:, 0])))
        value, low, high = np.median(rows, axis=0).tolist()
        return Estimate(value, low, high)

    def excess(self, source: int, target: int) -> tuple[Estimate, float]:
        """Return u, from 0 or 1 (A or B) to the other, and what pasts tell of the target beyond the drive."""
        return self._estimate(lambda s: s.way(source, target)[0]), self._median(lambda s: s.way(source, target)[1])

    def drive_alone(self, which: int) -> Estimate:
        """Return what the drive's history and the time in the trial leave of a system's next point."""
        return self._estimate(lambda s: s.drive_alone(which))

    def own_step(self, which: int) -> Estimate:
        """Return what a system's own past leaves of its next point."""
        return self._estimate(lambda s: s.own_step(which))

    def points(self, which: int) -> int:
        """Return how many time points make a state of A or of B, as its own next point takes them."""
        return 1 + int(self._median(lambda s: s.told[which][which].back))

    def points_across(self, source: int) -> int:
        """Return how many time points the map to the other system takes."""
        return 1 + int(self._median(lambda s: s.told[source][1 - source].back))

    def hidden(self, which: int) -> tuple[Estimate, bool]:
        """Return what delays add to A or to B, and whether its units hide a part of the state."""
        return self.splits[0].hidden(which)

    @cached_property
    def limits(self) -> tuple[OwnLimits, OwnLimits]:
        """What the recordings of A and of B allow by themselves."""
        found = list[OwnLimits]()
        for which in (0, 1):
            each = [split.limits(which) for split in self.splits]
            rows = np.array([[x.power, x.half, x.growth, x.later] for x in each])
            found.append(OwnLimits(*np.median(rows, axis=0).tolist()))
        return found[0], found[1]

    def p_partners(self) -> float:
        """Return how often dealt-out partners are told as well, the smaller of both ways."""
        return min(1.0, 2.0 * min(self.splits[0].p_partners(i, 1 - i) for i in (0, 1)))

    def p_starts(self) -> float:
        """Return how often the starts of dealt-out partners are told as well."""
        return self.splits[0].p_starts()

    def shared_news(self) -> float:
        """Return how much of what no past tells both have at once."""
        return self._median(lambda s: s.shared_news())
