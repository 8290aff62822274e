"""One tile of a study: a block of networks against a block of networks, in any process."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from conjugacy.errors import ConjugacyError
from conjugacy.measure import Measure, get_measure
from conjugacy.numerics.kept import Kept
from conjugacy.numerics.process_wide import one_blas_thread
from conjugacy.numerics.products import products_kept
from conjugacy.results import CODES, Score
from conjugacy.results.states import MIRRORED, VARIABLES
from conjugacy.storage.limits import at_most
from conjugacy.storage.tables import STATUS, empty_tile
from conjugacy.study.work.budget import COPIES, FREED
from conjugacy.study.work.networks import StudyNetwork, why
from conjugacy.study.work.prepared import Prepared, Shelf, Subject, Workplace, prepare_network
from conjugacy.transformations.division import factors_shared, place_for

BATCH = 32  # pairs whose products are held at once
LARGE, FACTORS = 5e8, 1.6e9  # bytes of memory from which on some go to factors of kernels, and to these at most
REASONS = 20  # refusals that one task tells of


@dataclass(frozen=True)
class Sheet:
    """One sheet of the table: a measure on a pair of layers, and its place.

    Attributes
    ----------
    measure, layer_pair : int
        Indices into the table.
    id : str
        The measure.
    a, b : Subject
        What is compared of the networks in the rows, and of those in the columns.
    draws : int
        Shuffles and halves for p and interval; 0 for the measure's own.
    is_symmetric : bool
        Whether a pair needs to be compared in one order only.
    """

    measure: int
    layer_pair: int
    id: str
    a: Subject
    b: Subject
    draws: int
    is_symmetric: bool


@dataclass(frozen=True, eq=False)
class PrepareTask:
    """Networks to prepare."""

    networks: tuple[StudyNetwork, ...]
    subjects: tuple[Subject, ...]


@dataclass(frozen=True, eq=False)
class TileTask:
    """Pairs of one tile to compare: which are needed, by sheet.

    Attributes
    ----------
    start : (int, int)
        First row and column of the tile in the table.
    rows, cols : tuple of (StudyNetwork, mapping subject label -> key)
        The networks along both sides.
    sheets : tuple of Sheet
    needed : tuple of bool array, (rows, cols)
        One for every sheet.
    seed : int
        Seeds the draws.
    """

    start: tuple[int, int]
    rows: tuple[Prepared, ...]
    cols: tuple[Prepared, ...]
    sheets: tuple[Sheet, ...]
    needed: tuple[np.ndarray, ...]
    seed: int

    @property
    def comparisons(self) -> int:
        """How often two different networks are compared; a network and itself are not counted."""
        rows, cols = ([p.network.name for p in side] for side in (self.rows, self.cols))
        own = np.array(rows, dtype=object)[:, None] == np.array(cols, dtype=object)
        return int(sum((mask & ~own).sum() for mask in self.needed))


@dataclass(frozen=True)
class Spent:
    """Which process did a task, from when to when by the clock, and its CPU seconds."""

    process: int
    began: float
    ended: float
    cpu: float


@dataclass(frozen=True, eq=False)
class TileResult:
    """What was found: one tile of numbers for every sheet, NaN and status 0 where nothing was needed."""

    cells: tuple[dict[str, np.ndarray], ...]
    refusals: tuple[tuple[str, str, str, str], ...]  # measure, network, network, reason
    spent: Spent


Task = PrepareTask | TileTask
Result = tuple[Prepared, ...] | TileResult


class _Shelves(threading.local):
    """What each thread holds of the studies that it works on: one shelf with factors of kernels, as room was promised for one."""

    def __init__(self) -> None:
        self.held: dict[str, tuple[Shelf, Kept | None]] = {}


_shelves = _Shelves()


def work(place: Workplace, room: float, task: Task) -> Result:
    """Do one task on one BLAS thread; what was prepared stays in memory for the next task of this process."""
    # a recording that unpacks to far more than its bytes on disk must not take what others were promised
    with one_blas_thread(), at_most(FREED * room + COPIES * place.largest):
        if isinstance(task, PrepareTask):
            return tuple(prepare_network(place, network, task.subjects) for network in task.networks)
        key, factors = str(place.store), shared(room)
        held = _shelves.held
        if key not in held or held[key][0].room != room - factors:
            held.clear()
            held[key] = Shelf(place, room - factors), place_for(factors)
        shelf, kept = held[key]
        with factors_shared(kept):
            return compare_tile(shelf, task)


def shared(room: float) -> float:
    """Return how many of the bytes for prepared networks go to factors of kernels, which a row of pairs shares; few give none."""
    return min(FACTORS, room / 8) if room > LARGE else 0.0


def forget(place: Workplace) -> None:
    """Let go of what this thread holds of a study."""
    _shelves.held.pop(str(place.store), None)


def compare_tile(shelf: Shelf, task: TileTask) -> TileResult:
    """Compare what is needed of one tile, row by row; measures on the same pairs share their products."""
    began, cpu = time.time(), time.process_time()
    cells = tuple(empty_tile(needed.shape) for needed in task.needed)
    measures = [get_measure(sheet.id) for sheet in task.sheets]
    refusals: list[tuple[str, str, str, str]] = []
    for cols in _column_blocks(shelf, task):
        for i in range(len(task.rows)):
            chosen = [np.intersect1d(np.flatnonzero(needed[i]), cols) for needed in task.needed]
            for part in _batches(chosen):
                with products_kept():
                    for s, sheet in enumerate(task.sheets):
                        js = np.intersect1d(chosen[s], part)
                        if js.size:
                            found = _compare_row(shelf, task, (sheet, measures[s]), i, js, refusals)
                            _fill(cells[s], i, js, found)
    spent = Spent(os.getpid(), began, time.time(), time.process_time() - cpu)
    return TileResult(cells, tuple(refusals[:REASONS]), spent)


def _column_blocks(shelf: Shelf, task: TileTask) -> Iterator[np.ndarray]:
    """Yield columns whose prepared networks fit into memory together, beside one row."""
    wanted = np.flatnonzero(np.any([needed.any(axis=0) for needed in task.needed], axis=0))
    largest = max((p.nbytes for p in (*task.rows, *task.cols)), default=1)
    count = max(1, int(shelf.room / max(largest, 1)) - 1)
    for start in range(0, len(wanted), count):
        yield wanted[start : start + count]


def _batches(chosen: Sequence[np.ndarray]) -> Iterator[np.ndarray]:
    together = np.unique(np.concatenate(chosen)) if chosen else np.empty(0, dtype=np.int64)
    for start in range(0, len(together), BATCH):
        yield together[start : start + BATCH]


def _compare_row(
    shelf: Shelf,
    task: TileTask,
    what: tuple[Sheet, Measure],
    i: int,
    js: np.ndarray,
    refusals: list[tuple[str, str, str, str]],
) -> list[Score | None]:
    sheet, measure = what
    found: list[Score | None] = []
    try:
        a = _get(shelf, task.rows[i], sheet.a)
        others = [_get(shelf, task.cols[j], sheet.b) for j in js]
    except ConjugacyError as error:  # what was prepared is gone, and so is the recording
        refusals += [(sheet.id, task.rows[i].network.name, task.cols[j].network.name, why(error)) for j in js]
        return [None] * len(js)
    if not sheet.draws:
        try:
            return list(measure.compare_all([a] * len(others), others))
        except (OSError, MemoryError):
            raise
        except Exception:  # noqa: S110 - one of them is refused: which one is found pair by pair
            pass
    for j, b in zip(js, others, strict=True):
        try:
            found.append(
                measure.judge(a, b, draws=sheet.draws, seed=task.seed) if sheet.draws else measure.compare(a, b)
            )
        except (OSError, MemoryError):
            raise
        except Exception as error:  # a measure of another package may raise anything; the other pairs go on
            found.append(None)
            refusals.append((sheet.id, task.rows[i].network.name, task.cols[j].network.name, why(error)))
    return found


def _get(shelf: Shelf, prepared: Prepared, subject: Subject) -> object:
    return shelf.get(prepared.network, prepared.keys[subject.label], subject)


def _fill(cells: dict[str, np.ndarray], i: int, js: np.ndarray, scores: Sequence[Score | None]) -> None:
    for j, score in zip(js, scores, strict=True):
        cells[STATUS][i, j] = CODES["failed"] if score is None else CODES[state_of(score)]
        if score is not None:
            low, high = score.interval or (np.nan, np.nan)
            p = score.details.get("p")
            for name, value in zip(VARIABLES, (score.value, low, high, np.nan if p is None else p), strict=True):
                cells[name][i, j] = value


def state_of(score: Score) -> str:
    """Return the answer of a verdict, or the status of another score."""
    return str(score.details.get("answer", score.status.name.lower()))


def mirrored(cells: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return the tile on the other side of the diagonal."""
    turned = {name: values.T.copy() for name, values in cells.items()}
    status = turned[STATUS]
    for one, other in MIRRORED.items():
        turned[STATUS] = np.where(status == CODES[one], CODES[other], turned[STATUS]).astype(np.uint8)
    return turned
