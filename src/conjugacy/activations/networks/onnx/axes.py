"""What the axes of an ONNX graph's tensors are, followed from the inputs through the operators.

Inside, an axis that is not known is `?`, and a tensor of which nothing is known has None.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from conjugacy.activations.networks.onnx.graph import OnnxGraph
from conjugacy.activations.networks.onnx.operators import (
    BETWEEN,
    MAPS,
    ON_MAPS,
    ON_ROWS,
    RECURRENT,
    ROWS,
    SAME,
    SHAPING,
    TIMES_WEIGHTS,
)


def tensor_axes(
    graph: OnnxGraph, inputs: Mapping[str, str], shapes: Mapping[str, Sequence[Any]], batch: str | None
) -> dict[str, str]:
    """Return the axes of every tensor of which they are known, at least in part.

    Parameters
    ----------
    graph : OnnxGraph
    inputs : mapping of str to str
        The axes of the inputs, `b?` where only the stimuli's is known.
    shapes : mapping of str to sequence
        Of each tensor its sizes, names or None, as far as onnxruntime infers them.
    batch : str or None
        The name of a size that is the number of stimuli.
    """
    known = dict(inputs)
    followed = _Followed(graph, known, shapes)
    for node in graph.nodes:
        for place, output in enumerate(node.output):
            shape = shapes.get(output) or None  # none is what onnxruntime says where it does not know
            axes = followed.through(node, place, None if shape is None else len(shape))
            if shape is not None and batch is not None:
                axes = _with_batch(axes, shape, batch)
            if axes is not None:
                known[output] = axes
    return known


def as_told(axes: str | None) -> str | None:
    """Return axes as layers state them: all known, each once, one of them the stimuli's; else None.

    Channels of no place are units, places along one axis are times.

    Examples
    --------
    >>> as_told("bcyx"), as_told("bcy"), as_told("bc"), as_told("b?u"), as_told("buu")
    ('bcyx', 'bct', 'bu', None, None)
    """
    if not axes or "b" not in axes or "?" in axes:
        return None
    if len(set(axes) & set("tzyx")) == 1:
        axes = axes.replace("y", "t").replace("x", "t")
    elif not set(axes) & set("tzyx"):
        axes = axes.replace("c", "u")
    whole = len(set(axes)) == len(axes) and (axes == "b" or bool(set(axes) & set("uc")))
    return axes if whole else None


def _with_batch(axes: str | None, shape: Sequence[Any], batch: str) -> str | None:
    """Return axes with what the sizes' names say of the stimuli's."""
    places = [i for i, size in enumerate(shape) if size == batch]
    letters = list(axes) if axes and len(axes) == len(shape) else ["?"] * len(shape)
    if len(places) == 1 and letters[places[0]] != "b":
        letters = ["?" if letter == "b" else letter for letter in letters]
        letters[places[0]] = "b"
    return "".join(letters) if len(places) == 1 else axes


class _Followed:
    """The axes of tensors that are known so far, and how operators hand them on."""

    def __init__(self, graph: OnnxGraph, known: Mapping[str, str], shapes: Mapping[str, Sequence[Any]]) -> None:
        self.graph, self.known, self.shapes = graph, known, shapes
        self.rules: dict[str, Callable[[Any, str | None, int], str | None]] = {
            "Transpose": self._transposed, "Squeeze": self._squeezed, "Unsqueeze": self._unsqueezed, "Gather": self._gathered,
            "Reshape": self._reshaped, "Flatten": self._flattened,
        }  # fmt: skip

    def through(self, node: Any, place: int, rank: int | None) -> str | None:
        """Return the axes of an operator's answer at this place among its outputs."""
        first, kind = self.known.get(node.input[0]) if node.input else None, node.op_type
        rank = rank or self._rank(node)
        if kind in RECURRENT:
            return _recurrent(node, place, first)
        if kind in self.rules and place == 0 and rank is not None:
            return _of_rank(self.rules[kind](node, first, rank), rank)
        if kind.startswith(("Reduce", "ArgM")):
            return self._reduced(node, first)
        if rank is None:
            return None
        if kind in ON_MAPS and place == 0:
            return MAPS.get(rank, "bu" if rank == 2 else None)
        if kind in ON_ROWS and place == 0:
            return _rows(first, rank, keep=True)
        if kind in TIMES_WEIGHTS and place == 0:
            return self._multiplied(node, first, rank)
        if kind in BETWEEN:
            return _merged([axes for name in node.input if (axes := self._spread(name, node.output[place], rank))])
        return _of_rank(first, rank) if kind in SAME else None

    def _rank(self, node: Any) -> int | None:
        """Return the number of axes of an operator's answer where onnxruntime does not know it."""
        if (
            node.op_type in ("Conv", "ConvTranspose")
            and (weights := self.graph.constants.get(node.input[1])) is not None
        ):
            return len(weights.dims)
        if node.op_type not in SAME | BETWEEN | ON_MAPS | ON_ROWS | {"Transpose"}:
            return None
        known = [self.known.get(name) for name in node.input if name in self.graph.followers]
        return None if None in known else max((len(axes) for axes in known if axes), default=None)

    def _spread(self, name: str, output: str, rank: int) -> str | None:
        """Return the axes of one of several tensors between which something is computed, without those that it is spread over."""
        axes = self.known.get(name)
        if axes is None or len(axes) != rank:
            return None
        sizes, whole = self.shapes.get(name) or [None] * rank, self.shapes.get(output) or [None] * rank
        return "".join(
            "?" if own == 1 != size else letter for letter, own, size in zip(axes, sizes, whole, strict=True)
        )

    def _multiplied(self, node: Any, first: str | None, rank: int) -> str | None:
        followers = self.graph.followers
        if node.op_type in ("Gemm", "FusedGemm", "QGemm"):
            return None if _attribute(node, "transA", 0) else _rows(first, rank)
        if sum(name in followers for name in (node.input[0], node.input[1])) > 1:  # queries times keys
            return f"b{'?' * (rank - 1)}" if (first or "").startswith("b") else None
        if node.input[0] in followers:
            return _rows(first, rank)
        second = self.known.get(node.input[1])
        return None if second is None or len(second) != rank else f"{second[:-2]}?{second[-1]}"

    def _transposed(self, node: Any, first: str | None, rank: int) -> str | None:
        order = _attribute(node, "perm", list(range(rank))[::-1])
        return None if first is None or len(first) != len(order) else "".join(first[i] for i in order)

    def _squeezed(self, node: Any, first: str | None, rank: int) -> str | None:
        axes = self._axes(node)
        if first is None or axes is None:
            return None
        gone = {axis % len(first) for axis in axes}
        return "".join(letter for i, letter in enumerate(first) if i not in gone)

    def _unsqueezed(self, node: Any, first: str | None, rank: int) -> str | None:
        axes = self._axes(node)
        if first is None or axes is None:
            return None
        letters = iter(first)
        new = {axis % rank for axis in axes}
        return "".join("?" if i in new else next(letters, "?") for i in range(rank))

    def _gathered(self, node: Any, first: str | None, rank: int) -> str | None:
        axis, table = _attribute(node, "axis", 0), self.graph.constants.get(node.input[0])
        places = self.known.get(node.input[1])
        if node.input[0] not in self.graph.followers:  # rows of a table, an embedding
            if axis != 0 or table is None or len(table.dims) != 2 or places is None:
                return None
            return ROWS.get(rank) if places in ("b", "b?", "bt") else f"{places}u"
        if first is None:
            return None
        axis %= len(first)
        chosen = self.graph.number(node.input[1])
        scalar = (chosen is not None and chosen.ndim == 0) or rank == len(first) - 1
        return first[:axis] + first[axis + 1 :] if scalar else first if rank == len(first) else None

    def _reduced(self, node: Any, first: str | None) -> str | None:
        axes = self._axes(node)
        if node.op_type.startswith("Arg"):
            axes = [_attribute(node, "axis", 0)]
        if first is None or _attribute(node, "keepdims", 1):
            return first
        gone = {axis % len(first) for axis in axes or ()}
        return "".join(letter for i, letter in enumerate(first) if i not in gone) if axes else None

    def _flattened(self, node: Any, first: str | None, rank: int) -> str | None:
        return "bu" if _attribute(node, "axis", 1) == 1 and (first is None or first.startswith("b")) else "??"

    def _reshaped(self, node: Any, first: str | None, rank: int) -> str | None:
        keeps = first is not None and first.startswith("b") and self._keeps_rows(node)
        return ("bu" if rank == 2 else f"b{'?' * (rank - 1)}") if keeps else "?" * rank

    def _keeps_rows(self, node: Any) -> bool:
        """Whether a reshaping leaves the first axis as it is."""
        sizes = self.graph.number(node.input[1])
        if sizes is None:
            return self._begins_with_rows(node.input[1])
        before = self.shapes.get(node.input[0])
        if sizes[0] == 0 or before is None:
            return bool(sizes[0] == 0)
        rest, left = list(sizes[1:]), list(before[1:])
        if isinstance(before[0], int) and sizes[0] == before[0]:
            return True
        fixed = all(isinstance(size, int) for size in left) and all(size > 0 for size in rest)
        return fixed and bool(sizes[0] == -1) and int(np.prod(rest)) == int(np.prod(left))

    def _begins_with_rows(self, name: str) -> bool:
        """Whether a computed shape begins with the first size of a tensor whose first axis is the stimuli's."""
        for _ in range(12):
            node = self.graph.makers.get(name)
            if node is None:
                return False
            if node.op_type == "Shape":
                return (self.known.get(node.input[0]) or "?")[0] == "b" and _attribute(node, "start", 0) == 0
            if node.op_type == "Gather":
                chosen = self.graph.number(node.input[1])
                if chosen is None or chosen.size != 1 or int(chosen.reshape(-1)[0]) != 0:
                    return False
            elif node.op_type == "Slice":
                starts = self.graph.number(node.input[1]) if len(node.input) > 1 else None
                if starts is None or int(starts[0]) != 0:
                    return False
            elif node.op_type not in {"Concat", *SHAPING}:
                return False
            name = node.input[0]
        return False

    def _axes(self, node: Any) -> list[int] | None:
        """Return the axes that an operator names, as an attribute or as an input."""
        named = _attribute(node, "axes", None)
        if named is not None:
            return list(named)
        given = self.graph.number(node.input[1]) if len(node.input) > 1 and node.input[1] else None
        return None if given is None else [int(axis) for axis in given.reshape(-1)]


def _rows(first: str | None, rank: int, keep: bool = False) -> str | None:
    """Return the axes of what works on the last axis: that holds units then, unless others do already."""
    if first is None or len(first) != rank:
        return ROWS.get(rank)
    if "b" not in first[:-1] or "y" in first[:-1]:
        return first if keep else first[:-1] + ("c" if first[:-1] == "byx" else "?")
    if set("uc") & set(first[:-1]):
        return first
    if rank in ROWS and set(first[1:-1]) <= set("?t") and first[0] == "b":
        return ROWS[rank]
    return f"{first[:-1]}u"


def _recurrent(node: Any, place: int, first: str | None) -> str | None:
    """Return the axes of a recurrent layer's answer (time, directions, stimuli, units), or of its last state."""
    stimuli_first = _attribute(node, "layout", 0)
    outer, inner = ("b", "t") if stimuli_first else ("t", "b")
    if (
        first is not None and len(first) == 3 and "b" in first[:2]
    ):  # what runs through time may be the stimuli themselves
        outer, inner = (letter if letter == "b" else "t" for letter in first[:2])
    if place == 0:
        return f"{outer}{inner}?u" if stimuli_first else f"{outer}?{inner}u"
    return f"{outer}?u" if stimuli_first else f"?{inner}u"


def _merged(several: Sequence[str]) -> str | None:
    """Return what axes of one length say together; where they contradict each other, nothing is known."""
    if not several:
        return None
    letters = ("".join(sorted(set(at) - {"?"})) for at in zip(*several, strict=True))
    return "".join({"cu": "c"}.get(found, found if len(found) == 1 else "?") for found in letters)


def _of_rank(axes: str | None, rank: int) -> str | None:
    return axes if axes is not None and len(axes) == rank else None


def _attribute(node: Any, name: str, otherwise: Any) -> Any:
    import onnx

    return next((onnx.helper.get_attribute_value(a) for a in node.attribute if a.name == name), otherwise)
