"""Numbers beside the ladder: agreement of decisions, the networks' own errors, replicas, outlier rows, weights."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment

from conjugacy.numerics.resample import bootstrap_counts, cluster_sums, ratio_interval
from conjugacy.results import Estimate, Evidence, Floor, SkippedUnit
from conjugacy.results.axis import WAYS
from conjugacy.transformations import Ladder, Layer
from conjugacy.transformations.folds import make_folds
from conjugacy.transformations.standard import BOOTSTRAP_DRAWS


def ladder_evidence(ladder: Ladder) -> tuple[Evidence, ...]:
    """Return the power checks, the variance-weighted values and the share of units within tolerance."""
    rows: list[Evidence] = []
    for name, direction in zip(WAYS, ladder.directions, strict=True):
        power = ladder.standard.power(direction)
        rows.append(Evidence(f"power_{name}", power.unexplained, power.low, power.high, unit="unexplained fraction"))
    rung = ladder.told_rung
    for name, direction, target in zip(WAYS, ladder.directions, (ladder.b, ladder.a), strict=True):
        errors = direction.errors[rung]
        rows.append(Evidence(f"{rung}_weighted_by_variance_{name}", errors.by_variance, unit="unexplained fraction"))
        within = float((errors.units[target.judged] / target.m < ladder.tolerance).mean())
        rows.append(Evidence(f"{rung}_units_within_tolerance_{name}", within, unit="share of units"))
    return tuple(rows)


def weighting_warnings(ladder: Ladder) -> tuple[str, ...]:
    """Return a sentence where loud units say something else than units of equal weight."""
    found: list[str] = []
    rung = ladder.told_rung
    for name, direction in zip(("A to B", "B to A"), ladder.directions, strict=True):
        equal, loud = direction.unexplained(rung), direction.errors[rung].by_variance
        if abs(equal - loud) > ladder.tolerance:
            found.append(
                f"{name}: the loud units say otherwise: {100 * loud:.1f} % unexplained when weighted by variance, "
                f"{100 * equal:.1f} % with equal weights"
            )
    return tuple(found)


def skipped_units(network: Layer, names: tuple[str, ...], who: str, layer: str) -> tuple[SkippedUnit, ...]:
    """Return the units that were not judged as targets, and why."""
    skipped = [SkippedUnit(who, layer, names[i], "constant over these stimuli") for i in np.flatnonzero(~network.live)]
    live = np.flatnonzero(network.live)
    for j in np.flatnonzero(~network.judged):
        rows = float(network.effective_rows[j])
        skipped.append(SkippedUnit(who, layer, names[live[j]], f"its variance rests on about {rows:.0f} rows", rows))
    return tuple(skipped)


@dataclass(frozen=True)
class Follows:
    """How far one network's decisions follow from the other's, by the best rule from class to class (held out).

    Attributes
    ----------
    share : Estimate
        Share of rows on which the rule gives the other network's class.
    beyond_chance : float
        The share set against always naming the other's most frequent class: 0 if no better, 1 if never wrong.
    consistency : Estimate or None
        Error consistency of the rule's classes and the other network's, against the other's targets: how far the two err on the
        same rows beyond what their accuracies give, 1 where always, 0 by chance (Geirhos, Meding, Wichmann, NeurIPS 2020,
        equation 1). None without targets or without errors.
    """

    share: Estimate
    beyond_chance: float
    consistency: Estimate | None = None


@dataclass(frozen=True)
class Agreement:
    """Shares of rows on which two networks decide alike, as given and after the best relabelling (held out).

    Attributes
    ----------
    plain, relabelled : Estimate
        Shares of rows.
    kappa : float
        Cohen's kappa of the decisions as given.
    follows : (Follows, Follows)
        How far B's decisions follow from A's, and A's from B's; classes may merge.
    own_errors : (Estimate, Estimate) or None
        Share of rows that each network gets wrong; None where a network's targets are not known.
    """

    plain: Estimate
    kappa: float
    relabelled: Estimate
    follows: tuple[Follows, Follows]
    own_errors: tuple[Estimate, Estimate] | None

    @property
    def expected_disagreement(self) -> float:
        """Share of rows on which two networks with these errors may differ though they learned the same."""
        return 0.0 if self.own_errors is None else sum(e.unexplained or 0.0 for e in self.own_errors)

    def evidence(self) -> tuple[Evidence, ...]:
        """Return the numbers as evidence; the floor is the agreement that the networks' own errors allow."""
        floor = None if self.own_errors is None else max(0.0, 1.0 - self.expected_disagreement)

        def rows(name: str, e: Estimate, *, floor: float | None = None) -> Evidence:
            return Evidence(name, e.unexplained, e.low, e.high, floor=floor, unit="share of rows")

        found = [
            rows("agreement", self.plain, floor=floor),
            Evidence("agreement_beyond_chance", self.kappa, null=0.0, unit="Cohen's kappa"),
            rows("agreement_after_relabelling", self.relabelled, floor=floor),
        ]
        found += [rows(f"decisions_follow_{way}", f.share) for way, f in zip(WAYS, self.follows, strict=True)]
        found += [rows(f"own_error_{name}", error) for name, error in zip("ab", self.own_errors or (), strict=False)]
        for way, f in zip(WAYS, self.follows, strict=True):
            if (k := f.consistency) is not None:
                found.append(
                    Evidence(f"error_consistency_{way}", k.unexplained, k.low, k.high, null=0.0, unit="Cohen's kappa")
                )
        return tuple(found)


def agreement(
    a: np.ndarray,
    b: np.ndarray,
    targets: tuple[np.ndarray | None, np.ndarray | None],
    clusters: np.ndarray,
    seed: int,
) -> Agreement:
    """Return how often two networks decide alike; classes and each network's targets are whole numbers, (m,)."""
    counts = bootstrap_counts(int(clusters.max()) + 1, BOOTSTRAP_DRAWS, seed + 4)

    def share(hits: np.ndarray) -> Estimate:
        hits = hits.astype(np.float64)
        low, high = ratio_interval(counts, cluster_sums(hits, clusters), cluster_sums(np.ones_like(hits), clusters))
        return Estimate(float(hits.mean()), low, high)

    def follow(source: np.ndarray, target: np.ndarray, wanted: np.ndarray | None) -> Follows:
        ruled = _renamed(source, target, clusters, seed, _merged)
        found, frequent = share(ruled == target), float(np.unique_counts(target).counts.max() / len(target))
        beyond = 1.0 if frequent >= 1.0 else ((found.unexplained or 0.0) - frequent) / (1.0 - frequent)
        if wanted is None:
            return Follows(found, beyond)
        return Follows(found, beyond, error_consistency(ruled == wanted, target == wanted, clusters, counts))

    wanted_a, wanted_b = (t if t is not None and t.ndim == 1 and t.dtype.kind in "iu" else None for t in targets)
    classes = np.union1d(a, b)
    chance = sum(float((a == c).mean() * (b == c).mean()) for c in classes)
    same = share(a == b)
    kappa = 1.0 if chance >= 1.0 else ((same.unexplained or 0.0) - chance) / (1.0 - chance)
    relabelled = share(_renamed(a, b, clusters, seed, _one_to_one) == b)
    follows = (follow(a, b, wanted_b), follow(b, a, wanted_a))
    errors = None if wanted_a is None or wanted_b is None else (share(a != wanted_a), share(b != wanted_b))
    return Agreement(same, kappa, relabelled, follows, errors)


def error_consistency(
    right_a: np.ndarray, right_b: np.ndarray, clusters: np.ndarray, counts: np.ndarray
) -> Estimate | None:
    """Return kappa of being right together, with its bootstrap interval; None where a network is always right or wrong."""
    columns = [right_a, right_b, right_a == right_b, np.ones(len(right_a))]
    sums = np.column_stack([cluster_sums(c.astype(np.float64), clusters) for c in columns])

    def kappa(totals: np.ndarray) -> np.ndarray:
        p, q, together = (totals[:, i] / totals[:, 3] for i in range(3))
        expected = p * q + (1 - p) * (1 - q)
        return (together - expected)[expected < 1] / (1 - expected)[expected < 1]

    value, draws = kappa(sums.sum(axis=0)[None]), kappa(counts @ sums)
    if not value.size or not draws.size:
        return None
    low, high = np.quantile(draws, [0.025, 0.975])
    return Estimate(float(value[0]), float(low), float(high))


def _renamed(
    a: np.ndarray, b: np.ndarray, clusters: np.ndarray, seed: int, rule: Callable[[np.ndarray], np.ndarray]
) -> np.ndarray:
    """Give the classes of `a` names of classes of `b`; the names for held-out rows come from the other rows."""
    folds = make_folds(clusters, seed)
    _, ia = np.unique(a, return_inverse=True)
    names, ib = np.unique(b, return_inverse=True)
    known = np.append(names, names.min() - 1)  # a class without a partner never agrees
    renamed = np.empty(len(a), dtype=names.dtype)
    for fold in range(int(folds.max()) + 1):
        train = folds != fold
        table = np.zeros((int(ia.max()) + 1, len(names)))
        np.add.at(table, (ia[train], ib[train]), 1.0)
        renamed[~train] = known[rule(table)[ia[~train]]]
    return renamed


def _one_to_one(table: np.ndarray) -> np.ndarray:
    """Return the partner of every row of a table of counts, each column once; -1 for those left over."""
    rows, columns = linear_sum_assignment(-table)
    partners = np.full(len(table), -1)
    partners[rows] = columns
    return partners


def _merged(table: np.ndarray) -> np.ndarray:
    """Return the most frequent column of every row; the most frequent of all for a row that was not seen."""
    return np.where(table.any(axis=1), table.argmax(axis=1), table.sum(axis=0).argmax())


def regression_floor(
    outputs: tuple[np.ndarray, np.ndarray],
    targets: tuple[np.ndarray | None, np.ndarray | None],
    clusters: np.ndarray,
    seed: int,
) -> Floor | None:
    """Return the sum of both networks' own unexplained fractions of their targets, or None where these are not known."""
    errors, totals = np.zeros(len(clusters)), np.zeros(len(clusters))
    for output, own in zip(outputs, targets, strict=True):
        wanted = None if own is None else own.reshape(len(own), -1).astype(np.float64)
        if wanted is None or output.shape != wanted.shape or not (wanted.std(axis=0) > 0).all():
            return None
        errors += (((output - wanted) / wanted.std(axis=0)) ** 2).mean(axis=1)
        totals += (((wanted - wanted.mean(axis=0)) / wanted.std(axis=0)) ** 2).mean(axis=1) / 2.0
    counts = bootstrap_counts(int(clusters.max()) + 1, BOOTSTRAP_DRAWS, seed + 5)
    low, high = ratio_interval(counts, cluster_sums(errors, clusters), cluster_sums(totals, clusters))
    value = float(errors.sum() / totals.sum())
    return Floor(value, low, high, "the two networks' own held-out errors against the targets, added")


def repeat_floor(a: Layer, b: Layer, stimuli: np.ndarray, clusters: np.ndarray, seed: int) -> Floor | None:
    """Return the larger of both networks' own spread over repeats of a stimulus, or None without repeats."""
    _, stimulus = np.unique(stimuli, return_inverse=True)
    repeats = np.bincount(stimulus)
    if (repeats > 1).sum() < 2:
        return None
    often = repeats[stimulus] > 1
    counts = bootstrap_counts(int(clusters.max()) + 1, BOOTSTRAP_DRAWS, seed + 6)
    floors: list[Floor] = []
    for network in (a, b):
        z = network.z[:, network.judged]
        means = np.zeros((len(repeats), z.shape[1]))
        np.add.at(means, stimulus, z)
        spread = ((z - (means / repeats[:, None])[stimulus]) ** 2).sum(axis=1)
        spread *= np.where(often, repeats[stimulus] / np.maximum(repeats[stimulus] - 1, 1), 0.0)
        totals = np.where(often, (z**2).sum(axis=1), 0.0)
        low, high = ratio_interval(counts, cluster_sums(spread, clusters), cluster_sums(totals, clusters))
        floors.append(
            Floor(float(spread.sum() / totals.sum()), low, high, "the networks' own spread over repeats of a stimulus")
        )
    return max(floors, key=lambda floor: floor.value or 0.0)


def decisive_rows(ladder: Ladder, answer_of: Callable[[Ladder], str]) -> np.ndarray:
    """Return the rows (at most 1 % per direction, at least one) without which the answer would be another, else none."""
    share = max(1, ladder.a.m // 100)
    rung = ladder.told_rung
    worst = [np.argsort(-direction.errors[rung].rows)[:share] for direction in ladder.directions]
    rows = np.unique(np.concatenate(worst))
    return rows if answer_of(ladder.without(rows)) != answer_of(ladder) else np.empty(0, dtype=np.int64)
