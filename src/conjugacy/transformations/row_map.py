"""A map of rows as arithmetic: what it makes of rows, of directions, and how unevenly it stretches."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar

import numpy as np

from conjugacy.asked import shown, whole_number
from conjugacy.errors import InputError, NotFiniteError, ShapeError
from conjugacy.transformations.one_way import OneWay
from conjugacy.transformations.stretches import stretch_range


class RowMap(ABC):
    """A map from rows of one width to rows of another."""

    kind: ClassVar[str]

    @property
    @abstractmethod
    def n_in(self) -> int:
        """Number of units it takes."""

    @property
    @abstractmethod
    def n_out(self) -> int:
        """Number of units it gives."""

    @property
    @abstractmethod
    def maps(self) -> tuple[OneWay, ...]:
        """The maps in one direction that it consists of, the first applied first."""

    @abstractmethod
    def apply(self, x: np.ndarray) -> np.ndarray:
        """Map checked float64 rows.

        Parameters
        ----------
        x : float64 array, (m, n_in)

        Returns
        -------
        array, (m, n_out)
        """

    @abstractmethod
    def arrays(self) -> dict[str, np.ndarray]:
        """Return everything the map consists of.

        Returns
        -------
        dict
            Arrays by name.
        """

    def __call__(self, x: Any) -> np.ndarray:
        """Map rows (m, n_in), or one row (n_in,), to (m, n_out) or (n_out,)."""
        rows = self._rows(x)
        return self.apply(rows) if rows.ndim == 2 else self.apply(rows[None])[0]

    def _rows(self, x: Any) -> np.ndarray:
        try:
            rows = np.asarray(x.detach().cpu() if hasattr(x, "detach") else x, dtype=np.float64)
        except (TypeError, ValueError, OverflowError):
            raise InputError(f"{self.kind} map: got {shown(x)}, expected rows of numbers, (m, {self.n_in})") from None
        if rows.ndim not in (1, 2) or rows.shape[-1] != self.n_in:
            raise ShapeError(f"{self.kind} map: got shape {rows.shape}, expected (m, {self.n_in}) or ({self.n_in},)")
        if not np.isfinite(rows).all():
            raise NotFiniteError(f"{self.kind} map: the rows hold NaN or infinity; remove those rows")
        return rows

    def jacobian(self, x: Any) -> np.ndarray:
        """Return the derivatives dy/dx.

        Parameters
        ----------
        x : array, (m, n_in) or (n_in,)
            Rows, or one row.

        Returns
        -------
        array, (m, n_out, n_in) or (n_out, n_in)

        Raises
        ------
        InputError, ShapeError, NotFiniteError
            As the map itself.

        Examples
        --------
        >>> from conjugacy.transformations import Identity
        >>> Identity(2).jacobian(np.ones(2)).tolist()
        [[1.0, 0.0], [0.0, 1.0]]
        """
        rows = self._rows(x)
        points = rows if rows.ndim == 2 else rows[None]
        found: np.ndarray | None = None
        for part in self.maps:
            own = part.jacobian(points)
            found = own if found is None else own @ found
            points = part.apply(points)
        if found is None:
            found = np.broadcast_to(np.eye(self.n_in), (len(points), self.n_in, self.n_in))
        return found if rows.ndim == 2 else found[0]

    def push(self, x: np.ndarray, directions: np.ndarray) -> np.ndarray:
        """Map directions by the derivatives: ``jacobian(x) @ directions``, without forming the derivatives.

        Parameters
        ----------
        x : array, (m, n_in)
            Rows.
        directions : array, (m, n_in, d)
            d directions at each row.

        Returns
        -------
        array, (m, n_out, d)

        Examples
        --------
        >>> from conjugacy.transformations.rungs.identity import Identity
        >>> Identity(2).push(np.ones((5, 2)), np.ones((5, 2, 1))).shape
        (5, 2, 1)
        """
        x, directions = self._rows(x), np.asarray(directions)
        if (
            x.ndim != 2
            or directions.dtype.kind not in "biuf"
            or directions.shape[:2] != x.shape
            or directions.ndim != 3
        ):
            raise ShapeError(
                f"{self.kind} map: got directions of shape {directions.shape} at rows {x.shape}, expected (m, {self.n_in}, d)"
            )
        for part in self.maps:
            x, directions = part.apply(x), part.push(x, directions)
        return directions

    def condition_range(self, x: Any, *, dimension: int, seed: int = 0) -> tuple[float, float]:
        """Return the weakest and strongest stretch along the states' own d directions (5 and 95 % over rows).

        Their ratio is 1 for a rotation, and large if the map nearly folds or collapses the directions in which states move.

        Parameters
        ----------
        x : array, (m, n_in)
            States; the stretch is measured along their local principal directions.
        dimension : int
            d, how many coordinates the states need: `conjugacy.embeddings.intrinsic_dimension(x).value`.
        seed : int
            Seeds the choice of at most 100 rows.

        Returns
        -------
        (float, float)
            In the units of the layers.

        Raises
        ------
        InputError
            If there are too few rows for local directions, or fewer units than d.

        Examples
        --------
        >>> from conjugacy.transformations import Identity
        >>> x = np.random.default_rng(0).normal(size=(60, 2))
        >>> [round(v, 6) for v in Identity(2).condition_range(x, dimension=2)]
        [1.0, 1.0]
        """
        rows = self._rows(x)
        if rows.ndim != 2:
            raise ShapeError(f"{self.kind} map: got one row, expected (m, {self.n_in})")
        dimension, seed = whole_number("dimension", dimension, 1), whole_number("seed", seed)
        return stretch_range(self, rows, dimension, seed=seed)
