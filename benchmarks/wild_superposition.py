"""What other estimators leave of layers in superposition: pairs of the wild family that hold a map and are left open.

python benchmarks/wild_superposition.py [--pairs N] [--quick]

Needs scikit-learn; `wild_superposition.txt` holds what it printed. Ten to sixteen units hold twenty to forty features, of which
up to three are active in a row. Each line holds the percent of B that is left on held-out rows. `here` is the smooth rung;
`process` is a Gaussian process with a length scale per unit; `networks` are two of them. `sparse` is sparse coding that is told
how many features there are and how many are active.
"""

from __future__ import annotations

import argparse
import csv
import warnings
from collections.abc import Callable

import numpy as np
from sklearn.decomposition import DictionaryLearning
from sklearn.ensemble import ExtraTreesRegressor, HistGradientBoostingRegressor
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import ConstantKernel, Matern, WhiteKernel
from sklearn.linear_model import RidgeCV
from sklearn.neural_network import MLPRegressor
from wild.run import FAMILIES, TABLE

from conjugacy.transformations import Layer, judge

Predict = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]
FOLDS = 4


def process(x: np.ndarray, y: np.ndarray, fresh: np.ndarray) -> np.ndarray:
    """Predict by a Gaussian process, its length scales by likelihood."""
    kernel = ConstantKernel() * Matern(np.full(x.shape[1], 3.0), (0.1, 1e3), nu=2.5) + WhiteKernel(1e-2, (1e-6, 1.0))
    return GaussianProcessRegressor(kernel).fit(x, y).predict(fresh)


def networks(x: np.ndarray, y: np.ndarray, fresh: np.ndarray) -> np.ndarray:
    """Predict by the mean of two networks."""
    made = [MLPRegressor(hidden_layer_sizes=(128, 128), alpha=a, max_iter=300, random_state=0) for a in (1e-2, 1e-1)]
    return np.mean([one.fit(x, y).predict(fresh) for one in made], axis=0)


def trees(x: np.ndarray, y: np.ndarray, fresh: np.ndarray) -> np.ndarray:
    """Predict by random trees."""
    return ExtraTreesRegressor(200, min_samples_leaf=2, random_state=0).fit(x, y).predict(fresh)


def boosted(x: np.ndarray, y: np.ndarray, fresh: np.ndarray) -> np.ndarray:
    """Predict by boosted trees, unit by unit."""
    made = [HistGradientBoostingRegressor(max_iter=60, max_leaf_nodes=8, min_samples_leaf=5) for _ in y.T]
    return np.column_stack([one.fit(x, unit).predict(fresh) for one, unit in zip(made, y.T, strict=True)])


def sparse(features: int, active: int) -> Predict:
    """Predict linearly from sparse codes; the dictionary is learned on all rows of the source."""

    def predict(x: np.ndarray, y: np.ndarray, fresh: np.ndarray) -> np.ndarray:
        code = DictionaryLearning(features, alpha=0.05, max_iter=60, transform_algorithm="omp",
                                  transform_n_nonzero_coefs=active, random_state=0)  # fmt: skip
        code.fit(np.vstack([x, fresh]))
        return RidgeCV(10.0 ** np.arange(-4, 3)).fit(code.transform(x), y).predict(code.transform(fresh))

    return predict


def left(predict: Predict, x: np.ndarray, y: np.ndarray) -> float:
    """Return the percent of y that a prediction leaves on held-out rows."""
    folds = np.random.default_rng(0).permutation(len(x)) % FOLDS
    missed = [((predict(x[folds != k], y[folds != k], x[folds == k]) - y[folds == k]) ** 2).sum() for k in range(FOLDS)]
    return float(100.0 * np.sum(missed) / (y**2).sum())


def main() -> None:
    """Print the table."""
    warnings.simplefilter("ignore")
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=4)
    parser.add_argument("--quick", action="store_true", help="one pair")
    given = parser.parse_args()
    family = next(f for f in FAMILIES if f.name == "superposition")
    with TABLE.open(newline="") as file:
        lines = [r for r in csv.DictReader(file) if r["family"] == family.name and r["relation"] == "equivalent"]
    seeds = [
        int(r["seed"]) for r in lines if r["answer"] == "undecided" and r["oracle"] == "decided" and r["m"] == "300"
    ]
    names = ("here", "process", "networks", "trees", "boosted", "sparse")
    print(f"{'seed':>4} {'features':>9} {'units':>6} {'active':>7} " + " ".join(f"{name:>9}" for name in names))
    for seed in seeds[: 1 if given.quick else given.pairs]:
        world = family.world(seed)
        drawn, note = world.draw(seed), world.note
        way = judge(Layer(drawn.a), Layer(drawn.b), np.arange(len(drawn.a)), tolerance=0.05).a_to_b
        x, y = ((z - z.mean(axis=0)) / z.std(axis=0) for z in (drawn.a, drawn.b))
        found = [100.0 * way.unexplained("smooth")]
        found += [left(one, x, y) for one in (process, networks, trees, boosted)]
        scale = drawn.a / np.sqrt((drawn.a**2).mean())  # where zero is, tells which features are silent
        found.append(left(sparse(int(str(note["features"])), int(str(note["active"]))), scale, y))
        head = f"{seed:4d} {note['features']:>9} {note['units']:>6} {note['active']:>7} "
        print(head + " ".join(f"{u:9.1f}" for u in found), flush=True)


if __name__ == "__main__":
    main()
