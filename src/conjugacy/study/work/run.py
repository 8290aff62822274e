"""One run over a study's store: prepare what is new, compare what is missing, write every tile as it is done."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from conjugacy.comparison.setup import Progress
from conjugacy.errors import InputError
from conjugacy.measure import RULES, get_measure
from conjugacy.numerics.device import device_for
from conjugacy.storage.tables import TableStore
from conjugacy.study.work.blocks import BLOCKS, TILE_SECONDS, block_for
from conjugacy.study.work.budget import SAMPLED, WORKER, Budget, resident, room, spread
from conjugacy.study.work.clock import Clock
from conjugacy.study.work.executors import Executor, Serial, run_all
from conjugacy.study.work.ledger import REFUSALS, TABLE, Ledger
from conjugacy.study.work.missing import Missing
from conjugacy.study.work.networks import StudyNetwork
from conjugacy.study.work.prepared import BY_ROWS, OUTPUTS, Prepared, Subject, Workplace, layer_name, read_recording
from conjugacy.study.work.rows import first_of_most, rows_of_study
from conjugacy.study.work.sheets import sheets_of
from conjugacy.study.work.tiles import BATCH, PrepareTask, Sheet, TileResult, TileTask, forget, work
from conjugacy.study.work.wanted import EXPECTED_COLUMNS, WantedPairs, expected_pairs
from conjugacy.verdict.kinds import Told, guess_kind

AT_ONCE = 4  # networks that one task prepares


@dataclass
class Run:
    """One run; `old` is what the store held before it."""

    folder: Path
    ledger: Ledger
    old: Ledger | None
    where: Executor
    memory: float
    tell: Progress
    sheets: tuple[Sheet, ...] = ()
    largest: float = 0.0  # bytes of a recording
    place: Workplace = field(init=False)
    table: TableStore = field(init=False)

    def prepare(self, networks: Sequence[StudyNetwork]) -> None:
        """Prepare what is new or has changed, and write down what came of it."""
        self.largest = max((_bytes(n.stamp) for n in networks), default=0.0)
        self._look_around(networks)
        before = {} if self.old is None else self.old.prepared
        given = {n.name for n in networks}
        # no table mixes two rules: what was made under others is done again, whether it is given this time or not
        others = [p.network for name, p in before.items() if name not in given and p.rules != RULES]
        waiting = [n for n in (*networks, *others) if not self._is_ready(n, before.get(n.name))]
        tasks = [PrepareTask(tuple(waiting[i : i + AT_ONCE]), self._subjects) for i in range(0, len(waiting), AT_ONCE)]
        found: dict[str, Prepared] = {}
        clock = Clock(self.tell, "networks prepared", len(waiting))

        def done(_: PrepareTask, result: tuple[Prepared, ...]) -> None:
            found.update({p.network.name: p for p in result})
            clock.more(len(result))
            for p in result:
                if p.network.state:
                    self.tell(f"{p.network.name} is {p.network.state}: {p.network.reason}")

        self._run_all(tasks, done, self._room(0.0, 0.0))
        self._forget_changed(before, found)
        self.ledger.prepared = {**before, **found}
        self._require_some()

    def compare(self, wanted: WantedPairs | None = None) -> None:
        """Compare what is missing; of the pairs that are wanted, where these are told."""
        largest = max((p.nbytes for p in self.ledger.prepared.values()), default=0)
        space = self._room(float(largest), 8.0 * BATCH * self._widest() ** 2)
        if not self.ledger.block:
            self.ledger.block = self._block(space)
        self.ledger.save(self.folder)
        self.table = TableStore(self.folder / TABLE, self.ledger.shape, self.ledger.block)
        self._label()
        missing = Missing(self.table, self.ledger, self.sheets, wanted)
        self.ledger.refusals = []  # they are tried again
        tasks = list(missing.tasks())
        total = sum(task.comparisons for task in tasks)
        if self.old is not None and wanted is None:
            self.tell(f"{total} comparisons are missing, of {self._comparisons()}")
        clock = Clock(self.tell, "comparisons", total)

        def done(task: TileTask, result: TileResult) -> None:
            missing.merge(task, result.cells)
            self.ledger.refusals = [*self.ledger.refusals, *result.refusals][:REFUSALS]
            clock.more(task.comparisons)

        self._run_all(tasks, done, space)
        self.ledger.save(self.folder)
        forget(self.place)

    def sample(self, networks: Sequence[StudyNetwork]) -> Budget:
        """Prepare and compare a few networks from all over the study, and say what all of them would take."""
        self.largest = max((_bytes(n.stamp) for n in networks), default=0.0)
        self._look_around(networks)
        count, comparisons = len(networks), self._comparisons()
        start, found = time.process_time(), list[Prepared]()
        for tried, network in enumerate(spread(networks, SAMPLED), 1):
            result: Any = work(self.place, 1e12, PrepareTask((network,), self._subjects))
            found += [p for p in result if len(p.keys) == len(self._subjects)]
            if len(found) == SAMPLED or (len(found) > 1 and tried >= SAMPLED):
                break
        if len(found) < 2:
            raise InputError(
                f"of {count} networks no two could be prepared: run pairwise and read what it says about them"
            )
        each = (time.process_time() - start) / len(found)
        self.ledger.prepared = {p.network.name: p for p in found}
        nbytes = float(max(p.nbytes for p in found))
        space = self._room(nbytes, 8.0 * BATCH * self._widest() ** 2)
        cost = self._pair_cost(space, SAMPLED)
        sheets = max(1, len(self.sheets))
        block = block_for(cost * sheets, count, self.where.workers)
        rows, cols = len(self.ledger.rows), len(self.ledger.columns) or min(count, EXPECTED_COLUMNS)
        tiles = -(-rows // block) * -(-cols // block)
        cpu = count * each + comparisons * cost
        base = self.where.workers * WORKER if not isinstance(self.where, Serial) else 0.0
        return Budget(
            networks=count,
            pairs=self._pairs(),
            comparisons=comparisons,
            tasks=(tiles + -(-rows // block)) // 2 if self.ledger.cols is None else tiles,
            cpu_seconds=cpu,
            seconds=cpu / self.where.workers,
            memory=resident() + base + self.where.workers * (4 * self.largest + 4 * nbytes),
            disk=count * nbytes + 33.0 * rows * cols * sheets,
            sample=tuple(p.network.name for p in found),
        )

    def _look_around(self, networks: Sequence[StudyNetwork]) -> None:
        """Find out which rows the networks share, what their outputs are, and so what is to be prepared."""
        measures = [get_measure(name) for name in self.ledger.measures]
        on_rows = any(m.traits.data in BY_ROWS for m in measures)
        rows = rows_of_study(self.folder, networks, self.ledger.reading, fresh=self._is_fresh) if on_rows else None
        self.place = Workplace(self.folder.absolute(), rows, self.ledger.reading, self.largest)
        self.place.folder.mkdir(exist_ok=True)
        if self.ledger.kind is None and any(m.traits.data == "outputs" for m in measures):
            self.ledger.kind = self._kind(networks)
        self.sheets = sheets_of(self.ledger)
        if not self.sheets:
            raise InputError("layers: none of the measures asked for is one of these layers; name others")

    @property
    def _subjects(self) -> tuple[Subject, ...]:
        return tuple({s.label: s for sheet in self.sheets for s in (sheet.a, sheet.b)}.values())

    def _kind(self, networks: Sequence[StudyNetwork]) -> str:
        """Return what outputs are taken for: as a recording says, else guessed from it."""
        recording = read_recording(first_of_most(networks, self.ledger.reading), self.ledger.reading)
        layer: Any = recording.layer(layer_name(recording, OUTPUTS))
        said = recording.kind_of(recording.output_name)
        if said is not None:
            return said
        kind, why = guess_kind(layer.values, Told(None, recording.targets, recording.output_name))
        self._note(f"outputs are taken for {kind} ({why}, in {recording.name}); set output_kind if that is wrong")
        return kind

    def _is_ready(self, network: StudyNetwork, prepared: Prepared | None) -> bool:
        """Whether a network was prepared from the same file, and what was prepared is still there."""
        if prepared is None or prepared.network.state or prepared.network.stamp != network.stamp or not network.stamp:
            return False
        labels = [s.label for s in self._subjects]
        known = all(label in prepared.keys for label in labels)  # what failed is tried again
        return known and prepared.network.path == network.path and prepared.is_of_today

    def _forget_changed(self, before: dict[str, Prepared], found: dict[str, Prepared]) -> None:
        """Take what was compared with other contents out of the table; of what cannot be read any more it is kept."""
        lost = [n for n, p in found.items() if p.network.state and n in before and not before[n].network.state]
        for name in lost:
            if before[name].rules != RULES:
                self._note(
                    f"{name} is {found[name].network.state} now; its results were found under earlier rules and are dropped"
                )
                continue
            self._note(f"{name} is {found[name].network.state} now; its earlier results are kept")
            found[name] = before[name]
        changed = frozenset(
            name
            for name, p in found.items()
            if name in before
            and (before[name].rules != RULES or set(before[name].keys.values()) - set(p.keys.values()))
        )
        if changed and self.old is not None and self.old.block:
            older = any(not before[name].is_of_today for name in changed)
            why = (
                "were prepared by another version or under other rules" if older else "changed since they were compared"
            )
            self._note(f"{len(changed)} of the recordings {why}: their pairs are compared again")
            table = TableStore(self.folder / TABLE, self.ledger.shape, self.old.block)
            Missing(table, self.ledger, self.sheets).forget(changed)

    @property
    def _is_fresh(self) -> bool:
        """Whether nothing in the store was found under the rules of today."""
        known = [] if self.old is None else list(self.old.prepared.values())
        return self.old is None or (bool(known) and all(p.rules != RULES for p in known))

    def _note(self, sentence: str) -> None:
        self.tell(sentence)
        if sentence not in self.ledger.notes:
            self.ledger.notes.append(sentence)

    def _require_some(self) -> None:
        states = [p.network for p in self.ledger.prepared.values()]
        if states and all(n.state for n in states):
            raise InputError(
                f"none of {len(states)} networks can be compared; {states[0].name} is {states[0].state}: {states[0].reason}"
            )
        usable = [p for p in self.ledger.prepared.values() if not p.network.state]
        for subject in self._subjects:
            if all(subject.label in p.failures for p in usable):
                raise InputError(
                    f"measure {subject.measure!r} on {subject.layer!r}: not one of {len(usable)} networks can be prepared; "
                    f"{usable[0].network.name}: {usable[0].failures[subject.label]}"
                )

    def _run_all(self, tasks: Sequence[Any], done: Any, space: float) -> None:
        if tasks and (elsewhere := device_for(np.inf)) is not None:
            self._note(elsewhere.note)
        try:
            run_all(self.where, partial(work, self.place, space), tasks, done)
        except OSError as error:
            if isinstance(error, InputError):
                raise
            raise InputError(
                f"{str(self.folder)!r} cannot be written: {error.strerror or error}; what is done is kept: make room and run the "
                "same again"
            ) from None

    def _room(self, prepared: float, batch: float) -> float:
        own = not isinstance(self.where, Serial)
        return room(self.memory, self.where.workers, own, self.largest, prepared, batch)

    def _widest(self) -> float:
        """Return a bound of the number of units, from the bytes of what was prepared."""
        rows = 1 if self.place.rows is None else len(self.place.rows.clusters)
        largest = max((p.nbytes for p in self.ledger.prepared.values()), default=0)
        return min(largest / (8.0 * rows), float(rows)) if rows > 1 else 0.0

    def _pair_cost(self, space: float, most: int = 2) -> float:
        """Return the CPU seconds of one comparison, mean over the sheets and a few pairs; once all is loaded."""
        usable = [p for p in self.ledger.prepared.values() if len(p.keys) == len(self._subjects)][:most]
        if len(usable) < 2:
            return TILE_SECONDS / BLOCKS[-1] ** 2
        needed = tuple(np.ones((1, 1), dtype=bool) for _ in self.sheets)
        tasks = [
            TileTask((0, 0), (a,), (b,), self.sheets, needed, self.ledger.seed) for a, b in combinations(usable, 2)
        ]
        work(self.place, space, tasks[0])
        start = time.process_time()
        for task in tasks:
            work(self.place, space, task)
        return (time.process_time() - start) / (len(self.sheets) * len(tasks))

    def _block(self, space: float) -> int:
        cost = self._pair_cost(space) * len(self.sheets)
        return block_for(cost, max(self.ledger.shape[:2]), self.where.workers)

    def _label(self) -> None:
        names = {name: p.network.content for name, p in self.ledger.prepared.items()}
        rows, cols = self.ledger.rows, self.ledger.columns
        self.table.label(
            {
                "network_a": ("network_a", rows),
                "network_b": ("network_b", cols),
                "measure": ("measure", self.ledger.measures),
                "layer_pair": ("layer_pair", self.ledger.labels),
                "hash_a": ("network_a", [names.get(name, "") for name in rows]),
                "hash_b": ("network_b", [names.get(name, "") for name in cols]),
            }
        )

    def _pairs(self) -> int:
        """Return how many pairs of different networks there are; by representatives, about how many are compared."""
        n_rows, n_cols = self.ledger.shape[:2]
        if self.ledger.near:
            return expected_pairs(n_rows)
        return n_rows * (n_rows - 1) // 2 if self.ledger.cols is None else n_rows * n_cols

    def _comparisons(self) -> int:
        """Return how often two different networks are compared: each pair by every measure, twice by one that has a direction."""
        both = [self.ledger.cols is None and not sheet.is_symmetric for sheet in self.sheets]
        return sum(self._pairs() * (2 if twice else 1) for twice in both)


def _bytes(stamp: str) -> float:
    return float(stamp.partition("-")[0] or 0)
