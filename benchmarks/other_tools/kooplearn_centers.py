# /// script
# requires-python = ">=3.11"
# dependencies = ["kooplearn==2.0.3"]
# ///
"""The number of centres of kooplearn's Nystroem estimator, by its type."""

import numpy as np
from kooplearn.kernel import NystroemKernelRidge
from told import told

x = np.random.default_rng(0).normal(size=(300, 3)).cumsum(axis=0)


def centres(asked: float) -> int:
    """Return how many centres are taken."""
    return len(NystroemKernelRidge(n_components=1, n_centers=asked, kernel="rbf", random_state=0).fit(x).kernel_X_)


found = {asked: centres(asked) for asked in (0.5, 0.999, 1.0, 100)}
told(
    "kooplearn",
    "n_centers=1.0 is one centre, where 0.999 is all but one row in a thousand",
    "; ".join(f"{asked}: {count}" for asked, count in found.items()),
    holds=found[1.0] == 1 and found[0.999] > 290 and found[100] == 100,
)
