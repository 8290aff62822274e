"""A ratio of sums over trials, and its interval over the courses that they run."""

from __future__ import annotations

import numpy as np

from conjugacy.numerics.resample import bootstrap_counts, ratio_interval
from conjugacy.results import Estimate

DRAWS = 1000


def course_ratio(missed: np.ndarray, total: np.ndarray, courses: np.ndarray, seed: int) -> Estimate:
    """Return sum(missed) / sum(total), both (k,) over trials, with its 95 % interval; trials of one course stand together."""
    groups = np.unique(courses, return_inverse=True)[1]
    top, bottom = (np.bincount(groups, weights=x) for x in (missed, total))
    if not bottom.sum() > 0:
        return Estimate(1.0 if top.sum() > 0 else 0.0)
    low, high = ratio_interval(bootstrap_counts(len(top), DRAWS, seed), top, bottom)
    return Estimate(float(top.sum() / bottom.sum()), low, high)
