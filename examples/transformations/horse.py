"""A rotating horse before two cameras: one circle found by each camera's network, and B's images from three neurons of A.

python examples/transformations/horse.py [--quick] [--out DIR] [--seed N]

Reimplemented from the abstract of Bertalan, Dietrich and Kevrekidis (Chaos 2024); the horse, its cameras and networks are ours.
A body of ellipsoids, shaded and anti-aliased, with a bag on one side, turns before two cameras. Each camera sees its own angles.
A convolutional autoencoder learns each camera's images without any angle. Only the size of a change of the world is known: each
pose is shown two more times, turned by .05 rad to either side. From that, the 64 neurons of each network are laid out without
the other network. Six common poses fix the rigid map between the two layouts; then three neurons of A give B's image. Control: a
mirror-symmetric body, seen from the side as an unshaded silhouette, looks the same at t and pi - t, so no angle can be found.
Errors are root-mean-square residual over standard deviation. Gaps are |(A - mean) Q - (B - mean)| / |B - mean| with Q from the
common poses. Both are measured on poses that were not used for fitting.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from cameras import COMMON, SIDE, STEP, apart, autoencoder, flat, learned, look, nearby, on_circle, rounded
from common import Experiment, plt, start
from images import layer, relative
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from shaded import MIRRORED

from conjugacy.embeddings import DiffusionMap, LocalMetric, RigidMap, align_by_points, intrinsic_coordinates
from conjugacy.errors import InputError, ShapeError
from conjugacy.transformations import Layer, choose_units

CAMERAS: tuple[dict[str, Any], ...] = ({"elevation": 0.35}, {"elevation": 0.55, "azimuth": 0.8})
SHADOW: dict[str, Any] = {"elevation": 0.0, "parts": MIRRORED, "shaded": False}
TESTED, UNITS = 200, 3
WAYS = ("plain diffusion map", "Mahalanobis diffusion map", "isometric coordinates")
WHOLE = 0.15  # two eigenvalues of an unbroken pair differ by less
KNOWN, AS_GOOD = 0.03, 1.3  # rad; times B's floor


@dataclass(frozen=True, eq=False)
class Views:
    """What a camera sees of poses, and of the same turned a little back and forth."""

    angles: np.ndarray
    shown: np.ndarray
    turned: tuple[np.ndarray, np.ndarray]

    @classmethod
    def of(cls, camera: dict[str, Any], angles: np.ndarray) -> Views:
        """Look at the horse."""
        return cls(angles, look(camera, angles), (look(camera, angles + STEP), look(camera, angles - STEP)))


@dataclass(frozen=True, eq=False)
class Eye:
    """A camera's network: its 64 units over the poses, how they move with the angle, and what poses kept back give."""

    model: torch.nn.Sequential
    views: Views
    states: np.ndarray
    metric: LocalMetric
    new: np.ndarray
    new_shown: np.ndarray

    @classmethod
    def of(cls, model: torch.nn.Sequential, views: Views, new_shown: np.ndarray) -> Eye:
        """Record."""
        ahead, back, here, new = (
            layer(model, shown, "7").astype(np.float64) for shown in (*views.turned, views.shown, new_shown)
        )
        slopes = (ahead - back) / (2 * STEP)
        return cls(model, views, here, LocalMetric.from_jacobians(slopes[:, :, None], 1), new, flat(new_shown))

    def drawn(self, states: np.ndarray) -> np.ndarray:
        """Return what the decoder draws of states of the 64 units."""
        with torch.no_grad():
            return self.model[8:](torch.tensor(states, dtype=torch.float32)).numpy()

    @property
    def speed(self) -> float:
        """How far the images move with the angle, in their standard deviation per rad."""
        ahead, back = (flat(shown) for shown in self.views.turned)
        shown = flat(self.views.shown)
        return float(np.linalg.norm(ahead - back) / (2 * STEP * np.linalg.norm(shown - shown.mean(axis=0))))

    def error(self, shown: np.ndarray) -> float:
        """Return how far images are from what the camera sees of the poses kept back."""
        return relative(shown, self.new_shown)


@dataclass(frozen=True, eq=False)
class Layout:
    """One network's coordinates by one way: rates of the slowest modes, or the period found, and whether halves agree."""

    values: np.ndarray
    rates: np.ndarray
    period: float
    half_gap: float

    @property
    def pairs(self) -> np.ndarray:
        """By how much the first two rates differ, and the next two, over the smaller."""
        return self.rates[1:4:2] / self.rates[:4:2] - 1.0


def layouts(eye: Eye, bandwidth: float | str) -> tuple[dict[str, Layout], float]:
    """Lay one network out by every way; the bandwidth is in the world's units, and one serves both networks."""
    plain = DiffusionMap(4).fit(eye.states)
    local = DiffusionMap(4, metric=eye.metric, bandwidth=bandwidth).fit(eye.states)
    intrinsic = intrinsic_coordinates(eye.states, eye.metric)
    found = {
        name: Layout(diffusion.embedding_[:, :2], diffusion.eigenvalues_, np.nan, np.nan)
        for name, diffusion in zip(WAYS, (plain, local), strict=False)
    }
    found[WAYS[2]] = Layout(intrinsic.values, np.empty(0), float(intrinsic.periods[-1]), intrinsic.half_gap)
    return found, local.bandwidth_


def from_the_truth(laid: np.ndarray, eye: Eye, values: np.ndarray, angles: np.ndarray) -> float:
    """Return by how much new poses' places on a network's circle miss their angles, in rad; nan where it is no circle."""
    size = float(np.sqrt((laid**2).sum(axis=1).mean()))
    try:
        there = align_by_points(laid[:COMMON] / size, on_circle(eye.views.angles[:COMMON]))
    except InputError:
        return np.nan
    return apart(there(values / size), on_circle(angles))


@dataclass(frozen=True, eq=False)
class Carried:
    """What one way to lay both networks out gives: nothing where one of the two found no circle.

    The errors of B's images are those from a few units of A, then from a few of B itself: as B's decoder draws them of the 64
    units that belong to a place on its circle, and by regression on the images that B's camera has of its own poses.
    """

    there: RigidMap | None = None
    gap: float = np.inf
    angle: float = np.inf
    truth: tuple[float, float] = (np.inf, np.inf)
    decoded: tuple[float, float] = (np.inf, np.inf)
    regressed: tuple[float, float] = (np.inf, np.inf)
    images: np.ndarray | None = None

    @classmethod
    def over(cls, a: Eye, b: Eye, pair: tuple[np.ndarray, np.ndarray], angles: np.ndarray) -> Carried:
        """Fix the map from A's circle to B's by the common poses, and use it on the poses kept back."""
        try:
            there = align_by_points(pair[0][:COMMON], pair[1][:COMMON])
        except (InputError, ShapeError):
            return cls()
        new = [nearby(eye.states, laid)(eye.new) for eye, laid in zip((a, b), pair, strict=True)]
        centred = [y - y.mean(axis=0) for y in new]
        seen = list[np.ndarray]()
        for eye, laid in zip((a, b), pair, strict=True):
            units = choose_units(Layer(eye.states), UNITS)
            seen.append(nearby(eye.states[:, units], laid)(eye.new[:, units]))
        places = there(seen[0]), seen[1]
        units_there, images_there = nearby(pair[1], b.states), nearby(pair[1], flat(b.views.shown))
        from_a, from_b = (images_there(at) for at in places)
        return cls(
            there, float(np.linalg.norm(centred[0] @ there.rotation - centred[1]) / np.linalg.norm(centred[1])),
            apart(there(new[0]), new[1]),
            (from_the_truth(pair[0], a, new[0], angles), from_the_truth(pair[1], b, new[1], angles)),
            (b.error(b.drawn(units_there(places[0]))), b.error(b.drawn(units_there(places[1])))),
            (b.error(from_a), b.error(from_b)), from_a,
        )  # fmt: skip


@dataclass(frozen=True, eq=False)
class Run:
    """One seed's two networks, laid out by every way, and what comes of it."""

    eyes: tuple[Eye, Eye]
    layouts: dict[str, tuple[Layout, Layout]]
    found: dict[str, Carried]

    @classmethod
    def of(cls, eyes: tuple[Eye, Eye], angles: np.ndarray) -> Run:
        """Lay both networks out, and carry A over to B where both have a circle to carry."""
        first, bandwidth = layouts(eyes[0], "auto")
        second, _ = layouts(eyes[1], bandwidth)
        laid = {way: (first[way], second[way]) for way in WAYS}
        found = {way: Carried.over(*eyes, (pair[0].values, pair[1].values), angles) for way, pair in laid.items()}
        return cls(eyes, laid, found)


@dataclass(frozen=True, eq=False)
class Shadow:
    """What comes of silhouettes that do not show the angle."""

    eye: Eye
    layouts: dict[str, Layout]
    angle: float
    cosine: float
    sine: float

    @classmethod
    def of(cls, eye: Eye, angles: np.ndarray) -> Shadow:
        """Lay the network out, and ask all of its units for the angle."""
        laid, _ = layouts(eye, "auto")
        modes = laid[WAYS[1]].values
        told = nearby(eye.states, on_circle(eye.views.angles))(eye.new)
        cosine, sine = (relative(told[:, [at]], on_circle(angles)[:, [at]]) for at in (0, 1))
        return cls(eye, laid, from_the_truth(modes, eye, nearby(eye.states, modes)(eye.new), angles), cosine, sine)


def turned(rng: np.random.Generator, count: int) -> np.ndarray:
    """Return angles from the whole turn."""
    return rng.uniform(0, 2 * np.pi, count)


def main() -> None:
    """Learn, lay out, align, carry over; then the silhouettes."""
    experiment = start("A rotating horse before two cameras")
    seeds = experiment.seeds[:1] if experiment.quick else experiment.seeds
    poses, taught, epochs, shadows = (600, 500, 40, 150) if experiment.quick else (2000, 800, 120, 800)
    trained, untrained, silhouettes = list[Run](), list[Run](), list[Shadow]()
    for seed in seeds:
        rng = np.random.default_rng([seed, 11])
        common, new = turned(rng, COMMON), turned(rng, TESTED)
        views = [Views.of(camera, np.concatenate([common, turned(rng, poses)])) for camera in CAMERAS]
        kept_back = [look(camera, new) for camera in CAMERAS]
        models = [learned(v.shown[:taught], epochs, 10 * seed + k) for k, v in enumerate(views)]
        raw = [autoencoder(10 * seed + k).eval() for k in range(2)]
        for runs, pair in ((trained, models), (untrained, raw)):
            one, two = (Eye.of(*parts) for parts in zip(pair, views, kept_back, strict=True))
            runs.append(Run.of((one, two), new))
        dark = Views.of(SHADOW, np.concatenate([common, turned(rng, shadows)]))
        silhouettes.append(Shadow.of(Eye.of(learned(dark.shown, epochs, 10 * seed + 2), dark, look(SHADOW, new)), new))
    state_circles(experiment, trained)
    state_images(experiment, trained)
    state_controls(experiment, untrained, silhouettes)
    draw(experiment, trained, silhouettes)
    experiment.finish()


def state_circles(experiment: Experiment, runs: list[Run]) -> None:
    """State whether both networks have a circle, and how far the two agree."""
    whole, known = (1.0, 0.2) if experiment.quick else (WHOLE, KNOWN)
    rates = [[layout.rates for layout in run.layouts[WAYS[1]]] for run in runs]
    pairs = [[layout.pairs.max() for layout in run.layouts[WAYS[1]]] for run in runs]
    experiment.report(
        "rates of the diffusion map under the local metric, A and B (a circle: 1 1 4 4)", rounded(rates, 2)
    )
    experiment.line(
        "larger difference within the pairs 1, 2 and 3, 4 of these rates, A and B", f"below {whole:g}, every seed",
        rounded(pairs), float(np.max(pairs)) < whole,
    )  # fmt: skip
    turn = 0.15 if experiment.quick else 0.05
    periods = [[layout.period for layout in run.layouts[WAYS[2]]] for run in runs]
    experiment.line(
        "isometric coordinates: length of the closed direction, A and B",
        f"one turn, 6.283 rad within {100 * turn:g} %, every seed",
        rounded(periods), float(np.abs(np.array(periods) / (2 * np.pi) - 1).max()) < turn,
    )  # fmt: skip
    halves = [[layout.half_gap for layout in run.layouts[WAYS[2]]] for run in runs]
    name = "gap between halves of one network's poses, isometric coordinates, A and B"
    if experiment.quick:
        experiment.report(f"{name} (half of 600 is too few)", rounded(halves))
    else:
        experiment.line(name, "at most .15 (resolved), every seed", rounded(halves), float(np.max(halves)) <= 0.15)
    plain, local, _ = ([run.found[way].angle for run in runs] for way in WAYS)
    for way in WAYS:
        angles = [run.found[way].angle for run in runs]
        name = f"median difference of A's angle and B's at the same pose, rad, {way}"
        if way == WAYS[0]:
            experiment.line(
                name, "larger than under the local metric (median)", rounded(plain, 4),
                float(np.median(plain)) > float(np.median(local)),
            )  # fmt: skip
        else:
            experiment.line(name, f"at most {known:g}, every seed", rounded(angles, 4), max(angles) <= known)
        experiment.report(
            f"median error of A's and B's angles against the true ones, rad, {way}",
            rounded([run.found[way].truth for run in runs], 4),
        )
        experiment.report(f"gap, {way}", rounded([run.found[way].gap for run in runs], 4))


def state_images(experiment: Experiment, runs: list[Run]) -> None:
    """State how well three units of A give B's images."""
    limit = 3.0 if experiment.quick else AS_GOOD
    own = [[eye.error(eye.drawn(eye.new)) for eye in run.eyes] for run in runs]
    experiment.report("error of the autoencoders themselves, A and B", rounded(own))
    for key, name, most in (
        ("decoded", "as B's decoder draws them", limit),
        ("regressed", "by regression on B's own images", 25.0 if experiment.quick else limit),
    ):
        for way in WAYS:
            found = np.array([getattr(run.found[way], key) for run in runs])
            ratios = [np.inf if np.isinf(own) else error / own for error, own in found]
            here = f"{rounded(found[:, 0])} against {rounded(found[:, 1])}; ratios {rounded(ratios, 2)}"
            title = f"B's images from {UNITS} units of A, {name}, {way}"
            if way == WAYS[2]:
                wanted = f"at most {most:g} times those from {UNITS} units of B the same way (median)"
                experiment.line(title, wanted, here, float(np.median(ratios)) <= most)
            else:
                experiment.report(title, here)
    moves = [run.eyes[1].speed for run in runs]
    experiment.report(
        "how far B's images move, sd per rad (an error of the angle comes back so much larger)", rounded(moves, 1)
    )


def state_controls(experiment: Experiment, untrained: list[Run], silhouettes: list[Shadow]) -> None:
    """State what comes of networks that learned nothing, and of silhouettes."""
    angles = [run.found[WAYS[2]].angle for run in untrained]
    experiment.line(
        "untrained networks: difference of A's and B's angles, rad, isometric", "a circle too: the task is not tested by it",
        f"{rounded(angles, 4)}; gaps {rounded([run.found[WAYS[2]].gap for run in untrained], 4)}",
        float(np.median(angles)) < (0.2 if experiment.quick else 0.1),
    )  # fmt: skip
    rates = [one.layouts[WAYS[1]].rates for one in silhouettes]
    broken = [one.layouts[WAYS[1]].pairs[0] for one in silhouettes]
    experiment.line(
        "silhouettes: rates of the diffusion map (an interval: 1 4 9 16)",
        "negative: no pair, the first two differ by more than .15",
        f"{rounded(rates, 2)}, differ by {rounded(broken, 2)}", min(broken) > WHOLE,
    )  # fmt: skip
    periods = [one.layouts[WAYS[2]].period for one in silhouettes]
    experiment.line(
        "silhouettes: length of a closed direction", "negative: none (0)", rounded(periods), max(periods) == 0.0
    )
    experiment.line(
        "silhouettes: error of cos t from all 64 units, which t and pi - t do not share", "negative: above .9, every seed",
        f"{rounded([one.cosine for one in silhouettes])}; "
        f"of sin t, which they share, {rounded([one.sine for one in silhouettes])}",
        min(one.cosine for one in silhouettes) > 0.9,
    )  # fmt: skip
    missed = [one.angle for one in silhouettes]
    experiment.line(
        "silhouettes: median error of the angle, rad, from two modes of the diffusion map", "negative: above .3, every seed",
        rounded(missed, 2), bool(np.nanmin([*missed, np.pi / 2]) > 0.3),
    )  # fmt: skip


def draw(experiment: Experiment, runs: list[Run], silhouettes: list[Shadow]) -> None:
    """Draw images, layouts, rates and errors."""
    figure = plt.figure(figsize=(11, 8.5), layout="constrained")
    top, bottom = figure.subfigures(2, 1, height_ratios=(1.0, 1.25))
    a, b = runs[0].eyes
    rows = {
        "seen by A": a.new_shown, "seen by B": b.new_shown, f"B from {UNITS}\nunits of A": runs[0].found[WAYS[2]].images,
        "silhouette": silhouettes[0].eye.new_shown,
    }  # fmt: skip
    grid = top.subplots(len(rows), 6)
    for line, (label, shown) in zip(grid, rows.items(), strict=True):
        for axes, image in zip(line, () if shown is None else shown, strict=False):
            axes.imshow(image.reshape(SIDE, SIDE), cmap="gray", vmin=0, vmax=1)
            axes.set(xticks=[], yticks=[])
        line[0].set_ylabel(label, fontsize=8)
    panels = bottom.subplots(2, 3).ravel()
    for axes, way in zip(panels, WAYS, strict=False):
        first, second = (layout.values for layout in runs[0].layouts[way])
        there = runs[0].found[way].there
        if there is not None:
            axes.scatter(
                *there(first).T, c=a.views.angles, s=5, cmap="twilight", linewidths=0, label="inner: A, carried over"
            )
            axes.scatter(
                *1.25 * second.T, c=b.views.angles, s=5, cmap="twilight", linewidths=0, label="outer: B, times 1.25"
            )
        axes.set(title=way, aspect="equal", xlabel="first coordinate", ylabel="second coordinate")
    panels[2].legend(fontsize=6, loc="center", handlelength=0, markerscale=0, frameon=False)
    bottom.colorbar(
        ScalarMappable(Normalize(0, 2 * np.pi), "twilight"), ax=list(panels[:3]), label="angle (rad)", fraction=0.03
    )
    _draw_shadow(panels[3], silhouettes[0])
    _draw_rates(panels[4], runs, silhouettes)
    _draw_errors(panels[5], runs)
    experiment.save(figure, "horse.png")


def _draw_shadow(axes: Axes, shadow: Shadow) -> None:
    found = shadow.layouts[WAYS[2]].values[:, 0]
    axes.plot(shadow.eye.views.angles, found, ".", color="#565d68", markersize=3)
    axes.set(title="silhouettes: t and π - t fall together", xlabel="angle (rad)", ylabel="isometric coordinate (rad)")


def _draw_rates(axes: Axes, runs: list[Run], silhouettes: list[Shadow]) -> None:
    number = np.arange(1, 5)
    for at, (name, colour) in enumerate((("A", "#0072b2"), ("B", "#6b4c9a"))):
        rates = np.array([run.layouts[WAYS[1]][at].rates for run in runs])
        axes.plot((number + 0.1 * at)[None].repeat(len(rates), 0), rates, "os"[at], color=colour, markersize=4)
        axes.plot([], [], "os"[at], color=colour, markersize=4, label=name)
    dark = np.array([one.layouts[WAYS[1]].rates for one in silhouettes])
    axes.plot((number - 0.1)[None].repeat(len(dark), 0), dark, "x", color="#c14d00", markersize=5)
    axes.plot([], [], "x", color="#c14d00", markersize=5, label="silhouettes")
    axes.plot(number, [1, 1, 4, 4], "_", color="#16181d", markersize=18, label="a circle")
    axes.set(title="rates under the local metric", xlabel="mode", ylabel="rate (1 / rad²)", yscale="log", xticks=number)
    axes.set_ylim(top=100)
    axes.legend(fontsize=7)


def _draw_errors(axes: Axes, runs: list[Run]) -> None:
    for key, colour, marker, name in (
        ("decoded", "#00694c", "D", "as B's decoder draws them"), ("regressed", "#c14d00", "s", "regression on B's images"),
    ):  # fmt: skip
        for at, way in enumerate(WAYS):
            found = [getattr(run.found[way], key)[0] for run in runs]
            axes.semilogy(
                np.full(len(found), at), found, marker, color=colour, markersize=4, label=name if not at else None
            )
        floor = float(np.median([getattr(run.found[WAYS[2]], key)[1] for run in runs]))
        axes.axhline(floor, color=colour, linestyle=":", label=f"from {UNITS} units of B")
    axes.set_xticks(range(len(WAYS)), ["plain", "local metric", "isometric"])
    axes.set(title=f"B's images from {UNITS} units of A", ylabel="error (rms / sd)", xlim=(-0.5, 2.5))
    axes.legend(fontsize=6)


if __name__ == "__main__":
    main()
