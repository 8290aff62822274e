"""What one block of rows of two networks' scores says: choices, divergence, losses, masks; in memory of a few such blocks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from conjugacy.verdict.targets import UNKNOWN

FAR_BELOW = 1e3  # a value this far below all others is a mask, not a score
RARE = 1e-12  # probabilities under this one count as this one: the divergence of rounded ones stays finite
SAME = 1e-5  # relative, what rounding to 32 bits leaves


@dataclass(frozen=True, eq=False)
class ScoreRows:
    """A block of rows, read.

    Attributes
    ----------
    a, b : int array, (m,)
        First choices.
    gap : float array, (m,)
        By how much A's first choice is before its second.
    divergence : float array, (m,), or None
        Kullback-Leibler divergence of B's probabilities from A's, in nats; infinite where B rules out what A does not.
    losses : float array, (m, 2), or None
        Minus the logarithm of the target's probability.
    masked : bool array, (q,)
        Columns with a cell that one of the two alone masks.
    n_masked : int
        Such cells.
    equal : bool
        Whether all values are the same.
    shifted, apart : bool, bool
        Whether every row differs by one number, up to rounding; whether that number is not nothing.
    products : float array, (3,)
        Sums of a a, a b and b b, centred by row: where these are in line, the scores differ by a temperature.
    """

    a: np.ndarray
    b: np.ndarray
    gap: np.ndarray
    divergence: np.ndarray | None
    losses: np.ndarray | None
    masked: np.ndarray
    n_masked: int
    equal: bool
    shifted: bool
    apart: bool
    products: np.ndarray


def read_labels(a: np.ndarray, b: np.ndarray, *, equal: bool) -> ScoreRows:
    """Read decisions alone, (m,) and (m,)."""
    gap, none = np.zeros(len(a)), np.zeros(0, dtype=bool)
    return ScoreRows(a.astype(np.int64), b.astype(np.int64), gap, None, None, none, 0, equal, False, False, np.zeros(3))


def read_scores(a: np.ndarray, b: np.ndarray, kinds: tuple[str, str], targets: np.ndarray | None) -> ScoreRows:
    """Read a block of scores, (m, q) and (m, p); -inf is a class that is ruled out.

    Examples
    --------
    >>> x = np.array([[2.0, 0.0, -np.inf], [0.0, 1.0, -1.0]])
    >>> read = read_scores(x, x + 3, ("logits", "logits"), np.array([0, 0]))
    >>> read.a, read.divergence.round(12), read.shifted, read.losses.round(2)[0]
    (array([0, 1]), array([0., 0.]), True, array([0.13, 0.13]))
    """
    comparable = a.shape[1] == b.shape[1]
    equal = comparable and bool(np.array_equal(a, b))
    x, y = _logits(a, kinds[0]), _logits(b, kinds[1])
    (first, top, second), (other, top_b, _) = _two_best(x), _two_best(y)
    gap = np.nan_to_num(top - second, posinf=3e38)
    nothing = ScoreRows(first, other, gap, None, None, np.zeros(0, bool), 0, equal, False, False, np.zeros(3))
    if not comparable:
        return nothing
    ruled_out = _masks(x), _masks(y)
    mask = ruled_out[0] != ruled_out[1]
    x -= top[:, None]
    y -= top_b[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):  # rows that rule out all have no probabilities
        divergence, losses, exp_x, apart = _divergence(x, y, targets)
    shift = (top - top_b)[:, None]
    kept = ~(ruled_out[0] | ruled_out[1])
    with np.errstate(over="ignore", invalid="ignore"):  # of huge scores the squares are not finite, and say nothing
        shifted, moved, products = _related((x, y), kept, shift, exp_x, apart)
    return ScoreRows(
        first, other, gap, divergence, losses, mask.any(axis=0), int(mask.sum()), equal, shifted, moved, products
    )


def _divergence(
    x: np.ndarray, y: np.ndarray, targets: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray | None, np.ndarray, np.ndarray]:
    """Return divergence and losses of rows whose largest score is 0, and two arrays of their shape that may be written over."""
    exp_x, exp_y = np.exp(x), np.exp(y)
    total_x, total_y = exp_x.sum(axis=1), exp_y.sum(axis=1)
    losses = None
    if targets is not None:
        rows = np.arange(len(x))
        told = targets != UNKNOWN
        at = np.where(told, targets, 0)
        both = np.column_stack([np.log(total_x) - x[rows, at], np.log(total_y) - y[rows, at]])
        losses = np.where(told[:, None], both, np.nan)
    apart = np.subtract(x, y, out=exp_y)
    apart[exp_x == 0] = 0  # what A rules out weighs nothing
    divergence = np.maximum(np.einsum("ij,ij->i", exp_x, apart) / total_x - np.log(total_x) + np.log(total_y), 0)
    return divergence, losses, exp_x, apart


def _logits(values: np.ndarray, kind: str) -> np.ndarray:
    """Return a copy as numbers of 64 bits, probabilities as their logarithms."""
    found = np.array(values, dtype=np.float64)
    return np.log(np.maximum(found, RARE)) if kind == "probabilities" else found


def _two_best(x: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the first choice of every row, its score, and the second's; rows that rule out all score nothing."""
    rows, first = np.arange(len(x)), x.argmax(axis=1)
    top = x[rows, first]
    x[rows, first] = -np.inf
    second = x.max(axis=1)
    x[rows, first] = top
    return first, np.where(np.isneginf(top), 0.0, top), second


def _masks(x: np.ndarray) -> np.ndarray:
    """Return the cells that are ruled out: -inf, or the one value far below all others."""
    ruled_out = np.isneginf(x)
    finite = x if not ruled_out.any() else np.where(ruled_out, np.inf, x)
    lowest = finite.min()
    if not np.isfinite(lowest) or x.max() - lowest < FAR_BELOW:
        return ruled_out
    rest = finite[finite > lowest].min(initial=np.inf)
    return ruled_out | (x == lowest) if rest - lowest >= FAR_BELOW else ruled_out


def _related(
    scores: tuple[np.ndarray, np.ndarray], kept: np.ndarray, shift: np.ndarray, weight: np.ndarray, apart: np.ndarray
) -> tuple[bool, bool, np.ndarray]:
    """Return whether rows differ by one number each, whether by more than rounding, and products of centred rows.

    Scores are 0 at each row's largest; `shift` is how far these are apart. Only cells that neither rules out are kept.
    """
    x, y = scores
    count = np.maximum(kept.sum(axis=1, keepdims=True), 1)
    scale = max(float(np.abs(shift).max(initial=0)), float(-np.min(x, where=kept, initial=0)))
    np.subtract(x, y, out=apart, where=kept)
    apart[~kept] = 0
    shifted = bool(np.abs(apart).max(initial=0) <= SAME * scale)
    np.copyto(weight, x, where=kept)
    weight[~kept] = 0
    mean_x = weight.sum(axis=1, keepdims=True) / count
    mean_y = mean_x - apart.sum(axis=1, keepdims=True) / count
    cx, cy = np.where(kept, x - mean_x, 0), np.where(kept, y - mean_y, 0)
    products = np.array([np.vdot(cx, cx), np.vdot(cx, cy), np.vdot(cy, cy)])
    return shifted, bool(np.abs(shift).max(initial=0) > 10 * SAME * max(scale, 1e-30)), products
