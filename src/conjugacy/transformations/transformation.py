"""Transformation: a map from one network's units to another's that can be held, inverted, composed and saved."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, TypeVar, cast

import numpy as np

from conjugacy.errors import FormatError, InputError, NotFiniteError, ShapeError, UnknownNameError
from conjugacy.storage.atomic import write_whole

FORMAT = "conjugacy-transformation-1"


class Transformation(ABC):
    """A map from the activations of one network to those of another.

    ``y = t(x)`` maps m rows of `n_in` units to m rows of `n_out` units, ``x2 = t.inverse(y)`` maps back,
    ``t.compose(s)(x) == t(s(x))``, ``t.save(path)`` and ``Transformation.load(path)`` keep it.

    Examples
    --------
    >>> import numpy as np
    >>> from conjugacy.transformations import Identity
    >>> t = Identity(n=2)
    >>> t.inverse(t(np.ones((3, 2)))).shape
    (3, 2)
    """

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
    def inverse(self) -> Transformation:
        """The map back; exact where the family has an exact inverse, else the map fitted in the other direction."""

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
        rows = np.asarray(x.detach().cpu() if hasattr(x, "detach") else x, dtype=np.float64)
        if rows.ndim not in (1, 2) or rows.shape[-1] != self.n_in:
            raise ShapeError(f"{self.kind} map: got shape {rows.shape}, expected (m, {self.n_in}) or ({self.n_in},)")
        if not np.isfinite(rows).all():
            raise NotFiniteError(f"{self.kind} map: the rows hold NaN or infinity; remove those rows")
        return self.apply(rows) if rows.ndim == 2 else self.apply(rows[None])[0]

    def compose(self, first: Transformation) -> Transformation:
        """Return the map that does `first` and then this one: ``t.compose(s)(x) == t(s(x))``."""
        if first.n_out != self.n_in:
            raise ShapeError(f"cannot compose: the first map gives {first.n_out} units, this one takes {self.n_in}")
        return Composition((first, self))

    def save(self, path: str | Path, *, overwrite: bool = False) -> Path:
        """Write the map to a safetensors file; nothing executable is stored."""
        from safetensors.numpy import save as to_bytes

        tensors = {key: np.ascontiguousarray(value) for key, value in self.arrays().items()}
        data = to_bytes(tensors, metadata={"format": FORMAT, "kind": self.kind})
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
        return rebuild(meta.get("kind", ""), arrays, str(path))


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

    @property
    def inverse(self) -> Composition:
        """The inverses in the other order."""
        return Composition(tuple(part.inverse for part in reversed(self.parts)))

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
