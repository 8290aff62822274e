"""Three kinds of recordings, from a laboratory's files to a verdict: monkey reaching, place cells, a fly's ring of neurons.

python examples/dynamics/sessions.py [--quick] [--out DIR] [--seed N]

Sessions have the shapes of published ones, and their truth is known, as they are made here. One file is NWB, the other MATLAB's:

- reaching: 200 and 150 neurons that spike, 108 conditions of 20 trials. Condition averages are compared.
  "Same" has other neurons and another order of trials; "other" turns half as fast again from the same starts.
- place cells: 100 neurons that spike on 60 laps of unequal length, and a model of 80 on the same laps. The model cannot
  know the spikes' noise, so the neurons may determine it alone. In "other" the model stays at one place on each lap.
- a fly's ring: 16 channels of fluorescence, and a model of 32 neurons seen through 24 channels; no trial belongs to another.
  "Other" turns three times as fast.

`--quick` has less of everything and one seed, which may leave an answer undecided; a wrong one ends with an error.
"""

from __future__ import annotations

import datetime
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pynwb
import scipy.io
from common import Experiment, plt, start

import conjugacy as cj

NWB: Any = pynwb  # its constructors take their parameters at run time
REACH, LAP, RING = 0.02, 0.05, 0.1  # seconds between time points
FREQUENCIES, DECAY = np.array([1.5, 2.2, 3.0]), 1.5  # of what rotates in motor cortex, in hertz; per second
PAUSE = 1.0  # seconds between trials
TRUE: Mapping[str, tuple[str, ...]] = {  # anything else but "undecided" is wrong
    "reaching, same": ("equivalent",),
    "reaching, other": ("different",),
    "place cells, same": ("equivalent", "a_determines_b"),
    "place cells, other": ("not_equivalent", "partly_related", "unrelated"),
    "ring, same": ("equivalent",),
    "ring, other": ("different",),
}


@dataclass(frozen=True)
class Session:
    """Two files that were recorded or simulated, and how they are compared."""

    a: cj.Recording
    b: cj.Recording
    axis: str
    how: Mapping[str, Any]


def spikes(rates: Sequence[np.ndarray], dt: float, begin: np.ndarray, rng: np.random.Generator) -> list[np.ndarray]:
    """Return spike times of every neuron, Poisson at rates (t, n) in hertz of trials that begin at these times."""
    found: list[list[np.ndarray]] = [[] for _ in range(rates[0].shape[1])]
    for trial, at in zip(rates, begin, strict=True):
        for own, counts in zip(found, rng.poisson(trial * dt).T, strict=True):
            bins = np.repeat(np.arange(len(counts)), counts)
            own.append(at + (bins + rng.uniform(size=len(bins))) * dt)
    return [np.sort(np.concatenate(own)) for own in found]


def write_nwb(
    path: Path,
    begin: np.ndarray,
    lasts: np.ndarray,
    columns: Mapping[str, Sequence[str]],
    *,
    units: Sequence[np.ndarray] = (),
    series: Any = None,
) -> None:
    """Write a session of trials, with neurons or a time series."""
    file = NWB.NWBFile("constructed", path.stem, datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC))
    for name in columns:
        file.add_trial_column(name, name)
    for i, (at, long) in enumerate(zip(begin, lasts, strict=True)):
        file.add_trial(start_time=at, stop_time=at + long, **{name: values[i] for name, values in columns.items()})
    for times in units:
        file.add_unit(spike_times=times)
    if series is not None:
        file.add_acquisition(series)
    with NWB.NWBHDF5IO(path, "w") as io:
        io.write(file)


def reaching(folder: Path, seed: int, kind: str, *, quick: bool) -> Session:
    """Motor cortex: rotations that every condition starts elsewhere, seen through rates that are exponentials of them."""
    conditions, repeats, points = (40, 10, 30) if quick else (108, 20, 40)
    counts_of_neurons = (100, 80) if quick else (200, 150)
    rng = np.random.default_rng([seed, 1])
    starts = rng.standard_normal((conditions, 3)) + 1j * rng.standard_normal((conditions, 3))
    t = REACH * np.arange(points)
    names = [f"reach {i}" for i in range(conditions)]
    for side, neurons, faster in zip("ab", counts_of_neurons, (1.0, 1.5 if kind == "other" else 1.0), strict=True):
        turning = starts[:, None] * np.exp((2j * np.pi * faster * FREQUENCIES - DECAY) * t[:, None])
        latent = np.concatenate([turning.real, turning.imag], axis=-1)
        drive = latent @ (0.35 * rng.standard_normal((6, neurons)))
        order = rng.permutation(np.repeat(np.arange(conditions), repeats))
        rates = 15.0 * np.exp(drive - drive.var() / 2)[order]
        shown = [names[i] for i in order]
        if side == "a":
            begin = (t[-1] + REACH + PAUSE) * np.arange(len(order))
            times = spikes(list(rates), REACH, begin, rng)
            write_nwb(folder / "a.nwb", begin, np.full(len(order), REACH * points), {"target": shown}, units=times)
        else:
            counts = rng.poisson(rates * REACH) / REACH
            matlab = {"rates": counts.transpose(2, 1, 0), "cond": shown, "t": t}
            scipy.io.savemat(folder / "b.mat", matlab)
    a = cj.convert(folder / "a.nwb", roles={"conditions": "target"}).recording
    return Session(a, cj.convert(folder / "b.mat").recording, "dynamics", {"repeats": "average"})


def fields(places: Sequence[np.ndarray], neurons: int, rng: np.random.Generator) -> list[np.ndarray]:
    """Return rates of place cells in hertz, with other fields on the way back."""
    centre, peak = rng.uniform(-0.1, 2.1, (2, neurons)), rng.uniform(10, 30, (2, neurons))
    width = rng.uniform(0.16, 0.28, (2, neurons))
    return [
        0.3 + peak[i % 2] * np.exp(-((x[:, None] - centre[i % 2]) ** 2) / (2 * width[i % 2] ** 2))
        for i, x in enumerate(places)
    ]


def place_cells(folder: Path, seed: int, kind: str, *, quick: bool) -> Session:
    """Hippocampus: laps there and back along two metres, each at its own speed."""
    rng = np.random.default_rng([seed, 2])
    laps = 24 if quick else 60
    there = [np.linspace(0.0, 2.0, int(2.0 / rng.uniform(0.25, 0.45) / LAP)) for _ in range(laps)]
    places = [x if i % 2 == 0 else 2.0 - x for i, x in enumerate(there)]
    lasts = LAP * np.array([len(x) for x in places])
    begin = np.cumsum([0.0, *(lasts[:-1] + PAUSE)])
    neurons = spikes(fields(places, 100, rng), LAP, begin, rng)
    direction = [("out", "back")[i % 2] for i in range(laps)]
    write_nwb(folder / "a.nwb", begin, lasts, {"direction": direction}, units=neurons)
    seen = places if kind == "same" else [np.full(len(x), rng.uniform(0.0, 2.0)) for x in places]
    model = np.empty(laps, dtype=object)
    model[:] = [(one + 0.5 * rng.standard_normal(one.shape)).T for one in fields(seen, 80, rng)]
    scipy.io.savemat(folder / "b.mat", {"rates": model, "trial_id": np.arange(laps), "dt": LAP})
    a = cj.convert(folder / "a.nwb", bin=LAP, smoothing=0.15, roles={"conditions": "direction"}).recording
    b = cj.convert(folder / "b.mat", layers=["rates"]).recording
    return Session(a, b, "representation", {})


def heading(trials: int, points: int, faster: float, rng: np.random.Generator) -> np.ndarray:
    """Return where a fly looks, (trials, points): its speed of turning wanders."""
    angle, speed = rng.uniform(0, 2 * np.pi, trials), np.zeros(trials)
    found = np.empty((trials, points))
    for t in range(points):
        speed = (1 - 0.05 * faster) * speed + 0.25 * faster**1.5 * rng.standard_normal(trials)
        angle = angle + RING * speed
        found[:, t] = angle
    return found


def bump(angle: np.ndarray, neurons: int) -> np.ndarray:
    """Return a ring of neurons with a bump of activity at an angle."""
    return np.exp(2.0 * np.cos(angle[..., None] - 2 * np.pi * np.arange(neurons) / neurons) - 2.0)


def ring(folder: Path, seed: int, kind: str, *, quick: bool) -> Session:
    """Central complex: a bump that follows the heading."""
    rng = np.random.default_rng([seed, 3])
    trials, points = (20, 120) if quick else (40, 200)
    glow = bump(heading(trials, points, 1.0, rng), 16)
    glow += 0.05 * rng.standard_normal(glow.shape)
    step = points + round(PAUSE / RING)
    whole = np.zeros((trials * step, 16))
    for i, one in enumerate(glow):
        whole[i * step : i * step + points] = one
    per_mille = NWB.TimeSeries(
        name="dff", data=1000 * whole, unit="percent", rate=1 / RING, starting_time=0.0, conversion=0.001
    )
    begin = RING * step * np.arange(trials)
    write_nwb(folder / "a.nwb", begin, np.full(trials, RING * points), {}, series=per_mille)
    model = bump(heading(trials, points, 3.0 if kind == "other" else 1.0, rng), 32)
    seen = np.tanh(0.6 * model @ rng.standard_normal((32, 24)))
    names = [f"run {i}" for i in range(trials)]
    matlab = {"activity": seen.transpose(2, 1, 0), "t": RING * np.arange(points), "trial": names}
    scipy.io.savemat(folder / "b.mat", matlab)
    a, b = cj.convert(folder / "a.nwb").recording, cj.convert(folder / "b.mat", axes="ntk").recording
    return Session(a, b, "dynamics", {"match": "none"})


MAKERS: Mapping[str, Callable[..., Session]] = {"reaching": reaching, "place cells": place_cells, "ring": ring}


def written(make: Callable[..., Session], seed: int, kind: str, *, quick: bool) -> Session:
    """Write the files of a pair into a folder and return what is read from there."""
    with tempfile.TemporaryDirectory() as folder:
        return make(Path(folder), seed, kind, quick=quick)


def main() -> None:
    """Write, read and compare every pair of files of every seed."""
    experiment = start("From a laboratory's files to a verdict: reaching, place cells, a ring")
    seeds = experiment.seeds[:1] if experiment.quick else experiment.seeds
    answers: dict[str, list[str]] = {}
    spent: dict[str, float] = {}
    shown: dict[str, Session] = {}
    for name, make in MAKERS.items():
        for kind in ("same", "other"):
            case = f"{name}, {kind}"
            for seed in seeds:
                began = time.process_time()
                session = written(make, seed, kind, quick=experiment.quick)
                shown.setdefault(name, session)
                result = cj.compare(session.a, session.b, measures=[], **session.how)
                answers.setdefault(case, []).append(getattr(result.verdict, session.axis).answer)
                spent[case] = max(spent.get(case, 0.0), time.process_time() - began)
            found = answers[case]
            counts = ", ".join(f"{one} {found.count(one)}" for one in dict.fromkeys(found))
            right = all(one in (*TRUE[case], "undecided") for one in found)
            experiment.line(f"{case}: {shown[name].axis}", " or ".join(TRUE[case]), counts, right)
    most = max(spent.values())
    experiment.line("files written, read and compared", "under 300 CPU s a pair", f"at most {most:.0f}", most < 300)
    experiment.numbers["answers"], experiment.numbers["cpu_seconds"] = answers, spent
    draw(experiment, shown)
    experiment.finish()


def lines(layer: cj.Trajectories, session: Session) -> list[np.ndarray]:
    """Return the mean (t, n) of every condition, or the trials where none belongs to another; at most twelve."""
    labels = layer.conditions
    if labels is None:  # matched trials of B stand in A's order
        first = session.a.first
        labels = first.conditions if isinstance(first, cj.Trajectories) else None
    if labels is None:
        labels = np.arange(len(layer.values))
    shortest = min(layer.lengths)
    return [
        np.mean([layer.values[i][:shortest] for i in np.flatnonzero(labels == one)], axis=0)
        for one in np.unique(labels)[:12]
    ]


def draw(experiment: Experiment, shown: Mapping[str, Session]) -> None:
    """Draw both sides of the equal pairs in their first two principal coordinates; matched lines have one colour."""
    figure, axes = plt.subplots(2, 3, figsize=(12, 7.5), layout="constrained")
    colours = plt.get_cmap("viridis")
    for column, (name, session) in zip(axes.T, shown.items(), strict=True):
        for ax, side, recording in zip(column, "AB", (session.a, session.b), strict=True):
            layer = recording.first
            assert isinstance(layer, cj.Trajectories)
            means = lines(layer, session)
            centre = np.concatenate(means).mean(axis=0)
            basis = np.linalg.svd(np.concatenate(means) - centre, full_matrices=False)[2][:2]
            for i, one in enumerate(means):
                path, colour = (one - centre) @ basis.T, colours(0.9 * i / max(len(means) - 1, 1))
                ax.plot(*path.T, color=colour, linewidth=1)
                ax.plot(*path[0], "o", color=colour, markersize=4)
            ax.set_title(f"{name}, {side}: {layer.values[0].shape[1]} units", fontsize=10)
            ax.set(xlabel="first principal coordinate (unit of the data)", ylabel="second")
    figure.suptitle("Equal pairs; a line is the mean of a condition, or a trial; a dot is where it begins", fontsize=10)
    experiment.save(figure, "sessions.png")


if __name__ == "__main__":
    main()
