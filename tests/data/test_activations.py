"""Activations: what is refused, what is kept, and that nothing can be changed afterwards."""

from __future__ import annotations

import pickle
from dataclasses import FrozenInstanceError

import numpy as np
import pytest
import torch

import conjugacy as cj
from conjugacy.errors import InputError, NotFiniteError, ShapeError


@pytest.mark.parametrize(
    ("values", "kind", "words"),
    [
        (3.0, ShapeError, r"shape \(\).*2 dimensions"),
        (np.zeros(5), ShapeError, r"reshape\(-1, 1\)"),
        (np.zeros((2, 3, 4)), ShapeError, "reducer"),
        (np.zeros((0, 3)), ShapeError, "at least one stimulus"),
        (np.zeros((3, 0)), ShapeError, "at least one stimulus and one unit"),
        ([[1.0, 2.0], [3.0]], ShapeError, "unequal length"),
        ([["a", "b"]], InputError, "real numbers"),
        (np.zeros((2, 2), dtype=complex), InputError, "complex"),
        (np.array([[1, None]], dtype=object), InputError, "object"),
        ([[1.0, np.nan], [np.inf, 0.0]], NotFiniteError, r"2 of 4 values.*\(0, 1\)"),
    ],
)
def test_bad_values(values: object, kind: type[Exception], words: str) -> None:
    with pytest.raises(kind, match=words) as error:
        cj.Activations(values, name="net", layer="head")  # type: ignore[arg-type]
    assert "'net', layer 'head'" in str(error.value)


@pytest.mark.parametrize(
    ("labels", "kind", "words"),
    [
        ({"stimuli": [1, 2]}, ShapeError, r"2 labels.*each of the 3 rows"),
        ({"stimuli": [0.5, 1, 2]}, InputError, "integers or text"),
        ({"groups": [[1], [2], [3]]}, ShapeError, r"\(3, 1\)"),
        ({"units": ["a"]}, ShapeError, "1 unit names for 2 units"),
        ({"inputs": np.zeros((2, 4))}, ShapeError, "each of the 3 stimuli"),
        ({"inputs": np.full((3, 4), np.nan)}, NotFiniteError, "12 of 12"),
    ],
)
def test_bad_labels(labels: dict, kind: type[Exception], words: str) -> None:
    with pytest.raises(kind, match=words):
        cj.Activations(np.zeros((3, 2)), **labels)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.int8, np.uint64, bool])
def test_any_real_type_becomes_float64(dtype: type) -> None:
    values = np.array([[0, 1], [1, 1]], dtype=dtype)
    got = cj.Activations(values).values
    assert got.dtype == np.float64
    assert np.array_equal(got, values)


def test_tensors_are_detached() -> None:
    tensor = torch.ones(3, 2, requires_grad=True)
    assert np.array_equal(cj.Activations(tensor).values, np.ones((3, 2)))


def test_nothing_changes_afterwards() -> None:
    source = np.zeros((3, 2))
    layer = cj.Activations(source, stimuli=["a", "b", "c"])
    source[0, 0] = 5.0
    assert layer.values[0, 0] == 0.0
    assert source.flags.writeable
    for array in (layer.values, layer.stimuli):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = array[1]
    with pytest.raises(FrozenInstanceError):
        layer.name = "x"  # type: ignore[misc]


def test_a_read_only_view_of_something_writable_is_copied() -> None:
    source = np.zeros((3, 2))
    view = source.view()
    view.setflags(write=False)
    layer = cj.Activations(view)
    source[0, 0] = 5.0
    assert layer.values[0, 0] == 0.0


def test_labels() -> None:
    layer = cj.Activations(
        np.zeros((3, 2)), stimuli=np.array([1.0, 2.0, 3.0]), groups=np.array(["a", "b", "a"], object)
    )
    assert layer.stimuli is not None
    assert layer.groups is not None
    assert layer.stimuli.dtype == np.int64
    assert layer.groups.tolist() == ["a", "b", "a"]
    assert layer.units == ("0", "1")


def test_take_keeps_labels_with_their_rows() -> None:
    inputs = np.arange(12.0).reshape(3, 2, 2)
    layer = cj.Activations(
        np.arange(6.0).reshape(3, 2), stimuli=[7, 8, 9], groups=["a", "b", "c"], inputs=inputs, name="n"
    )
    part = layer.take([2, 0])
    assert part.values.tolist() == [[4.0, 5.0], [0.0, 1.0]]
    assert part.stimuli is not None
    assert part.groups is not None
    assert part.stimuli.tolist() == [9, 7]
    assert part.groups.tolist() == ["c", "a"]
    assert np.array_equal(part.inputs, inputs[[2, 0]])
    assert part.name == "n"


def test_pickling_keeps_the_arrays_read_only_or_copies_them() -> None:
    copy = pickle.loads(pickle.dumps(cj.Activations(np.eye(3), stimuli=[1, 2, 3])))
    assert np.array_equal(copy.values, np.eye(3))
    assert copy.stimuli.tolist() == [1, 2, 3]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (cj.Trajectories(np.zeros((2, 3, 4))), "got Trajectories.*np.concatenate"),
        (cj.Recording.from_arrays({"h": np.eye(3)}), "got Recording.*layer"),
        (None, "got NoneType, expected an array"),
    ],
)
def test_what_is_no_array_is_named_with_the_way_out(given, words):
    with pytest.raises(InputError, match=words):
        cj.Activations(given)
