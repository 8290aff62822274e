"""Parts of a result that are computed when they are first asked for: once, however many ask."""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from threadpoolctl import threadpool_info

from conjugacy.numerics.process_wide import one_blas_thread
from conjugacy.results.later import AskedFor, Later


@dataclass(frozen=True)
class Result:
    answer: AskedFor[Any] = AskedFor(None)  # noqa: RUF009 - a descriptor


def test_threads_that_ask_at_once_get_one_thing():
    worked = []

    def work():
        time.sleep(0.02)
        worked.append(object())
        return worked[-1]

    result = Result(Later(work))
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: result.answer, range(4)))
    assert len(worked) == 1
    assert all(one is worked[0] for one in found)


def test_what_fails_is_tried_again():
    tries = []

    def work():
        tries.append(1)
        if len(tries) == 1:
            raise ValueError("not yet")
        return 42

    result = Result(Later(work))
    with pytest.raises(ValueError, match="not yet"):
        _ = result.answer
    assert result.answer == 42


def test_what_is_put_off_is_worked_out_as_where_it_was_put_off():
    def told():
        blas = [one["num_threads"] for one in threadpool_info() if one["user_api"] == "blas"]
        return blas, np.geterr()["over"]

    before = told()
    with one_blas_thread(), np.errstate(over="ignore"):
        there, result = told(), Result(Later(told))
    assert set(there[0]) == {1}
    assert told() == before
    assert result.answer == there
    assert told() == before
    assert Result(Later(told)).answer == before
