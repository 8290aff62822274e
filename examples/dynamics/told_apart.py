"""Whether a distance tells classes apart without labels: neighbours at other conditions, chance, intervals, silhouette."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np

DRAWS = 200


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

    @property
    def condition(self) -> np.ndarray:
        """Return one number per task, architecture and rate, (m,)."""
        return (self.task * (self.architecture.max() + 1) + self.architecture) * (self.rate.max() + 1) + self.rate

    @property
    def training(self) -> np.ndarray:
        """Return one number per condition and rule, (m,): networks that bear the same one differ by their seed alone."""
        return self.condition * (self.rule.max() + 1) + self.rule

    def relabelled(self, rng: np.random.Generator) -> Design:
        """Return the design with the names of the rules exchanged within every task, architecture and rate, copies together."""
        names = rng.random((self.condition.max() + 1, self.rule.max() + 1)).argsort(axis=1)
        return Design(names[self.condition, self.rule], self.task, self.architecture, self.rate)

    def shuffled(self, rng: np.random.Generator) -> Design:
        """Return the design with rules exchanged among the networks of every task, architecture and rate, copies apart."""
        rule = np.empty_like(self.rule)
        rule[np.argsort(self.condition, kind="stable")] = self.rule[np.lexsort((rng.random(len(rule)), self.condition))]
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

    The bootstrap draws trainings, whose copies stand or fall together, with all their networks as those whose neighbour is looked
    for; the candidates stay. Chance exchanges the names of rules within each task, architecture and rate: copies together
    where a training's own copies are no candidates, else network by network.
    """
    right = hits(distances, design.candidates(question), design.rule[:, None] == design.rule)
    which = np.unique(design.training, return_inverse=True)[1].ravel()
    of_training, size = np.bincount(which, weights=right), np.bincount(which)
    rng, by_chance = np.random.default_rng(0), list[float]()
    for _ in range(draws):
        other = design.shuffled(rng) if question == "left out" else design.relabelled(rng)
        by_chance.append(float(hits(distances, other.candidates(question), other.rule[:, None] == other.rule).mean()))
    drawn = rng.multinomial(len(size), np.full(len(size), 1.0 / len(size)), 2000)
    low, high = np.quantile(drawn @ of_training / (drawn @ size), [0.025, 0.975])
    return Found(
        float(right.mean()), float(low), float(high), float(np.mean(by_chance)), float(np.quantile(by_chance, 0.95))
    )


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
