"""Attributes as they are given: which are classes, what is missing, what is refused."""

import numpy as np
import pandas as pd
import pytest

import conjugacy as cj
from conjugacy.comparison.attributes import Attribute, attributes_of
from conjugacy.errors import ConjugacyError, FormatError, InputError, ShapeError


@pytest.mark.parametrize(
    ("given", "classes"),
    [
        (["a", "b"] * 20, True),
        ([True, False] * 20, True),
        (np.arange(40) % 4, True),
        (np.arange(40), False),  # each its own: no classes
        (np.linspace(0, 1, 40), False),
        (np.repeat([1.0, 2.0], 20), False),
        (pd.Categorical(["x", "y", None, "x"] * 10), True),
        (pd.array([1, 2, None, 1] * 10, dtype="Int64"), True),
    ],
)
def test_which_attributes_are_classes(given, classes):
    assert Attribute.of("one", given).is_class is classes


def test_what_is_missing_is_left_out_and_said():
    words = Attribute.of("who", ["x", "", None, float("nan"), "y"] * 10)
    rows, codes, said = words.known(np.arange(50))
    assert rows.tolist() == [i for i in range(50) if i % 5 in (0, 4)]
    assert set(codes.tolist()) == {0, 1}
    assert said == ("who: not known on 30 of 50 rows, which are left out",)
    numbers = Attribute.of("pitch", [0.5, float("nan")] * 10)
    assert numbers.known(np.arange(20))[1].tolist() == [0.5] * 10


def test_classes_of_few_groups_are_left_out():
    one = Attribute.of("who", ["a"] * 10 + ["b"] * 10 + ["c"] * 10)
    clusters = np.concatenate([np.arange(20), np.full(10, 20)])  # c is one group
    rows, codes, said = one.known(clusters)
    assert rows.tolist() == list(range(20))
    assert codes.tolist() == [0] * 10 + [1] * 10
    assert "1 of 3 classes" in said[0]
    assert "10 rows are left out" in said[0]


def test_a_table_and_a_file_are_the_same_as_a_mapping(tmp_path):
    table = pd.DataFrame({"who": ["a", "b"] * 5, "pitch": np.linspace(0, 1, 10)})
    table.to_csv(tmp_path / "rows.csv", index=False)
    for given in (table, dict(table), tmp_path / "rows.csv", str(tmp_path / "rows.csv")):
        who, pitch = attributes_of(given)
        assert who.values.tolist() == [0, 1] * 5
        assert np.allclose(pitch.values, table["pitch"])


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ([1, 2, 3], "expected a mapping of names"),
        ({}, "got 0, expected 1 to 15"),
        ({str(i): [1.0, 2.0] for i in range(16)}, "got 16"),
        ({"x": np.zeros((3, 2))}, "one value for each row"),
        ({"x": np.array([1j, 2j])}, "complex"),
        ({"x": [1.0, float("inf")]}, "infinite"),
        ({1: [1.0, 2.0], "1": [1.0, 2.0]}, "two have one name"),
        ("missing.csv", "a .csv file that exists"),
    ],
)
def test_what_cannot_be_used_is_refused_in_words(given, said):
    with pytest.raises(ConjugacyError, match=said):
        attributes_of(given)


def test_a_damaged_file_is_refused(tmp_path):
    (tmp_path / "rows.csv").write_text('a,b\n1,2,3\n"')
    with pytest.raises(FormatError, match="cannot be read"):
        attributes_of(tmp_path / "rows.csv")


def test_the_door_refuses_other_counts_and_trajectories():
    x = np.random.default_rng(0).standard_normal((30, 3))
    with pytest.raises(ShapeError, match="got 29 values, expected one for each of the 30 rows"):
        cj.compare(x, x, attributes={"pitch": x[1:, 0]})
    path = cj.Trajectories(x.reshape(3, 10, 3))
    with pytest.raises(InputError, match="conditions="):
        cj.compare(path, path, attributes={"pitch": [1, 2, 3]})
