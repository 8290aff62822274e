"""What is found of rows: in both layers at once, in the order of the recordings, unless something was said."""

import numpy as np
import pytest

from conjugacy.errors import InputError
from conjugacy.numerics.clumps import NearPairs
from conjugacy.verdict.dependence import RowsOfPair, checked_rows, class_labels, find_dependence
from conjugacy.verdict.rows_seen import RowsSeen, near_inputs

M = 300
AT = np.arange(M)


def given(**more):
    return RowsOfPair(**({"clusters": AT, "repeated": AT, "places": (AT, AT)} | more))


@pytest.fixture
def noise(rng):
    return RowsSeen.of(rng.random((M, 6)))


@pytest.fixture
def walks(rng):
    x = rng.standard_normal((2, M, 6))
    for i in range(1, M):
        x[:, i] += 0.7 * x[:, i - 1]
    return x


def codes(rng, order=AT % 20):
    return rng.standard_normal((order.max() + 1, 8))[order] + 0.03 * rng.standard_normal((len(order), 8))


def test_a_series_becomes_blocks_where_both_layers_are_one(walks, noise):
    a, b = (RowsSeen.of(x) for x in walks)
    found = find_dependence(a, b, given())
    assert found.kind == "series"
    assert found.count == M // (2 * found.length)
    assert find_dependence(b, a, given()).clusters.tolist() == found.clusters.tolist()
    assert find_dependence(a, noise, given()).kind is None


def test_the_order_is_that_of_either_recording(walks, rng):
    places = rng.permutation(M)
    a, b = (RowsSeen.of(x[places]) for x in walks)  # sorted by something else, as ids are
    assert find_dependence(a, b, given()).kind is None
    found = find_dependence(a, b, given(places=(places, AT)))
    assert found.kind == "series"
    assert (np.diff(found.clusters[np.argsort(places)]) >= 0).all()
    assert find_dependence(b, a, given(places=(AT, places))).count == found.count


def test_what_was_said_is_not_looked_for(walks):
    a, b = (RowsSeen.of(x) for x in walks)
    groups = AT // 3
    for said in (given(said="independent"), given(told=True, clusters=groups)):
        found = find_dependence(a, b, said)
        assert (found.kind, found.notes) == (None, ())
        assert found.clusters is said.clusters


def test_a_series_by_hand_is_taken_for_one(noise, rng):
    found = find_dependence(noise, RowsSeen.of(rng.standard_normal((M, 2))), given(said="series"))
    assert (found.kind, found.length, found.count) == ("series", 1, M // 2)
    assert "nobody" not in found.notes[0]


def test_too_few_blocks_say_how_many_rows_would_do(rng):
    a, b = (RowsSeen.of(np.cumsum(rng.standard_normal((M, 4)), axis=0)) for _ in range(2))
    found = find_dependence(a, b, given())
    assert found.count < 10
    assert f"at least {20 * found.length} rows would do" in found.too_few
    assert "rows='independent'" in found.too_few


def test_near_repeats_become_clusters(rng, noise):
    a, b = RowsSeen.of(codes(rng)), RowsSeen.of(codes(rng))
    found = find_dependence(a, b, given())
    assert (found.kind, found.count) == ("repeats", 20)
    assert "nothing carries over" in found.overrule()
    assert find_dependence(a, noise, given()).kind is None


def test_clumps_that_are_classes_are_classes(rng):
    order = rng.permutation(AT % 20)
    a, b = RowsSeen.of(codes(rng, order)), RowsSeen.of(codes(rng, order))
    assert find_dependence(a, b, given(labels=order)).kind is None
    finer = find_dependence(a, b, given(labels=order // 10))
    assert (finer.kind, finer.count) == ("repeats", 20)


def test_inputs_are_looked_at_first(rng, noise):
    order = rng.permutation(AT % 30)
    shown = near_inputs(codes(rng, order).reshape(M, 2, 4))
    found = find_dependence(noise, noise, given(), lambda: shown)
    assert (found.kind, found.count) == ("repeats", 30)
    assert "in what was shown" in found.notes[0]
    assert find_dependence(noise, noise, given(), lambda: NearPairs.of(rng.standard_normal((M, 3)))).kind is None


def test_rows_sorted_by_class_are_explained_by_classes(rng):
    labels = np.repeat(np.arange(10), M // 10)
    a = 3 * rng.standard_normal((10, 6))[labels] + rng.standard_normal((M, 6))
    ends = RowsSeen.of(a), RowsSeen.of(np.tanh(a @ rng.standard_normal((6, 6))))
    assert find_dependence(*ends, given()).kind == "series"
    assert find_dependence(*ends, given(labels=labels)).kind is None


def test_labels_are_what_takes_few_values(rng):
    ids = np.arange(40)
    assert class_labels((None, None)) is None
    assert class_labels((rng.standard_normal(40), None)) is None
    assert class_labels((ids % 3, None)).max() == 2
    assert class_labels((ids % 2, (ids % 4 // 2).astype(float))).max() == 3
    assert class_labels((np.eye(3)[ids % 3], None)).max() == 2


def test_other_words_are_refused():
    assert checked_rows(None) is None
    with pytest.raises(InputError, match="expected 'series', 'independent'"):
        checked_rows("shuffled")


def test_repeats_of_stimuli_are_told_from_repeats_of_states(rng):
    order = rng.permutation(AT % 20)
    a, b = (RowsSeen.of(codes(rng, order)) for _ in range(2))
    shown = near_inputs(codes(rng, order))
    assert find_dependence(a, b, given(), lambda: shown).in_stimuli
    found = find_dependence(a, b, given())
    assert (found.kind, found.in_stimuli) == ("repeats", False)
