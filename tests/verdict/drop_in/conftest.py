"""Two outputs as they stand, built with few words."""

import numpy as np
import pytest

from conjugacy.results import Margins
from conjugacy.verdict.drop_in import AsTheyStand


@pytest.fixture
def given():
    def build(a, b, kinds="logits", targets=None, clusters=None, **more):
        rows = np.arange(len(a))
        kinds = (kinds, kinds) if isinstance(kinds, str) else kinds
        clusters = rows if clusters is None else clusters
        ids = np.array([f"s{i}" for i in rows])
        return AsTheyStand(a, b, kinds, targets, clusters, ids, rows + 100, more.pop("margins", Margins()), **more)

    return build


@pytest.fixture
def classifier():
    """Scores of ten classes on 2000 rows, 97 % right, and the classes."""
    rng = np.random.default_rng(3)
    wanted = rng.integers(0, 10, 2000)
    scores = rng.standard_normal((2000, 10))
    scores[np.arange(2000), wanted] += 4
    return scores, wanted
