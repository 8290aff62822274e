"""Transformation: a map from one network's units to another's that can be held, inverted, composed and saved."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Protocol, Self, TypeVar, cast

import numpy as np

from conjugacy.errors import FormatError, InputError, MissingExtraError, NotFiniteError, ShapeError, UnknownNameError
from conjugacy.results import Estimate
from conjugacy.storage.atomic import write_whole
from conjugacy.transformations.stretches import stretch_range

FORMAT = "conjugacy-transformation-1"


class OneWay(Protocol):
    """A map in one direction, with its derivatives: a `LinearMap` or a `KernelMap`."""

    def apply(self, x: np.ndarray) -> np.ndarray:
        """Map rows (m, n_in)."""
        ...

    def jacobian(self, x: np.ndarray) -> np.ndarray:
        """Return the derivatives at rows, (m, n_out, n_in)."""
        ...


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
        rows = np.asarray(x.detach().cpu() if hasattr(x, "detach") else x, dtype=np.float64)
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
        if first.n_out != self.n_in:
            raise ShapeError(f"cannot compose: the first map gives {first.n_out} units, this one takes {self.n_in}")
        return Composition((first, self))

    def save(self, path: str | Path, *, overwrite: bool = False) -> Path:
        """Write the map to a safetensors file; nothing executable is stored."""
        from safetensors.numpy import save as to_bytes

        tensors = {key: np.ascontiguousarray(value) for key, value in self.arrays().items()}
        meta = {"format": FORMAT, "kind": self.kind}
        if self.held_out is not None:
            meta["held_out"] = json.dumps([[e.unexplained, e.low, e.high] for e in self.held_out])
        data = to_bytes(tensors, metadata=meta)
        target = Path(path)
        if not target.parent.is_dir():
            raise InputError(f"{target}: there is no folder {target.parent}; make it first")
        if target.exists() and not overwrite:
            raise InputError(f"{target} exists; give another path, or overwrite=True")
        return write_whole(target, data)

    @staticmethod
    def load(path: str | Path) -> Transformation:
        """Read a map that `save` wrote.

        Raises
        ------
        FormatError
            Where the file is damaged or no transformation.
        """
        from safetensors import SafetensorError, safe_open

        try:
            with safe_open(str(path), framework="numpy") as file:
                meta = cast("dict[str, str]", file.metadata() or {})
                arrays = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118 - not a dict
        except (SafetensorError, OSError, ValueError) as error:
            raise FormatError(f"{path}: cannot be read as a saved transformation ({error})") from None
        if meta.get("format") != FORMAT:
            raise FormatError(
                f"{path}: is no saved transformation (format {meta.get('format')!r}, expected {FORMAT!r})"
            )
        found = rebuild(meta.get("kind", ""), arrays, str(path))
        return found if "held_out" not in meta else found.judged(*_estimates(meta["held_out"], str(path)))


def _estimates(text: str, where: str) -> tuple[Estimate, Estimate]:
    try:
        forward, backward = (Estimate(*(None if x is None else float(x) for x in three)) for three in json.loads(text))
    except (ValueError, TypeError) as error:
        raise FormatError(f"{where}: what the map left unexplained cannot be read ({error})") from None
    return forward, backward


T = TypeVar("T", bound=Transformation)
_KINDS: dict[str, type[Transformation]] = {}


def register(cls: type[T]) -> type[T]:
    """Make a kind of transformation known to `Transformation.load`."""
    _KINDS[cls.kind] = cls
    return cls


def rebuild(kind: str, arrays: Mapping[str, np.ndarray], where: str) -> Transformation:
    """Return the transformation of that kind from its arrays."""
    if kind not in _KINDS:
        raise UnknownNameError.of(f"kind of transformation in {where}", kind, _KINDS)
    try:
        return _KINDS[kind].from_arrays(arrays)
    except (KeyError, ValueError, IndexError, TypeError) as error:
        if isinstance(error, InputError):
            raise
        raise FormatError(f"{where}: the {kind} map in it is incomplete or damaged ({error})") from None


def prefixed(prefix: str, arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return the arrays under names that start with `prefix/`."""
    return {f"{prefix}/{key}": value for key, value in arrays.items()}


def below(prefix: str, arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return the arrays whose names start with `prefix/`, without it."""
    start = prefix + "/"
    return {key[len(start) :]: value for key, value in arrays.items() if key.startswith(start)}


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
