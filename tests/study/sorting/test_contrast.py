"""Two groups of networks against each other, and one against many."""

import itertools

import numpy as np
import pytest

from conjugacy.errors import InputError, UnknownNameError
from conjugacy.numerics.grouping.group_means import group_means, resampled
from conjugacy.study.table import study_of

ROWS, COLUMNS = ["a", "b", "c"], ["x", "y"]


def square(first, second, shift, seed=0):
    rng = np.random.default_rng(seed)
    x = np.concatenate([rng.normal(size=(first, 2)), shift * np.eye(2)[0] + rng.normal(size=(second, 2))])
    names = [f"a{i}" for i in range(first)] + [f"b{i}" for i in range(second)]
    far = np.linalg.norm(x[:, None] - x, axis=2)
    return study_of(names, values=far, measure="procrustes"), far


def test_means_are_over_pairs_of_different_networks():
    study, far = square(4, 5, 1.0)
    names = study.networks[0]
    found = study.contrast(names[:4], names[4:])
    assert found.between.value == pytest.approx(far[:4, 4:].mean())
    assert found.within_first.value == pytest.approx(
        np.mean([far[i, j] for i, j in itertools.combinations(range(4), 2)])
    )
    assert found.difference.value == pytest.approx(
        found.between.value - (found.within_first.value + found.within_second.value) / 2
    )
    assert found.difference.low < found.difference.value < found.difference.high


def test_a_network_drawn_twice_is_no_pair():
    far = np.array([[0.0, 2.0, 9.0], [2.0, 0.0, 9.0], [9.0, 9.0, 0.0]])
    found = group_means(far, np.array([[2, 1, 0], [3, 0, 0]]), np.array([[0, 0, 1], [0, 0, 1]]))
    assert found[0, 1] == 2.0  # not pulled to 0 by the copy
    assert np.isnan(found[1, 1])  # one network alone, three times
    assert found[0, 0] == 9.0


def test_draws_are_of_networks_within_their_group():
    first = np.array([True, True, False, False, False])
    one, other = resampled((first, ~first), 50, np.random.default_rng(0))
    assert (one.sum(axis=1) == 2).all()
    assert (one[:, 2:] == 0).all()
    assert (other.sum(axis=1) == 3).all()


def test_groups_that_lie_apart_differ_and_halves_of_one_do_not():
    study, _ = square(8, 8, 8.0)
    names = study.networks[0]
    assert study.contrast(names[:8], names[8:]).p < 0.01
    alike = [square(8, 8, 0.0, seed)[0].contrast(names[:8], names[8:], draws=200).p for seed in range(40)]
    assert 0.3 < np.mean(alike) < 0.7
    assert np.mean(np.array(alike) <= 0.05) < 0.2


def test_the_smallest_p_is_that_of_all_divisions():
    study, _ = square(3, 3, 50.0)
    names = study.networks[0]
    assert study.contrast(names[:3], names[3:], draws=5000).p == pytest.approx(0.1, abs=0.02)  # 2 of 20 divisions


def test_one_list_against_another_has_a_mean_and_no_test():
    values = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    study = study_of(ROWS, values=values, measure="procrustes", others=COLUMNS)
    found = study.contrast()
    assert found.between.value == 3.5
    assert np.isfinite(found.between.low)
    assert found.p is None
    assert np.isnan(found.within_first.value)
    assert any("there is no test" in note for note in found.notes)
    with pytest.raises(InputError, match="first group of its rows"):
        study.contrast(["x"], ["a"])


def test_a_group_of_one_has_no_test():
    study, _ = square(1, 6, 3.0)
    names = study.networks[0]
    found = study.contrast(names[:1], names[1:])
    assert found.p is None
    assert np.isnan(found.between.low)
    assert any("one network" in note for note in found.notes)


def test_the_nearest_come_first_in_the_direction_of_the_measure():
    values = np.array([[1.0, 0.3, 0.8, np.nan], [0.3, 1, 0.1, 0.1], [0.8, 0.1, 1, 0.1], [np.nan, 0.1, 0.1, 1]])
    study = study_of(list("abcd"), values=values, measure="cka")
    near = study.nearest("a")
    assert [(n.network, n.value) for n in near] == [("c", 0.8), ("b", 0.3)]
    assert near[0].distance == pytest.approx(0.2)
    assert near[0].status == "ok"
    assert len(study.nearest("b", 2)) == 2


def test_nearest_of_a_row_and_of_a_column():
    values = np.array([[1.0, 2.0], [3.0, 1.0], [5.0, 6.0]])
    study = study_of(ROWS, values=values, measure="procrustes", others=COLUMNS)
    assert [n.network for n in study.nearest("a")] == ["x", "y"]
    assert [n.network for n in study.nearest("y")] == ["b", "a", "c"]


def test_wrong_groups_are_refused():
    study, _ = square(3, 3, 0.0)
    with pytest.raises(InputError, match="name the networks"):
        study.contrast(["a0"])
    with pytest.raises(InputError, match="both groups hold a0"):
        study.contrast(["a0", "a1"], ["a0", "b0"])
    with pytest.raises(InputError, match="each once"):
        study.contrast(["a0", "a0"], ["b0"])
    with pytest.raises(InputError, match="draws"):
        study.contrast(["a0"], ["b0"], draws=5)
    with pytest.raises(UnknownNameError, match="zz"):
        study.contrast(["zz"], ["b0"])
    with pytest.raises(UnknownNameError, match="zz"):
        study.nearest("zz")
