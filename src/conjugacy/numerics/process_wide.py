"""What belongs to the whole process and is changed for a while: by any number of threads at once, and given back by the last."""

from __future__ import annotations

import os
import threading
import warnings
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar, copy_context
from typing import Any, TypeVar

T = TypeVar("T")


class Shared:
    """A change of the process that is made by the first who asks for it, and taken back when the last is done.

    Threads that each kept and gave back what they found would give back what others had changed.

    Examples
    --------
    >>> said = []
    >>> @contextmanager
    ... def told():
    ...     said.append("changed")
    ...     yield
    ...     said.append("as before")
    >>> change = Shared(told)
    >>> with change.held(), change.held():
    ...     pass
    >>> said
    ['changed', 'as before']
    """

    def __init__(self, change: Callable[[], AbstractContextManager[Any]]) -> None:
        self._change = change
        self._lock = threading.Lock()
        self._count = 0
        if hasattr(os, "register_at_fork"):  # a thread that held it is not there in the child
            os.register_at_fork(after_in_child=self._new_lock)
        self._open: AbstractContextManager[Any] | None = None

    def _new_lock(self) -> None:
        self._lock = threading.Lock()

    @contextmanager
    def held(self) -> Generator[None]:
        """Have the change made until the end of the block."""
        with self._lock:
            if not self._count:
                self._open = self._change()
                self._open.__enter__()
            self._count += 1
        try:
            yield
        finally:
            with self._lock:
                self._count -= 1
                if not self._count and self._open is not None:
                    self._open.__exit__(None, None, None)
                    self._open = None


def _limited() -> AbstractContextManager[Any]:
    from threadpoolctl import threadpool_limits

    return threadpool_limits(1, user_api="blas")


_one_thread, _filters = Shared(_limited), Shared(warnings.catch_warnings)
_wanted: ContextVar[bool] = ContextVar("one_blas_thread", default=False)


@contextmanager
def one_blas_thread(wanted: bool = True) -> Generator[None]:
    """Work on one BLAS thread, where that is `wanted`; what the user has set comes back.

    Examples
    --------
    >>> with one_blas_thread():
    ...     pass
    """
    if not wanted:
        yield
        return
    before = _wanted.set(True)
    try:
        with _one_thread.held():
            yield
    finally:
        _wanted.reset(before)


def as_here(work: Callable[[], T]) -> Callable[[], T]:
    """Return work that is done later as it would be here: on one BLAS thread where that is wanted, numpy's errors told as here.

    Examples
    --------
    >>> with one_blas_thread():
    ...     later = as_here(lambda: _wanted.get())
    >>> later(), _wanted.get()
    (True, False)
    """
    context = copy_context()

    def done() -> T:
        with one_blas_thread(context.get(_wanted, False)):
            return context.copy().run(work)

    return done


@contextmanager
def no_warnings(*messages: str) -> Generator[None]:
    """Leave warnings of libraries unsaid, all or those that begin with one of these; the filters that the user has set come back.

    Parameters
    ----------
    messages : str
        Regular expressions for the beginning of a warning.

    Examples
    --------
    >>> with no_warnings():
    ...     warnings.warn("of a library", stacklevel=1)
    """
    with _filters.held():
        for message in messages or ("",):
            warnings.filterwarnings("ignore", message=message)
        yield
