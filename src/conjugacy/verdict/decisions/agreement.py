"""How often two networks decide alike: as they are, after one renaming, and as far as one's decisions follow from the other's."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from conjugacy.numerics.resample import cluster_sums, counts_together, drawn_sums, ratio_interval
from conjugacy.results import Estimate, Evidence
from conjugacy.results.axis import WAYS
from conjugacy.transformations.standard import BOOTSTRAP_DRAWS
from conjugacy.verdict.decisions.given import followed_held_out, renamed_held_out
from conjugacy.verdict.decisions.shares import Groups, kappa


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
    kappa, kappa_relabelled : Estimate
        Cohen's kappa of the decisions as given, and after the best relabelling.
    follows : (Follows, Follows)
        How far B's decisions follow from A's, and A's from B's; classes may merge.
    own_errors : (Estimate, Estimate) or None
        Share of rows that each network gets wrong; None where a network's targets are not known.
    """

    plain: Estimate
    kappa: Estimate
    relabelled: Estimate
    kappa_relabelled: Estimate
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

        def beyond(name: str, e: Estimate) -> Evidence:
            return Evidence(name, e.unexplained, e.low, e.high, null=0.0, unit="Cohen's kappa")

        found = [
            rows("agreement", self.plain, floor=floor),
            beyond("agreement_beyond_chance", self.kappa),
            rows("agreement_after_relabelling", self.relabelled, floor=floor),
            beyond("kappa_after_relabelling", self.kappa_relabelled),
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
    drawn, counts = counts_together(clusters, BOOTSTRAP_DRAWS, seed + 4)

    def share(hits: np.ndarray) -> Estimate:
        hits = hits.astype(np.float64)
        low, high = ratio_interval(counts, cluster_sums(hits, drawn), cluster_sums(np.ones_like(hits), drawn))
        return Estimate(float(hits.mean()), low, high)

    def follow(source: np.ndarray, target: np.ndarray, wanted: np.ndarray | None) -> Follows:
        ruled = followed_held_out(source, target, clusters, seed)
        found, frequent = share(ruled == target), float(np.unique_counts(target).counts.max() / len(target))
        beyond = 1.0 if frequent >= 1.0 else ((found.unexplained or 0.0) - frequent) / (1.0 - frequent)
        if wanted is None:
            return Follows(found, beyond)
        return Follows(found, beyond, error_consistency(ruled == wanted, target == wanted, drawn, counts))

    wanted_a, wanted_b = (t if t is not None and t.ndim == 1 and t.dtype.kind in "iu" else None for t in targets)
    same = share(a == b)
    rows = Groups(clusters)
    called = renamed_held_out(a, b, clusters, seed)
    relabelled = share(called == b)
    follows = (follow(a, b, wanted_b), follow(b, a, wanted_a))
    errors = None if wanted_a is None or wanted_b is None else (share(a != wanted_a), share(b != wanted_b))
    return Agreement(same, kappa(a, b, rows), relabelled, kappa(called, b, rows), follows, errors)


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

    value, draws = kappa(sums.sum(axis=0)[None]), kappa(drawn_sums(counts, sums))
    if not value.size or not draws.size:
        return None
    low, high = np.quantile(draws, [0.025, 0.975])
    return Estimate(float(value[0]), float(low), float(high))
