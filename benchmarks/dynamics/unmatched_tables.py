"""Tables of `unmatched.py`: answers by their truth, and average precision, with intervals of a bootstrap over systems."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np
from sklearn.metrics import average_precision_score

Row = dict[str, str]
DRAWS = 500
ANSWERS = ("equivalent", "undecided", "different")


class Pairs:
    """The pairs of a suite at one seed, and how often each counts where systems are drawn again."""

    def __init__(self, rows: list[Row]) -> None:
        self.ends = np.array([[int(row["a"]), int(row["b"])] for row in rows])
        self.same = np.array([row["group_a"] == row["group_b"] for row in rows])
        self.answers = np.array([row.get("answer", "") for row in rows])
        self.values = np.array([float(row.get("value") or row["distance"]) for row in rows])
        self.floor = np.array([float(row.get("floor", "nan")) for row in rows])
        groups: dict[int, str] = {}
        for row in rows:
            groups |= {int(row["a"]): row["group_a"], int(row["b"]): row["group_b"]}
        self.groups = [[i for i in sorted(groups) if groups[i] == g] for g in dict.fromkeys(groups.values())]

    @property
    def wrong(self) -> np.ndarray:
        """Whether the answer is wrong."""
        return np.where(self.same, self.answers == "different", self.answers == "equivalent")

    @property
    def undecided(self) -> np.ndarray:
        """Whether there is none."""
        return self.answers == "undecided"

    def weights(self, rng: np.random.Generator) -> np.ndarray:
        """Draw the systems of every group again; a pair counts as often as both its ends were drawn.

        A system drawn twice makes no pair with itself, so pairs of one group would be too few: both kinds keep their share.
        """
        count = np.zeros(self.ends.max() + 1)
        for group in self.groups:
            np.add.at(count, rng.choice(group, len(group)), 1)
        weights = count[self.ends].prod(axis=1)
        for kind in (self.same, ~self.same):
            if weights[kind].any():
                weights[kind] *= kind.sum() / weights[kind].sum()
        return weights

    def precision(self, weights: np.ndarray | None = None) -> float:
        """Return the average precision with which small values tell pairs of one group; NaN of nothing to tell."""
        held = np.ones(len(self.same), dtype=bool) if weights is None else weights > 0
        if not self.same[held].any() or self.same[held].all():
            return float("nan")
        known = np.where(np.isfinite(self.values), -self.values, -np.inf)
        least = np.where(np.isfinite(known), known, np.min(known[np.isfinite(known)], initial=0.0) - 1.0)
        return float(
            average_precision_score(
                self.same[held], least[held], sample_weight=None if weights is None else weights[held]
            )
        )


def of_suite(rows: list[Row], suite: str) -> dict[int, Pairs]:
    """Return the pairs of every seed."""
    by_seed: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        if row["suite"] == suite:
            by_seed[int(row["seed"])].append(row)
    return {seed: Pairs(held) for seed, held in sorted(by_seed.items())}


def shares(seeds: Sequence[Pairs], what: str) -> str:
    """Return a share of all pairs in per cent, with its interval."""
    rng = np.random.default_rng(0)
    hits, whole = [getattr(one, what) for one in seeds], sum(len(one.same) for one in seeds)
    draws = []
    for _ in range(DRAWS):
        weights = [one.weights(rng) for one in seeds]
        total = sum(float(w.sum()) for w in weights)
        draws.append(sum(float(w @ h) for w, h in zip(weights, hits, strict=True)) / total)
    low, high = np.quantile(draws, [0.025, 0.975])
    return f"{100 * sum(int(h.sum()) for h in hits) / whole:5.1f} % [{100 * low:.1f}, {100 * high:.1f}]"


def precision(seeds: Sequence[Pairs]) -> str:
    """Return the median over seeds of the average precision, its interval, and every seed's."""
    rng = np.random.default_rng(0)
    each = [one.precision() for one in seeds]
    draws = [float(np.nanmedian([one.precision(one.weights(rng)) for one in seeds])) for _ in range(DRAWS)]
    low, high = np.quantile(draws, [0.025, 0.975])
    return f"{np.median(each):.2f} [{low:.2f}, {high:.2f}]  ({' '.join(f'{x:.2f}' for x in each)})"


def text(tables: dict[str, list[Row]], suites: Sequence[str], rings: Sequence[int]) -> list[str]:
    """Return all tables as lines."""
    decisions = tables["decisions"]
    found = ["answers of pairs whose systems are the same | different: equivalent / undecided / different", ""]
    pooled: dict[str, list[Pairs]] = defaultdict(list)
    for suite in suites:
        seeds = list(of_suite(decisions, suite).values())
        pooled["all suites"] += seeds
        pooled["all but rings"] += seeds if suite != "rings" else []
        found.append(
            f"{suite:14} {_counts(seeds)}   wrong {shares(seeds, 'wrong')}   undecided {shares(seeds, 'undecided')}"
        )
    for name, seeds in pooled.items():
        found.append(
            f"{name:14} {_counts(seeds)}   wrong {shares(seeds, 'wrong')}   undecided {shares(seeds, 'undecided')}"
        )
    found += ["", "wrong answers, and how often"]
    wrong = Counter(
        f"{row['suite']}: {' and '.join(sorted({row['group_a'], row['group_b']}))}: {row['answer']}"
        for row in decisions
        if row["suite"] in suites
        and row["answer"] == ("different" if row["group_a"] == row["group_b"] else "equivalent")
    )
    found += [f"  {name}: {count}" for name, count in wrong.most_common()] or ["  none"]
    seconds = {(row["suite"], row["seed"]): float(row["seconds"]) for row in decisions if row["suite"] in suites}
    found += ["", f"CPU s a system for halves and 99 null draws: median {np.median(list(seconds.values())):.2f}"]
    found += ["", "average precision of small distances for pairs of one group: median over seeds, interval, each seed"]
    for suite in suites:
        found.append(suite)
        for measure, rows in tables.items():
            seeds = list(of_suite(rows, suite).values())
            if measure != "decisions" and seeds:
                found.append(f"  {measure:26} {precision(seeds)}")
    if "rings" in suites and rings:
        found += [
            "",
            "rings by trials: average precision; distance between pairs of one group, of two, and between halves of one system",
        ]
        for trials in sorted((24, *rings)):
            name = "rings" if trials == 24 else f"rings, {trials} trials"
            seeds, halves = (list(of_suite(tables[t], name).values()) for t in ("dynamics", "decisions"))
            if not halves:
                continue
            same = np.median(np.concatenate([one.values[one.same] for one in halves]))
            other = np.median(np.concatenate([one.values[~one.same] for one in halves]))
            floor = np.median(np.concatenate([one.floor for one in halves]))
            answers = f"wrong {shares(halves, 'wrong')}   undecided {shares(halves, 'undecided')}"
            found.append(f"  {trials:3} trials  {precision(seeds)}   {same:.3f}, {other:.3f}, {floor:.3f}   {answers}")
    return found


def _counts(seeds: Sequence[Pairs]) -> str:
    def told(same: bool) -> str:
        count = Counter(x for one in seeds for x in one.answers[one.same == same])
        return " / ".join(f"{count[x]:4}" for x in ANSWERS)

    return f"{told(True)} | {told(False)}"
