"""Rows whose states are equal in both layers: held out alone they would be looked up."""

from __future__ import annotations

import numpy as np

from conjugacy.data import merge_labels

FEW = 0.5  # of a group's rows; a group that shares no more keeps its other rows apart


def with_equal_states(clusters: np.ndarray, states: np.ndarray) -> np.ndarray:
    """Return cluster numbers, (m,), that keep rows of equal states together.

    Groups that share most of their rows are one. A group that shares a few, as trials do that begin at one state, keeps the
    others: what it shares goes with what the groups that it shares it with do.

    Parameters
    ----------
    clusters : int array, (m,)
        Numbers of the groups.
    states : int array, (m,)
        Numbers that equal rows share.

    Examples
    --------
    >>> trial, state = np.repeat([0, 1, 2], 4), np.array([0, 1, 2, 3, 0, 4, 5, 6, 0, 7, 8, 9])
    >>> with_equal_states(trial, state).tolist()  # three trials begin at one state
    [0, 1, 1, 1, 0, 2, 2, 2, 0, 3, 3, 3]
    """
    _, groups = np.unique(clusters, return_inverse=True)
    _, at = np.unique(states, return_inverse=True)
    groups, at = groups.ravel(), at.ravel()
    # in how many groups a state occurs
    pairs = np.unique(np.stack([at, groups]), axis=1)
    shared = np.bincount(pairs[0])[at] > 1
    few = np.bincount(groups, shared) <= FEW * np.bincount(groups)
    apart = shared & few[groups]
    own = np.where(apart, groups + groups.max() + 1, groups)
    return merge_labels([own, at], len(groups))
