"""The decisions of two networks, row by row, from outputs that are read in blocks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

import numpy as np

from conjugacy.errors import InputError
from conjugacy.verdict.drop_in.score_rows import ScoreRows, read_labels, read_scores

CELLS = 500_000  # of a block: with its copies some 40 MB, whatever the outputs are
Block = tuple[np.ndarray, np.ndarray, np.ndarray | None]
"""Rows of A, the same rows of B, and their targets."""


@dataclass(frozen=True, eq=False)
class Decisions:
    """First choices on all rows, and what was seen of the scores on the way.

    Attributes
    ----------
    a, b : int array, (m,)
    gap : float array, (m,)
        By how much A's first choice is before its second.
    targets : int array, (m,), or None
    divergence, losses : float array, (m,) and (m, 2), or None
    columns : (int, int)
        How many classes each can answer; 0 for labels.
    masked_columns, n_masked : tuple of int, int
        Columns and cells that one of the two alone masks.
    equal : bool
        Whether the outputs are the same, to the last bit.
    shifted : bool
        Whether the scores of every row differ by one number.
    temperature : float or None
        By which B's scores are A's, but for a shift, divided; None where they are not, or by 1.
    """

    a: np.ndarray
    b: np.ndarray
    gap: np.ndarray
    targets: np.ndarray | None
    divergence: np.ndarray | None
    losses: np.ndarray | None
    columns: tuple[int, int]
    masked_columns: tuple[int, ...]
    n_masked: int
    equal: bool
    shifted: bool
    temperature: float | None

    @property
    def changed(self) -> np.ndarray:
        """Rows on which the two decide otherwise."""
        return self.a != self.b


def cut(block: Block) -> Iterator[Block]:
    """Yield the rows of a block in blocks of bounded size.

    Examples
    --------
    >>> x = np.zeros((3, CELLS))
    >>> [len(a) for a, _, _ in cut((x, x, None))]
    [1, 1, 1]
    """
    a, b, targets = block
    step = max(1, CELLS // max(a.shape[1], b.shape[1]))
    for start in range(0, len(a), step):
        rows = slice(start, start + step)
        yield a[rows], b[rows], None if targets is None else targets[rows]


def read_decisions(blocks: Iterable[Block], kinds: tuple[str, str]) -> Decisions:
    """Read decisions from blocks of rows; no more than one block is held, and copied only in pieces.

    Raises
    ------
    InputError
        Where there are no rows.
    """
    read: list[ScoreRows] = []
    told: list[np.ndarray | None] = []
    columns = (0, 0)
    for a, b, targets in chain.from_iterable(map(cut, blocks)):
        read.append(_read(a, b, kinds, targets))
        told.append(targets)
        columns = (width(a, kinds[0]), width(b, kinds[1]))
    if not read:
        raise InputError("outputs: got no rows, expected blocks of at least one row")
    masked = np.logical_or.reduce([r.masked for r in read])
    logits = kinds == ("logits", "logits") and columns[0] == columns[1]
    shifted = logits and all(r.shifted for r in read)
    return Decisions(
        a=np.concatenate([r.a for r in read]),
        b=np.concatenate([r.b for r in read]),
        gap=np.concatenate([r.gap for r in read]),
        targets=_joined(told),
        divergence=_joined([r.divergence for r in read]),
        losses=_joined([r.losses for r in read]),
        columns=columns,
        masked_columns=tuple(int(j) for j in np.flatnonzero(masked)),
        n_masked=sum(r.n_masked for r in read),
        equal=all(r.equal for r in read),
        shifted=shifted and any(r.apart for r in read),
        temperature=_temperature(np.sum([r.products for r in read], axis=0)) if logits and not shifted else None,
    )


def _read(a: np.ndarray, b: np.ndarray, kinds: tuple[str, str], targets: np.ndarray | None) -> ScoreRows:
    if "labels" not in kinds:
        return read_scores(a, b, kinds, targets)
    same = kinds[0] == kinds[1] and bool(np.array_equal(a, b))
    return read_labels(_chosen(a, kinds[0]), _chosen(b, kinds[1]), equal=same)


def _chosen(values: np.ndarray, kind: str) -> np.ndarray:
    return values.reshape(len(values), -1)[:, 0] if kind == "labels" else values.argmax(axis=1)


def width(values: np.ndarray, kind: str) -> int:
    """Return how many classes there are columns for; 0 for labels."""
    return 0 if kind == "labels" else values.shape[1]


def _joined(parts: list[np.ndarray | None]) -> np.ndarray | None:
    found = [p for p in parts if p is not None]
    return np.concatenate(found) if found and len(found) == len(parts) else None


def _temperature(products: np.ndarray) -> float | None:
    """Return a over b where centred scores are in line but for rounding, None where the two are not, or are the same."""
    aa, ab, bb = (float(p) for p in products)
    if not np.isfinite([aa, ab, bb]).all() or ab <= 0 or aa * bb - ab * ab > 1e-8 * aa * bb:
        return None
    return aa / ab if abs(aa / ab - 1) > 1e-3 else None
