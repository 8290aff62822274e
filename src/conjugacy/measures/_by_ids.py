"""Rows in the order of their stimulus ids, for measures that divide them: folds follow the ids and not the order given."""

from __future__ import annotations

from typing import Any

import numpy as np

from conjugacy.data import Activations, Matching, Rows, match_rows
from conjugacy.errors import StimuliError
from conjugacy.measure import as_activations


def in_order_of_ids(data: Any) -> Activations:
    """Return a layer with its rows sorted by stimulus id; without ids as it is."""
    layer = as_activations(data)
    if layer.stimuli is None:
        return layer
    return layer.take(np.argsort(layer.stimuli.astype(str), kind="stable"))  # as text: 10 and "10" are one id


def matched_by_ids(a: Rows, b: Rows) -> Matching:
    """Return which rows of two layers belong together.

    Raises
    ------
    StimuliError
        Where one layer alone has ids: rows sorted by these would meet rows that are not.
    """
    if (a.stimuli is None) != (b.stimuli is None):
        raise StimuliError("only one of the two networks has stimulus ids; give them to both or to neither")
    return match_rows(a, b)
