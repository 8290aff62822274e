"""Shared by these experiments: pairs judged by every method, and how well each separates equal pairs from different ones."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import NormalDist

import numpy as np
from scipy.optimize import brentq

sys.path.insert(0, str(Path(__file__).parents[1]))  # every experiment runs alone, from anywhere
from experiment import Experiment, plt, start
from matplotlib.axes import Axes

import conjugacy as cj
from conjugacy.comparison.matched_dynamics import matched_verdict
from conjugacy.results import AxisVerdict

__all__ = ["Experiment", "plt", "start"]

Step = Callable[[np.ndarray, np.ndarray | None], np.ndarray]
COLOURS = {"direct test": "#0072b2", "DSA": "#c14d00", "Procrustes": "#6b4c9a", "CKA": "#4d7c0f"}
DRAWS = 2000


@dataclass(frozen=True)
class Judged:
    """What every method says of one pair.

    Attributes
    ----------
    seed : int
    name : str
    equal : bool or None
        The truth by construction; None where there is none.
    scores : dict of str to float
        Dissimilarity by method, larger is more different.
    answer : str
        Of the direct test.
    """

    seed: int
    name: str
    equal: bool | None
    scores: dict[str, float]
    answer: str


def direct(
    a: cj.Trajectories, b: cj.Trajectories, seed: int, steps: tuple[Step | None, Step | None] = (None, None)
) -> tuple[str, float, AxisVerdict]:
    """Return the direct test's answer, its score (the worst of its residuals, floors taken off), and all of it."""
    found = matched_verdict(a, b, seed, steps)
    kept = ("next_point", "live")
    parts = [e.value - (e.floor or 0.0) for e in found.evidence if e.name.startswith(kept) and e.value is not None]
    return found.answer, max(parts), found


def geometry(a: np.ndarray, b: np.ndarray) -> dict[str, float]:
    """Return the angular Procrustes distance and 1 - CKA of states at the same trials and times, (rows, units) each."""
    return {
        "Procrustes": float(cj.get_measure("procrustes")(a, b).value),
        "CKA": 1.0 - float(cj.get_measure("cka")(a, b).value),
    }


def rows(x: cj.Trajectories) -> np.ndarray:
    """Return all states of all trials, one below the other."""
    return np.concatenate(x.values)


def judged(
    seed: int,
    name: str,
    equal: bool | None,
    a: cj.Trajectories,
    b: cj.Trajectories,
    *,
    dsa: cj.Measure,
    steps: tuple[Step | None, Step | None] = (None, None),
) -> Judged:
    """Judge one pair of matched trials by the direct test, DSA, Procrustes and CKA."""
    answer, score, _ = direct(a, b, seed, steps)
    scores = {"direct test": score, "DSA": float(dsa(a, b).value), **geometry(rows(a), rows(b))}
    return Judged(seed, name, equal, scores, answer)


def separation(pairs: Sequence[Judged], method: str, draws: int = DRAWS) -> tuple[float, float, float]:
    """Return how often a different pair scores above an equal one (area under the curve), and its 95 % interval.

    The interval is the wider of two: the bootstrap over seeds, and Newcombe's score interval with every pair counted (Newcombe
    2006, method 5), which is not empty where all pairs are separated.
    """
    known = [p for p in pairs if p.equal is not None]
    truth, scores = np.array([not p.equal for p in known]), np.array([p.scores[method] for p in known])
    seeds = np.unique([p.seed for p in known], return_inverse=True)[1]
    higher, lower = scores[truth][:, None], scores[~truth][None]
    above = (higher > lower) + 0.5 * (higher == lower)
    of_seed = np.eye(seeds.max() + 1)[seeds]
    wins = of_seed[truth].T @ above @ of_seed[~truth]  # by the seed of the different pair and that of the equal one
    counts = of_seed[truth].sum(axis=0), of_seed[~truth].sum(axis=0)
    found = float(above.mean())
    drawn = np.random.default_rng(0).multinomial(len(wins), np.full(len(wins), 1.0 / len(wins)), draws)
    of_pairs = (drawn @ counts[0]) * (drawn @ counts[1])
    areas = np.einsum("ds,st,dt->d", drawn, wins, drawn)[of_pairs > 0] / of_pairs[of_pairs > 0]
    low, high = np.quantile(areas, [0.025, 0.975])
    by_score = _newcombe(found, int(truth.sum()), int((~truth).sum()))
    return found, min(float(low), by_score[0]), max(float(high), by_score[1])


def _newcombe(area: float, m: int, n: int) -> tuple[float, float]:
    """Return the values t with |area - t| = z sd(t), sd(t) after Hanley and McNeil with both groups of size (m + n) / 2."""
    z, size = NormalDist().inv_cdf(0.975), (m + n) / 2.0

    def excess(t: float) -> float:
        spread = t * (1 - t) * (1 + (size - 1) * ((1 - t) / (2 - t) + t / (1 + t))) / (m * n)
        return (area - t) ** 2 - z**2 * spread

    low = 0.0 if area <= 0 else float(brentq(excess, 0.0, min(area, 1 - 1e-9)))  # 1 is a root of its own
    high = 1.0 if area >= 1 else float(brentq(excess, max(area, 1e-9), 1.0))
    return low, high


def report_separation(experiment: Experiment, what: str, pairs: Sequence[Judged]) -> None:
    """Say how well every method separates, what the direct test answers, and whether geometry falls short here."""
    methods = list(pairs[0].scores)
    areas = {method: separation(pairs, method) for method in methods}
    for method, (area, low, high) in areas.items():
        ranges = {
            equal: [p.scores[method] for p in pairs if p.equal is equal] for equal in (True, False)
        }  # fmt: skip
        spans = "; ".join(
            f"{'equal' if equal else 'different'} {min(v):.2g} to {max(v):.2g}" for equal, v in ranges.items()
        )
        experiment.report(
            f"{what}: {method}, a different pair scores above an equal one",
            f"{area:.2f} [{low:.2f}, {high:.2f}]; {spans}",
        )
    for equal in (True, False):
        answers = [p.answer for p in pairs if p.equal is equal]
        counts = ", ".join(f"{answers.count(x)} {x}" for x in sorted(set(answers)))
        experiment.report(
            f"{what}: direct test on the {len(answers)} {'equal' if equal else 'different'} pairs", counts
        )
    geometric = {m: areas[m] for m in methods if m.startswith(("Procrustes", "CKA"))}
    short = [m for m, (_, _, high) in geometric.items() if high < 1.0]
    well = [m for m in geometric if m not in short]
    verdict = "; ".join(
        f"{words}: {', '.join(names)}"
        for words, names in (("falls short", short), ("does not fall short", well))
        if names
    )
    experiment.report(f"{what}: geometry", verdict)
    experiment.numbers.setdefault("pairs", []).extend({"study": what, **asdict(p)} for p in pairs)


def never_equivalent(experiment: Experiment, what: str, pairs: Sequence[Judged]) -> None:
    """Expect that no different pair is called equivalent, and no equal pair different."""
    wrong = [
        p for p in pairs if (p.equal is False and p.answer == "equivalent") or (p.equal and p.answer == "different")
    ]
    names = "; ".join(f"{p.name} (seed {p.seed}): {p.answer}" for p in wrong)
    experiment.line(f"{what}: wrong answers of the direct test", "none", names or "none", not wrong)


def draw_separation(axes: Axes, pairs: Sequence[Judged], method: str) -> None:
    """Draw every pair's score, equal and different pairs side by side."""
    for at, equal in enumerate((True, False)):
        values = np.array([p.scores[method] for p in pairs if p.equal is equal])
        shift = np.linspace(-0.18, 0.18, max(len(values), 1))[: len(values)]
        axes.plot(at + shift, values, "o" if equal else "x", color=COLOURS.get(method, "#565d68"), markersize=4)
    area, low, high = separation(pairs, method)
    axes.set_title(f"{method}\n{area:.2f} [{low:.2f}, {high:.2f}]", fontsize=9)
    axes.set_xticks([0, 1], ["equal", "different"])
    axes.set_xlim(-0.5, 1.5)
    axes.set_ylim(bottom=0.0)
