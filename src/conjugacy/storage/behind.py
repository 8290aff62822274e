"""Work for the disk that is done behind the network's next pass: in order, and never more waiting than a few batches."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType

MOST_WAITING = 2**25
"""Bytes that may wait; one piece of work may be larger."""


class Behind:
    """One thread that does what it is given in the order in which it is given.

    What a piece of work raises is raised at the next `add` or `wait`; nothing that came after it is done.

    Examples
    --------
    >>> done = []
    >>> with Behind() as behind:
    ...     for number in range(3):
    ...         behind.add(lambda number=number: done.append(number), 8)
    ...     behind.wait()
    >>> done
    [0, 1, 2]
    """

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="conjugacy-writing")
        self._waiting: deque[tuple[Future[None], int]] = deque()
        self._bytes = 0
        self._failed = False

    def add(self, work: Callable[[], object], nbytes: int) -> None:
        """Have something done that holds so many bytes; wait where too many are held already."""
        while self._waiting and (self._bytes + nbytes > MOST_WAITING or self._waiting[0][0].done()):
            self._first_done()
        self._waiting.append((self._thread.submit(self._unless_failed, work), nbytes))
        self._bytes += nbytes

    def wait(self) -> None:
        """Wait until all is done."""
        while self._waiting:
            self._first_done()

    def __enter__(self) -> Behind:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._thread.shutdown(wait=True, cancel_futures=True)

    def _first_done(self) -> None:
        future, nbytes = self._waiting.popleft()
        self._bytes -= nbytes
        future.result()

    def _unless_failed(self, work: Callable[[], object]) -> None:
        if self._failed:
            return
        try:
            work()
        except BaseException:
            self._failed = True
            raise
