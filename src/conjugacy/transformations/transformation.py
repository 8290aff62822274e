"""Transformation: a map from one network's units to another's that can be held, inverted, composed and saved."""

from __future__ import annotations

import json
from abc import abstractmethod
from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np

from conjugacy.asked import shown, yes_or_no
from conjugacy.errors import InputError, MissingExtraError, ShapeError
from conjugacy.results import Estimate
from conjugacy.transformations.kinds import below, prefixed, rebuild, register
from conjugacy.transformations.map_file import read_map, write_map
from conjugacy.transformations.one_way import OneWay
from conjugacy.transformations.row_map import RowMap


class Transformation(RowMap):
    """A map from the activations of one network to those of another.

    ``y = t(x)`` maps m rows of `n_in` units to m rows of `n_out` units, and ``t.inverse(y)`` maps back. ``t.compose(s)`` applies
    `s` first. ``t.jacobian(x)`` gives derivatives, ``t.to_torch()`` the same map as a torch module, and ``t.stitch(...)`` puts it
    between two networks. ``t.save(path)`` and ``Transformation.load(path)`` save and load it.

    Attributes
    ----------
    held_out : (Estimate, Estimate) or None
        The unexplained fraction of the map and of the map back, on rows they were not fitted on; None if it was not judged.

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

    @abstractmethod
    def invert(self) -> Transformation:
        """Return the map back, without its `held_out`.

        Returns
        -------
        Transformation
        """

    @classmethod
    @abstractmethod
    def from_arrays(cls, arrays: Mapping[str, np.ndarray]) -> Transformation:
        """Rebuild the map.

        Parameters
        ----------
        arrays : mapping of str to array
            What `arrays` returned.

        Returns
        -------
        Transformation
        """

    @property
    def inverse(self) -> Transformation:
        """Return the map back, exact if the family has an exact inverse, otherwise the map fitted in the other direction.

        Examples
        --------
        >>> from conjugacy.transformations import Identity
        >>> Identity(2).inverse(np.ones(2)).tolist()
        [1.0, 1.0]
        """
        back = self.invert()
        return back if self.held_out is None else back.judged(*reversed(self.held_out))

    def judged(self, forward: Estimate, backward: Estimate) -> Self:
        """Return the same map with its unexplained fractions on held-out rows.

        Parameters
        ----------
        forward, backward : Estimate
            Of this map and of the map back.

        Returns
        -------
        Transformation

        Examples
        --------
        >>> from conjugacy.transformations import Identity
        >>> Identity(2).judged(Estimate(0.01), Estimate(0.02)).held_out[0].unexplained
        0.01
        """
        copied = copy(self)
        object.__setattr__(copied, "held_out", (forward, backward))
        return copied

    def to_torch(self, *, trainable: bool = False) -> Any:
        """Return the same map as a `torch.nn.Module` from (..., n_in) to (..., n_out).

        Parameters
        ----------
        trainable : bool
            Whether its numbers are parameters to be trained; otherwise they are buffers.

        Returns
        -------
        torch.nn.Module
            Its outputs have the type of its inputs.

        Raises
        ------
        MissingExtraError
            If torch is not installed.

        Examples
        --------
        >>> import torch
        >>> from conjugacy.transformations import Identity
        >>> Identity(2).to_torch()(torch.ones(3, 2)).shape
        torch.Size([3, 2])
        """
        trainable = yes_or_no("trainable", trainable)
        try:
            from conjugacy.transformations.torch_module import TorchTransformation
        except ImportError:
            raise MissingExtraError.of("a transformation as a torch module", "torch") from None
        return TorchTransformation(self.maps, trainable=trainable)

    def stitch(self, front: Any, front_layer: str, head: Any, head_layer: str, *, trainable: bool = False) -> Any:
        """Return a torch module of three parts: the front of one network up to a layer, this map, the rest of another network.

        Parameters
        ----------
        front, head : torch.nn.Module
            The two networks; they become parts of the module, without copying.
        front_layer, head_layer : str
            Layers that run once in a pass, with `n_in` and `n_out` values.
        trainable : bool
            Whether the map's numbers are parameters.

        Returns
        -------
        torch.nn.Module

        Raises
        ------
        MissingExtraError, UnknownNameError
            If torch is not installed, or a network has no such layer.

        Examples
        --------
        >>> import torch
        >>> from conjugacy.transformations import Identity
        >>> a, b = (torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.Linear(2, 4)) for _ in range(2))
        >>> Identity(2).stitch(a, "0", b, "0")(torch.ones(5, 3)).shape
        torch.Size([5, 4])
        """
        between = self.to_torch(trainable=trainable)
        from conjugacy.transformations.torch_module import Stitched

        return Stitched(front, front_layer, between, head, head_layer)

    def compose(self, first: Transformation) -> Transformation:
        """Return the map that applies `first` and then this one: ``t.compose(s)(x) == t(s(x))``.

        Parameters
        ----------
        first : Transformation
            Its `n_out` is this map's `n_in`.

        Returns
        -------
        Transformation

        Raises
        ------
        InputError, ShapeError
            If `first` is not a transformation, or the widths do not fit.

        Examples
        --------
        >>> from conjugacy.transformations import Identity
        >>> Identity(2).compose(Identity(2))(np.ones(2)).tolist()
        [1.0, 1.0]
        """
        if not isinstance(first, Transformation):  # pyright: ignore[reportUnnecessaryIsInstance] - users give anything
            raise InputError(f"compose: got {shown(first)}, expected a transformation")
        if first.n_out != self.n_in:
            raise ShapeError(f"cannot compose: the first map gives {first.n_out} units, this one takes {self.n_in}")
        return Composition((first, self))

    def save(self, path: str | Path, *, overwrite: bool = False) -> Path:
        """Write the map to a safetensors file, which contains nothing executable.

        Parameters
        ----------
        path : path
            The file.
        overwrite : bool
            Whether to replace an existing file.

        Returns
        -------
        path

        Raises
        ------
        InputError
            If the file exists, or cannot be written.

        Examples
        --------
        >>> import tempfile; from conjugacy.transformations import Identity
        >>> Identity(2).save(tempfile.mkdtemp() + "/t.safetensors").name
        't.safetensors'
        """
        return write_map(self, path, overwrite=overwrite)

    @staticmethod
    def load(path: str | Path) -> Transformation:
        """Read a map that `save` wrote.

        Parameters
        ----------
        path : path
            The file.

        Returns
        -------
        Transformation

        Raises
        ------
        FormatError
            If the file is damaged or is not a transformation.

        Examples
        --------
        >>> import tempfile
        >>> from conjugacy.transformations import Identity
        >>> Transformation.load(Identity(2).save(tempfile.mkdtemp() + "/t.safetensors")).n_in
        2
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
