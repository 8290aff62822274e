"""Parts of a result that are worked out when they are first asked for: once, however many ask."""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest

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
