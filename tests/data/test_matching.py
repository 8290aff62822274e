"""Matching: rows by id, repeats in order, and rows that depend on each other in one cluster."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import conjugacy as cj
from conjugacy.data import aligned_rows, match_rows, match_trials, matching, merge_labels
from conjugacy.data.matching import row_labels
from conjugacy.errors import ShapeError, StimuliError


def column(n: int, **labels: object) -> cj.Activations:
    return cj.Activations(np.arange(float(n))[:, None], **labels)  # type: ignore[arg-type]


@settings(max_examples=40, deadline=None)
@given(ids=st.lists(st.integers(0, 5), min_size=1, max_size=12), seed=st.integers(0, 99), text=st.booleans())
def test_rows_with_one_id_meet_and_the_result_does_not_depend_on_order(ids: list[int], seed: int, text: bool) -> None:
    rng = np.random.default_rng(seed)
    mixed = rng.permutation(ids)
    a, b = column(len(ids), stimuli=ids), column(len(ids), stimuli=mixed.astype(str) if text else mixed)
    match = match_rows(a, b)
    assert np.array_equal(np.asarray(ids)[match.rows_a], mixed[match.rows_b])
    assert sorted(match.rows_a) == sorted(match.rows_b) == list(range(len(ids)))
    again = match_rows(a.take(rng.permutation(len(ids))), b)
    assert np.array_equal(again.stimuli, match.stimuli)
    assert match.n_clusters == len(set(ids))


def test_repeats_are_matched_in_order_and_counted_once() -> None:
    a, b = column(4, stimuli=["x", "y", "x", "z"]), column(4, stimuli=["z", "x", "x", "y"])
    match = match_rows(a, b)
    pairs = set(zip(match.rows_a.tolist(), match.rows_b.tolist(), strict=True))
    assert pairs == {(0, 1), (2, 2), (1, 3), (3, 0)}
    assert match.n_clusters == 3
    assert any("different orders" in note for note in match.notes)
    assert any("1 rows repeat" in note for note in match.notes)


def test_different_stimuli_are_an_error_that_names_a_few() -> None:
    a = cj.Activations(np.zeros((3, 1)), stimuli=["x", "y", "cat"], name="first")
    b = cj.Activations(np.zeros((3, 1)), stimuli=["x", "y", "dog"], name="second")
    with pytest.raises(StimuliError, match=r"2 shared, 1 only in 'first' \('cat'\), 1 only in 'second' \('dog'\)"):
        match_rows(a, b)
    with pytest.raises(StimuliError, match="'x' occurs 2 times in 'a' and 1 times in 'b'"):
        match_rows(column(3, stimuli=["x", "x", "y"]), column(3, stimuli=["x", "y", "y"]))


def test_without_ids_rows_go_by_position() -> None:
    match = match_rows(column(3), column(3))
    assert match.rows_a.tolist() == match.rows_b.tolist() == [0, 1, 2]
    assert "neither network has" in match.notes[0]
    assert "only one network has" in match_rows(column(3, stimuli=[1, 2, 3]), column(3)).notes[0]
    with pytest.raises(ShapeError, match="3 rows and 'b' has 4"):
        match_rows(column(3), column(4))


def test_without_ids_other_inputs_are_an_error() -> None:
    x = np.arange(6.0).reshape(3, 2)
    assert match_rows(column(3, inputs=x), column(3, inputs=x)).n_clusters == 3
    with pytest.raises(StimuliError, match=r"differ in 2 of 3 rows \(the first: row 0\)"):
        match_rows(column(3, inputs=x), column(3, inputs=x[[1, 0, 2]]))


def test_groups_repeats_and_equal_inputs_all_link_rows() -> None:
    inputs = np.array([[0.0], [1.0], [2.0], [2.0], [4.0], [5.0]])
    a = column(6, stimuli=[0, 1, 2, 3, 4, 5], groups=["g", "g", "h", "i", "j", "k"], inputs=inputs)
    b = column(6, stimuli=[0, 1, 2, 3, 4, 5], groups=["p", "q", "r", "s", "t", "t"])
    assert match_rows(a, b).clusters.tolist() == [0, 0, 1, 1, 2, 2]
    over = match_rows(a, b, groups=np.array([0, 1, 2, 3, 4, 5]))
    assert over.n_clusters == 5  # the layers' own groups are replaced; equal inputs still link
    with pytest.raises(ShapeError, match="one for each of the 6 rows"):
        match_rows(a, b, groups=np.arange(5))


def test_links_chain() -> None:
    labels = merge_labels([np.array([0, 0, 1, 2, 3]), np.array(["a", "b", "b", "c", "d"])], 5)
    assert labels[0] == labels[1] == labels[2]
    assert len(set(labels.tolist())) == 3
    assert merge_labels([], 3).tolist() == [0, 1, 2]


def test_equal_rows_share_a_label() -> None:
    rows = np.array([[[0.0, 1.0]], [[-0.0, 1.0]], [[0.0, 2.0]]])
    labels = row_labels(rows)
    assert labels[0] == labels[1] != labels[2]


@pytest.mark.parametrize("at_once", [100, 10**6])  # bytes that are compared at a time
def test_labels_of_rows_are_numbered_as_numpy_does(monkeypatch, at_once) -> None:
    monkeypatch.setattr(matching, "AT_ONCE", at_once)
    rows = np.random.default_rng(0).integers(0, 3, (300, 4)).astype(float)
    rows[7, 2] = np.nan
    as_bytes = np.ascontiguousarray(rows).view(np.dtype((np.void, 32))).ravel()
    assert np.array_equal(row_labels(rows), np.unique(as_bytes, return_inverse=True)[1].ravel())
    assert np.array_equal(row_labels(np.asfortranarray(rows)), row_labels(rows))


def test_trials() -> None:
    values = np.arange(30.0).reshape(3, 5, 2)
    a = cj.Trajectories(values, trials=["a", "b", "c"])
    matched = match_trials(a, cj.Trajectories(values, trials=["c", "a", "b"]))
    assert matched is not None
    assert np.array_equal(matched[0], [0, 1, 2])
    assert np.array_equal(matched[1], [1, 2, 0])
    assert match_trials(a, cj.Trajectories(values, trials=["x", "y", "z"])) is None
    assert match_trials(a, cj.Trajectories(values[:2])) is None
    by_position = match_trials(a, cj.Trajectories(values))
    assert by_position is not None
    assert by_position[1].tolist() == [0, 1, 2]
    with pytest.raises(StimuliError, match="different trials: 2 shared"):
        match_trials(a, cj.Trajectories(values, trials=["a", "b", "x"]))
    with pytest.raises(StimuliError, match="trial 'a' has 5 time points in 'a' and 4 in 'b'"):
        match_trials(a, cj.Trajectories(values[:, :4], trials=["a", "b", "c"]))
    with pytest.raises(StimuliError, match="trial 0 has 5 time points"):
        match_trials(cj.Trajectories(values), cj.Trajectories(values[:, :4]))


def test_labels_alone_match_as_their_layers_do(rng: np.random.Generator) -> None:
    ids, groups = rng.permutation(6), np.array([0, 0, 1, 1, 2, 3])
    a = column(6, stimuli=ids, groups=groups, inputs=np.arange(6.0))
    b = a.take(rng.permutation(6))
    whole, labels = match_rows(a, b), match_rows(a.rows, b.rows)
    for key in ("rows_a", "rows_b", "stimuli", "clusters"):
        assert np.array_equal(getattr(whole, key), getattr(labels, key))
    assert labels.notes == whole.notes
    assert [r.tolist() for r in aligned_rows(a.rows, b)] == [r.tolist() for r in aligned_rows(a, b)]
    assert aligned_rows(a.rows, a) == (slice(None), slice(None))
    with pytest.raises(ShapeError, match="there are no stimulus ids"):
        aligned_rows(column(6).rows, column(5).rows)
