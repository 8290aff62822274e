"""The truth about two outputs, from arrays of many fresh rows, and which answers are right. Nothing here uses the package.

Beside a margin there are three cases: `inside` (under margin / 1.5), `beyond` (over 1.5 margin) and `near` between them. The
oracle knows the true rates. It decides if 2000 rows would show them: it tests the rate against the margin with the standard
error of 2000 rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.stats import beta

SHOWN = 2000
CHURN, ERROR, CLASS_ERROR, TOLERANCE = 0.05, 0.01, 0.05, 0.05
NEAR, Z, ALPHA = 1.5, 1.96, 0.025
RECALL_FALL = 0.1
YES = ("equivalent",)
ONE_WAY = ("a_determines_b", "b_determines_a")
NO = ("partly_related", "unrelated", "not_equivalent")
RIGHT_SAME = {
    "yes": (*YES, "undecided"),
    "no": (*NO, "undecided"),
    "never yes": (*NO, *ONE_WAY, "undecided"),
    "A determines B": ("a_determines_b", "undecided"),
    "undecided": ("undecided",),
    "any": (*YES, *ONE_WAY, *NO, "undecided"),
}
"""Which answers are right, by what is true; 'undecided' never is wrong."""


@dataclass(frozen=True)
class Quantity:
    """A true number compared with its margin, and how well 2000 rows would show it.

    Attributes
    ----------
    name : str
    value, margin : float
    low, high : float
        What one-sided bounds at 2000 rows would be, were the estimate the truth.
    binds : bool
        Whether the answer must follow it; else it may (another reading of the same margin, or a class with too few rows).
    """

    name: str
    value: float
    margin: float
    low: float
    high: float
    binds: bool = True

    @property
    def side(self) -> str:
        """Where it lies."""
        if self.value > self.margin * NEAR:
            return "beyond"
        return "near" if self.value >= self.margin / NEAR else "inside"


def share(name: str, value: float, margin: float, rows: float = SHOWN) -> Quantity:
    """Return a share of rows with its exact bounds (Clopper and Pearson 1934)."""
    hits = value * rows
    low = float(beta.ppf(ALPHA, hits, rows - hits + 1)) if hits > 0 else 0.0
    high = float(beta.ppf(1 - ALPHA, hits + 1, rows - hits)) if hits < rows else 1.0
    return Quantity(name, value, margin, low, high)


def mean(name: str, values: np.ndarray, margin: float, rows: float = SHOWN) -> Quantity:
    """Return a mean with the bounds that `rows` rows like these would give."""
    value, error = float(values.mean()), float(values.std() / np.sqrt(max(rows, 1.0)))
    return Quantity(name, value, margin, value - Z * error, value + Z * error)


def drop_in_right(quantities: Sequence[Quantity]) -> tuple[str, ...]:
    """Return the answers that are right: one away from the margins, both where a true number is near one."""
    binding = [q for q in quantities if q.binds]
    if any(q.side == "beyond" for q in binding):
        return ("no",)
    if any(q.side == "near" for q in binding) or any(q.side != "inside" for q in quantities):
        return ("yes", "no")
    return ("yes",)


def drop_in_exact(quantities: Sequence[Quantity]) -> str:
    """Return what is true by the margins themselves."""
    return "no" if any(q.value > q.margin for q in quantities if q.binds) else "yes"


def drop_in_near(quantities: Sequence[Quantity]) -> bool:
    """Return whether the truth is at a margin: what binds is near it and not beyond, and no other reading is open."""
    sides = {q.side for q in quantities if q.binds}
    return "beyond" not in sides and "near" in sides and all(q.side == "inside" for q in quantities if not q.binds)


def drop_in_oracle(quantities: Sequence[Quantity]) -> bool:
    """Return whether 2000 rows decide for somebody who knows the truth."""
    binding = [q for q in quantities if q.binds]
    return any(q.low > q.margin for q in binding) or all(q.high < q.margin for q in binding)


def class_quantities(a: np.ndarray, b: np.ndarray, targets: np.ndarray | None) -> list[Quantity]:
    """Return churn, and with targets the rise of the error and of every class's error, from two decisions (m,)."""
    found = [share("churn", float((a != b).mean()), CHURN)]
    if targets is None:
        return found
    rise = (b != targets).astype(float) - (a != targets)
    found.append(mean("error", rise, ERROR))
    names = np.unique(targets)
    enough = np.log(ALPHA / len(names)) / np.log(1 - CLASS_ERROR)
    for name in names:
        rows = targets == name
        shown = float(rows.mean()) * SHOWN
        one = mean(f"class {name}", rise[rows], CLASS_ERROR, shown)
        found.append(replace(one, binds=shown >= enough or one.low > one.margin))
    return found


def number_quantities(a: np.ndarray, b: np.ndarray) -> list[Quantity]:
    """Return the identity error of every output in either network's variance, and the share of rows far off, from (m, n)."""
    found: list[Quantity] = []
    for k in range(a.shape[1]):
        squares = (a[:, k] - b[:, k]) ** 2
        variances = sorted((float(a[:, k].var()), float(b[:, k].var())))
        for variance, binds in ((variances[1], True), (variances[0], False)):
            quantity = mean(f"output {k}", squares / max(variance, 1e-30), TOLERANCE)
            found.append(replace(quantity, binds=binds))
    far = (np.abs(a - b) > np.sqrt(TOLERANCE) * np.maximum(a.std(0), 1e-15)).any(axis=1)
    return [*found, replace(share("rows beyond", float(far.mean()), CHURN), binds=False)]


def column_quantities(a: np.ndarray, b: np.ndarray, targets: np.ndarray | None = None) -> list[Quantity]:
    """Return the churn of sigmoids, (m, n), at one half: of the worst column, and of rows in which any column changes."""
    flips = (a > 0.5) != (b > 0.5)
    worst = share("worst column", float(flips.mean(axis=0).max()), CHURN)
    anywhere = share("any column", float(flips.any(axis=1).mean()), CHURN)
    if a.shape[1] > 1:
        return [worst, replace(anywhere, binds=anywhere.value > 0.5)]  # most rows changed: no reading makes that a yes
    own = None if targets is None else targets
    return class_quantities((a[:, 0] > 0.5).astype(int), (b[:, 0] > 0.5).astype(int), own)


def recalls(decisions: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Return the share of every class's rows that are right, in the order of `np.unique(targets)`."""
    return np.array([(decisions[targets == name] == name).mean() for name in np.unique(targets)])


def renamed(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return B's decisions under the one-to-one renaming of classes that agrees best with A's."""
    count = int(max(a.max(), b.max())) + 1
    table = np.zeros((count, count))
    np.add.at(table, (b, a), 1)
    rows, columns = linear_sum_assignment(-table)
    names = np.empty(count, dtype=np.int64)
    names[rows] = columns
    return names[b]


def expected_agreement(a: np.ndarray, b: np.ndarray, targets: np.ndarray) -> float:
    """Return how often two networks of these confusions agree whose errors are independent in every class."""
    count, total = int(max(a.max(), b.max())) + 1, 0.0
    for name in np.unique(targets):
        rows = targets == name
        p, q = (np.bincount(decided[rows], minlength=count) / rows.sum() for decided in (a, b))
        total += rows.mean() * float(p @ q)
    return total


def does_the_task(a: np.ndarray, b: np.ndarray, targets: np.ndarray) -> str:
    """Return 'yes' where B is right nearly as often as A, 'never yes' where it is nearer to chance than to A, else 'any'."""
    right_a, right_b = float((a == targets).mean()), float((b == targets).mean())
    chance = float(np.unique(targets, return_counts=True)[1].max() / len(targets))
    if right_b >= right_a - 0.1:
        return "yes"
    return "never yes" if right_b < (right_a + chance) / 2 else "any"


def same_oracle(truth: str, a: np.ndarray, b: np.ndarray, targets: np.ndarray | None) -> bool | None:
    """Return whether 2000 rows show the truth of `same task`: agreement against that of independent errors; None: not known.

    `a` and `b` are decisions in one naming (renamed, or merged, where the truth is so). Without targets, yes needs a churn within
    the tolerance, and what no needs is left open.
    """
    agreement = share("agreement", float((a == b).mean()), 1.0)
    if targets is None:
        return agreement.low > 1 - TOLERANCE if truth == "yes" else None
    expected = expected_agreement(a, b, targets)
    if truth == "yes" and np.abs(recalls(a, targets) - recalls(b, targets)).max() > RECALL_FALL / NEAR:
        return None  # one class fell by about the limit, or more: not plainly one task, so that undecided is as good
    if truth in ("yes", "A determines B"):
        chance = float(np.unique(targets, return_counts=True)[1].max() / len(targets))
        above = min(float((d == targets).mean()) for d in (a, b)) > chance + 0.1
        return agreement.low > expected - TOLERANCE and above
    return agreement.high < expected if truth in ("no", "never yes") else None


def targets_oracle(first: np.ndarray, second: np.ndarray) -> bool:
    """Return whether 2000 rows show that two networks were to answer different things on more rows than the tolerance."""
    return share("targets", float((first != second).mean()), TOLERANCE).low > TOLERANCE


def equal_oracle(truth: str, quantities: Sequence[Quantity]) -> bool | None:
    """Return True where outputs of any kind are so near each other that 2000 rows show it; else None, not known."""
    near = all(q.side == "inside" for q in quantities) and drop_in_oracle(quantities)
    return True if truth == "yes" and near else None
