"""Where tasks run: here, on the cores of this machine (joblib), or on a Dask cluster; results come as they are ready."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Generic, Protocol, TypeVar, cast

from conjugacy.asked import one_of, whole_number
from conjugacy.errors import ConjugacyError, InputError, MissingExtraError
from conjugacy.numerics.device import device_chosen, on_device

T = TypeVar("T")
R = TypeVar("R")
MALLOC = 2**25
"""Dask makes its workers give back memory from 64 KB on, and then each matrix costs page faults: a quarter of the CPU time."""
ATTEMPTS = 5  # times that workers may die without one task getting done


class Executor(Protocol):
    """Runs a function on many tasks; `workers` says how many at once."""

    workers: int

    def map(self, function: Callable[[T], R], tasks: Sequence[T]) -> Iterator[R]:
        """Yield results as they are ready, in any order."""
        ...


class WorkersLost(ConjugacyError):  # noqa: N818 - what happened, not what the user did
    """Workers died; the tasks that were not done can be run again."""


@dataclass
class Serial:
    """One task after the other, in this process."""

    workers: int = 1

    def map(self, function: Callable[[T], R], tasks: Sequence[T]) -> Iterator[R]:
        """Yield results in the order of the tasks."""
        return map(function, tasks)


@dataclass
class Joblib:
    """Processes on this machine, one for each core."""

    workers: int

    def map(self, function: Callable[[T], R], tasks: Sequence[T]) -> Iterator[R]:
        """Yield results as they are ready.

        Raises
        ------
        WorkersLost
            Where a process died.
        """
        from joblib import Parallel, delayed
        from joblib.externals.loky.process_executor import TerminatedWorkerError

        how: Any = {"backend": "loky", "return_as": "generator_unordered", "batch_size": 1, "pre_dispatch": "2*n_jobs"}
        pool = Parallel(self.workers, **how)
        results: Any = pool(delayed(function)(task) for task in tasks)
        try:
            yield from results
        except TerminatedWorkerError as error:
            raise WorkersLost(str(error).splitlines()[0]) from None


@dataclass
class Dask:
    """Workers of a Dask cluster."""

    client: Any
    workers: int

    def map(self, function: Callable[[T], R], tasks: Sequence[T]) -> Iterator[R]:
        """Yield results as they are ready; Dask itself runs again what a lost worker had begun.

        Raises
        ------
        WorkersLost
            Where workers died on one task again and again.
        """
        from distributed import KilledWorker, as_completed

        waiting = iter(tasks)
        # few at a time: tasks carry their networks' names, and a scheduler keeps all of them
        first = [self.client.submit(function, task, pure=False) for task in islice(waiting, 4 * self.workers)]
        running: Any = as_completed(first)
        try:
            for future in running:
                result = future.result()
                future.release()
                for task in islice(waiting, 1):
                    running.add(self.client.submit(function, task, pure=False))
                yield result
        except KilledWorker as error:
            raise WorkersLost(str(error).splitlines()[0]) from None


@contextmanager
def executor(kind: str, workers: int | None = None, scheduler: Any = None) -> Generator[Executor]:
    """Open an executor for the time of a block.

    Parameters
    ----------
    kind : {"serial", "joblib", "dask"}
        Which.
    workers : int, optional
        Processes; the cores there are where missing. A cluster has its own number.
    scheduler : str or distributed.Client, optional
        Address of a Dask scheduler, or a client; a cluster on this machine where missing.

    Raises
    ------
    InputError, UnknownNameError
        Where there is no executor of that kind, or no scheduler at that address.
    MissingExtraError
        Where distributed is not installed.
    """
    kind = one_of("executor", kind, ("serial", "joblib", "dask"))
    workers = None if workers is None else whole_number("workers", workers, 1)
    if scheduler is not None and kind != "dask":
        raise InputError(f"scheduler: is for executor='dask', got executor={kind!r}")
    if kind == "serial":
        yield Serial()
    elif kind == "joblib":
        yield Joblib(workers or cores())
    else:
        with _client(scheduler, workers) as client:
            count = sum(client.nthreads().values())
            if not count:
                raise InputError("the Dask cluster has no workers: start some, or wait until they are there")
            yield Dask(client, count)


def cores() -> int:
    """Return the number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def _client(scheduler: Any, workers: int | None) -> Generator[Any]:
    try:
        from dask.config import set as dask_settings
        from distributed import Client, LocalCluster
    except ImportError:
        raise MissingExtraError.of("executor='dask'", "dask") from None
    if isinstance(scheduler, Client):
        yield scheduler
    elif scheduler is not None:
        try:
            client = Client(str(scheduler), timeout="10s")
        except (OSError, ValueError) as error:
            raise InputError(
                f"scheduler: there is no Dask scheduler at {scheduler!r} ({error}); check the address"
            ) from None
        with client:
            yield client
    else:
        with (
            dask_settings(
                {f"distributed.nanny.pre-spawn-environ.MALLOC_{what}_THRESHOLD_": MALLOC for what in ("TRIM", "MMAP")}
            ),
            LocalCluster(
                n_workers=workers or cores(), threads_per_worker=1, dashboard_address=cast(Any, None)
            ) as cluster,
            Client(cluster) as client,
        ):
            yield client


@dataclass(frozen=True)
class _Numbered(Generic[T, R]):
    """A function of a numbered task; returns the number with the result, found on the device chosen where the task came from."""

    function: Callable[[T], R]
    device: str | None = field(default_factory=device_chosen)

    def __call__(self, task: tuple[int, T]) -> tuple[int, R]:
        with on_device(self.device):
            return task[0], self.function(task[1])


def run_all(where: Executor, function: Callable[[T], R], tasks: Iterable[T], done: Callable[[T, R], Any]) -> None:
    """Run all tasks and give every one with its result to `done`; tasks of workers that died are run again.

    Parameters
    ----------
    where : Executor
    function : callable
        Pure: the same task gives the same bits.
    tasks : iterable
        Tasks.
    done : callable
        Called in this process, with every task and its result, once.

    Raises
    ------
    WorkersLost
        Where workers died several times and nothing got done.
    """
    waiting = dict(enumerate(tasks))
    lost = 0
    while waiting:
        before = len(waiting)
        try:
            for number, result in where.map(_Numbered(function), list(waiting.items())):
                done(waiting.pop(number), result)
        except WorkersLost as error:
            lost = lost + 1 if len(waiting) == before else 0
            if lost >= ATTEMPTS:
                raise WorkersLost(
                    f"workers died {lost} times and no task got done ({error}): they may lack memory, give them less with "
                    "memory=, or fewer workers; what is done is kept"
                ) from None
