"""Live steps of two systems on matched trials: whether a map of states carries one flow onto the other.

T is fitted from the states of A to those of B at the same trial and time. A and B have the same dynamics where T exists both ways
and T(f(x)) = g(T(x)): going on and then mapping is mapping and then going on. From data alone, `next_point` asks.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from conjugacy.dynamics.moved import common_lag
from conjugacy.numerics.state_map import StateMap, fit_state_map
from conjugacy.results import Estimate
from conjugacy.transformations.course_ratio import course_ratio

TRAINED = 0.6  # share of the trials on which maps are fitted
AWAY = 1e100  # states of a step that diverges
NEAR, PUSH = 20, 0.5  # visited states among which the nearest is pushed to, and how far of the way
Step = Callable[[np.ndarray, np.ndarray | None], np.ndarray]
"""A live network's step: states (m, n) and what is fed in, (m, j) or None, to the states one time point later."""


@dataclass(frozen=True, eq=False)
class Matched:
    """Trials of two systems that belong together, cut into those for fitting and those for judging.

    Attributes
    ----------
    a, b : tuple of array, (t_i, n) and (t_i, p)
    drive : tuple of array (t_i, j) or None
        What both were fed, the part of t acting on the step from t to t + 1.
    courses : int array, (k,)
        Trials of one number run the same course; they are kept together.
    seed : int
    """

    a: tuple[np.ndarray, ...]
    b: tuple[np.ndarray, ...]
    drive: tuple[np.ndarray, ...] | None
    courses: np.ndarray
    seed: int = 0

    @cached_property
    def split(self) -> tuple[np.ndarray, np.ndarray]:
        """Trials for fitting, and for judging."""
        order = np.random.default_rng(self.seed).permutation(int(self.courses.max()) + 1)
        fitted = np.isin(self.courses, order[: max(2, int(TRAINED * len(order)))])
        return np.flatnonzero(fitted), np.flatnonzero(~fitted)

    def _rows(self, side: Sequence[np.ndarray], trials: np.ndarray) -> np.ndarray:
        return np.concatenate([side[i] for i in trials])

    @cached_property
    def state_map(self) -> StateMap:
        """T, from A to B, on the trials for fitting."""
        train, _ = self.split
        numbers = np.repeat(np.arange(len(train)), [len(self.a[i]) for i in train])
        return fit_state_map(self._rows(self.a, train), self._rows(self.b, train), numbers, self.seed)

    @cached_property
    def lag(self) -> int:
        """Time points of a step."""
        return common_lag(self.a, self.b)

    def _estimate(self, missed: Sequence[float], total: Sequence[float]) -> Estimate:
        """Return sum(missed) / sum(total) over the judged trials with its bootstrap interval over courses."""
        return course_ratio(np.asarray(missed), np.asarray(total), self.courses[self.split[1]], self.seed + 7)

    @cached_property
    def _b_mean(self) -> np.ndarray:
        return self._rows(self.b, self.split[0]).mean(axis=0)

    def unexplained(self) -> Estimate:
        """Return what T leaves of B's states on held-out trials."""
        test = self.split[1]
        missed = [float(((self.b[i] - self.state_map(self.a[i])) ** 2).sum()) for i in test]
        return self._estimate(missed, [float(((self.b[i] - self._b_mean) ** 2).sum()) for i in test])

    @cached_property
    def swapped_once(self) -> Matched:
        """The same with A and B exchanged; of that, this one: nothing is fitted twice."""
        other = Matched(self.b, self.a, self.drive, self.courses, self.seed)
        other.__dict__["swapped_once"] = self
        return other

    def affine_unexplained(self) -> float:
        """Return what the best affine map from A leaves of B's states on held-out trials: one that can be trusted off them."""
        train, test = self.split
        x, y = self._rows(self.a, train), self._rows(self.b, train)
        mean_x, mean_y = x.mean(axis=0), y.mean(axis=0)
        weights = np.linalg.lstsq(x - mean_x, y - mean_y, rcond=1e-6)[0]
        x, y = self._rows(self.a, test), self._rows(self.b, test)
        return float(((y - mean_y - (x - mean_x) @ weights) ** 2).sum() / ((y - mean_y) ** 2).sum())

    def there_and_back(self, y: np.ndarray) -> np.ndarray:
        """Return states of B carried to A and back: off by about what the maps slip there, where no partner is known."""
        return self.state_map(self.swapped_once.state_map(y))

    def live(self, f: Step, g: Step, *, away: bool) -> tuple[Estimate, float]:
        """Return |T(f(x)) - g(T(x))|^2 over |g(T(x)) - T(x)|^2 for live steps taken `lag` times, on held-out states or away.

        Away: states moved half way to a visited one nearby, where a shared drive cannot have led. Beside it the floor: the same
        for two states of B that differ by a slip of the maps, as large as going to A and back again shows.
        """
        missed, total, slips, rng = list[float](), list[float](), list[float](), np.random.default_rng(self.seed + 5)
        visited = self._rows(self.a, self.split[1])
        for i in self.split[1]:
            now, fed = self._fed_later(i)
            if away:
                now = _pushed(now, visited, rng)
            mapped, carried = self.state_map(now), self.state_map(_on(f, now, fed))
            after = _on(g, mapped, fed)
            missed.append(float(((carried - after) ** 2).sum()))
            total.append(float(((after - mapped) ** 2).sum()))
            slips.append(self._slip(mapped, after, g, fed) + self._slip(carried))
        return self._estimate(missed, total), float(sum(slips) / max(sum(total), 1e-300))

    def tangent(self, f: Step, g: Step) -> tuple[Estimate, float]:
        """Return how far the responses to a push differ, |T r_A - r_B|^2 over their mean square, and its floor.

        r_A = T(f(x + d)) - T(f(x)) and r_B = g(T(x + d)) - g(T(x)), each less T(x + d) - T(x), after `lag` steps: what the
        dynamics make of the push. Where steps are taken one at a time no additive input can change it. Floor as in `live`.
        """
        missed, total, slips, rng = list[float](), list[float](), list[float](), np.random.default_rng(self.seed + 6)
        visited = self._rows(self.a, self.split[1])
        for i in self.split[1]:
            now, fed = self._fed_later(i)
            pushed = _pushed(now, visited, rng)
            t0, t1 = self.state_map(now), self.state_map(pushed)
            f0, f1 = (self.state_map(_on(f, x, fed)) for x in (now, pushed))
            g0, g1 = (_on(g, y, fed) for y in (t0, t1))
            in_a, in_b = f1 - f0 - (t1 - t0), g1 - g0 - (t1 - t0)
            missed.append(float(((in_a - in_b) ** 2).sum()))
            total.append(float((in_a**2).sum() + (in_b**2).sum()) / 2.0)
            slips.append(self._slip(t0, g0, g, fed) + self._slip(t1, g1, g, fed) + self._slip(f0) + self._slip(f1))
        return self._estimate(missed, total), float(sum(slips) / max(sum(total), 1e-300))

    def _slip(
        self,
        y: np.ndarray,
        after: np.ndarray | None = None,
        g: Step | None = None,
        fed: tuple[np.ndarray | None, ...] = (),
    ) -> float:
        """Return the squared slip of the maps at states of B, or, with its step, what becomes of it."""
        slipped = self.there_and_back(y)
        if g is None or after is None:
            return float(((slipped - y) ** 2).sum())
        return float(((_on(g, slipped, fed) - after) ** 2).sum())

    def _fed_later(self, i: int) -> tuple[np.ndarray, tuple[np.ndarray | None, ...]]:
        """Return a trial's states that have `lag` time points after them, and what is fed at each of these."""
        t = len(self.a[i])
        if self.drive is None:
            return self.a[i][: -self.lag], (None,) * self.lag
        drive = self.drive[i]
        return self.a[i][: -self.lag], tuple(drive[k : t - self.lag + k] for k in range(self.lag))


def _pushed(x: np.ndarray, visited: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return states half way to a visited one near them, the nearest of a few: a map fitted on visited states is known there."""
    others = visited[rng.integers(0, len(visited), (len(x), NEAR))]
    squared = ((others - x[:, None]) ** 2).sum(axis=2)
    squared[squared <= 1e-12 * float((visited**2).sum(axis=1).mean())] = np.inf  # the state itself
    return x + PUSH * (others[np.arange(len(x)), squared.argmin(axis=1)] - x)


def _on(step: Step, x: np.ndarray, fed: tuple[np.ndarray | None, ...]) -> np.ndarray:
    """Return the states after one step for each of what is fed; states that run away stay finite."""
    with np.errstate(over="ignore", invalid="ignore"):
        for u in fed:
            x = np.clip(np.nan_to_num(step(x, u), nan=AWAY, posinf=AWAY, neginf=-AWAY), -AWAY, AWAY)
    return x
