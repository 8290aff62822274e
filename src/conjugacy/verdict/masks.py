"""Cells of outputs that are masked: one extreme value that stands apart from all others, or minus infinity."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

APART = 10.0  # how many times the range, and the size, of all other values a mask stands below them


@dataclass(frozen=True, eq=False)
class Masks:
    """Which cells of two outputs are masked.

    Attributes
    ----------
    a, b : bool array, (m, q), (m, p)
        The masked cells of each.
    """

    a: np.ndarray
    b: np.ndarray

    @classmethod
    def of(cls, a: np.ndarray, b: np.ndarray) -> Masks:
        """Find them."""
        return cls(masked_cells(a), masked_cells(b))

    @property
    def any(self) -> bool:
        """Whether there are any."""
        return bool(self.a.any() or self.b.any())

    @property
    def both(self) -> np.ndarray:
        """The cells that are masked in both; none between unlike widths."""
        return self.a & self.b if self.a.shape == self.b.shape else np.zeros_like(self.a)

    def alone(self, mask: np.ndarray) -> np.ndarray:
        """Return the cells that are masked in one network only."""
        return mask & ~self.both if mask.shape == self.both.shape else mask

    def notes(self) -> tuple[str, ...]:
        """Say what is left out, and where only one network is masked."""
        found: list[str] = []
        if self.both.any():
            found.append(f"{int(self.both.sum())} cells are masked in both ({_columns(self.both)}), and left out")
        for which, mask in zip("AB", (self.a, self.b), strict=True):
            alone = self.alone(mask)
            if alone.any():
                found.append(
                    f"{int(alone.sum())} cells are masked in {which} alone ({_columns(alone)}): a changed output"
                )
        return tuple(found)

    def filled(self, values: np.ndarray, mask: np.ndarray) -> np.ndarray:
        """Return finite values: where both are masked the mean of the column's other rows, where one is, one far below all."""
        if not mask.any():
            return values
        told, rest = np.where(mask, 0.0, values), values[~mask]
        means = told.sum(axis=0) / np.maximum((~mask).sum(axis=0), 1)
        found = np.where(mask, means, values)
        found[self.alone(mask)] = (rest.min() - np.ptp(rest)) if rest.size else 0.0
        return found


def masked_cells(values: np.ndarray) -> np.ndarray:
    """Return the cells (m, q) that hold minus infinity, or the one smallest value, where it comes twice and far below the rest.

    Examples
    --------
    >>> masked_cells(np.array([[1.0, 2.0], [3.0, -1e9], [0.5, -1e9]]))[:, 1]
    array([False,  True,  True])
    """
    mask = np.isneginf(values)
    rest = values[~mask]
    if rest.size < 3:
        return mask
    lowest = rest.min()
    others = rest[rest > lowest]
    if not others.size or rest.size - others.size < 2:
        return mask
    if lowest < -APART * np.abs(others).max() and others.min() - lowest > APART * np.ptp(others):
        mask |= values == lowest
    return mask


def centred(values: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Return rows less the mean of their cells that are not masked."""
    if not mask.any():
        return values - values.mean(axis=1, keepdims=True)
    told = np.where(mask, 0.0, values)
    means = told.sum(axis=1, keepdims=True) / np.maximum((~mask).sum(axis=1, keepdims=True), 1)
    return np.where(mask, values, values - means)


def _columns(mask: np.ndarray) -> str:
    columns = np.flatnonzero(mask.any(axis=0)).tolist()
    shown = ", ".join(map(str, columns[:5])) + (", ..." if len(columns) > 5 else "")
    return f"column{'s' if len(columns) > 1 else ''} {shown}"
