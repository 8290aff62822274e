"""How wrong the answers about pairs may be before the classes are.

python benchmarks/study/sorting.py [--quick]

Tables of answers are simulated: 8 classes of 12 networks, and 8 of 3 to 30, every pair answered by itself. A share of the pairs
within classes is called unrelated (false no), a share of those between classes equivalent (false yes), a share of all is left
open. Printed: adjusted Rand index of the groups against the classes, mean and worst of 10 tables (3 with --quick); beside it the
same for two plain rules: merging without moving single networks afterwards, and the connected parts of the pairs that hold. Last,
errors that no rule can see through: one network of every class is called equivalent to all of another class too.
"""

from __future__ import annotations

import argparse

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components
from sklearn.metrics import adjusted_rand_score

from conjugacy.numerics.grouping.linked_groups import linked_groups, merged
from conjugacy.numerics.grouping.triples import triples

EVEN, UNEVEN = (12,) * 8, (3, 4, 6, 9, 12, 14, 18, 30)
RATES = (
    (0.0, 0.0, 0.0),
    (0.0, 0.0, 0.5),
    (0.0, 0.0, 0.8),
    (0.001, 0.0, 0.1),
    (0.01, 0.0, 0.1),
    (0.05, 0.0, 0.1),
    (0.0, 0.001, 0.1),
    (0.0, 0.01, 0.1),
    (0.0, 0.05, 0.1),
    (0.0, 0.2, 0.1),
    (0.001, 0.001, 0.3),
    (0.01, 0.01, 0.3),
    (0.05, 0.05, 0.3),
)


def answers(
    sizes: tuple[int, ...], rates: tuple[float, float, float], rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the classes, the pairs that hold and those that fail; rates of false no, false yes, and open."""
    truth = np.repeat(np.arange(len(sizes)), sizes)
    n, same = len(truth), truth[:, None] == truth
    holds = same ^ (rng.random((n, n)) < np.where(same, rates[0], rates[1]))
    decided = np.triu(rng.random((n, n)) >= rates[2], 1)
    holds, fails = holds & decided, ~holds & decided
    return truth, holds | holds.T, fails | fails.T


def sort_three_ways(holds: np.ndarray, fails: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return groups by the product's rule, by merging alone, and the connected parts."""
    links = triples(holds, fails).agreement
    parts = connected_components(csr_array(holds), directed=False)[1]
    return linked_groups(links, fails), merged(links, fails, np.arange(len(links))), parts


def masked(truth: np.ndarray, holds: np.ndarray, fails: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Call the first network of every class equivalent to all of the next class."""
    for label in range(truth.max() + 1):
        one, other = np.flatnonzero(truth == label)[0], truth == (label + 1) % (truth.max() + 1)
        for table, value in ((holds, True), (fails, False)):
            table[one, other] = table[other, one] = value
    return holds, fails


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    tables = 3 if parser.parse_args().quick else 10
    print(f"adjusted Rand index, mean (worst) of {tables} tables\n")
    print("sizes    false no  false yes  open   product      merging only  connected parts")
    for name, sizes in (("8 x 12", EVEN), ("3 to 30", UNEVEN)):
        for rates in (*RATES, None):
            found: list[list[float]] = []
            for seed in range(tables):
                rng = np.random.default_rng([seed, len(name)])
                truth, holds, fails = answers(sizes, rates or (0.0, 0.0, 0.0), rng)
                if rates is None:
                    holds, fails = masked(truth, holds, fails)
                found.append([float(adjusted_rand_score(truth, way)) for way in sort_three_ways(holds, fails)])
            mean, worst = np.mean(found, axis=0), np.min(found, axis=0)
            what = "  one fits in two classes    " if rates is None else "{:8.3f}  {:9.3f}  {:4.1f}".format(*rates)
            ways = "   ".join(f"{m:.3f} ({w:.2f})" for m, w in zip(mean, worst, strict=True))
            print(f"{name:8s} {what}  {ways}", flush=True)


if __name__ == "__main__":
    main()
