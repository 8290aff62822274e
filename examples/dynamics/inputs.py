"""InputDSA's second figure: intrinsic dynamics told apart from how the input enters, with the joint distance of the formula.

python examples/dynamics/inputs.py [--quick] [--out DIR] [--seed N]

After Huang et al. (2025): x_{t+1} = A x_t + .1 tanh(A x_t) on hidden units + B u_t, 20 units, 2 or 10 of them seen with noise;
two A (spectral radius .92 and .82) by two B, each group with its own inputs. The silhouette says how well a distance groups the
networks by A, by B, or by both. The stored silhouettes of the paper by A are of one draw and of squared distances, with which
ours agree (`benchmarks/dynamics/inputdsa.py`). The joint ones came from a distance that is not 0 between equal systems.
Last, pairs with known truth, all with the same input: the same A and B seen through other units, or another A or B.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from common import (
    Experiment,
    Judged,
    direct,
    draw_separation,
    geometry,
    never_equivalent,
    plt,
    report_separation,
    rows,
    start,
)
from scipy.stats import t as student
from sklearn.metrics import silhouette_score

import conjugacy as cj
from conjugacy.dynamics import LinearDynamics
from conjugacy.dynamics.control import InputDynamics
from conjugacy.numerics.alignment.procrustes import orthogonal_distance

UNITS, RADII, GAINS, CURVED, NOISE = 20, (0.92, 0.82), (0.5, 2.0), 0.1, 0.01
RANK, NOTHING, WHOLE = 20, 1e-9, 20  # the last: delays and block where 10 units are seen
ONE = "control of one input"
METHODS = ("DMD", "DMDc", "subspace")
LABELS = ("state by A", "eigenvalues by A", "control by B", "joint by A", "joint by B", "joint by group")
STORED = {  # its state distance is one of eigenvalues
    "DMD": {"eigenvalues by A": 0.90},
    "DMDc": {"eigenvalues by A": 0.907, "control by B": 0.338, "joint by A": 0.012, "joint by B": 0.170},
    "subspace": {"eigenvalues by A": 0.952, "control by B": 0.747, "joint by A": 0.328, "joint by B": 0.242},
}
PAIRED = ("direct test", "DSA", "InputDSA, joint", "Procrustes", "CKA")


@dataclass(frozen=True, eq=False)
class System:
    """A (20, 20) and B (20, j); tanh acts on units that are not seen, with this strength."""

    own: np.ndarray
    enters: np.ndarray
    curved: float = CURVED

    def run(self, u: np.ndarray, seen: np.ndarray, rng: np.random.Generator, noise: float = NOISE) -> cj.Trajectories:
        """Run from rest on inputs (k, t, j), and look at it through `seen`, (20, p), with noise."""
        hidden = self.curved * ~seen.any(axis=1)
        x, out = np.zeros((len(u), UNITS)), np.empty((*u.shape[:2], UNITS))
        for t in range(u.shape[1]):
            out[:, t] = x
            moved = x @ self.own.T
            x = moved + hidden * np.tanh(moved) + u[:, t] @ self.enters.T
        y = out @ seen
        return cj.Trajectories(y + noise * rng.standard_normal(y.shape), drive=u, trials=np.arange(len(u)))


def grid(seed: int, inputs: int) -> list[tuple[int, int, System]]:
    """Draw two A and two B, and return the four systems with the number of their A and of their B."""
    rng = np.random.default_rng([seed, 17])
    own, enters = list[np.ndarray](), list[np.ndarray]()
    for radius, gain in zip(RADII, GAINS, strict=True):
        a = rng.standard_normal((UNITS, UNITS))
        own.append(radius * a / np.abs(np.linalg.eigvals(a)).max())
        enters.append(gain * rng.standard_normal((UNITS, UNITS)) @ rng.standard_normal((UNITS, inputs)) / 2)
    return [(i, j, System(a, b)) for i, a in enumerate(own) for j, b in enumerate(enters)]


def some_units(rng: np.random.Generator, count: int) -> np.ndarray:
    """Return a view of so many units drawn at random, (20, p)."""
    return np.eye(UNITS)[:, rng.choice(UNITS, count, replace=False)]


def turned(rng: np.random.Generator) -> np.ndarray:
    """Return another orthonormal basis."""
    return np.linalg.qr(rng.standard_normal((UNITS, UNITS)))[0]


def pairs_of(count: int) -> list[tuple[int, int]]:
    """Return all pairs of so many."""
    return [(i, j) for i in range(count) for j in range(i)]


def distances(
    systems: Sequence[LinearDynamics | InputDynamics], which: Sequence[tuple[int, int]]
) -> dict[str, np.ndarray]:
    """Return state, eigenvalue, control and joint distances of pairs; that of the state by the fast search, many at once.

    `input_dsa` gives the same, one pair at a time and by the full search; a line of the table holds the two together.
    """
    n = len(systems)
    found = {name: np.zeros((n, n)) for name in ("state", "eigenvalues", "control", "joint")}
    spectra, alone = cj.get_measure("dsa_wasserstein"), [LinearDynamics.of(s.matrix) for s in systems]
    measure = cj.get_measure("dsa", form="euclidean", effort="fast")
    ready = [measure.prepare(one) for one in alone]
    scores = measure.compare_all([ready[i] for i, _ in which], [ready[j] for _, j in which])
    for (i, j), score in zip(which, scores, strict=True):
        a, b = systems[i], systems[j]
        found["state"][i, j] = score.value
        found["eigenvalues"][i, j] = spectra.compare(alone[i], alone[j]).value
        if isinstance(a, InputDynamics) and isinstance(b, InputDynamics):
            found["control"][i, j] = orthogonal_distance(a.inputs, b.inputs)[0]
            found["joint"][i, j] = orthogonal_distance(a.controllability(RANK), b.controllability(RANK))[0]
    return {name: one + one.T for name, one in found.items()}


def fits(networks: Sequence[cj.Trajectories], block: int) -> dict[str, list[LinearDynamics | InputDynamics]]:
    """Fit every network by every method."""
    dsa = cj.get_measure("dsa", delays=block, rank=RANK)
    dmdc, subspace = (
        cj.get_measure("input_dsa", method=m, delays=block, rank=RANK) for m in ("dmdc", "subspace")
    )  # fmt: skip
    return {
        "DMD": [dsa.prepare(x).system for x in networks],
        "DMDc": [dmdc.prepare(x) for x in networks],
        "subspace": [subspace.prepare(x) for x in networks],
    }


def silhouettes(found: dict[str, np.ndarray], own: np.ndarray, enters: np.ndarray) -> dict[str, float]:
    """Return how well each distance groups the networks; a distance that is 0 throughout is left out."""
    labels = {"A": own, "B": enters, "group": 2 * own + enters}
    out = dict[str, float]()
    for name in LABELS:
        distance, label = name.split(" by ")
        if found[distance].max() > NOTHING:
            out[name] = float(silhouette_score(found[distance], labels[label], metric="precomputed"))
    return out


def grouped(
    seed: int, inputs: int, seen: int, each: int, points: int, block: int
) -> tuple[dict[str, dict], dict[str, float]]:
    """Return silhouettes by method, every network under an input of its own; and how far input_dsa is off on one pair."""
    rng = np.random.default_rng([seed, 18, seen, inputs])
    view = some_units(rng, seen)
    networks, own, enters = list[cj.Trajectories](), list[int](), list[int]()
    for i, j, system in grid(seed, inputs):
        for _ in range(each):
            networks.append(system.run(rng.standard_normal((10, points // 10, inputs)), view, rng))
            own.append(i)
            enters.append(j)
    out, off = dict[str, dict](), dict[str, float]()
    for method, systems in fits(networks, block).items():
        found = distances(systems, pairs_of(len(systems)))
        out[method] = silhouettes(found, np.array(own), np.array(enters))
        if method == "subspace":
            score = cj.get_measure("input_dsa")(systems[0], systems[-1])
            off[ONE] = float(found["control"].max()) if inputs == 1 else 0.0
            wanted = {"joint": score.value, "control": score.details["control"], "state": score.details["state"]}
            wanted = {name: value for name, value in wanted.items() if np.isfinite(value)}
            off |= {name: abs(found[name][0, -1] - value) for name, value in wanted.items()}
    return out, off


def exact(seed: int, inputs: int, every: int) -> float:
    """Return the largest of the three distances between a linear system and itself in another basis, all of it seen."""
    rng = np.random.default_rng([seed, 19])
    worst = 0.0
    for _, _, system in grid(seed, inputs)[::every]:
        linear = System(system.own, system.enters, 0.0)
        u = rng.standard_normal((10, 200, inputs))
        a, b = (linear.run(u, view, rng, 0.0) for view in (np.eye(UNITS), turned(rng)))
        score = cj.get_measure("input_dsa", method="dmdc", delays=1, rank=RANK)(a, b)
        parts = [score.value, score.details["state"], score.details["control"]]
        worst = max(worst, float(np.nanmax(parts)))  # of one input there is no control distance
    return worst


def separated(seed: int, seen: int | None, points: int, block: int, tested: int) -> list[Judged]:
    """Judge pairs of eight networks fed the same 4 inputs, two of each group, each seen through other units or in another basis.

    Pairs are those of one group, and all between one network of each group.
    """
    rng = np.random.default_rng([seed, 20, seen or 0])
    u = rng.standard_normal((10, points // 10, 4))
    networks, names, truths = list[cj.Trajectories](), list[str](), list[tuple[int, int]]()
    for i, j, system in grid(seed, 4):
        for _ in range(2):
            view = turned(rng) if seen is None else some_units(rng, seen)
            curved = 0.0 if seen is None else CURVED
            networks.append(System(system.own, system.enters, curved).run(u, view, rng))
            names.append(f"A{i + 1} B{j + 1}")
            truths.append((i, j))
    delays = 1 if seen is None else block
    dsa = cj.get_measure("dsa", delays=delays, rank=RANK)
    method = "dmdc" if seen is None else "subspace"
    joined = cj.get_measure("input_dsa", method=method, delays=delays, rank=RANK)
    of_group = [(i, j) for i, j in pairs_of(len(networks)) if truths[i] == truths[j]]
    which = of_group + [(i, j) for i, j in pairs_of(len(networks)) if truths[i] != truths[j] and not (i % 2 or j % 2)]
    plain = distances([dsa.prepare(x).system for x in networks], which)["state"]
    joint = distances([joined.prepare(x) for x in networks], which)["joint"]
    # the direct test is given the first points of every trial, cut into trials of 50; the rest all of them
    short = [
        cj.Trajectories([x[at : at + 50] for x in one.values for at in range(0, tested, 50)], trials=np.arange(10 * tested // 50),
                        drive=[v[at : at + 50] for v in u for at in range(0, tested, 50)]) for one in networks
    ]  # fmt: skip
    out = list[Judged]()
    for i, j in which:
        answer, worst, _ = direct(short[i], short[j], seed)
        scores = {
            "direct test": worst, "DSA": plain[i, j], "InputDSA, joint": joint[i, j],
            **geometry(rows(networks[i]), rows(networks[j])),
        }  # fmt: skip
        out.append(Judged(seed, f"{names[i]} and {names[j]}", truths[i] == truths[j], scores, answer))
    return out


def main() -> None:
    """Group networks by silhouettes, then judge pairs."""
    experiment = start("Inputs: own dynamics told apart from how the input enters")
    quick = experiment.quick
    repeats = range(experiment.seed, experiment.seed + (2 if quick else 10))
    points, block, each, tested = (3000, 12, 2, 50) if quick else (10000, 50, 3, 150)
    experiment.report(
        "set-up",
        f"{len(repeats)} draws of two A and two B; {each} inputs a group, {points} points in 10 trials; delays and "
        f"block {block} ({WHOLE} where 10 units are seen), rank {RANK}, noise {NOISE}; state distances by the fast search",
    )
    settings = [(1, 2), (4, 2)] if quick else [(1, 2), (4, 2), (4, 10)]  # inputs, units seen
    tables, off = dict[tuple[int, int], list[dict[str, dict]]](), list[dict[str, float]]()
    for inputs, seen in settings:
        for seed in repeats:
            table, one = grouped(seed, inputs, seen, each, points, block if seen == 2 else WHOLE)
            tables.setdefault((inputs, seen), []).append(table)
            off.append(one)
    in_bases = {inputs: max(exact(seed, inputs, 4 if quick else 3) for seed in repeats) for inputs in (1, 4)}
    experiment.line(
        "one system in two bases, 4 inputs, all units seen, no noise: state, control and joint distance",
        "all below 1e-6, every draw", f"at most {in_bases[4]:.1e}", in_bases[4] < 1e-6,
    )  # fmt: skip
    experiment.report("the same with 1 input, which moves some directions a million times less than others",
                      f"at most {in_bases[1]:.1e}")  # fmt: skip
    worst = {name: max(one.get(name, 0.0) for one in off) for name in set().union(*off)}
    experiment.line(
        "control and joint distance of all pairs at once, against input_dsa on one pair a draw", "the same to 1e-9",
        f"{worst['control']:.1e} and {worst['joint']:.1e}; the fast search leaves the state distance {worst['state']:.2g} off",
        max(worst["control"], worst["joint"]) < NOTHING,
    )  # fmt: skip
    experiment.line(
        "control distance between any two networks of one input", "0: a single vector can be turned onto any other",
        f"at most {worst[ONE]:.1e}", worst[ONE] < NOTHING,
    )  # fmt: skip
    for setting, drawn in tables.items():
        for method in METHODS:
            _report_silhouettes(experiment, setting, method, drawn)
    pairs = dict[str, list[Judged]]()
    for seed in experiment.seeds:
        pairs.setdefault("2 of 20 units, others each time", []).extend(separated(seed, 2, points, block, tested))
        pairs.setdefault("all units, another basis", []).extend(separated(seed, None, points, block, tested))
    never_equivalent(experiment, "all units, another basis", pairs["all units, another basis"])
    wrong = [p for p in pairs["2 of 20 units, others each time"] if not p.equal and p.answer == "equivalent"]
    experiment.line("2 of 20 units: different pairs that the direct test calls equivalent", "none",
                    f"{len(wrong) or 'none'}", not wrong)  # fmt: skip
    for what, some in pairs.items():
        report_separation(experiment, what, some)
    draw(experiment, tables, pairs)
    experiment.finish()


def _report_silhouettes(
    experiment: Experiment, setting: tuple[int, int], method: str, drawn: list[dict[str, dict]]
) -> None:
    """Say mean and interval of every silhouette, beside what the reference stored, which had one input."""
    inputs, seen = setting
    what = f"{inputs} input{'s' if inputs > 1 else ''}, {seen} of {UNITS} units seen, {method}"
    parts = list[str]()
    for label in LABELS:
        values = [one[method][label] for one in drawn if label in one[method]]
        if values:
            mean, half = interval(values)
            stored = STORED[method].get(label) if setting == (1, 2) else None
            parts.append(f"{label} {mean:.2f} +- {half:.2f}" + (f" (reference {stored:g})" if stored else ""))
            experiment.numbers.setdefault("silhouettes", {})[f"{what}: {label}"] = values
    experiment.report(f"silhouettes, {what}", "; ".join(parts))


def interval(values: Sequence[float]) -> tuple[float, float]:
    """Return the mean, and half the 95 % interval over draws."""
    x = np.asarray(values)
    return float(x.mean()), float(student.ppf(0.975, len(x) - 1) * x.std(ddof=1) / np.sqrt(len(x)))


def draw(experiment: Experiment, tables: dict, pairs: dict[str, list[Judged]]) -> None:
    """Draw silhouettes by method, and how each method separates the pairs."""
    figure = plt.figure(figsize=(12, 10), layout="constrained")
    top, *lower = figure.subfigures(1 + len(pairs), 1)
    axes = top.subplots(1, len(tables), sharey=True)
    for ax, ((inputs, seen), drawn) in zip(axes, tables.items(), strict=True):
        for k, method in enumerate(METHODS):
            for at, label in enumerate(LABELS):
                values = [one[method][label] for one in drawn if label in one[method]]
                place = at + 0.25 * (k - 1)
                colour = ("#565d68", "#c14d00", "#0072b2")[k]
                ax.plot(
                    np.full(len(values), place),
                    values,
                    ".",
                    color=colour,
                    markersize=4,
                    label=method if at == 0 else None,
                )
                stored = STORED[method].get(label)
                if stored and (inputs, seen) == (1, 2):
                    name = "reference, stored" if (k, at) == (0, 1) else None
                    ax.plot(place, stored, "_", color="#16181d", markersize=11, label=name)
        ax.set_title(f"{inputs} input{'s' if inputs > 1 else ''}, {seen} of {UNITS} units seen", fontsize=9)
        ax.set_xticks(range(len(LABELS)), [x.replace(" by ", "\nby ") for x in LABELS], fontsize=7)
        ax.axhline(0, color="#16181d", linewidth=0.6)
    axes[0].set_ylabel("silhouette")
    axes[0].set_ylim(top=1.35)
    axes[0].legend(fontsize=7, loc="upper left", ncols=2)
    for part, (what, some) in zip(lower, pairs.items(), strict=True):
        panels = part.subplots(1, len(PAIRED))
        for ax, method in zip(panels, PAIRED, strict=True):
            draw_separation(ax, some, method)
        panels[0].set_ylabel("dissimilarity")
        part.suptitle(f"{what}, same input: a different pair scores above an equal one, how often [95 %]", fontsize=10)
    experiment.save(figure, "inputs.png")


if __name__ == "__main__":
    main()
