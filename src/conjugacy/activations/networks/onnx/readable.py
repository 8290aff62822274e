"""Which tensors of an ONNX graph can be read as layers, what their axes are, and why others are none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from conjugacy.activations.heads import HIDDEN, Heads
from conjugacy.activations.networks.onnx.axes import tensor_axes
from conjugacy.activations.networks.onnx.feeds import GraphInput, kind_of
from conjugacy.activations.networks.onnx.graph import OnnxGraph
from conjugacy.activations.networks.onnx.source import OnnxSource
from conjugacy.data import is_head

FLOATS = ("float", "float16", "double")
CAST = ("bfloat16", "float8e4m3fn", "float8e4m3fnuz", "float8e5m2", "float8e5m2fnuz")  # which numpy does not know


@dataclass(frozen=True, eq=False)
class Readable:
    """The tensors of a graph that can be read: those of a floating type that follow the stimuli.

    Attributes
    ----------
    source : OnnxSource
    graph : OnnxGraph
    inputs : sequence of GraphInput
    batch : int, str or None
        How many stimuli the graph takes, or what it calls their number.
    heads : Heads
        Which tensors are outputs.
    """

    source: OnnxSource
    graph: OnnxGraph
    inputs: Sequence[GraphInput]
    batch: int | str | None
    heads: Heads

    @cached_property
    def inferred(self) -> dict[str, tuple[str, list[Any]]]:
        """Type and sizes of every tensor that follows the stimuli, as onnxruntime infers them; no sizes where it cannot."""
        returned = {value.name for value in self.graph.model.graph.output}
        named = [name for name in self.graph.makers if name in self.graph.followers and name not in returned]
        session = self.source.started(named, plain=True)
        return {value.name: (kind_of(value.type), value.shape) for value in session.get_outputs()}

    @cached_property
    def tensors(self) -> dict[str, str]:
        """Layer -> tensor, in the order in which they are computed. What has the name of an output, and is none, is renamed."""
        outputs, left_out = set(self.heads.paths.values()), self.heads.left_out
        names = [
            name
            for name in self.graph.makers
            if name in self.graph.followers
            and name not in outputs
            and self.inferred[name][0] in FLOATS + CAST
            and left_out.get(name, HIDDEN).startswith(HIDDEN)
            and name in self._used
        ]
        return {f"tensor:{name}" if is_head(name) else name: name for name in names}

    def kind(self, layer: str) -> str:
        """Return the operator that computes a layer."""
        return self.graph.makers[self.tensors[layer]].op_type

    def cast(self, tensors: Sequence[str]) -> list[str]:
        """Return those tensors whose type numpy does not know."""
        return [name for name in tensors if self.inferred[name][0] in CAST]

    @cached_property
    def axes(self) -> dict[str, str]:
        """What is known of the axes of tensors."""
        inputs = {e.name: "".join("b" if i == e.rows else "?" for i in range(len(e.shape))) for e in self.inputs}
        shapes = {name: shape for name, (_, shape) in self.inferred.items()}
        return tensor_axes(self.graph, inputs, shapes, self.batch if isinstance(self.batch, str) else None)

    @property
    def left_out(self) -> Mapping[str, str]:
        """Tensors that follow the stimuli and are no layers -> why."""
        known = {*self.tensors.values(), *self.heads.paths.values(), *self.heads.left_out}
        others = {name: kind for name, (kind, _) in self.inferred.items() if name not in known}
        why = {
            name: f"values of type {kind}" if name in self._used else "leads to no output"
            for name, kind in others.items()
        }
        return why | self.graph.insides

    @cached_property
    def _used(self) -> set[str]:
        return self.graph.leading_to(self.heads.paths.values())
