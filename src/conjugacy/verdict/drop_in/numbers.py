"""Numbers: how far each output is from A's, in its own units, and on how many rows any of them is far off."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from conjugacy.numerics.holm import holm
from conjugacy.numerics.ratio_bounds import Ratios
from conjugacy.results import Change, ChangedRow, DropIn
from conjugacy.results.digits import digits
from conjugacy.verdict.drop_in import words
from conjugacy.verdict.drop_in.answer import Beside, Told, decided
from conjugacy.verdict.drop_in.given import AsTheyStand
from conjugacy.verdict.drop_in.held import judged, rows_needed, worst_first
from conjugacy.verdict.drop_in.tallies import LEVEL, Tallies, tallied

CELLS = 500_000
FAR = 3.0  # standard deviations of an error of just the tolerance
LISTED = 20


@dataclass(frozen=True, eq=False)
class ApartByRow:
    """How far numbers are apart.

    Attributes
    ----------
    spread : float array, (q,)
        Standard deviation of A's outputs; 0 where one is constant.
    ratios : Ratios
        Unexplained fractions of the outputs that vary.
    differ : bool array, (q,)
        Which outputs are not the same on all rows.
    endless : bool array, (q,)
        Which outputs one network alone masks somewhere: no mean of their errors is finite.
    worst, far : float array and int array, (m,)
        By how many spreads each row is off at most, and in which output; infinite where a constant one differs.
    """

    spread: np.ndarray
    ratios: Ratios
    differ: np.ndarray
    endless: np.ndarray
    worst: np.ndarray
    far: np.ndarray

    @property
    def varies(self) -> np.ndarray:
        """Which outputs have an unexplained fraction: A's vary, and both are finite on the same rows."""
        return np.flatnonzero((self.spread > 0) & ~self.endless)


def judge_numbers(given: AsTheyStand, beside: Beside) -> DropIn:
    """Hold the identity error of every output, and the share of rows that are far off, against the margins."""
    apart, margins = _apart(given, beside.clusters), beside.margins
    far = FAR * np.sqrt(margins.tolerance)
    off = apart.worst > far
    up, down, rows, worth = tallied(off.astype(np.int64), np.zeros(len(off), dtype=np.int64), beside.clusters, 1)
    count = Tallies(("rows beyond",), up, down, rows, margins.churn, False, worth)
    beyond_ = judged([count], len(off), part=0.5 * beside.part)[0][0]
    outputs = worst_first(_outputs(given, apart, margins.tolerance, beside.part))
    carriers = int(off.sum())
    found = DropIn(
        "undecided",
        (),
        identity=outputs,
        rows_beyond=beyond_,
        n_changed=carriers,
        rows=tuple(
            _row(given, beside, apart, i) for i in np.argsort(-apart.worst, kind="stable")[: min(LISTED, carriers)]
        ),
        bit_equal=bool(np.array_equal(given.a, given.b)),
        warnings=_warnings(given, apart, off),
    )
    return decided(found, beside, _told(found, far), "maps")


def _apart(given: AsTheyStand, clusters: np.ndarray) -> ApartByRow:
    m, q = given.a.shape
    sizes = np.bincount(clusters).astype(np.float64)
    spread, differ, endless = np.zeros(q), np.zeros(q, dtype=bool), np.zeros(q, dtype=bool)
    worst, far = np.zeros(m), np.zeros(m, dtype=np.int64)
    parts: list[Ratios] = []
    for columns in _chunks(m, q):
        a, off = _read(given, columns)
        constant = (a == a[0]).all(axis=0)
        a -= a.mean(axis=0)
        size = np.maximum(np.abs(a).max(axis=0), 1e-300)  # squares of huge outputs stay finite
        found = np.where(constant, 0.0, size * np.sqrt(np.mean((a / size) ** 2, axis=0)))
        spread[columns], differ[columns], endless[columns] = found, off.any(axis=0), np.isinf(off).any(axis=0)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            off, a = np.nan_to_num(np.abs(off / found), posinf=np.inf), a / found
        here = off.argmax(axis=1)
        larger = off[np.arange(m), here] > worst
        worst[larger], far[larger] = off[larger, here[larger]], here[larger] + columns.start
        kept = (found > 0) & ~endless[columns]
        if kept.any():
            wrong = _by_cluster(np.minimum(off[:, kept], 1e100) ** 2, clusters, len(sizes))
            whole = _by_cluster(a[:, kept] ** 2 * (m / max(m - 1, 1)), clusters, len(sizes))
            parts.append(Ratios.of(wrong, whole, sizes))
    return ApartByRow(spread, Ratios.joined(parts), differ, endless, worst, far)


def _read(given: AsTheyStand, columns: slice) -> tuple[np.ndarray, np.ndarray]:
    """Return A's outputs, and what B's are off by: nothing where both mask a cell, infinity where one alone does."""
    a, b = (values[:, columns].astype(np.float64) for values in (given.a, given.b))
    masked = np.isneginf(a), np.isneginf(b)
    with np.errstate(invalid="ignore"):
        off = b - a
    if not (masked[0].any() or masked[1].any()):
        return a, off
    off = np.where(masked[0] & masked[1], 0.0, np.where(masked[0] | masked[1], np.inf, off))
    told = np.maximum((~masked[0]).sum(axis=0), 1)
    return np.where(masked[0], np.where(masked[0], 0.0, a).sum(axis=0) / told, a), off


def _chunks(m: int, q: int) -> Iterator[slice]:
    step = max(1, CELLS // max(m, 1))
    return (slice(start, min(start + step, q)) for start in range(0, q, step))


def _by_cluster(values: np.ndarray, clusters: np.ndarray, count: int) -> np.ndarray:
    if count == len(values):
        return values
    order = np.argsort(clusters, kind="stable")
    return np.add.reduceat(values[order], np.searchsorted(clusters[order], np.arange(count)), axis=0)


def _outputs(given: AsTheyStand, apart: ApartByRow, margin: float, part: float) -> list[Change]:
    """Return every output compared with the tolerance; one without an unexplained fraction has to be the same."""
    m, varies = len(given.a), apart.varies
    constant = [
        Change(given.column(int(j)), None, None, None, margin, "outside" if apart.differ[j] else "inside", m)
        for j in np.setdiff1d(np.arange(len(apart.spread)), varies)
    ]
    if not varies.size:
        return constant
    ratios, weight = apart.ratios, 1 / (2 * len(varies))
    low, high = ratios.bounds(LEVEL)
    outside = holm(ratios.chance_outside(margin)) <= part * LEVEL / 2
    state = np.where(outside, "outside", np.where(high <= margin, "inside", "open"))

    def shows(times: np.ndarray, which: np.ndarray) -> np.ndarray:
        more = ratios.of_columns(which).repeated(times)
        over = more.value > margin
        return np.where(over, more.chance_outside(margin) <= part * LEVEL * weight, more.bounds(LEVEL)[1] <= margin)

    needed = rows_needed(np.flatnonzero(state == "open"), shows, m)
    values = zip(ratios.value.tolist(), low.tolist(), high.tolist(), state.tolist(), strict=True)
    return constant + [
        Change(
            given.column(int(varies[i])),
            v,
            lo,
            hi if np.isfinite(hi) else None,
            margin,
            s,
            m,
            rows_needed=needed.get(i),
        )
        for i, (v, lo, hi, s) in enumerate(values)
    ]


def _row(given: AsTheyStand, beside: Beside, apart: ApartByRow, i: int) -> ChangedRow:
    j = int(apart.far[i])
    name = given.column(j)
    target = given.targets
    wanted = f"{target[i, j]:.6g}" if target is not None and target.shape == given.a.shape else None
    size = float(apart.worst[i])
    a, b = (f"{name} = {v[i, j]:.6g}" for v in (given.a, given.b))
    return ChangedRow(beside.stimulus(i), beside.position(i), a, b, wanted, size if np.isfinite(size) else None)


def _warnings(given: AsTheyStand, apart: ApartByRow, off: np.ndarray) -> tuple[str, ...]:
    found: list[str] = []
    carriers = int(off.sum())
    if carriers:
        worst = int(apart.worst.argmax())
        size = f"{digits(apart.worst[worst])} spreads" if np.isfinite(apart.worst[worst]) else "more than any number"
        found.append(
            f"{words.thousands(carriers)} of {words.thousands(len(off))} rows are far off, the worst by {size} in output "
            f"{given.column(int(apart.far[worst]))}: they are listed, whatever the mean over all rows says"
        )
    for which, why in (
        (apart.endless, "masked in one of the two alone"),
        ((apart.spread == 0) & apart.differ & ~apart.endless, "constant in A and not the same in B"),
    ):
        names = [given.column(int(j)) for j in np.flatnonzero(which)]
        if names:
            found.append(f"{why}: output {words.named(names)}")
    return tuple(found)


def _told(found: DropIn, far: float) -> Told:
    told = [(c, f"output {c.name}: {_said(c)}") for c in found.identity]
    off = found.rows_beyond
    return (
        told
        if off is None
        else [*told, (off, f"{words.share(off)} of rows are off by more than {digits(far)} spreads")]
    )


def _said(change: Change) -> str:
    if change.value is not None:
        return words.unexplained(change)
    if change.state == "outside":
        return "constant in A, or masked in one of the two, and not the same in B"
    return "constant in A, and the same in B"
