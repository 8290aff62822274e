"""Transformation: a map from one network's units to another's that can be held, inverted, composed and saved."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np

from conjugacy.asked import shown, whole_number, yes_or_no
from conjugacy.errors import InputError, MissingExtraError, NotFiniteError, ShapeError
from conjugacy.results import Estimate
from conjugacy.transformations.kinds import below, prefixed, rebuild, register
from conjugacy.transformations.map_file import read_map, write_map
from conjugacy.transformations.one_way import OneWay
from conjugacy.transformations.stretches import stretch_range


class Transformation(ABC):
    """A map from the activations of one network to those of another.

    ``y = t(x)`` maps m rows of `n_in` units to m rows of `n_out` units, ``x2 = t.inverse(y)`` maps back,
    ``t.compose(s)(x) == t(s(x))``, ``t.jacobian(x)`` are its derivatives, ``t.to_torch()`` is the same map as a torch module,
    ``t.stitch(...)`` puts it between two networks, ``t.save(path)`` and ``Transformation.load(path)`` keep it.

    Attributes
    ----------
    held_out : (Estimate, Estimate) or None
        What the map, and the map back, left unexplained on rows they were not fitted on; None where it was not judged.

    Examples
    --------
    >>> import numpy as np
    >>> from conjugacy.transformations import Identity
    >>> t = Identity(n=2)
    >>> t.inverse(t(np.ones((3, 2)))).shape
    (3, 2)
    """

    kind: ClassVar[str]
    held_out: ClassVar[tuple[Estimate, Estimate] | None] = None  # `judged` sets it on the object

    @property
    @abstractmethod
    def n_in(self) -> int:
        """Number of units it takes."""

    @property
    @abstractmethod
    def n_out(self) -> int:
        """Number of units it gives."""

    @abstractmethod
    def invert(self) -> Transformation:
        """Return the map back, without what it left unexplained."""

    @property
    @abstractmethod
    def maps(self) -> tuple[OneWay, ...]:
        """The linear and kernel maps that it consists of, the first applied first."""

    @abstractmethod
    def apply(self, x: np.ndarray) -> np.ndarray:
        """Map checked float64 rows (m, n_in) to (m, n_out)."""

    @abstractmethod
    def arrays(self) -> dict[str, np.ndarray]:
        """Return everything the map consists of, by name."""

    @classmethod
    @abstractmethod
    def from_arrays(cls, arrays: Mapping[str, np.ndarray]) -> Transformation:
        """Rebuild the map from `arrays`."""

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

    @property
    def inverse(self) -> Transformation:
        """The map back; exact where the family has an exact inverse, else the map fitted in the other direction."""
        back = self.invert()
        return back if self.held_out is None else back.judged(*reversed(self.held_out))

    def judged(self, forward: Estimate, backward: Estimate) -> Self:
        """Return the same map with what it, and the map back, left unexplained on held-out rows."""
        copied = copy(self)
        object.__setattr__(copied, "held_out", (forward, backward))
        return copied

    def jacobian(self, x: Any) -> np.ndarray:
        """Return the derivatives dy/dx at rows (m, n_in), (m, n_out, n_in), or at one row, (n_out, n_in).

        Raises
        ------
        ShapeError, NotFiniteError
            As the map itself.
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
        """Return what the derivatives at rows (m, n_in) make of directions (m, n_in, d): (m, n_out, d).

        The same as ``jacobian(x) @ directions``, without forming the derivatives.

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
        """Return the weakest and strongest stretch (5 and 95 % over rows) of the states' own d directions, in the units given.

        Their ratio is 1 for a rotation, and large where the map nearly folds or collapses what the states move in.

        Parameters
        ----------
        x : array, (m, n_in)
            States; their local principal directions are those looked at.
        dimension : int
            d, how many coordinates the states need: `conjugacy.embeddings.intrinsic_dimension(x).value`.
        seed : int
            Draws the rows, at most 100.

        Raises
        ------
        InputError
            Where there are too few rows for local directions, or fewer units than d.
        """
        rows = self._rows(x)
        if rows.ndim != 2:
            raise ShapeError(f"{self.kind} map: got one row, expected (m, {self.n_in})")
        dimension, seed = whole_number("dimension", dimension, 1), whole_number("seed", seed)
        return stretch_range(self, rows, dimension, seed=seed)

    def to_torch(self, *, trainable: bool = False) -> Any:
        """Return the same map as a `torch.nn.Module`: rows (..., n_in) to (..., n_out), in the type of what it is given.

        Parameters
        ----------
        trainable : bool
            Whether its numbers are parameters, to be trained on; else they are buffers.

        Raises
        ------
        MissingExtraError
            Where torch is not installed.
        """
        trainable = yes_or_no("trainable", trainable)
        try:
            from conjugacy.transformations.torch_module import TorchTransformation
        except ImportError:
            raise MissingExtraError.of("a transformation as a torch module", "torch") from None
        return TorchTransformation(self.maps, trainable=trainable)

    def stitch(self, front: Any, front_layer: str, head: Any, head_layer: str, *, trainable: bool = False) -> Any:
        """Return a torch module: the front of one network up to a layer, this map, the head of another from a layer on.

        Parameters
        ----------
        front, head : torch.nn.Module
            The two networks; they become parts of the module, not copies.
        front_layer, head_layer : str
            Layers that run once in a pass, of `n_in` and `n_out` values.
        trainable : bool
            Whether the map's numbers are parameters.

        Raises
        ------
        MissingExtraError, UnknownNameError
            Where torch is not installed, or a network has no such layer.
        """
        between = self.to_torch(trainable=trainable)
        from conjugacy.transformations.torch_module import Stitched

        return Stitched(front, front_layer, between, head, head_layer)

    def compose(self, first: Transformation) -> Transformation:
        """Return the map that does `first` and then this one: ``t.compose(s)(x) == t(s(x))``."""
        if not isinstance(first, Transformation):  # pyright: ignore[reportUnnecessaryIsInstance] - users give anything
            raise InputError(f"compose: got {shown(first)}, expected a transformation")
        if first.n_out != self.n_in:
            raise ShapeError(f"cannot compose: the first map gives {first.n_out} units, this one takes {self.n_in}")
        return Composition((first, self))

    def save(self, path: str | Path, *, overwrite: bool = False) -> Path:
        """Write the map to a safetensors file; nothing executable is stored."""
        return write_map(self, path, overwrite=overwrite)

    @staticmethod
    def load(path: str | Path) -> Transformation:
        """Read a map that `save` wrote.

        Raises
        ------
        FormatError
            Where the file is damaged or no transformation.
        """
        return read_map(path)


@register
@dataclass(frozen=True, eq=False)
class Composition(Transformation):
    """Several maps, one after the other; the first part is applied first."""

    kind: ClassVar[str] = "composition"
    parts: tuple[Transformation, ...]

    @property
    def n_in(self) -> int:
        """Number of units it takes."""
        return self.parts[0].n_in

    @property
    def n_out(self) -> int:
        """Number of units it gives."""
        return self.parts[-1].n_out

    def invert(self) -> Composition:
        """Return the inverses in the other order."""
        return Composition(tuple(part.inverse for part in reversed(self.parts)))

    @property
    def maps(self) -> tuple[OneWay, ...]:
        """All maps of all parts."""
        return tuple(one for part in self.parts for one in part.maps)

    def apply(self, x: np.ndarray) -> np.ndarray:
        """Map rows through every part."""
        for part in self.parts:
            x = part.apply(x)
        return x

    def arrays(self) -> dict[str, np.ndarray]:
        """Return the arrays of all parts, numbered, with the list of their kinds."""
        kinds = np.frombuffer(json.dumps([p.kind for p in self.parts]).encode(), dtype=np.uint8)
        numbered = {k: v for i, p in enumerate(self.parts) for k, v in prefixed(str(i), p.arrays()).items()}
        return {"kinds": kinds, **numbered}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, np.ndarray]) -> Composition:
        """Rebuild every part."""
        kinds = json.loads(arrays["kinds"].tobytes())
        return cls(tuple(rebuild(kind, below(str(i), arrays), f"part {i}") for i, kind in enumerate(kinds)))
