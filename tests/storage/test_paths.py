"""Where keys lie in a tree: never in one another, and thousands of them as fast as a few."""

from __future__ import annotations

import time

import pytest

from conjugacy.storage.paths import Paths, paths_of


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        (["a/b", "a"], ["a/b", "array-1"]),
        (["a", "a/b/c"], ["a", "array-1"]),
        (["a", "A/b"], ["a", "array-1"]),
        (["a/b", "a/c", "ab"], ["a/b", "a/c", "ab"]),
        (["../x", "a//b", "x" * 300, ".zarray"], [f"array-{i}" for i in range(4)]),
        (["array-1", "array-1/x"], ["array-1", "array-1_"]),
    ],
)
def test_no_path_lies_in_another(keys, expected):
    assert list(paths_of(keys).values()) == expected


def test_time_grows_with_the_number_of_keys():
    def seconds(count: int) -> float:
        keys = [f"encoder/{i}/layer" for i in range(count)]
        start = time.process_time()
        assert len(set(paths_of(keys).values())) == count
        return time.process_time() - start

    seconds(100)
    assert seconds(20_000) < 40 * max(seconds(2000), 1e-3)


def test_a_path_of_many_parts():
    key = "/".join(["a"] * 4000)
    paths = Paths()
    assert [paths.next(key), paths.next(key)] == [key, "array-1"]
