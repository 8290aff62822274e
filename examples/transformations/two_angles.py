"""Two angles, yaw and pitch: a horse that turns and nods before two cameras, as one cylinder found by each camera's network.

python examples/transformations/two_angles.py [--quick] [--out DIR] [--seed N]

As `horse.py`, with a second angle: the world is a cylinder, closed in yaw and open in pitch. Poses turned and tilted by .05 rad
to either side show how large changes of the world are. Modes of a diffusion map describe such a world badly: pitch comes after
some twelve harmonics of yaw and mixed with them. Isometric coordinates lay the world out directly. The gap is |(A - mean) Q - (B
- mean)| / |B - mean| of the three coordinates (pitch, cos and sin of yaw), with Q from six common poses. It is measured on poses
that were not used for fitting. `--quick` has too few poses and too little training to resolve this world, and must say so.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np
from cameras import COMMON, SIDE, STEP, apart, flat, learned, look, nearby, on_circle, rounded
from common import Experiment, plt, start
from images import layer, relative

from conjugacy.embeddings import (
    DiffusionMap,
    IsometricCoordinates,
    LocalMetric,
    align_by_points,
    independent_modes,
    isometric_coordinates,
)

CAMERAS: tuple[dict[str, Any], ...] = ({"elevation": 0.8}, {"elevation": 0.95, "azimuth": 0.8})
TILT = 0.5  # rad to either side
CODE, MODES, TESTED = 5, 20, 300
GAP, WRONG = 0.1, 0.3


def look_at(camera: dict[str, Any], poses: np.ndarray) -> np.ndarray:
    """Return images of poses (m, 2), yaw and pitch: to tilt the horse is to raise the camera."""
    return look({**camera, "elevation": camera["elevation"] + poses[:, 1]}, poses[:, 0])


def cylinder(poses: np.ndarray) -> np.ndarray:
    """Return the poses as points of the true cylinder."""
    return np.column_stack([poses[:, 1], on_circle(poses[:, 0])])


class Eye:
    """A camera with the autoencoder that learned its images: units over its poses, how they move, and of poses kept back."""

    def __init__(
        self, camera: dict[str, Any], poses: np.ndarray, new: np.ndarray, taught: int, epochs: int, seed: int
    ) -> None:
        shown, kept_back = look_at(camera, poses), look_at(camera, new)
        model = learned(shown[:taught], epochs, seed, CODE)

        def states(images: np.ndarray) -> np.ndarray:
            return layer(model, images, "7").astype(np.float64)

        steps = STEP * np.eye(2)
        slopes = [states(look_at(camera, poses + e)) - states(look_at(camera, poses - e)) for e in steps]
        self.poses, self.states, self.new = poses, states(shown), states(kept_back)
        self.slopes = np.stack(slopes, axis=-1) / (2 * STEP)
        self.error = relative(layer(model, kept_back, str(len(model) - 1)), flat(kept_back))

    def metric(self, rows: int) -> LocalMetric:
        """Return the local metric of the first rows."""
        return LocalMetric.from_jacobians(self.slopes[:rows], 2)


def gap(pair: list[np.ndarray], new: list[np.ndarray]) -> tuple[float, list[np.ndarray]]:
    """Return the gap on new poses, Q from the common ones, and both coordinates there, A's carried over."""
    there = align_by_points(pair[0][:COMMON], pair[1][:COMMON])
    a, b = (y - y.mean(axis=0) for y in new)
    return float(np.linalg.norm(a @ there.rotation - b) / np.linalg.norm(b)), [there(new[0]), new[1]]


def isometric(eyes: list[Eye], rows: int, new: np.ndarray) -> dict[str, Any]:
    """Return what isometric coordinates of so many poses of each network give."""
    found: list[IsometricCoordinates] = [isometric_coordinates(e.states[:rows], e.metric(rows)) for e in eyes]
    out: dict[str, Any] = {
        "periods": [float(one.periods[-1]) for one in found], "stress": [one.stress for one in found],
        "laid": [one.embedded for one in found], "status": [one.status.name.lower() for one in found],
        "gap": np.inf, "yaw": np.inf, "pitch": np.inf, "truth": [np.inf] * 2,
    }  # fmt: skip
    told = [nearby(e.states[:rows], y)(e.new) for e, y in zip(eyes, out["laid"], strict=True)]
    out["truth"] = [
        gap([y, cylinder(e.poses[:rows])], [z, cylinder(new)])[0] if y.shape[1] == 3 else np.inf
        for y, e, z in zip(out["laid"], eyes, told, strict=True)
    ]
    if all(y.shape[1] == 3 for y in told):  # both a cylinder
        out["gap"], (a, b) = gap(out["laid"], told)
        out["yaw"], out["pitch"] = apart(a[:, 1:], b[:, 1:]), relative(a[:, :1], b[:, :1])
    return out


def by_modes(eyes: list[Eye], rows: int) -> tuple[float, list[tuple[int, ...]]]:
    """Return the gap of a diffusion map's modes that earlier ones do not tell, and their places from 1 on."""
    laid, places, told, bandwidth = list[np.ndarray](), list[tuple[int, ...]](), list[np.ndarray](), "auto"
    for eye in eyes:
        diffusion = DiffusionMap(MODES, metric=eye.metric(rows), bandwidth=bandwidth).fit(eye.states[:rows])
        bandwidth = diffusion.bandwidth_
        chosen = independent_modes(diffusion.embedding_)
        places.append(tuple(at + 1 for at in chosen))
        laid.append(diffusion.embedding_[:, list(chosen[:3])])
        told.append(nearby(eye.states[:rows], laid[-1])(eye.new))
    return (gap(laid, told)[0] if all(y.shape[1] == 3 for y in laid) else np.inf), places


def drawn(rng: np.random.Generator, count: int) -> np.ndarray:
    """Return poses from the whole cylinder, (count, 2)."""
    return np.column_stack([rng.uniform(0, 2 * np.pi, count), rng.uniform(-TILT, TILT, count)])


def main() -> None:
    """Learn, lay out, align."""
    experiment = start("A horse that turns and nods before two cameras")
    seeds = experiment.seeds[:1] if experiment.quick else experiment.seeds
    sizes, taught, epochs = ((200, 400), 300, 30) if experiment.quick else ((500, 1000, 2000, 3000), 1500, 60)
    table: dict[int, list[dict[str, Any]]] = defaultdict(list)
    modes, errors, first = list[tuple[float, Any]](), list[list[float]](), list[Eye]()
    for seed in seeds:
        rng = np.random.default_rng([seed, 12])
        common, new = drawn(rng, COMMON), drawn(rng, TESTED)
        eyes = [
            Eye(camera, np.concatenate([common, drawn(rng, sizes[-1])]), new, taught, epochs, 10 * seed + k)
            for k, camera in enumerate(CAMERAS)
        ]
        first = first or eyes
        errors.append([eye.error for eye in eyes])
        for size in sizes:
            table[size].append(isometric(eyes, COMMON + size, new))
        modes.append(by_modes(eyes, COMMON + sizes[-1]))
    experiment.report("error of the autoencoders themselves, A and B", rounded(errors))
    for size, runs in table.items():
        gaps = [run["gap"] for run in runs]
        told = {
            key: rounded([run[key] for run in runs]) for key in ("gap", "periods", "yaw", "pitch", "truth", "stress")
        }
        here = (
            f"{told['gap']}; periods {told['periods']}; yaw {told['yaw']} rad; pitch {told['pitch']} (rms / sd); "
            f"from the true cylinder {told['truth']}; stress {told['stress']}; "
            f"{[run['status'] for run in runs]}"
        )
        name = f"isometric coordinates, {size} poses each: gap of the three coordinates"
        if size == sizes[-1] and not experiment.quick:
            experiment.line(name, f"at most {GAP:g} (median)", here, float(np.median(gaps)) <= GAP)
        else:
            experiment.report(name, here)
    wrong = [
        (size, status)
        for size, runs in table.items()
        for run in runs
        for truth, status in zip(run["truth"], run["status"], strict=True)
        if truth > WRONG
    ]
    silent = [one for one in wrong if one[1] in ("ok", "not_converged")]
    experiment.line(
        f"layouts more than {WRONG:g} from the true cylinder", "their status says so",
        f"{len(wrong)}, of them without a word {silent}", not silent,
    )  # fmt: skip
    here = f"gaps {rounded([one for one, _ in modes], 2)}, modes {[list(places) for _, places in modes]}"
    what = f"diffusion map, the modes among {MODES} that earlier ones do not tell"
    if experiment.quick:
        experiment.report(what, here)
    else:
        best = float(np.median([run["gap"] for run in table[sizes[-1]]]))
        worse = float(np.median([one for one, _ in modes])) > best
        experiment.line(what, "worse than isometric coordinates (median)", here, worse)
    draw(experiment, first, table)
    experiment.finish()


def draw(experiment: Experiment, eyes: list[Eye], table: dict[int, list[dict[str, Any]]]) -> None:
    """Draw images, both layouts and the gap over the number of poses."""
    figure = plt.figure(figsize=(11, 5.2), layout="constrained")
    top, bottom = figure.subfigures(2, 1, height_ratios=(1.0, 2.6))
    for camera, line, name in zip(CAMERAS, top.subplots(2, 9), "AB", strict=True):
        for axes, pitch in zip(line, np.linspace(-TILT, TILT, 9), strict=True):
            image = look_at(camera, np.array([[0.6, pitch]]))
            axes.imshow(image.reshape(SIDE, SIDE), cmap="gray", vmin=0, vmax=1)
            axes.set(xticks=[], yticks=[])
            axes.set_title(f"{pitch:.2f}" if name == "A" else "", fontsize=8)
        line[0].set_ylabel(name)
    panels = bottom.subplots(1, 3)
    largest = table[max(table)][0]["laid"]
    for axes, laid, eye, name in zip(panels, largest, eyes, "AB", strict=False):
        flat_yaw = np.arctan2(laid[:, -1], laid[:, -2])
        axes.scatter(flat_yaw, laid[:, 0], c=eye.poses[: len(laid), 1], s=5, cmap="viridis", linewidths=0)
        axes.set(
            title=f"{name}: isometric coordinates, unrolled",
            xlabel="closed direction (rad)",
            ylabel="open direction (rad)",
        )
    bottom.colorbar(panels[0].collections[0], ax=list(panels[:2]), label="pitch (rad), also above the images")
    for size, runs in table.items():
        panels[2].loglog(np.full(len(runs), size), [run["gap"] for run in runs], "o", color="#0072b2", markersize=4)
    panels[2].axhline(GAP, color="#565d68", linestyle=":", label="goal")
    panels[2].set_xticks(list(table), [str(size) for size in table])
    panels[2].minorticks_off()
    panels[2].set_ylim(0.01, 2.0)
    panels[2].set(title="gap of the three coordinates", xlabel="poses shown to each network", ylabel="gap")
    panels[2].legend(fontsize=8)
    experiment.save(figure, "two_angles.png")


if __name__ == "__main__":
    main()
