"""Networks sorted without comparing all pairs: each is compared with representatives of the few classes that it is nearest to.

In rounds: networks that lie far apart by their sketches (`founders`) are compared with the ten nearest of each other and with the
ten nearest classes; what is equivalent is a class, and keeps three representatives. Every other network is compared with those of
its nearest classes, and joins one where an answer is "equivalent" and none denies it or lies far off (`apart_beyond`). What joins
none waits for the next round.
At the end classes whose representatives are equivalent are put together, and pairs that nobody compared are drawn from each class
and are compared.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from conjugacy.asked import whole_number
from conjugacy.errors import InputError
from conjugacy.measure import apart_beyond, get_measure
from conjugacy.numerics.grouping.linked_groups import linked_groups
from conjugacy.numerics.grouping.sketches import NUMBERS, spread_out
from conjugacy.results import CODES
from conjugacy.storage.tables import STATUS, Tile
from conjugacy.study.work.ledger import Ledger
from conjugacy.study.work.run import Run
from conjugacy.study.work.sketched import sketches_of
from conjugacy.study.work.wanted import FOUNDERS, KEPT, WantedPairs

AT_ONCE = 1000  # networks whose nearest classes are looked for at a time
MENDED = 10  # nearest founders, and classes, that a founder or a class is compared with
AUDITED = (4, 5)  # members of a class that are drawn, and with how many others each is compared
HOLDS, OPEN, FAILS = 1, 0, -1
DENIED = ("a_determines_b", "b_determines_a", "partly_related", "unrelated", "different", "not_equivalent")


def by_representatives(asked: Ledger, near: int) -> Ledger:
    """Return what is asked for with a table of all networks against those that others are compared with.

    Raises
    ------
    InputError
        Where that is no number of classes, or not one measure that gives answers on one pair of layers is asked for.
    """
    near = whole_number("representatives", near)
    if not near:
        return asked
    if asked.cols is not None or asked.groups:
        raise InputError("representatives: are found among the networks themselves; leave against out")
    if len(asked.measures) > 1 or len(asked.layer_pairs) > 1 or not get_measure(asked.measures[0]).traits.answers:
        raise InputError(
            f"representatives: got {', '.join(asked.measures)} on {len(asked.layer_pairs)} pairs of layers, expected one measure "
            "that gives answers, as verdict, on one: who joins a class is told by its answer"
        )
    return replace(asked, cols=[], near=near)


@dataclass
class Class:
    """A class under way: its members and representatives, as rows of the table."""

    members: list[int]
    representatives: list[int]


@dataclass
class Joining:
    """One run by representatives.

    Attributes
    ----------
    run : Run
        Networks prepared.
    said, values : dict
        Of compared pairs of rows, the smaller number first: what the answer is, and what is unexplained.
    classes : list of Class
    sketches : array, (n, 256)
        Of all networks; nothing of those that cannot be compared.
    """

    run: Run
    said: dict[tuple[int, int], int] = field(default_factory=dict[tuple[int, int], int])
    values: dict[tuple[int, int], float] = field(default_factory=dict[tuple[int, int], float])
    classes: list[Class] = field(default_factory=list[Class])
    sketches: np.ndarray = field(default_factory=lambda: np.zeros((0, NUMBERS)))

    def sort(self) -> None:
        """Compare what is needed, and write down what was found."""
        ledger = self.run.ledger
        ready = [i for i, name in enumerate(ledger.rows) if self._is_ready(name)]
        subject = self.run.sheets[0].a
        prepared = [ledger.prepared[ledger.rows[i]] for i in ready]
        self.run.tell(f"{len(ready)} networks are sketched")
        self.sketches = np.zeros((len(ledger.rows), NUMBERS))
        self.sketches[ready] = sketches_of(self.run.place, prepared, subject, ledger.seed)
        self._divide(ready)
        self._mend()
        self._write(self._audit())

    def _divide(self, waiting: list[int]) -> None:
        """Sort networks round by round, until none waits."""
        while waiting:
            founders = self._founders(waiting)
            self._found(founders)
            there = set(founders)
            waiting = self._join([i for i in waiting if i not in there])
            self.run.tell(f"{len(self.classes)} classes; {len(waiting)} networks have joined none yet")

    def _is_ready(self, name: str) -> bool:
        one, labels = self.run.ledger.prepared[name], {s.label for sheet in self.run.sheets for s in (sheet.a, sheet.b)}
        return not one.network.state and labels <= set(one.keys)

    def _founders(self, waiting: list[int]) -> list[int]:
        """Return those who are compared in this round: who was before, then those farthest from all classes.

        There are as many as there are classes: where these are many, rounds are few.
        """
        count = max(FOUNDERS, len(self.classes))
        at = {name: i for i, name in enumerate(self.run.ledger.rows)}
        left, known = set(waiting), [at[name] for name in self.run.ledger.cols or []]
        before = [i for i in known if i in left][:count]
        rest = np.array(sorted(left - set(before)), dtype=np.int64)
        drawn = np.vstack([self._centres, self.sketches[before]])
        return before + spread_out(self.sketches, rest, drawn, count - len(before)).tolist()

    @property
    def _centres(self) -> np.ndarray:
        """The mean sketch of every class's representatives, (c, k)."""
        means = [self.sketches[c.representatives].mean(axis=0) for c in self.classes]
        return np.array(means).reshape(len(means), self.sketches.shape[1])

    def _nearest(self, at: list[int], count: int) -> np.ndarray:
        """Return the numbers of the nearest classes of some networks, nearest first, (n, count)."""
        centres, found = self._centres, np.zeros((len(at), min(count, len(self.classes))), dtype=np.int64)
        for start in range(0, len(at), AT_ONCE):
            alike = self.sketches[at[start : start + AT_ONCE]] @ centres.T
            found[start : start + AT_ONCE] = np.argsort(-alike, axis=1, kind="stable")[:, : found.shape[1]]
        return found

    def _found(self, founders: list[int]) -> None:
        """Compare founders with the nearest of them and the nearest classes; they join these, or make classes of their own."""
        self._columns(founders)  # all of them and in order, so that another run begins with the same
        alike = self.sketches[founders] @ self.sketches[founders].T
        np.fill_diagonal(alike, -np.inf)
        beside = np.argsort(-alike, axis=1, kind="stable")[:, : min(MENDED, len(founders) - 1)]
        pairs = [(i, founders[j]) for i, row in zip(founders, beside, strict=True) for j in row]
        near = self._nearest(founders, MENDED)
        pairs += [
            (i, r) for i, row in zip(founders, near, strict=True) for c in row for r in self.classes[c].representatives
        ]
        self._compare(pairs)
        old = list(self.classes)
        states = np.array([[self._state(i, j) for j in founders] for i in founders])
        links = np.array([[self._link(i, j) for j in founders] for i in founders])
        group = linked_groups(links, states == FAILS)
        for number in range(int(group.max(initial=-1)) + 1):
            members = [founders[i] for i in np.flatnonzero(group == number)]
            fitting = [c for c in old if self._fits(members, c)]
            if fitting:
                fitting[0].members += members
            else:
                self.classes.append(Class(members, self._representatives(members)))

    def _representatives(self, members: list[int]) -> list[int]:
        """Return the middle of a class's founders, and the two that are farthest from it."""
        left = np.array([[self.values.get(_key(i, j), np.inf) if i != j else 0.0 for j in members] for i in members])
        middle = int(np.argmin(np.minimum(left, 2.0).sum(axis=1)))
        far = [i for i in np.argsort(-left[middle], kind="stable") if i != middle]
        return [members[i] for i in [middle, *far[: KEPT - 1]]]

    def _join(self, waiting: list[int]) -> list[int]:
        """Have networks join the class that holds among their nearest; return those who join none."""
        for rank in range(self.run.ledger.near):
            if not waiting or rank >= len(self.classes):
                break
            nearest = [self.classes[c] for c in self._nearest(waiting, rank + 1)[:, rank]]
            self._compare([(i, r) for i, c in zip(waiting, nearest, strict=True) for r in c.representatives])
            left: list[int] = []
            for i, c in zip(waiting, nearest, strict=True):
                (c.members if self._fits([i], c) else left).append(i)
            waiting = left
        return waiting

    def _fits(self, members: list[int], c: Class) -> bool:
        """Whether some answer between members and representatives holds, and none fails."""
        found = [self._state(i, r) for i in members for r in c.representatives]
        return HOLDS in found and FAILS not in found

    def _mend(self) -> None:
        """Put classes together whose representatives hold."""
        if len(self.classes) < 2:
            return
        middles = [c.representatives[0] for c in self.classes]
        near = self._nearest(middles, MENDED + 1)
        beside = sorted({_key(a, int(b)) for a, row in enumerate(near) for b in row if a != b})
        self._compare(
            (i, j) for a, b in beside for i in self.classes[a].representatives for j in self.classes[b].representatives
        )
        links, fails = (np.zeros((len(self.classes),) * 2, dtype=kind) for kind in (float, bool))
        for a, b in beside:
            one, other = self.classes[a], self.classes[b]
            states = [self._state(i, j) for i in one.representatives for j in other.representatives]
            links[a, b] = links[b, a] = float(HOLDS in states)
            fails[a, b] = fails[b, a] = FAILS in states
        group = linked_groups(links, fails)
        merged: list[Class] = []
        for number in range(int(group.max()) + 1):
            parts = [self.classes[i] for i in np.flatnonzero(group == number)]
            representatives = [r for c in parts for r in c.representatives]
            merged.append(Class([i for c in parts for i in c.members], representatives))
        self.classes = merged

    def _audit(self) -> tuple[int, int, int]:
        """Compare pairs of members that were not, drawn at random; return how many hold, are open, fail."""
        rng = np.random.default_rng([self.run.ledger.seed, 5])
        drawn: list[tuple[int, int]] = []
        for c in self.classes:
            for j in rng.permutation(sorted(c.members))[: AUDITED[0]].tolist():
                others = [
                    i for i in rng.permutation(sorted(c.members)).tolist() if i != j and _key(i, j) not in self.said
                ]
                drawn += [(i, j) for i in others[: AUDITED[1]]]
        drawn = list({_key(i, j): (i, j) for i, j in drawn}.values())
        self._compare(drawn)
        states = [self._state(i, j) for i, j in drawn]
        return states.count(HOLDS), states.count(OPEN), states.count(FAILS)

    def _write(self, audit: tuple[int, int, int]) -> None:
        ledger, names = self.run.ledger, self.run.ledger.rows
        groups: list[dict[str, Any]] = []
        for c in self.classes:
            members = sorted(c.members)
            inside = {i: n for n, i in enumerate(members)}
            held = sum(state == HOLDS for (i, j), state in self.said.items() if i in inside and j in inside)
            groups.append(
                {
                    "members": [names[i] for i in members],
                    "representatives": [names[i] for i in c.representatives],
                    "holding": held,
                }
            )
        ledger.joined = {
            "compared": len(self.said) - sum(audit),
            "audited": sum(audit),
            "near": ledger.near,
            "classes": groups,
            "audit": dict(zip(("hold", "open", "fail"), audit, strict=True)),
        }
        ledger.save(self.run.folder)

    def _compare(self, pairs: Iterable[tuple[int, int]]) -> None:
        """Compare pairs that were not, and read what was found; the second of a pair stands in a column."""
        ledger = self.run.ledger
        new = {_key(i, j): (i, j) for i, j in pairs if i != j and _key(i, j) not in self.said}
        if not new:
            return
        at = self._columns(j for _, j in new.values())
        placed = {(i, at[ledger.rows[j]]): key for key, (i, j) in new.items()}
        wanted = WantedPairs.of(placed)
        self.run.compare(wanted)
        self._read(wanted, placed)

    def _columns(self, networks: Iterable[int]) -> dict[str, int]:
        """Give networks columns where they have none; return where all have theirs."""
        ledger = self.run.ledger
        ledger.cols = list(dict.fromkeys([*(ledger.cols or []), *(ledger.rows[i] for i in networks)]))
        return {name: j for j, name in enumerate(ledger.cols)}

    def _read(self, wanted: WantedPairs, placed: dict[tuple[int, int], tuple[int, int]]) -> None:
        """Read answers tile by tile."""
        meaning = {CODES["equivalent"]: HOLDS, **{CODES[state]: FAILS for state in DENIED}}
        sheet = self.run.sheets[0]
        far = apart_beyond(self.run.ledger.measures[0])
        for tile in self.run.table.tiles():
            asked = wanted.within(tile.rows, tile.cols)
            if (tile.measure, tile.layer_pair) != (sheet.measure, sheet.layer_pair) or not asked.any():
                continue
            cells = self.run.table.read(Tile(tile.rows, tile.cols, sheet.measure, sheet.layer_pair))
            for i, j in np.argwhere(asked).tolist():
                key = placed[tile.rows.start + i, tile.cols.start + j]
                state = meaning.get(int(cells[STATUS][i, j]), OPEN)
                self.said[key] = FAILS if state == OPEN and cells["low"][i, j] > far else state
                self.values[key] = float(cells["value"][i, j])

    def _state(self, i: int, j: int) -> int:
        return self.said.get(_key(i, j), OPEN)

    def _link(self, i: int, j: int) -> float:
        return 1.0 / (1.0 + self.values[_key(i, j)]) if self._state(i, j) == HOLDS else 0.0


def _key(i: int, j: int) -> tuple[int, int]:
    return (i, j) if i < j else (j, i)
