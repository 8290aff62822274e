"""Flip-flop networks and deformed copies: the same dynamics in another shape, and other dynamics on the same inputs.

python examples/dynamics/flip_flops.py [--quick] [--out DIR] [--seed N]

After Ostrow et al. 2023. Three bits, each set by the sign of its pulses, held by vanilla, gated and long short-term memory
networks. Equal by construction: a network, and a copy whose states went through a random rotation and a scaled sigmoid; its step
is the network's own, carried through the deformation. Two kinds are different by construction, on the same inputs. Networks that
were not trained hold no bits. Networks with one bit, set by the pulses of all three inputs, have two states of rest, and a
flip-flop has eight. (Toggling, and one_bit between -1 and 1, were tried first; the networks learned them to 57 % and 97 % in 400
and 600 steps.) For networks of the same task with other weights the truth is not known; they are reported separately.

The direct test uses the networks' own steps; its answers from data alone are shown too. The sigmoid has no inverse outside its
range. So a state beyond the range that a copy's unit takes in its trials is moved to the edge of that range. With the edge of
the sigmoid itself, errors of the fitted map were sent far off, and one-step residuals of copies of gain 1 rose from .1 to .9.
Under the true deformation the steps agree to rounding, on pushed states too; all residuals come from the fitted map.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from cells import GATES, Network, difference_from_torch, untrained
from common import (
    Experiment,
    Judged,
    Step,
    direct,
    draw_separation,
    geometry,
    plt,
    report_separation,
    rows,
    start,
)
from flip_flop_task import BITS, POINTS, Key, flip_flops, pulses, trained
from scipy.special import expit, logit

import conjugacy as cj
from conjugacy.results import AxisVerdict, Estimate, Evidence
from conjugacy.verdict.decide_dynamics import decide_dynamics
from conjugacy.verdict.dynamics_numbers import DynamicsNumbers, SystemNumbers, WayNumbers

TRIALS, MANY = 50, 200
CELLS = (("tanh", 32), ("tanh", 64), ("relu", 48), ("gru", 24), ("gru", 48), ("lstm", 24))
ONE_BIT = (("tanh", 32), ("gru", 24))
GAINS = (1.0, 3.0)  # of the sigmoids, times the spread of the states: one bends them a little, one saturates


@dataclass(frozen=True, eq=False)
class Deformation:
    """y = scale * sigmoid(gain * (h - mean) R / spread), unit by unit, and its inverse."""

    rotation: np.ndarray
    mean: np.ndarray
    gain: float
    scale: np.ndarray
    visited: tuple[np.ndarray, np.ndarray]

    @classmethod
    def drawn(cls, states: np.ndarray, gain: float, seed: int) -> Deformation:
        """Return a random one, its gain in units of the states' spread."""
        rng, n = np.random.default_rng(seed), states.shape[1]
        spread = float(np.sqrt(states.var(axis=0).mean()))
        rotation = np.linalg.qr(rng.standard_normal((n, n)))[0]
        turned = (states - states.mean(axis=0)) @ rotation
        visited = turned.min(axis=0), turned.max(axis=0)
        return cls(rotation, states.mean(axis=0), gain / spread, rng.uniform(0.5, 2.0, n), visited)

    def __call__(self, h: np.ndarray) -> np.ndarray:
        """Return the deformed states."""
        return self.scale * expit(self.gain * (h - self.mean) @ self.rotation)

    def back(self, y: np.ndarray) -> np.ndarray:
        """Return the states that were deformed to these, none beyond the visited range of its unit."""
        low, high = (expit(self.gain * z) for z in self.visited)
        return logit(np.clip(y / self.scale, low, high)) / self.gain @ self.rotation.T + self.mean


@dataclass(frozen=True, eq=False)
class System:
    """Trajectories and the exact step that made them; of a copy, how its states were deformed."""

    name: str
    states: cj.Trajectories
    step: Step
    shape: Deformation | None = None


def shared_bit(drive: np.ndarray) -> np.ndarray:
    """Return one bit, thrice, after every input: the sign of the last pulses of any input, -1 before the first."""
    return flip_flops(np.repeat(np.sign(drive.sum(axis=2, keepdims=True)), BITS, axis=2))


def first_of(networks: dict[int, list[Network]]) -> dict[int, Network]:
    """Return the one network of every seed."""
    return {seed: network for seed, (network,) in networks.items()}


def recorded(name: str, network: Network, drive: np.ndarray) -> System:
    """Return the states at every time point; input t acts on the step from t to t + 1."""
    return _system(name, network.run(np.ones((len(drive), 1)), POINTS, drive), drive, network.step)


def deformed(system: System, gain: float, seed: int) -> System:
    """Return the copy whose states went through a random rotation and sigmoids."""
    deform = Deformation.drawn(rows(system.states), gain, seed)

    def step(y: np.ndarray, drive: np.ndarray | None) -> np.ndarray:
        return deform(system.step(deform.back(y), drive))

    drive = np.stack(system.states.drive or ())
    copy = _system(f"{system.name}, gain {gain:g}", deform(np.stack(system.states.values)), drive, step)
    return replace(copy, shape=deform)


def _system(name: str, states: np.ndarray, drive: np.ndarray, step: Step) -> System:
    return System(name, cj.Trajectories(states, dt=1.0, trials=np.arange(len(states)), drive=drive), step)


def carried(a: System, copy: System) -> float:
    """Return |D(f(x)) - g(D(x))|^2 over |g(D(x)) - D(x)|^2 on states pushed toward other visited ones, D the true deformation."""
    shape, rng = copy.shape, np.random.default_rng(0)
    assert shape is not None
    now, fed = rows(a.states), np.concatenate(a.states.drive or ())
    pushed = now + 0.3 * (rng.permutation(now) - now)
    after = copy.step(shape(pushed), fed)
    return float(((shape(a.step(pushed, fed)) - after) ** 2).sum() / ((after - shape(pushed)) ** 2).sum())


def without_steps(found: AxisVerdict) -> float:
    """Return the direct test's score by data alone: the worse of both ways."""
    kept = [e for e in found.evidence if e.name.startswith("next_point")]
    return max((e.value or 0.0) - (e.floor or 0.0) for e in kept)


def from_data_alone(found: AxisVerdict) -> str:
    """Return the answer that the same numbers give without the live steps."""
    evidence = {e.name: e for e in found.evidence}
    limits = ("power", "half", "growth", "later")
    ways, ends = list[WayNumbers](), list[SystemNumbers]()
    for way, x in (("a_to_b", "a"), ("b_to_a", "b")):
        ways.append(WayNumbers(_estimate(evidence[f"next_point_{way}"]), evidence[f"left_to_tell_{way}"].value or 0.0))
        own = (_estimate(evidence[f"{name}_{x}"]) for name in ("own_step", "drive_alone", "delays_add"))
        asked = {name: evidence[f"{name}_{x}"].value or 0.0 for name in limits if f"{name}_{x}" in evidence}
        ends.append(SystemNumbers(*own, limits=asked))
    partners, courses = (evidence[x].value or 0.0 for x in ("interchangeable_partners", "distinct_courses"))
    numbers = DynamicsNumbers(*ways, *ends, partners, int(courses), drive_known=True)
    return decide_dynamics(numbers)[0]


def _estimate(e: Evidence) -> Estimate:
    return Estimate(e.value, e.low, e.high)


def systems_of(
    seed: int, trials: int, held: dict[Key, Network], one_bit: dict[Key, Network], cells: Sequence[Key]
) -> list[list[System]]:
    """Return the flip-flops of one seed, their copies, the untrained networks and those of one bit."""
    drive = pulses(trials, POINTS, np.random.default_rng([seed, 7]))
    own = [recorded(f"{kind} {n}", held[kind, n], drive) for kind, n in cells]
    copies = [deformed(x, gain, 100 * seed + i) for i, x in enumerate(own) for gain in GAINS]
    raw = [
        recorded(f"untrained {kind} {n}", untrained(kind, n, (1, BITS, BITS), 1000 * seed + 900 + i), drive)
        for i, (kind, n) in enumerate(cells)
    ]
    other = [recorded(f"one bit {kind} {n}", network, drive) for (kind, n), network in one_bit.items()]
    return [own, copies, raw, other]


def pairs_of(
    own: list[System], copies: list[System], raw: list[System], other: list[System]
) -> list[tuple[System, System, bool | None]]:
    """Return the pairs with their truth."""
    equal = [(own[i // len(GAINS)], x, True) for i, x in enumerate(copies)]
    different = [(x, y, False) for x, y in zip(own, raw, strict=True)]
    different += [(x, other[i % len(other)], False) for i, x in enumerate(own)]
    chain = [(x, own[(i + 1) % len(own)], None) for i, x in enumerate(own)] if len(own) > 1 else []
    return [*equal, *different, *chain]


def main() -> None:
    """Train, deform, judge."""
    experiment = start("Flip-flops: deformed copies, other tasks, other architectures")
    off = max(difference_from_torch(kind) for kind in GATES)
    experiment.line("steps against torch's own cells, largest difference", "under 1e-12", f"{off:.1g}", off < 1e-12)
    cells, one_bit_cells = (CELLS[:1], ONE_BIT[:1]) if experiment.quick else (CELLS, ONE_BIT)
    held = {c: first_of(trained(experiment, c, flip_flops, "flip-flops", 10 + i)) for i, c in enumerate(cells)}
    one_bit = {c: first_of(trained(experiment, c, shared_bit, "one bit", 50 + i)) for i, c in enumerate(one_bit_cells)}
    measures = {
        name: cj.get_measure("dsa", delays=q, rank=20, effort="fast")
        for name, q in (("DSA", 10), ("DSA, no delays", 1))
    }
    pairs, alone, told, truth, first = list[Judged](), list[str](), list[float](), list[float](), list[list[System]]()
    for seed in experiment.seeds:
        groups = systems_of(
            seed,
            30 if experiment.quick else TRIALS,
            *({c: x[seed] for c, x in of.items()} for of in (held, one_bit)),
            cells,
        )
        first = first or groups
        truth += [carried(groups[0][i // len(GAINS)], x) for i, x in enumerate(groups[1])]
        for a, b, equal in pairs_of(*groups):
            answer, score, found = direct(a.states, b.states, seed, (a.step, b.step))
            dsa = {name: float(m(a.states, b.states).value) for name, m in measures.items()}
            scores = {
                "direct test": score,
                "data alone": without_steps(found),
                **dsa,
                **geometry(rows(a.states), rows(b.states)),
            }
            pairs.append(Judged(seed, f"{a.name}, {b.name}", equal, scores, answer))
            alone.append(from_data_alone(found))
            told += [e.value for e in found.evidence if e.name == "drive_alone_a" and e.value is not None]
    experiment.line(
        f"{len(truth)} copies by the true deformation: disagreement of the steps, on pushed states", "under 1e-9 of a step",
        f"{min(truth):.1g} to {max(truth):.1g}", max(truth) < 1e-9,
    )  # fmt: skip
    report_separation(experiment, "flip-flops", pairs)
    report_gains(experiment, pairs)
    report_answers(experiment, "with live steps", pairs, [p.answer for p in pairs])
    report_answers(experiment, "from data alone", pairs, alone)
    report_drive(experiment, told)
    report_unknown(experiment, pairs)
    if not experiment.quick:
        report_trials(experiment, held[cells[0]], cells[0])
    draw(experiment, pairs, first, measures["DSA"])
    experiment.finish()


def report_gains(experiment: Experiment, pairs: Sequence[Judged]) -> None:
    """Say what becomes of the scores of copies as their sigmoids saturate."""
    for gain in GAINS:
        found = [p for p in pairs if p.equal and p.name.endswith(f"gain {gain:g}")]
        spans = {m: np.quantile([p.scores[m] for p in found], [0.0, 0.5, 1.0]) for m in found[0].scores}
        experiment.report(
            f"deformed copies of gain {gain:g}: median (least to largest), answers",
            "; ".join(f"{m} {mid:.2g} ({low:.2g} to {high:.2g})" for m, (low, mid, high) in spans.items())
            + f"; {_counted(p.answer for p in found)}",
        )


def report_answers(experiment: Experiment, what: str, pairs: Sequence[Judged], answers: Sequence[str]) -> None:
    """Expect that no different pair is called equivalent, and say what is answered to all."""
    groups = {True: "equal", False: "different", None: "unknown"}
    of = {k: [x for p, x in zip(pairs, answers, strict=True) if p.equal is k] for k in groups}
    experiment.line(
        f"{what}: different pairs called equivalent", "none", str(of[False].count("equivalent")), "equivalent" not in of[False]
    )  # fmt: skip
    experiment.report(f"{what}: answers", "; ".join(f"{groups[k]}: {_counted(x)}" for k, x in of.items() if x))
    experiment.numbers[f"answers {what}"] = list(answers)


def report_drive(experiment: Experiment, shares: Sequence[float]) -> None:
    """Say how much of the trained networks' states the input's history leaves: below .1 nothing is said from data alone."""
    low, middle, high = np.quantile(shares, [0.0, 0.5, 1.0])
    experiment.report(
        "flip-flops' states that the input's history does not tell (a reservoir's read-out): median (least to largest)",
        f"{middle:.2g} ({low:.2g} to {high:.2g})",
    )


def report_unknown(experiment: Experiment, pairs: Sequence[Judged]) -> None:
    """Say what comes of networks of the same task, other weights or architecture, of which no truth is known."""
    unknown = [p for p in pairs if p.equal is None]
    if not unknown:
        return
    spans = "; ".join(
        f"{m} {min(p.scores[m] for p in unknown):.2g} to {max(p.scores[m] for p in unknown):.2g}"
        for m in unknown[0].scores
    )
    experiment.report(
        "same task, other weights (no truth known): scores, answers",
        f"{spans}; {_counted(p.answer for p in unknown)}",
    )


def report_trials(experiment: Experiment, held: dict[int, Network], cell: Key) -> None:
    """Say whether more trials help with the copies: the live residuals rest on a map that is fitted to visited states."""
    for gain in GAINS:
        parts: list[str] = []
        for trials in (TRIALS, MANY):
            found: list[tuple[str, float]] = []
            for seed, network in held.items():
                own = recorded("", network, pulses(trials, POINTS, np.random.default_rng([seed, 8])))
                copy = deformed(own, gain, 100 * seed)
                found.append(direct(own.states, copy.states, seed, (own.step, copy.step))[:2])
            scores = [score for _, score in found]
            parts.append(f"{trials}: {min(scores):.2g} to {max(scores):.2g}, {_counted(x for x, _ in found)}")
        experiment.report(f"{cell[0]} {cell[1]} and copies of gain {gain:g}, by number of trials", "; ".join(parts))


def _counted(answers: Iterable[str]) -> str:
    return ", ".join(f"{n} {x}" for x, n in sorted(Counter(answers).items()))


def classical_map(distances: np.ndarray) -> np.ndarray:
    """Return points in the plane by classical multidimensional scaling, (k, 2)."""
    centring = np.eye(len(distances)) - 1.0 / len(distances)
    values, vectors = np.linalg.eigh(-0.5 * centring @ distances**2 @ centring)
    return vectors[:, -2:] * np.sqrt(np.maximum(values[-2:], 0.0))


def draw(experiment: Experiment, pairs: Sequence[Judged], groups: Sequence[Sequence[System]], dsa: cj.Measure) -> None:
    """Draw the scores, those without a known truth beside, and maps of the first seed's systems by DSA and by Procrustes."""
    methods = list(pairs[0].scores)
    figure, axes = plt.subplots(2, 4, figsize=(13, 7), layout="constrained")
    units = {
        "direct test": "residual over floor, fraction",
        "data alone": "residual over floor, fraction",
        "CKA": "1 - CKA",
    }
    for axis, method in zip(axes.flat, methods, strict=False):
        draw_separation(axis, pairs, method)
        values = [p.scores[method] for p in pairs if p.equal is None]
        axis.plot(2 + np.linspace(-0.18, 0.18, len(values)), values, "s", color="#9aa0a8", markersize=3)
        axis.set_xticks([0, 1, 2], ["equal", "different", "unknown"])
        axis.set_xlim(-0.5, 2.5)
        axis.autoscale(axis="y")
        axis.set_ylim(bottom=0.0)
        axis.set_ylabel(units.get(method, "angle, rad"), fontsize=8)
        axis.tick_params(labelsize=8)
    items = [x for group in groups for x in group]
    fitted = [dsa.prepare(x.states) for x in items]
    apart = {
        "DSA": lambda i, j: dsa.compare(fitted[i], fitted[j]).value,
        "Procrustes": lambda i, j: geometry(rows(items[i].states), rows(items[j].states))["Procrustes"],
    }
    kinds = ("flip-flops", "their copies", "untrained", "one bit")
    which = np.repeat(np.arange(len(groups)), [len(group) for group in groups])
    for axis, (method, distance) in zip(axes.flat[len(methods) :], apart.items(), strict=False):
        table = np.zeros((len(items), len(items)))
        for i, j in combinations(range(len(items)), 2):
            table[i, j] = table[j, i] = float(distance(i, j))
        places = classical_map(table)
        for k, mark in enumerate("o.x^"):
            axis.plot(
                *places[which == k].T,
                mark,
                label=kinds[k],
                markersize=6,
                color=("#0072b2", "#0072b2", "#c14d00", "#6b4c9a")[k],
            )
        axis.set_title(f"{method}, one seed: classical\nmultidimensional scaling", fontsize=9)
        axis.set_xlabel("angle, rad", fontsize=8)
        axis.set_ylabel("angle, rad", fontsize=8)
        axis.tick_params(labelsize=8)
        axis.set_aspect("equal", "datalim")
        axis.legend(fontsize=7)
    for axis in axes.flat[len(methods) + len(apart) :]:
        axis.axis("off")
    experiment.save(figure, "flip_flops.png")


if __name__ == "__main__":
    main()
