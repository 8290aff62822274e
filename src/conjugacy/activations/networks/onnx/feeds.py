"""What an ONNX graph takes, and how stimuli are made into that."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np

from conjugacy.activations.tensors import as_array
from conjugacy.errors import InputError, ShapeError, UnknownNameError

TYPES = {
    "float": np.float32, "double": np.float64, "float16": np.float16, "int8": np.int8, "int16": np.int16, "int32": np.int32,
    "int64": np.int64, "uint8": np.uint8, "uint16": np.uint16, "uint32": np.uint32, "uint64": np.uint64, "bool": np.bool_,
    "string": np.str_,
}  # fmt: skip
BATCH = re.compile(r"(.*[_\W])?batch(_?size)?([_\W]?\d+)?|bs|n|b", re.IGNORECASE)


@dataclass(frozen=True)
class GraphInput:
    """One input of a graph.

    Attributes
    ----------
    name : str
    kind : str
        Its type in onnxruntime's words: `float`, `int64`.
    shape : tuple
        A number for each axis of fixed size, else a name or None.
    rows : int or None
        The axis along which stimuli stand; None where it has none, and the same is given for all of them.
    """

    name: str
    kind: str
    shape: tuple[int | str | None, ...]
    rows: int | None

    @property
    def told(self) -> str:
        """Say what it is, as `x: float (batch, 3)`."""
        return f"{self.name}: {self.kind} ({', '.join('?' if size is None else str(size) for size in self.shape)})"

    def converted(self, values: Any) -> np.ndarray:
        """Return values in the type that the graph declares, where nothing but precision is lost.

        Raises
        ------
        InputError
            Where that is not so.
        """
        array, wanted = as_array(values), TYPES.get(self.kind)
        if wanted is None:
            raise InputError(
                f"input {self.told} has a type that numpy does not know; export the model with another one"
            )
        given = array.dtype
        if wanted is np.str_:
            if given.kind not in "UO":
                raise InputError(f"input {self.told}: got values of type {given}, expected strings")
            return array.astype(object)
        if given.kind not in "biuf" and given.name not in ("bfloat16", "float8_e4m3fn", "float8_e5m2"):
            raise InputError(f"input {self.told}: got values of type {given}, expected numbers")
        whole = np.dtype(wanted).kind in "iub"
        if whole and given.kind not in "biu":
            raise InputError(
                f"input {self.told}: got values of type {given}, the graph takes whole numbers; "
                f"give .astype('{np.dtype(wanted)}')"
            )
        with np.errstate(over="ignore", invalid="ignore"):
            made = array.astype(wanted)
        lost = np.any(made != array) if whole else np.any(np.isinf(made) & np.isfinite(array.astype(np.float64)))
        if lost:
            raise InputError(f"input {self.told}: values of type {given} are too large for it, or no flags")
        return made

    def fitted(self, values: np.ndarray, rows: int) -> np.ndarray:
        """Return values with one row for each stimulus as the graph takes them: with their rows on its own axis.

        Raises
        ------
        ShapeError
            Where their number of axes, or a fixed size, is another.
        """
        own: Sequence[Any] = self.shape
        if self.rows is not None:
            own = (rows, *(size for i, size in enumerate(self.shape) if i != self.rows))
        fits = values.ndim == len(own) and all(
            not isinstance(size, int) or size == there for size, there in zip(own, values.shape, strict=True)
        )
        if not fits:
            expected = ", ".join(str(size) if isinstance(size, int) else "any" for size in own)
            beside = "" if not self.rows else f"; rows come first, they are moved to axis {self.rows}"
            one = ", one for all stimuli" if self.rows is None else ""
            raise ShapeError(f"input {self.told}: got shape {values.shape}, expected ({expected}){one}{beside}")
        return values if not self.rows else np.moveaxis(values, 0, self.rows)


def graph_inputs(declared: Sequence[Any], required: Sequence[str] | None) -> tuple[list[GraphInput], str | int | None]:
    """Return what a session takes, and how many stimuli at once: a number, a name, or None where that is not said.

    The axis of the stimuli is the one that is named so in some input (`batch`, `batch_size`, `N`), else the first of the first
    input; in other inputs the only axis of that name or size.
    """
    kept = [value for value in declared if required is None or value.name in required]
    shapes = {value.name: tuple(size or None for size in value.shape) for value in kept}
    names = [size for shape in shapes.values() for size in shape if isinstance(size, str)]
    called = next((size for size in names if BATCH.fullmatch(size)), None)
    first = next((shape[0] for shape in shapes.values() if shape), None)
    batch = first if called is None else called
    found: list[GraphInput] = []
    for value in kept:
        shape = shapes[value.name]
        found.append(GraphInput(value.name, kind_of(value.type), shape, _rows_axis(shape, batch, called is not None)))
    if found and found[0].shape and all(each.rows is None for each in found):
        found[0] = replace(found[0], rows=0)
    return found, batch


def _rows_axis(shape: Sequence[Any], batch: Any, called: bool) -> int | None:
    places = [i for i, size in enumerate(shape) if size == batch and batch is not None]
    if places or called:
        return places[0] if places else None
    free = [i for i, size in enumerate(shape) if not isinstance(size, int)]
    return 0 if 0 in free else free[0] if len(free) == 1 else None


def kind_of(declared: str) -> str:
    """Return the type of a tensor in onnxruntime's words, without those around it; of what is no tensor, all of them."""
    return declared.removeprefix("tensor(").removesuffix(")") if declared.startswith("tensor(") else declared


def fed(batch: Any, inputs: Sequence[GraphInput]) -> tuple[dict[str, np.ndarray], int]:
    """Return what a graph is given, with the rows of each input still first, and how many rows there are.

    Raises
    ------
    InputError, UnknownNameError, ShapeError
        Where names, numbers of rows or types do not fit.
    """
    takes = "; ".join(each.told for each in inputs) or "nothing"
    if isinstance(batch, Mapping) or hasattr(batch, "keys"):
        given = {str(name): values for name, values in cast("Mapping[Any, Any]", batch).items()}
    elif len(inputs) == 1:
        given = {inputs[0].name: batch}
    else:
        raise InputError(
            f"stimuli: got one array, and the network has {len(inputs)} inputs; give a mapping of names to arrays: {takes}"
        )
    for name in given:
        if name not in [each.name for each in inputs]:
            raise UnknownNameError.of("input", name, [each.name for each in inputs], where=f"of the network ({takes})")
    missing = [each.told for each in inputs if each.name not in given]
    if missing:
        raise InputError(f"stimuli: the network's input {missing[0]} is missing; give {takes}")
    arrays = {each.name: each.converted(given[each.name]) for each in inputs}
    counts = {each.name: len(arrays[each.name]) for each in inputs if each.rows is not None and arrays[each.name].ndim}
    if not counts or len(set(counts.values())) > 1:
        raise ShapeError(
            f"stimuli: expected one row for each stimulus in every input, got {counts or 'none'}; it takes {takes}"
        )
    rows = next(iter(counts.values()))
    return {each.name: _once(arrays[each.name], each, rows) for each in inputs}, rows


def _once(values: np.ndarray, given: GraphInput, rows: int) -> np.ndarray:
    """Return what is the same for every stimulus once, where the graph takes it once."""
    repeated = given.rows is None and values.ndim == len(given.shape) + 1 and len(values) == rows
    return values[0] if repeated and (values == values[:1]).all() else values
