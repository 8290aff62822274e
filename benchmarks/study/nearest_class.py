"""How often the true class is among the k nearest by a sketch, so that the verdict need be asked of few.

python benchmarks/study/nearest_class.py [--quick] [--seed N]

200 classes of 20 networks on the same 400 stimuli (40 with --quick). A class is three coordinates of the stimuli, independent of
those of other classes, or, harder, with two of the three shared by the five classes of a family. A network is a random two-layer
tanh network on them, of 16 to 64 units, with gains and offsets of its own and 2 % noise. A sketch is s numbers made from one
network alone; the inner product of two sketches is in expectation that of two m x m tables, scaled to length 1:

- gram: centred inner products between stimuli (what linear CKA compares), s products u' K v with random signs u and v
- span: the projector on the ten leading principal components (what SVCCA compares), the same
- neighbours: which stimuli are the 10 nearest of each (what mutual nearest neighbours compare), edges added up in s places with
  random signs (Charikar, Chen and Farach-Colton 2004)

A class is the mean sketch of three of its networks; the 17 others ask. Printed: share of networks whose class is among the k
nearest classes, and milliseconds per network for the sketch; `all` is the table itself, without a sketch.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import numpy as np

M, D, EACH, KNOWN, FAMILY = 400, 3, 20, 3, 5
SIZES = (16, 64, 256)
WITHIN = (1, 3, 10)


def coordinates(classes: int, shared: int, rng: np.random.Generator) -> np.ndarray:
    """Return the stimuli's coordinates in every class, (classes, M, D); families of five have the first `shared` in common."""
    own = rng.normal(size=(classes, M, D))
    own[:, :, :shared] = np.repeat(rng.normal(size=(-(-classes // FAMILY), M, shared)), FAMILY, axis=0)[:classes]
    return own


def network(z: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return the answers of one random network to all stimuli, (M, n)."""
    n, hidden = int(rng.integers(16, 65)), 32
    first = np.tanh(z @ rng.normal(size=(D, hidden)) / np.sqrt(D) + 0.5 * rng.normal(size=hidden))
    x = np.tanh(1.5 * first @ rng.normal(size=(hidden, n)) / np.sqrt(hidden) + 0.5 * rng.normal(size=n))
    x = x * np.exp(0.5 * rng.normal(size=n)) + rng.normal(size=n)
    return x + 0.02 * x.std(axis=0) * rng.normal(size=x.shape)


def gram_factor(x: np.ndarray) -> np.ndarray:
    """Return F with F F' the centred inner products between stimuli."""
    return x - x.mean(axis=0)


def span_factor(x: np.ndarray) -> np.ndarray:
    """Return F with F F' the projector on ten principal components."""
    return np.linalg.svd(gram_factor(x), full_matrices=False)[0][:, :10]


def neighbour_edges(x: np.ndarray) -> np.ndarray:
    """Return for each stimulus the places of its ten nearest in an M x M table, standardised units."""
    x = (x - x.mean(axis=0)) / x.std(axis=0)
    squares = (x**2).sum(axis=1)
    far = squares + squares[:, None] - 2 * x @ x.T
    np.fill_diagonal(far, np.inf)
    return (np.arange(M)[:, None] * M + np.argpartition(far, 10, axis=1)[:, :10]).ravel()


class Signs:
    """Random signs that all sketches of one size share."""

    def __init__(self, size: int, rng: np.random.Generator) -> None:
        self.u, self.v = rng.choice([-1.0, 1.0], (2, size, M))
        self.place, self.sign = rng.integers(0, size, M * M), rng.choice([-1.0, 1.0], M * M)
        self.size = size

    def of_factor(self, factor: np.ndarray) -> np.ndarray:
        """Return u' F F' v for all pairs of signs."""
        return np.einsum("sn,sn->s", self.u @ factor, self.v @ factor)

    def of_edges(self, edges: np.ndarray) -> np.ndarray:
        """Add up edges in their places, with their signs."""
        return np.bincount(self.place[edges], self.sign[edges], self.size)


def whole_factor(factor: np.ndarray) -> np.ndarray:
    """Return the table itself."""
    return (factor @ factor.T).ravel()


def whole_edges(edges: np.ndarray) -> np.ndarray:
    """Return the table itself."""
    return np.bincount(edges, minlength=M * M).astype(float)


def recall(sketches: np.ndarray, label: np.ndarray) -> list[float]:
    """Return how often the class is among the nearest 1, 3 and 10."""
    sketches = sketches / np.linalg.norm(sketches, axis=1, keepdims=True)
    known = np.arange(len(label)) % EACH < KNOWN
    classes = sketches[known].reshape(-1, KNOWN, sketches.shape[1]).mean(axis=1)
    classes /= np.linalg.norm(classes, axis=1, keepdims=True)
    alike = sketches[~known] @ classes.T
    own = alike[np.arange(len(alike)), label[~known]]
    rank = (alike > own[:, None]).sum(axis=1)
    return [float((rank < k).mean()) for k in WITHIN]


def sketch_all(
    networks: list[np.ndarray], factor: Callable[[np.ndarray], np.ndarray], sketch: Callable[[np.ndarray], np.ndarray]
) -> tuple[np.ndarray, float]:
    """Return the sketches in single precision, and CPU milliseconds for each."""
    start = time.process_time()
    found = np.array([sketch(factor(x)).astype(np.float32) for x in networks])
    return found, 1000 * (time.process_time() - start) / len(networks)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    classes = 40 if arguments.quick else 200
    label = np.repeat(np.arange(classes), EACH)
    print(
        f"{len(label)} networks, {classes} classes; share whose class is among the nearest 1, 3, 10; CPU ms per network\n"
    )
    for shared in (0, 2):
        rng = np.random.default_rng([arguments.seed, shared])
        z = coordinates(classes, shared, rng)
        networks = [network(z[c], rng) for c in label]
        print(f"{shared} of {D} coordinates shared within a family")
        for name, factor, is_edges in (
            ("gram", gram_factor, False),
            ("span", span_factor, False),
            ("neighbours", neighbour_edges, True),
        ):
            for size in SIZES:
                signs = Signs(size, np.random.default_rng(size))
                sketches, ms = sketch_all(networks, factor, signs.of_edges if is_edges else signs.of_factor)
                show(name, str(size), recall(sketches, label), ms)
        some = label < 40  # whole tables are large
        for name, factor, whole in (
            ("gram", gram_factor, whole_factor),
            ("span", span_factor, whole_factor),
            ("neighbours", neighbour_edges, whole_edges),
        ):
            tables, ms = sketch_all([x for x, s in zip(networks, some, strict=True) if s], factor, whole)
            show(name, "all", recall(tables, label[some]), ms, "   of 40 classes")
        print()


def show(name: str, size: str, found: list[float], ms: float, more: str = "") -> None:
    """Print one line."""
    print(f"  {name:10s} {size:>5s}   " + "  ".join(f"{x:.3f}" for x in found) + f"   {ms:6.2f}{more}", flush=True)


if __name__ == "__main__":
    main()
