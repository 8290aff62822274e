"""What a record from a file may hold: what its fields declare, and nothing else."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from conjugacy.results import LayerMap, Score, Status
from conjugacy.results.field_types import fits, wrong_field

FIT = [
    (1, float),
    (1.5, float),
    (3, int),
    (None, float | None),
    ((1.0, 2.0), tuple[float, float] | None),
    ((), tuple[str, ...]),
    ({"a": 1.0}, Mapping[str, float]),
    ({"a": object()}, Mapping[str, Any]),
    (np.zeros(2), np.ndarray),
    ((np.zeros(1),), tuple[np.ndarray, ...]),
]
DO_NOT = [
    (True, float),
    (True, int),
    (1.5, int),
    ("a", float | None),
    ((1.0,), tuple[float, float]),
    ([1.0, 2.0], tuple[float, float]),
    ("ab", tuple[str, ...]),
    ({"a": "b"}, Mapping[str, float]),
    ({1: 1.0}, Mapping[str, float]),
    ([], Mapping[str, Any]),
    (1, np.ndarray),
    (1, bool),
    ("a", LayerMap),
]


@pytest.mark.parametrize(("value", "hint"), FIT)
def test_what_fits(value, hint):
    assert fits(value, hint)


@pytest.mark.parametrize(("value", "hint"), DO_NOT)
def test_what_does_not(value, hint):
    assert not fits(value, hint)


def test_the_field_is_named():
    whole = Score("cka", 1.0, 0.0, 1.0, Status.OK)
    assert wrong_field(whole) is None
    assert wrong_field(Score("cka", "1", 0.0, 1.0, Status.OK)) == "value is '1', expected float"
    assert wrong_field(Score("cka", 1.0, 0.0, 1.0, "OK")) == "status is 'OK', expected Status"
