"""One division of matched trials: what the past of one system tells of the other, and what each recording allows by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from conjugacy.dynamics.drive import MOST_KNOWN, Known, linear_read_out
from conjugacy.dynamics.moved import falling_lag
from conjugacy.dynamics.next_point import Predicted, predict
from conjugacy.dynamics.own_limits import (
    MOST_UNITS,
    TESTABLE,
    OwnLimits,
    another_look,
    excess,
    told_beyond,
)
from conjugacy.dynamics.windows import Places, reduced, roles_of, white
from conjugacy.results import Estimate
from conjugacy.transformations.course_ratio import course_ratio

TRAINED = 0.6  # share of the trials on which maps are fitted and chosen
PERMUTATIONS = 99
START = 4  # time points of a trial's start
MOST_FED = 4  # time points ahead where a drive acts on the way: what more of them do cannot be learned


@dataclass(frozen=True, eq=False)
class Split:
    """One division of the trials into those for fitting, for choosing and for judging.

    `tried` is how many earlier time points windows may hold.
    """

    a: tuple[np.ndarray, ...]
    b: tuple[np.ndarray, ...]
    drive: tuple[np.ndarray, ...] | None
    courses: np.ndarray
    known: Known
    tried: tuple[int, ...]
    seed: int

    @cached_property
    def roles(self) -> np.ndarray:
        """What a trial is for: to fit, to choose, to judge."""
        return roles_of(self.courses, TRAINED, self.seed)

    @cached_property
    def places(self) -> Places:
        """Time points from which the next one is told, the same for all windows."""
        return Places.of([len(x) for x in self.a], (self.tried[-1], 1), self.roles)

    @cached_property
    def sides(self) -> tuple[tuple[np.ndarray, ...], tuple[np.ndarray, ...], tuple[np.ndarray, ...]]:
        """A, B and both, in few coordinates."""
        train = np.flatnonzero(self.roles < 2)
        a, b = (reduced(x, train) for x in (self.a, self.b))
        return a, b, tuple(np.column_stack(x) for x in zip(a, b, strict=True))

    @cached_property
    def fed(self) -> tuple[np.ndarray, ...] | None:
        """The drive, in few coordinates."""
        return None if self.drive is None else reduced(self.drive, np.flatnonzero(self.roles < 2))

    def past(self, side: Sequence[np.ndarray], back: int, places: Places, ahead: int = 0) -> np.ndarray:
        """Return coordinates of windows, of the drive's beside them, up to what acts on the last step."""
        known = places.fitted | places.kept
        z = white(places.windows(side, back), known)
        if self.fed is None:
            return z
        return np.column_stack([z, white(places.windows(self.fed, back, ahead), known)])

    @cached_property
    def targets(self) -> tuple[np.ndarray, np.ndarray]:
        """The next points of A and of B."""
        a, b = (self.places.later(x, 1) for x in self.sides[:2])
        return a, b

    @cached_property
    def told(self) -> list[list[Predicted]]:
        """From A, B and both: A's next point and B's."""
        return [
            predict({h: self.past(side, h, self.places) for h in self.tried}, self.targets, self.places, self.seed + i)
            for i, side in enumerate(self.sides)
        ]

    @cached_property
    def alone(self) -> list[np.ndarray]:
        """What the drive's history and the time in the trial, or nothing, tell of A's next point and of B's: values."""
        places, both = self.places, np.column_stack(self.targets)
        known = places.fitted | places.kept
        mean = both[known].mean(axis=0)
        asked = [np.flatnonzero(places.trials == i) for i in range(len(self.a))]

        def rows(which: Sequence[int]) -> list[np.ndarray]:
            found = self.known.of_trials(which)
            return [x[places.times[asked[i]] + 1] for i, x in zip(which, found, strict=True)]

        train = [i for i in np.flatnonzero(self.roles < 2).tolist() if len(asked[i])]
        train = train[: max(4, MOST_KNOWN // max(len(x) for x in self.a))]
        weights, offset = linear_read_out(rows(train), [both[asked[i]] for i in train], self.seed + 2)
        told = np.concatenate(
            [x @ weights + offset for part in self.known.batches(range(len(self.a))) for x in rows(part)]
        )
        n = self.targets[0].shape[1]
        found = list[np.ndarray]()
        for cut in (slice(0, n), slice(n, None)):
            errors = [
                float(((both - x)[places.held, cut] ** 2).sum()) for x in (told, np.broadcast_to(mean, told.shape))
            ]
            found.append((told if errors[0] < errors[1] else np.broadcast_to(mean, told.shape))[:, cut])
        return found

    def errors(self, source: int, target: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Return e_AB, e*, V and the variance by judged trial."""
        y, places = self.targets[target], self.places
        cross, own, joint = (places.per_trial(self.told[i][target].squared(y)) for i in (source, target, 2))
        alone = places.per_trial(((y - self.alone[target]) ** 2).sum(axis=1))
        mean = y[places.fitted | places.kept].mean(axis=0)
        total = places.per_trial(((y - mean) ** 2).sum(axis=1))
        return cross, own if own.sum() <= joint.sum() else joint, alone, total

    def way(self, source: int, target: int) -> tuple[Estimate, float]:
        """Return u with its interval, and what pasts tell beyond the drive as a share of the variance."""
        cross, least, alone, total = self.errors(source, target)
        courses = self.courses[self.judged]
        return course_ratio(cross - least, alone - least, courses, self.seed + 7), told_beyond(least, alone, total)

    def drive_alone(self, which: int) -> Estimate:
        """Return V over the variance."""
        _, _, alone, total = self.errors(1 - which, which)
        return course_ratio(alone, total, self.courses[self.judged], self.seed + 8)

    @cached_property
    def judged(self) -> np.ndarray:
        """Trials that are judged."""
        return np.flatnonzero(self.roles == 2)

    def p_partners(self, source: int, target: int) -> float:
        """Return how often the source tells as much beyond the drive when judged trials of the target are dealt out at random."""
        places, alone = self.places, self.alone[target]
        length = min(len(self.a[i]) for i in self.judged) - 1 - self.tried[-1]
        starts = [np.flatnonzero(places.trials == i)[:length] for i in self.judged]
        told = np.stack([(self.told[source][target].values - alone)[rows] for rows in starts])
        wanted = np.stack([(self.targets[target] - alone)[rows] for rows in starts])
        return _p_dealt(told, wanted, self.seed + 3)

    def p_starts(self) -> float:
        """Return how often the starts of A tell those of B as well when partners are dealt out at random.

        Partners that begin alike belong together, however far apart their laws lead them.
        """
        a, b, _ = self.sides
        x, y = (tuple(trial[:START] for trial in side) for side in (a, b))
        places = Places.of([len(trial) for trial in x], (0, 0), self.roles)
        target, known = places.later(y, 0), places.fitted | places.kept
        told = predict({0: white(places.later(x, 0), known)}, [target], places, self.seed + 16)[0].values
        rows = [np.stack([values[places.trials == i] for i in self.judged]) for values in (told, target)]
        return _p_dealt(rows[0], rows[1], self.seed + 4)

    def shared_news(self) -> float:
        """Return how much of what neither past tells both have at once, the lesser of both, over the squared step.

        Noise of an instrument is its own; an input that is not recorded moves both.
        """
        news = [y - self.told[2][k].values for k, y in enumerate(self.targets)]
        known, held, found = self.places.fitted | self.places.kept, self.places.held, list[float]()
        for k, side in enumerate(self.sides[:2]):
            x, y = news[1 - k], news[k]
            left = y[held] - x[held] @ np.linalg.lstsq(x[known], y[known], rcond=1e-6)[0]
            step = ((self.targets[k] - self.places.later(side, 0))[held] ** 2).sum()
            found.append(float(((y[held] ** 2).sum() - (left**2).sum()) / max(step, 1e-300)))
        return max(0.0, min(found))

    def own_step(self, which: int) -> Estimate:
        """Return what its own past leaves of a system's next point, a share of its variance."""
        y, places = self.targets[which], self.places
        mean = y[places.fitted | places.kept].mean(axis=0)
        missed, total = (
            places.per_trial(x) for x in (self.told[which][which].squared(y), ((y - mean) ** 2).sum(axis=1))
        )
        return course_ratio(missed, total, self.courses[self.judged], self.seed + 8)

    def untold_step(self, which: int) -> float:
        """Return what its own past leaves of a system's step, over the squared step."""
        y, places = self.targets[which], self.places
        step = ((y - places.later(self.sides[which], 0)) ** 2)[places.held].sum()
        return float(self.told[which][which].squared(y)[places.held].sum() / max(step, 1e-300))

    def hidden(self, which: int) -> tuple[Estimate, bool]:
        """Return what delays add to a single time point some time ahead, a share of the variance, and whether units hide a state.

        One step ahead a smooth signal is told by itself, whatever is hidden; so it is asked at the lag that matters.
        """
        side, most = self.sides[which], self.tried[-1]
        lag = max(1, min(self.lag(which), min(len(x) for x in side) - most - 2))
        places = Places.of([len(x) for x in side], (most, lag), self.roles)
        y, errors = places.later(side, lag), list[np.ndarray]()
        for back in (0, most):
            past = self.past(side, back, places, ahead=lag - 1)
            errors.append(places.per_trial(predict({back: past}, [y], places, self.seed + 15)[0].squared(y)))
        mean = y[places.fitted | places.kept].mean(axis=0)
        total = places.per_trial(((y - mean) ** 2).sum(axis=1))
        gain = course_ratio(errors[0] - errors[1], total, self.courses[self.judged], self.seed + 9)
        value, low = gain.unexplained or 0.0, gain.low or 0.0
        return gain, value > 2.0 * (self.own_step(which).unexplained or 0.0) + 0.02 and low > 0.05

    def lag(self, which: int) -> int:
        """Return the time ahead that matters: where the autocovariance has fallen; short where a drive acts on the way."""
        found = falling_lag(self.sides[which])
        return found if self.drive is None else min(found, MOST_FED)

    def own_half(self, which: int) -> float:
        """Return u of one half of a system's units from the other half, the worse way."""
        side = self.sides[which]
        n = side[0].shape[1]
        if n < 2:
            return 0.0
        # random halves of the units as they were recorded, not of principal coordinates
        recorded = (self.a, self.b)[which]
        order = np.random.default_rng(self.seed + 11).permutation(recorded[0].shape[1])
        train = np.flatnonzero(self.roles < 2)
        halves = [reduced([x[:, part] for x in recorded], train) for part in np.array_split(order, 2)]
        own = self.told[which][which].back
        backs = [h for h in self.tried if h >= own]
        found = list[float]()
        known = self.places.fitted | self.places.kept
        nexts = [self.places.later(half, 1) for half in halves]
        both = predict({own: self.past(side, own, self.places)}, nexts, self.places, self.seed + 12)
        for i, half in enumerate(halves):
            y = nexts[1 - i]
            least = both[1 - i].squared(y)[self.places.held]
            alone = ((y - y[known].mean(axis=0)) ** 2).sum(axis=1)[self.places.held]
            if 1.0 - least.sum() / alone.sum() >= TESTABLE:
                across = predict({h: self.past(half, h, self.places) for h in backs}, [y], self.places, self.seed + 13)[
                    0
                ]
                found.append(excess(across.squared(y)[self.places.held], least, alone))
        return max(found, default=0.0)

    def growth(self, which: int, lag: int) -> Estimate:
        """Return (e_lag - e_1) / (1 - e_1), errors of its own state as a share of its variance, with the interval of e_lag."""
        side = self.sides[which]
        back = self.told[which][which].back
        lag = max(1, min(lag, min(len(x) for x in side) - back - 2))
        places = Places.of([len(x) for x in side], (back, lag), self.roles)
        y = places.later(side, lag)
        told = predict({back: self.past(side, back, places, ahead=lag - 1)}, [y], places, self.seed + 14)[0]
        mean = y[places.fitted | places.kept].mean(axis=0)
        missed, total = (places.per_trial(x) for x in (told.squared(y), ((y - mean) ** 2).sum(axis=1)))
        ahead = course_ratio(missed, total, self.courses[self.judged], self.seed + 14)
        e_1 = self.own_step(which).unexplained or 0.0
        value, low, high = (
            None if x is None else (x - e_1) / max(1.0 - e_1, 1e-12) for x in (ahead.unexplained, ahead.low, ahead.high)
        )
        return Estimate(value, low, high)

    def power(self, which: int) -> float:
        """Return u from a system's own recording to a random instrument of the same states."""
        own, n = self.told[which][which], (self.a, self.b)[1 - which][0].shape[1]
        pair = another_look(self.sides[which], own, self.places, min(n, MOST_UNITS), self.seed + 20 + which)
        made = Split(*pair, self.drive, self.courses, self.known, (own.back,), self.seed)
        made.__dict__["fed"] = self.fed
        cross, least, alone, total = (float(x.sum()) for x in made.errors(0, 1))
        told = (alone - least) / total
        return (cross - least) / (alone - least) if told >= TESTABLE else 0.0

    def limits(self, which: int) -> OwnLimits:
        """Return what a system's own recording allows."""
        lag, whole = self.lag(which), falling_lag(self.sides[which])
        growth = self.growth(which, lag)
        # what an input does over half a trial cannot be learned: there, errors are added up step by step
        half = self.growth(which, min(len(x) for x in self.a) // 2) if self.drive is None else growth
        later = (half.high or 0.0) * (1.0 if self.drive is None else max(1.0, whole / lag))
        _, least, alone, total = self.errors(which, which)
        told = (1.0 - (self.own_step(which).unexplained or 0.0)) / max(told_beyond(least, alone, total), TESTABLE)
        untold = min(1.0, max(0.0, later * told))
        return OwnLimits(self.power(which), self.own_half(which), growth.unexplained or 0.0, untold)


def _p_dealt(told: np.ndarray, wanted: np.ndarray, seed: int) -> float:
    """Return how often partners (k, t, n) dealt out at random are told as well."""
    observed, rng = float(((wanted - told) ** 2).sum()), np.random.default_rng(seed)
    null = [float(((wanted[rng.permutation(len(told))] - told) ** 2).sum()) for _ in range(PERMUTATIONS)]
    return (1 + sum(value <= observed for value in null)) / (PERMUTATIONS + 1)
