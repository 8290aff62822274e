"""One case: two recordings as a user has them, and the truth about their networks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

import conjugacy as cj

from . import truth as true
from .truth import SHOWN, Quantity

Layers = Mapping[str, np.ndarray]
Targets = tuple[np.ndarray | None, np.ndarray | None]
Kind = str | Mapping[str, str] | None
NONE: Targets = (None, None)


@dataclass(frozen=True)
class Truth:
    """What is true, which answers are right, and whether 2000 rows would show it; `numbers` are true rates for the table."""

    quantities: tuple[Quantity, ...]
    same: str
    numbers: Mapping[str, float] = field(default_factory=dict[str, float])
    same_oracle: bool | None = None

    @property
    def drop_in_right(self) -> tuple[str, ...]:
        """Which answers to drop-in are right."""
        return true.drop_in_right(self.quantities)

    @property
    def same_right(self) -> tuple[str, ...]:
        """Which answers to same task are right."""
        return true.RIGHT_SAME[self.same]


@dataclass(frozen=True)
class Case:
    """Two networks on 2000 rows. `carrying` marks the rows that were made to differ."""

    family: str
    name: str
    a: Layers
    b: Layers
    inputs: np.ndarray
    truth: Truth
    kinds: tuple[Kind, Kind] = (None, None)
    targets: Targets = NONE
    groups: np.ndarray | None = None
    carrying: np.ndarray | None = None

    def either(self, reading: str) -> Case:
        """Return the case with a drop-in of no right as well, by another reading of what was given."""
        found = (*self.truth.quantities, Quantity(reading, 1.0, true.CHURN, 1.0, 1.0, binds=False))
        return replace(self, truth=replace(self.truth, quantities=found))

    def recordings(self) -> tuple[cj.Recording, cj.Recording]:
        """Return what is given to the public door."""
        rows = np.arange(len(self.inputs))
        first, second = (
            cj.Recording.from_arrays(
                dict(layers),
                stimuli=rows,
                groups=self.groups,
                inputs=self.inputs,
                name=name,
                output_kind=kind,
                targets=targets,
            )
            for name, layers, kind, targets in zip("ab", (self.a, self.b), self.kinds, self.targets, strict=True)
        )
        return first, second


@dataclass(frozen=True)
class Classes:
    """Two classifiers over all rows, the 2000 that are shown and the fresh ones behind them; becomes a case.

    Attributes
    ----------
    a, b : array, (m, classes)
        Logits (or other scores of which the largest decides).
    x, y : array, (m, inputs) and (m,)
        Inputs, and what A was to answer.
    same : str
        What is true of `same task`, a key of `RIGHT_SAME`; 'by task': yes where B is right nearly as often as A.
    given : str
        How the outputs are recorded: `logits`, `probabilities`, `labels`.
    declared : bool
        Whether the recordings say so.
    told : {"shared", "own", "none"}
        Which targets the recordings hold.
    own : array, (m,), optional
        What B was to answer, where that is not y.
    merge : array, (classes,), optional
        The name in B of each class of A, where classes were merged.
    """

    a: np.ndarray
    b: np.ndarray
    x: np.ndarray
    y: np.ndarray
    same: str
    given: str = "logits"
    declared: bool = True
    told: str = "shared"
    own: np.ndarray | None = None
    merge: np.ndarray | None = None
    layer: str = "outputs"

    def truth(self) -> Truth:
        """Return what the fresh rows say."""
        a, b, y = (v[SHOWN:] for v in (self.a.argmax(1), self.b.argmax(1), self.y))
        goal = None if self.told == "none" else y
        found = true.class_quantities(a, b, goal)
        if self.own is not None and self.merge is None:  # whose targets count is open, so only churn binds
            found = [found[0], *(Quantity(q.name, q.value, q.margin, q.low, q.high, binds=False) for q in found[1:])]
        same = true.does_the_task(a, b, y) if self.same == "by task" else self.same
        match = true.renamed(a, b) if self.same == "yes" else b
        named = a if self.merge is None else self.merge[a]
        wanted = y if self.merge is None else self.merge[y]
        oracle = true.same_oracle(same, named, match, None if goal is None else wanted)
        if same == "yes" and self.own is None and (match != b).mean() > true.CHURN:
            oracle = None  # renamed, but both recordings hold A's names: by these B is wrong
        if same == "yes" and goal is None and len(np.unique(y)) == 2 and (match != b).mean() > true.CHURN:
            oracle = None  # of two classes and no targets, the other name is as well the other rule
        if same == "no" and self.told == "own" and self.own is not None:
            oracle = true.targets_oracle(y, self.own[SHOWN:])
        numbers = {
            "accuracy_a": float((a == y).mean()),
            "accuracy_b": float((b == (y if self.own is None else self.own[SHOWN:])).mean()),
            "agreement": float((named == match).mean()),
            "expected": true.expected_agreement(named, match, wanted),
            "recall_fall": float((true.recalls(a, y) - true.recalls(b, y)).max()),
        }
        return Truth(tuple(found), same, numbers, oracle)

    def case(self, family: str, name: str, carrying: np.ndarray | None = None) -> Case:
        """Return the case, recorded as it is given."""
        y, own = self.y[:SHOWN], (self.y if self.own is None else self.own)[:SHOWN]
        targets: Targets = NONE if self.told == "none" else (y, own if self.told == "own" else y)
        kind = self.given if self.declared else None
        return Case(
            family,
            name,
            {self.layer: as_given(self.a[:SHOWN], self.given)},
            {self.layer: as_given(self.b[:SHOWN], self.given)},
            self.x[:SHOWN],
            self.truth(),
            (kind, kind),
            targets,
            carrying=None if carrying is None else carrying[:SHOWN],
        )


def softmax(logits: np.ndarray) -> np.ndarray:
    """Return probabilities, (m, classes)."""
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def as_given(logits: np.ndarray, kind: str) -> np.ndarray:
    """Return what a user records of logits."""
    if kind == "labels":
        return logits.argmax(axis=1)[:, None].astype(float)
    return softmax(logits) if kind == "probabilities" else logits


def numbers_case(
    family: str, name: str, pair: tuple[np.ndarray, np.ndarray], x: np.ndarray, same: str, **given: Any
) -> Case:
    """Return a case whose outputs are numbers, (m, n), over all rows; `given` as in `Case`, and `oracle`."""
    a, b = pair
    if a.shape[1] == b.shape[1]:
        found = tuple(true.number_quantities(a[SHOWN:], b[SHOWN:]))
    else:
        found = (Quantity("width", 1.0, true.CHURN, 1.0, 1.0),)
    worst = max(q.value for q in found if q.binds)
    oracle = given.pop("oracle", true.equal_oracle(same, found))
    shown = ({"outputs": a[:SHOWN]}, {"outputs": b[:SHOWN]})
    return Case(family, name, *shown, x[:SHOWN], Truth(found, same, {"identity": worst}, oracle), **given)
