"""Systems with unmatched trials: all pairs of a seed are judged, with intervals over systems, since pairs share systems."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass

import numpy as np
from common import Experiment
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

import conjugacy as cj
from conjugacy.comparison.unmatched import REPEATED, unmatched_verdict
from conjugacy.dynamics.recurrence import WEIGHTS, at_times, common_times
from conjugacy.dynamics.unmatched import Halves, compare_unmatched, prepared
from conjugacy.errors import InputError
from conjugacy.measures.dynamics import PreparedCurves
from conjugacy.transformations.distinct_courses import distinct_courses
from conjugacy.verdict.decide_unmatched import STRETCH, decide_unmatched

METHODS = {
    "dynamics": cj.get_measure("dynamics"),
    "dsa": cj.get_measure("dsa", delays=10, rank=20, effort="fast"),
    "dsa_wasserstein": cj.get_measure("dsa_wasserstein", delays=10, rank=20),
}
COLOURS = {"equivalent": "#0072b2", "undecided": "#9aa0a8", "different": "#c14d00"}
DRAWS, WRONG_AT_MOST = 2000, 0.05


@dataclass(frozen=True, eq=False)
class System:
    """One recording: what it is by construction, and its trials."""

    kind: str
    name: str
    seen: cj.Trajectories


@dataclass(frozen=True)
class Pair:
    """What is said of two systems of one seed.

    Attributes
    ----------
    seed : int
    ends : (int, int)
        Their numbers within the seed.
    kinds, names : (str, str)
    equal : bool or None
        The truth by construction; None where there is none.
    scores, curves : dict of str to float
        Dissimilarity by method, and how far apart each of the recurrence curves lies.
    answer : str
        Of the verdict.
    numbers : dict of str to float
        That it rests on: distance and floor of halves, and both p; empty where there is none.
    """

    seed: int
    ends: tuple[int, int]
    kinds: tuple[str, str]
    names: tuple[str, str]
    equal: bool | None
    scores: dict[str, float]
    curves: dict[str, float]
    answer: str
    numbers: dict[str, float]

    @property
    def wrong(self) -> bool:
        """Whether equal systems are called different, or different ones equivalent."""
        return (self.equal is True and self.answer == "different") or (
            self.equal is False and self.answer == "equivalent"
        )


Truth = Callable[[System, System], bool | None]


def same_kind(a: System, b: System) -> bool:
    """Return the truth where kinds are systems."""
    return a.kind == b.kind


def judged(
    seed: int, systems: Sequence[System], truth: Truth, wanted: Callable[[System, System], bool] = lambda a, b: True
) -> list[Pair]:
    """Judge all pairs that are wanted, each system halved and its curves computed once."""
    halves = [_halved(x.seen, 1000 * seed + i) for i, x in enumerate(systems)]
    ready = {name: [m.prepare(x.seen) for x in systems] for name, m in METHODS.items()}
    found = list[Pair]()
    for i in range(len(systems)):
        for j in range(i):
            a, b = systems[j], systems[i]
            if not wanted(a, b):
                continue
            scores = {name: float(m.compare(ready[name][j], ready[name][i]).value) for name, m in METHODS.items()}
            curves = _apart(ready["dynamics"][j], ready["dynamics"][i])
            answer, numbers = _verdict(halves[j], halves[i])
            names, kinds = (a.name, b.name), (a.kind, b.kind)
            found.append(Pair(seed, (j, i), kinds, names, truth(a, b), scores, curves, answer, numbers))
    return found


def _halved(x: cj.Trajectories, seed: int) -> Halves | str:
    """Return the halves of what `unmatched_verdict` compares, or why it says nothing."""
    if x.conditions is None and np.unique(distinct_courses(x.values)).size <= REPEATED * len(x.values):
        return "the trials repeat a few courses"
    try:
        return Halves.of(prepared(x), seed=seed)
    except InputError as error:
        return str(error)


def _verdict(a: Halves | str, b: Halves | str) -> tuple[str, dict[str, float]]:
    if isinstance(a, str) or isinstance(b, str):
        return "undecided", {}
    found = compare_unmatched(a, b, STRETCH)
    if not np.isfinite(found.distance):
        return "undecided", {}
    numbers = {
        "distance": found.distance,
        "floor": max(found.floors),
        "p_different": found.p_different,
        "p_same": found.p_same,
    }
    return decide_unmatched(found)[0], numbers


def _apart(a: PreparedCurves, b: PreparedCurves) -> dict[str, float]:
    """Return the root-mean-square difference of each curve over the times that both systems show."""
    times = common_times([a.curves, b.curves])
    x, y = (at_times(p.curves.mean, p.curves.times, times) for p in (a, b))
    return dict(zip(WEIGHTS, np.sqrt(np.nanmean((x - y) ** 2, axis=1)).tolist(), strict=True))


def check_verdict(
    experiment: Experiment, what: str, systems: Sequence[System], pairs: Sequence[Pair], i: int, j: int
) -> None:
    """Say whether the library's own verdict on one pair, its halves drawn again, is the one given here."""
    (here,) = (p for p in pairs if p.ends == (i, j) and p.seed == pairs[0].seed)
    found = unmatched_verdict(systems[i].seen, systems[j].seen, experiment.seed)
    experiment.report(
        f"{what}: {here.names[0]} and {here.names[1]}, as `conjugacy compare --match none` has it and as above",
        f"{found.answer} and {here.answer}; {found.reasons[0]}",
    )


def average_precision(scores: np.ndarray, positive: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the area under the precision-recall curve, the smallest score first, for weights (draws, pairs).

    The sum of precision over the rises of recall; equal scores count together, and a score that is not known comes last.
    """
    order = np.argsort(scores, kind="stable")
    ranked, w = scores[order], weights[:, order]
    hits = w * positive[order]
    last = np.searchsorted(ranked, ranked, side="right") - 1
    precision = np.cumsum(hits, axis=1) / np.maximum(np.cumsum(w, axis=1), 1e-12)
    return (hits * precision[:, last]).sum(axis=1) / hits.sum(axis=1)


def resampled(pairs: Sequence[Pair], draws: int = DRAWS) -> np.ndarray:
    """Return how often each pair is in each draw of seeds and, within a seed, of systems, (draws, pairs)."""
    rng = np.random.default_rng(0)
    seeds, of_seed = np.unique([p.seed for p in pairs], return_inverse=True)
    ends, weights = np.array([p.ends for p in pairs]), np.zeros((draws, len(pairs)))
    for _ in seeds:
        chosen = rng.integers(len(seeds), size=draws)
        for s in range(len(seeds)):
            here, which = np.flatnonzero(of_seed == s), np.flatnonzero(chosen == s)
            members, at = np.unique(ends[here], return_inverse=True)
            at = at.reshape(-1, 2)
            times = rng.multinomial(len(members), np.full(len(members), 1.0 / len(members)), size=len(which))
            weights[np.ix_(which, here)] += times[:, at[:, 0]] * times[:, at[:, 1]]
    return weights


def auprc(pairs: Sequence[Pair], score: Callable[[Pair], float]) -> tuple[float, float, float]:
    """Return the area under the precision-recall curve of equal pairs among those of known truth, and its 95 % interval.

    The interval is the bootstrap over seeds and systems; where all equal pairs come before all others it is empty, and says
    nothing of how near the next ones lie.
    """
    known = [p for p in pairs if p.equal is not None]
    truth, scores = np.array([p.equal for p in known]), np.array([score(p) for p in known])
    found = float(average_precision(scores, truth, np.ones((1, len(known))))[0])
    weights = resampled(known)
    both = (weights[:, truth].sum(axis=1) > 0) & (weights[:, ~truth].sum(axis=1) > 0)
    low, high = np.quantile(average_precision(scores, truth, weights[both]), [0.025, 0.975])
    return found, float(low), float(high)


def share(pairs: Sequence[Pair], holds: Callable[[Pair], bool]) -> tuple[float, float, float]:
    """Return the share of pairs of which something holds, and its 95 % interval over seeds and systems."""
    values, weights = np.array([holds(p) for p in pairs], dtype=np.float64), resampled(pairs)
    total = weights.sum(axis=1)
    low, high = np.quantile((weights[total > 0] @ values) / total[total > 0], [0.025, 0.975])
    return float(values.mean()), float(low), float(high)


def report_pairs(experiment: Experiment, what: str, pairs: Sequence[Pair]) -> None:
    """Say how well every method ranks, what the verdict answers, and require that it is hardly ever wrong."""
    known = [p for p in pairs if p.equal is not None]
    chance = np.mean([p.equal for p in known])
    for method in METHODS:
        area, low, high = auprc(known, lambda p, m=method: p.scores[m])
        spans = "; ".join(
            f"{word} {min(v):.2g} to {max(v):.2g}"
            for word, equal in (("equal", True), ("different", False))
            for v in [[p.scores[method] for p in known if p.equal is equal]]
        )
        experiment.report(
            f"{what}: {method}, AUPRC of equal pairs, over systems [95 %] (by chance {chance:.2f})",
            f"{area:.2f} [{low:.2f}, {high:.2f}]; {spans}",
        )
    for word, equal in (("equal", True), ("different", False)):
        group = [p for p in known if p.equal is equal]
        right = "equivalent" if equal else "different"
        found, low, high = share(group, lambda p, r=right: p.answer == r)
        experiment.report(
            f"{what}: verdict on the {len(group)} {word} pairs",
            f"{counted(p.answer for p in group)}; right {found:.2f} [{low:.2f}, {high:.2f}]",
        )
    wrong = [p for p in known if p.wrong]
    found, low, high = share(known, lambda p: p.wrong)
    names = "; ".join(f"{p.names[0]}, {p.names[1]} (seed {p.seed}): {p.answer}" for p in wrong)
    experiment.line(
        f"{what}: wrong answers on the {len(known)} pairs of known truth", f"at most {100 * WRONG_AT_MOST:g} %",
        f"{len(wrong)}, {100 * found:.1f} % [{100 * low:.1f}, {100 * high:.1f}]{'; ' if wrong else ''}{names}",
        found <= WRONG_AT_MOST,
    )  # fmt: skip
    experiment.numbers.setdefault("pairs", []).extend({"study": what, **asdict(p)} for p in pairs)


def report_answers(experiment: Experiment, what: str, pairs: Sequence[Pair], of: Callable[[Pair], str]) -> None:
    """Say what is answered, group by group."""
    groups = dict[str, list[str]]()
    for p in pairs:
        groups.setdefault(of(p), []).append(p.answer)
    experiment.report(what, "; ".join(f"{name}: {counted(x)}" for name, x in sorted(groups.items())))


def of_kinds(p: Pair) -> str:
    """Return the names of a pair's kinds, in one order."""
    return " / ".join(sorted(p.kinds))


def counted(answers: Iterable[str]) -> str:
    """Return how often each was answered."""
    return ", ".join(f"{n} {x}" for x, n in sorted(Counter(answers).items()))


def draw_scores(axes: Axes, pairs: Sequence[Pair], method: str, unit: str) -> None:
    """Draw every pair's score, coloured by the verdict's answer: equal pairs, different ones, and those of no known truth."""
    groups = [x for x in (True, False, None) if any(p.equal is x for p in pairs)]
    for at, equal in enumerate(groups):
        group = [p for p in pairs if p.equal is equal]
        shift = np.linspace(-0.3, 0.3, len(group)) if len(group) > 1 else np.zeros(1)
        for answer, colour in COLOURS.items():
            which = [k for k, p in enumerate(group) if p.answer == answer]
            axes.plot(at + shift[which], [group[k].scores[method] for k in which], ".", color=colour, markersize=4)
    area, low, high = auprc(pairs, lambda p: p.scores[method])
    axes.set_title(f"{method}\nAUPRC {area:.2f} [{low:.2f}, {high:.2f}]", fontsize=9)
    words = {True: "equal", False: "different", None: "no truth"}
    axes.set_xticks(range(len(groups)), [words[x] for x in groups])
    axes.set_xlim(-0.5, len(groups) - 0.5)
    axes.set_ylim(bottom=0.0)
    axes.set_ylabel(unit, fontsize=8)
    axes.tick_params(labelsize=8)


def time_axis(axes: Axes, unit: str) -> None:
    """Make the time between two states the logarithmic axis, its numbers in full."""
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:g}"))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set_xlabel(f"time between two states ({unit})")


def answers_legend(axes: Axes) -> None:
    """Name the colours of the answers, with room for them."""
    axes.set_ylim(0.0, 1.35 * axes.get_ylim()[1])
    for answer, colour in COLOURS.items():
        axes.plot([], [], ".", color=colour, label=f"verdict: {answer}")
    axes.legend(fontsize=7, loc="upper left")
