"""Ids from content: one stimulus, one id, in whatever precision, order and company; other stimuli, other ids."""

import numpy as np
import pytest

import conjugacy as cj
from conjugacy.data.content_ids import content_ids
from conjugacy.errors import StimuliError


def test_an_id_is_of_the_stimulus_alone(rng):
    x = rng.standard_normal((50, 3, 2))
    ids = content_ids(x)
    order = rng.permutation(50)
    assert len(set(ids.tolist())) == 50
    np.testing.assert_array_equal(content_ids(x[order]), ids[order])
    for same in (x.astype(np.float32), x.astype(">f8"), np.asfortranarray(x), np.where(x == 0, -0.0, x)):
        np.testing.assert_array_equal(content_ids(same), ids)
    assert not np.isin(content_ids(x.reshape(50, 6)), ids).any()  # the shape counts
    assert content_ids(np.zeros((2, 3)))[0] == content_ids(np.full((1, 3), -0.0))[0]


def test_numbers_of_other_types_and_text():
    whole = np.arange(6).reshape(3, 2)
    for same in (whole.astype(np.uint8), whole.astype(np.int16)):
        np.testing.assert_array_equal(content_ids(same), content_ids(whole))
    assert content_ids(np.array([[1e300], [2e300]])).tolist() != content_ids(np.array([[1e300], [1e300]])).tolist()
    assert len(set(content_ids(np.array(["cat", "dog", "cat"], dtype=object)).tolist())) == 2
    assert content_ids(np.array([{"a": 1}, None], dtype=object)) is None
    assert content_ids(np.array([1j])) is None
    assert len(content_ids(np.zeros((3, 0)))) == 3


def test_recordings_of_the_same_stimuli_in_another_order_are_matched(rng):
    x, w = rng.standard_normal((200, 3)), rng.standard_normal((3, 3))
    order = rng.permutation(200)
    a, b = (cj.record(lambda rows: np.tanh(rows) @ w, rows) for rows in (x, x[order].astype(np.float32)))
    assert (a.provenance["ids"], b.provenance["ids"]) == ("content", "content")
    found = cj.compare(a, b)
    assert found.verdict.function.rung == "identity"
    assert found.verdict.function.where is not None
    places = [int(worst.stimulus) for worst in found.verdict.function.where.stimuli]
    assert all(0 <= place < 200 for place in places)  # rows of A, not hashes


def test_other_stimuli_are_refused_and_other_forms_of_the_same_are_not(rng):
    x = rng.standard_normal((100, 4))
    a, b = (cj.record(lambda rows: rows.reshape(100, -1)[:, :2], rows) for rows in (x, x + 1e-3))
    with pytest.raises(StimuliError, match="0 shared"):
        cj.compare(a, b)
    named = cj.record(lambda rows: rows[:, :2], x, ids=range(100))
    images = cj.record(lambda rows: rows.reshape(100, -1)[:, :2], x.reshape(100, 2, 2))
    for other in (named, images):
        found = cj.compare(a, other)
        assert found.verdict.function.rung == "identity"
        assert any("by position" in note for note in found.notes)


def test_repeats_and_stimuli_without_content():
    x = np.array([[0.0], [1.0], [0.0], [2.0]])
    stimuli = cj.record(lambda rows: rows, x).outputs.stimuli
    assert stimuli[0] == stimuli[2]
    assert len(set(stimuli.tolist())) == 3
    things = np.empty(3, dtype=object)
    things[:] = [{}, [1], (2,)]
    found = cj.record(lambda rows: np.arange(3.0)[:, None], things)
    assert found.outputs.stimuli is None
    assert "ids=" in found.provenance["ids"]
