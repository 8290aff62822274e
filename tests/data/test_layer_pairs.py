"""What `layers=` means, everywhere: a name, a pair, or a list of either; spellings of old are told."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

import conjugacy as cj
from conjugacy.data import layer_names, layer_pairs, one_layer_pair, several_layer_pairs
from conjugacy.errors import InputError

RNG = np.random.default_rng(3)
ONE = {"h1": RNG.normal(size=(40, 3)), "h2": RNG.normal(size=(40, 4))}
TWO = {"h1": RNG.normal(size=(40, 3)), "h2": RNG.normal(size=(40, 5))}


@pytest.mark.parametrize(
    ("given", "pairs"),
    [
        (None, None),
        ("h", (("h", "h"),)),
        (("h1", "h2"), (("h1", "h2"),)),
        (["h"], (("h", "h"),)),
        (["h", ("h1", "h2"), "h"], (("h", "h"), ("h1", "h2"))),
        ([["h1", "h2"]], (("h1", "h2"),)),  # as JSON gives it back
    ],
)
def test_names_pairs_and_lists(given: object, pairs: object) -> None:
    assert layer_pairs(given) == pairs


@pytest.mark.parametrize("given", [3, [], ("h",), ("a", "b", "c"), [3], [("a",)], ["h", ("a", 1)], {"a": "b"}])
def test_anything_else_is_told(given: object) -> None:
    with pytest.raises(InputError, match=r"layers: got .* expected a name, a pair"):
        layer_pairs(given)


def test_a_comparison_looks_at_one_pair() -> None:
    assert one_layer_pair(["h"]) == ("h", "h")
    assert one_layer_pair([("h1", "h2")]) == ("h1", "h2")
    with pytest.raises(InputError, match="got 2 pairs"):
        one_layer_pair(["h", ("h1", "h2")])


def test_of_one_network_all_names_are_recorded() -> None:
    assert layer_names(("h1", "h2", "h1")) == ["h1", "h2"]
    assert layer_names(["h1", ("h2", "h3")]) == ["h1", "h2", "h3"]
    assert layer_names("h1") == ["h1"]
    assert layer_names(None) is None


def test_what_used_to_mean_something_else_is_told_where_it_is_written() -> None:
    with pytest.warns(FutureWarning, match=r"give the tuple \('h1', 'h2'\)") as told:
        found = cj.compare(ONE, TWO, layers=["h1", "h2"])
    assert found.verdict.representation.layers == ("h1", "h2")
    assert told[0].filename == __file__
    with pytest.warns(FutureWarning, match="is one pair") as told:
        study = cj.pairwise({"a": ONE, "b": TWO}, measures=["cka"], layers=("h1", "h2"))
    assert study.layer_pairs == ("h1 ~ h2",)
    assert told[0].filename == __file__


def test_a_tuple_is_one_pair_and_a_list_is_several_without_a_word() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert cj.compare(ONE, TWO, layers=("h1", "h2")).verdict.representation.layers == ("h1", "h2")
        study = cj.pairwise({"a": ONE, "b": TWO}, measures=["cka"], layers=["h1", ("h1", "h2")])
        assert study.layer_pairs == ("h1", "h1 ~ h2")
        assert several_layer_pairs("h1") == (("h1", "h1"),)
