"""One square through two instruments: a consistent, intrinsic representation of the input (the paper's figure 4).

python examples/transformations/squares.py [--quick] [--out DIR] [--seed N]

Reimplemented from the abstract of Bertalan, Dietrich and Kevrekidis (Chaos 2024), after the name of its figure's script. A
rectangle 1.3 x 1 is seen through two instruments that bend it; every point comes with a burst, a cloud of close points of known
size in the rectangle. Under the plain metric the two diffusion maps disagree; under the metric that the bursts give they agree
up to an orthogonal matrix. The gap is |(A - mean) Q - (B - mean)| / |B - mean|, without rescaling. Q is the best orthogonal
matrix from other inputs than those of the gap.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence

import numpy as np
from common import Experiment, plt, start

from conjugacy.embeddings import (
    DiffusionMap,
    LocalLinear,
    LocalMetric,
    align_by_points,
    alignments_of_shapes,
    intrinsic_coordinates,
    isometric_coordinates,
)
from conjugacy.errors import InputError

Instrument = Callable[[np.ndarray], np.ndarray]
SIDES = np.array([1.3, 1.0])
SD = 1e-2  # of a burst, in the rectangle
COMMON = 30  # inputs from which Q is taken where samples differ


def mushroom(s: np.ndarray) -> np.ndarray:
    """Bend the rectangle in its plane."""
    return np.stack([s[..., 0] + s[..., 1] ** 3, s[..., 1] - s[..., 0] ** 3], axis=-1)


def polar(s: np.ndarray) -> np.ndarray:
    """Roll the rectangle up in space, stretched exponentially."""
    r = np.exp(0.7 * s[..., 0])
    return np.stack([r * np.cos(1.5 * s[..., 1]), r * np.sin(1.5 * s[..., 1]), 0.5 * s[..., 0] * s[..., 1]], axis=-1)


INSTRUMENTS: tuple[Instrument, Instrument] = (mushroom, polar)


def burst_metric(
    instrument: Instrument, s: np.ndarray, points: int, rng: np.random.Generator, *, sd: float = SD, noise: float = 0.0
) -> LocalMetric:
    """Return the metric from bursts of so many points, seen with noise relative to the size of a burst."""
    seen = instrument(s[:, None] + sd * rng.standard_normal((len(s), points, 2)))
    return LocalMetric.from_bursts(seen + noise * sd * rng.standard_normal(seen.shape), sd, 2)


def jacobian_metric(instrument: Instrument, s: np.ndarray) -> LocalMetric:
    """Return the metric from exact derivatives (central differences of 1e-6)."""
    steps = 1e-6 * np.eye(2)
    return LocalMetric.from_jacobians(
        np.stack([(instrument(s + e) - instrument(s - e)) / 2e-6 for e in steps], axis=-1)
    )


def held_out_gap(a: np.ndarray, b: np.ndarray, fixed: int) -> float:
    """Return the gap of all but the first rows, Q from these."""
    there = align_by_points(a[:fixed], b[:fixed])
    x, y = a[fixed:], b[fixed:]
    left = (x - x.mean(axis=0)) @ there.rotation - (y - y.mean(axis=0))
    return float(np.linalg.norm(left) / np.linalg.norm(y - y.mean(axis=0)))


def gap_if_laid_out(a: np.ndarray, b: np.ndarray, fixed: int) -> float:
    """Return the gap, NaN where a layout shows no second coordinate: a mode of a few states, under noise."""
    try:
        return held_out_gap(a, b, fixed)
    except InputError:
        return float("nan")


def embeddings(s: np.ndarray, metrics: Sequence[LocalMetric], k: int) -> dict[str, list[np.ndarray]]:
    """Return both networks' coordinates by every method."""
    found: dict[str, list[np.ndarray]] = defaultdict(list)
    bandwidth: float | str = "auto"
    for instrument, metric in zip(INSTRUMENTS, metrics, strict=True):
        x = instrument(s)
        found["plain"].append(DiffusionMap(n_neighbors=k).fit_transform(x))
        under = DiffusionMap(n_neighbors=k, metric=metric, bandwidth=bandwidth).fit(x)
        bandwidth = under.bandwidth_  # both in units of the rectangle: one bandwidth serves both
        found["diffusion map"].append(under.embedding_)
        found["rates"].append(under.eigenvalues_)
        found["isometric"].append(isometric_coordinates(x, metric).values)
    return found


def two_samples(seed: int, n: int, k: int) -> dict[str, float]:
    """Return the gaps where each network has inputs of its own, of another density, with COMMON inputs seen by both."""
    rng = np.random.default_rng([seed, 1])
    common = rng.random((COMMON + 400, 2)) * SIDES
    dense = (lambda u: u, lambda u: u ** np.array([1.5, 0.7]))
    coordinates: dict[str, list[np.ndarray]] = defaultdict(list)
    bandwidth: float | str = "auto"
    for instrument, density in zip(INSTRUMENTS, dense, strict=True):
        s = np.concatenate([common[:COMMON], density(rng.random((n, 2))) * SIDES])
        x, metric = instrument(s), burst_metric(instrument, s, 100, rng)
        under = DiffusionMap(n_neighbors=k, metric=metric, bandwidth=bandwidth).fit(x)
        bandwidth = under.bandwidth_
        new = instrument(common)
        coordinates["diffusion map"].append(LocalLinear.of(x, under.embedding_)(new))
        coordinates["isometric"].append(LocalLinear.of(x, isometric_coordinates(x, metric).values)(new))
    return {name: held_out_gap(pair[0], pair[1], COMMON) for name, pair in coordinates.items()}


def sensitivity(experiment: Experiment, seed: int, n: int, k: int) -> dict[str, list[tuple[float, float, float]]]:
    """Return (value, diffusion-map gap, isometric gap) over points of a burst, its size, and noise."""
    rng = np.random.default_rng([seed, 2])
    s = rng.random((n, 2)) * SIDES
    asked = {
        "points of a burst": [(v, {"points": int(v)}) for v in (5, 10, 20, 50, 200)],
        "size of a burst": [(v, {"sd": v}) for v in (1e-3, 1e-2, 0.03, 0.1, 0.2)],
        "noise over a burst": [(v, {"noise": v}) for v in (0.01, 0.1, 0.3, 1.0)],
    }
    found: dict[str, list[tuple[float, float, float]]] = {}
    for name, values in asked.items():
        found[name] = []
        for value, options in values[:: len(values) - 1 if experiment.quick else 1]:
            options = {"points": 200, **options}
            points = int(options.pop("points"))
            metrics = [burst_metric(f, s, points, rng, **options) for f in INSTRUMENTS]
            pair = embeddings(s, metrics, k)
            gaps = [gap_if_laid_out(*pair[x], len(s) // 2) for x in ("diffusion map", "isometric")]
            found[name].append((value, gaps[0], gaps[1]))
    return found


def main() -> None:
    """Embed over the seeds."""
    experiment = start("One square through two instruments")
    n, k = (600, 30) if experiment.quick else (2500, 60)
    gaps: dict[str, list[float]] = defaultdict(list)
    rates: list[float] = []
    symmetries, halves = list[int](), list[float]()
    shown: tuple[np.ndarray, dict[str, list[np.ndarray]]] | None = None
    for seed in experiment.seeds:
        rng = np.random.default_rng(seed)
        s = rng.random((n, 2)) * SIDES
        pair = embeddings(s, [burst_metric(f, s, 200, rng) for f in INSTRUMENTS], k)
        shown = shown or (s, pair)
        exact = embeddings(s, [jacobian_metric(f, s) for f in INSTRUMENTS], k)
        for name in ("plain", "diffusion map", "isometric"):
            gaps[name].append(held_out_gap(pair[name][0], pair[name][1], n // 2))
        for name in ("diffusion map", "isometric"):
            gaps[f"{name}, derivatives"].append(held_out_gap(exact[name][0], exact[name][1], n // 2))
        gaps["isometric and the rectangle itself"].append(held_out_gap(exact["isometric"][0], s, n // 2))
        rates.append(float(np.abs(pair["rates"][0] / pair["rates"][1] - 1).max()))
        for name, gap in two_samples(seed, n, k).items():
            gaps[f"{name}, other samples and densities"].append(gap)
        symmetries.append(len(alignments_of_shapes(exact["isometric"][0], exact["isometric"][1][n // 3 :], seed=seed)))
        halves.append(intrinsic_coordinates(mushroom(s), jacobian_metric(mushroom, s), seed=seed).half_gap)
    limits = {
        "diffusion map": 0.03 if experiment.quick else 0.012,
        "diffusion map, derivatives": 0.03 if experiment.quick else 0.01,
    }
    for name, found in gaps.items():
        here = f"{np.round(found, 4).tolist()}"
        if name == "plain":
            experiment.line(
                "gap, plain metric, bursts of 200 beside it", "above 0.3, every seed", here, min(found) > 0.3
            )
        elif name in limits:
            limit = limits[name]
            experiment.line(f"gap, {name}", f"at most {limit:g} (median)", here, float(np.median(found)) <= limit)
        else:
            experiment.report(f"gap, {name}", here)
    experiment.report(
        "largest difference of the first two rates between the instruments", f"{np.round(rates, 4).tolist()}"
    )
    experiment.report("gap between halves of the rows (isometric, derivatives)", f"{np.round(halves, 4).tolist()}")
    experiment.line(
        "no common input: ways to lay one over the other that the data allow", "the 4 symmetries of a rectangle, every seed",
        f"{symmetries}", all(found == 4 for found in symmetries),
    )  # fmt: skip
    if not experiment.quick:
        big = [two_samples(seed, 10_000, 200) for seed in experiment.seeds]
        for name in big[0]:
            found = [one[name] for one in big]
            here = f"{np.round(found, 4).tolist()}"
            if name == "diffusion map":
                experiment.report(f"gap, {name}, other samples and densities, 10 000 inputs each (goal .03)", here)
            else:
                experiment.report(f"gap, {name}, other samples and densities, 10 000 inputs each", here)
    curves = sensitivity(experiment, experiment.seed, n, k)
    for name, values in curves.items():
        here = "; ".join(f"{v:g}: {a:.3g}, {b:.3g}" for v, a, b in values)
        experiment.report(f"gap over the {name}: diffusion map, isometric (one seed)", here)
    if shown is not None:
        _draw(experiment, shown[0], shown[1])
    experiment.finish()


def _draw(experiment: Experiment, s: np.ndarray, pair: dict[str, list[np.ndarray]]) -> None:
    names = ("what is seen", "plain", "diffusion map", "isometric")
    figure, axes = plt.subplots(2, len(names), figsize=(11, 5.4), layout="constrained")
    for row, (instrument, letter) in enumerate(zip(INSTRUMENTS, "AB", strict=True)):
        for axis, name in zip(axes[row], names, strict=True):
            x = instrument(s) if name == "what is seen" else pair[name][row]
            if row and name != "what is seen":
                x = align_by_points(pair[name][1], pair[name][0])(pair[name][1])
            shade = axis.scatter(x[:, 0], x[:, 1], c=s[:, 0], s=4, cmap="viridis", linewidths=0)
            axis.set_title(f"{letter}: {name}", fontsize=9)
            axis.set_aspect("equal")
            axis.set(xlabel="first coordinate", ylabel="second coordinate")
    figure.colorbar(shade, ax=axes, label="first coordinate of the rectangle")
    experiment.save(figure, "squares.png")


if __name__ == "__main__":
    main()
