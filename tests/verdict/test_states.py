"""Rows of equal states are held out together; trials that share a few stay apart."""

import numpy as np

from conjugacy.verdict.states import with_equal_states


def test_a_first_state_that_many_trials_share_joins_its_rows_alone():
    trial = np.repeat(np.arange(120), 10)
    state = np.arange(1200)
    state[::10] = 0
    found = with_equal_states(trial, state)
    assert found.max() + 1 == 121
    assert len(np.unique(found[::10])) == 1
    assert all(len(np.unique(found[trial == k][1:])) == 1 for k in range(120))


def test_trials_that_repeat_each_other_are_one():
    trial, state = np.repeat([0, 1, 2], 6), np.concatenate([np.arange(6), np.arange(6), np.arange(6, 12)])
    found = with_equal_states(trial, state)
    assert len(np.unique(found[:12])) == 1
    assert found[12] != found[0]


def test_a_common_beginning_is_one_cluster():
    trial, state = np.repeat([0, 1], 8), np.arange(16)
    state[8:11] = state[:3]
    found = with_equal_states(trial, state)
    assert len(np.unique(found[[0, 1, 2, 8, 9, 10]])) == 1
    assert found.max() + 1 == 3


def test_rows_of_their_own_join_as_they_repeat():
    assert with_equal_states(np.arange(4), np.array([7, 8, 7, 9])).tolist() == [0, 1, 0, 2]
