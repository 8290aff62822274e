"""Whether a distance tells classes apart without labels: neighbours at other conditions, chance, intervals, silhouette."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np

DRAWS = 400


@dataclass(frozen=True, eq=False)
class Design:
    """What every network is: its class (the rule), and under which conditions it was trained.

    Attributes
    ----------
    rule, task, architecture, rate : ndarray
        Of integers, one a network.
    """

    rule: np.ndarray
    task: np.ndarray
    architecture: np.ndarray
    rate: np.ndarray

    @classmethod
    def crossed(cls, rules: int, tasks: int, architectures: int, rates: int, copies: int) -> Design:
        """Return the design in which every rule meets every condition, the copies fastest."""
        grid = product(range(tasks), range(architectures), range(rules), range(rates), range(copies))
        task, architecture, rule, rate, _ = np.array(list(grid)).T
        return cls(rule, task, architecture, rate)

    def relabelled(self, rng: np.random.Generator) -> Design:
        """Return the design with the names of the rules exchanged within every task, architecture and rate, copies together."""
        rule = self.rule.copy()
        where = np.unique(np.stack([self.task, self.architecture, self.rate]), axis=1, return_inverse=True)[1].ravel()
        for cell in range(where.max() + 1):
            rule[where == cell] = rng.permutation(self.rule.max() + 1)[self.rule[where == cell]]
        return Design(rule, self.task, self.architecture, self.rate)

    def candidates(self, question: str) -> np.ndarray:
        """Return who may be whose neighbour, (m, m).

        Where a condition is held out, a network's neighbour is looked for among those at its other values; with decoys, also
        among networks of other rules at the same value, so that only candidates of the same rule and the same value are left out.
        """
        same = {k: v[:, None] == v for k, v in vars(self).items()}
        if question in ("left out", "silhouette"):
            return same["task"] & same["architecture"] & ~np.eye(len(self.rule), dtype=bool)
        factor, _, decoys = question.partition(", ")
        rest = np.logical_and.reduce([same[k] for k in ("task", "architecture") if k != factor])
        return rest & (~(same[factor] & same["rule"]) if decoys else ~same[factor])


QUESTIONS = ("left out", "rate", "rate, decoys", "architecture", "architecture, decoys", "task", "task, decoys")


def hits(distances: np.ndarray, allowed: np.ndarray, same: np.ndarray) -> np.ndarray:
    """Return whether the nearest allowed network is of the same rule; among equally near ones, the share that is."""
    d = np.where(allowed, distances, np.inf)
    nearest = allowed & (d <= d.min(axis=1, keepdims=True))
    return (nearest & same).sum(axis=1) / nearest.sum(axis=1)


@dataclass(frozen=True)
class Found:
    """A share of right nearest neighbours with its 95 % interval over networks, and mean and 95 % point under chance."""

    value: float
    low: float
    high: float
    chance: float
    limit: float

    def __str__(self) -> str:
        return f"{self.value:.2f} [{self.low:.2f}, {self.high:.2f}]"


def share(distances: np.ndarray, design: Design, question: str, draws: int = DRAWS) -> Found:
    """Return how often the nearest allowed network is of the same rule.

    The bootstrap draws networks with replacement; who is not drawn is nobody's neighbour. Chance exchanges the names of rules
    within each task, architecture and rate, so that networks trained alike stay together.
    """
    allowed, same, m = design.candidates(question), design.rule[:, None] == design.rule, len(design.rule)
    rng, drawn, by_chance = np.random.default_rng(0), list[float](), list[float]()
    for _ in range(draws):
        counts = np.bincount(rng.integers(0, m, m), minlength=m)
        asked = np.flatnonzero((counts > 0) & (allowed & (counts > 0)).any(axis=1))
        right = hits(distances[asked], allowed[asked] & (counts > 0), same[asked])
        drawn.append(float(np.average(right, weights=counts[asked])))
        other = design.relabelled(rng)
        by_chance.append(float(hits(distances, other.candidates(question), other.rule[:, None] == other.rule).mean()))
    value = float(hits(distances, allowed, same).mean())
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Found(value, float(low), float(high), float(np.mean(by_chance)), float(np.quantile(by_chance, 0.95)))


def silhouette(distances: np.ndarray, design: Design) -> float:
    """Return the mean silhouette of the rules within each task and architecture."""
    within = design.candidates("silhouette")
    d = np.where(within, distances, 0.0)
    to = np.stack(
        [
            (d * (design.rule == r)).sum(axis=1) / (within & (design.rule == r)).sum(axis=1)
            for r in range(design.rule.max() + 1)
        ],
        axis=1,
    )
    own = np.take_along_axis(to, design.rule[:, None], axis=1)[:, 0]
    np.put_along_axis(to, design.rule[:, None], np.inf, axis=1)
    other = to.min(axis=1)
    return float(((other - own) / np.maximum(np.maximum(own, other), 1e-300)).mean())
