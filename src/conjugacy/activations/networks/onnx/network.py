"""An ONNX model as a network whose layers can be read."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, Never

from conjugacy.activations.heads import Heads
from conjugacy.activations.networks.onnx.axes import as_told
from conjugacy.activations.networks.onnx.feeds import GraphInput, fed, graph_inputs
from conjugacy.activations.networks.onnx.graph import OnnxGraph
from conjugacy.activations.networks.onnx.readable import Readable
from conjugacy.activations.networks.onnx.returned import heads_of_graph
from conjugacy.activations.networks.onnx.sessions import Sessions
from conjugacy.activations.networks.onnx.source import OnnxSource
from conjugacy.activations.networks.origin import comes_from
from conjugacy.activations.networks.protocol import Batch, LayerInfo, NoControlError
from conjugacy.errors import UnknownNameError

KINDS = (("onnx", "ModelProto"), ("onnxruntime", "InferenceSession"), ("torch", "ONNXProgram"))
PASSING = {
    "Identity", "Cast", "CastLike", "Reshape", "Flatten", "Squeeze", "Unsqueeze", "Transpose", "Expand", "Tile", "Slice", "Split",
    "Pad", "Dropout",
}  # fmt: skip
NO_LAYERS = "the session does not say which model it was made from; give the path of its .onnx file to record layers"


def adapt(thing: Any, output: str | int | None = None) -> OnnxNetwork | None:
    """Return a network for the path of an .onnx file, a ModelProto, an ONNXProgram of torch or an InferenceSession; else None.

    Nothing is imported or opened to find out.

    Examples
    --------
    >>> adapt("network.pt") is None
    True
    """
    path = isinstance(thing, (str, os.PathLike)) and os.fspath(thing).lower().endswith(".onnx")
    return OnnxNetwork(thing, output) if path or any(comes_from(thing, *kind) for kind in KINDS) else None


class OnnxNetwork:
    """An ONNX model, run by onnxruntime on the CPU; every tensor of a floating type that follows the stimuli is a layer.

    The model is opened when it is first asked for something.

    Examples
    --------
    >>> import numpy as np, onnx
    >>> kind, weights = onnx.TensorProto.FLOAT, onnx.numpy_helper.from_array(np.ones((2, 3), np.float32), "w")
    >>> nodes = [onnx.helper.make_node("MatMul", ["x", "w"], ["h"]), onnx.helper.make_node("Relu", ["h"], ["y"])]
    >>> x, y = (onnx.helper.make_tensor_value_info(n, kind, ["N", k]) for n, k in (("x", 2), ("y", 3)))
    >>> opset = onnx.helper.make_opsetid("", 17)
    >>> graph = onnx.helper.make_graph(nodes, "small", [x], [y], [weights])
    >>> network = OnnxNetwork(onnx.helper.make_model(graph, opset_imports=[opset], ir_version=9))
    >>> network.layers()
    {'h': LayerInfo(kind='MatMul', axes='bu', calls=1)}
    >>> {name: array.shape for name, array in network.run(np.zeros((5, 2)), ["h"]).items()}
    {'h': (5, 3), 'outputs': (5, 3)}
    """

    def __init__(self, thing: Any, output: str | int | None = None) -> None:
        self.thing, self.output = thing, output

    @staticmethod
    def of(thing: Any, output: str | int | None = None) -> OnnxNetwork:
        """Return the network in a path, model or session, and open it.

        Raises
        ------
        MissingExtraError
            Where onnx or onnxruntime are not installed.
        FormatError, InputError
            Where it is no ONNX model, or onnxruntime cannot load it.
        UnknownNameError
            Where it has no output of the name that was asked for.
        """
        network = OnnxNetwork(thing, output)
        assert network.heads  # opens it
        return network

    @cached_property
    def source(self) -> OnnxSource:
        """Where the model comes from."""
        return OnnxSource.of(self.thing)

    @cached_property
    def graph(self) -> OnnxGraph | None:
        """What computes what; None where only a session is known."""
        return None if self.source.model is None else OnnxGraph(self.source.model, self.source.folder)

    @property
    def inputs(self) -> Sequence[GraphInput]:
        """What it takes."""
        return self._taken[0]

    @cached_property
    def heads(self) -> Heads:
        """Which of the tensors that it returns are outputs."""
        return heads_of_graph(self.graph, self._sessions.plain.get_outputs(), self.inputs, self.output)

    def layers(self) -> Mapping[str, LayerInfo]:
        """Return every tensor that can be read, in the order in which they are computed."""
        readable = self._readable
        if readable is None:
            return {}
        return {
            layer: LayerInfo(readable.kind(layer), as_told(readable.axes.get(tensor)), 1)
            for layer, tensor in readable.tensors.items()
        }

    def default_layers(self, ran: Iterable[str]) -> tuple[list[str], dict[str, str]]:
        """Return the layers recorded where none are named, and why others are not: those that an operator only passes on."""
        names, readable = list(ran), self._readable
        passing = {name for name in names if readable is not None and readable.kind(name) in PASSING}
        return [name for name in names if name not in passing], dict.fromkeys(sorted(passing), "only passes on")

    def run(self, batch: Batch, layers: Sequence[str]) -> Mapping[str, Any]:
        """Return what layers and outputs are on a batch.

        Raises
        ------
        UnknownNameError
            Where there is no layer or input of a name.
        InputError, ShapeError
            Where the batch does not fit what the graph takes.
        ModelError
            Where onnxruntime raises.
        """
        wanted = list(dict.fromkeys(layer for layer in layers if layer not in self.heads.paths))
        tensors = {} if self._readable is None else self._readable.tensors
        for layer in wanted:
            if layer not in tensors:
                raise UnknownNameError.of("layer", layer, tensors, where=f"in {self.source.name}")
        arrays, rows = fed(batch, self.inputs)
        outputs = list(self.heads.paths.values())
        found = self._sessions.run(arrays, rows, self._readable, [tensors[layer] for layer in wanted], outputs)
        named = {layer: tensors[layer] for layer in wanted} | dict(self.heads.paths)
        return {name: found[tensor] for name, tensor in named.items() if tensor in found}

    def untrained(self, seed: int) -> Never:
        """Refuse: an ONNX model says nothing of how its weights were drawn.

        Raises
        ------
        NoControlError
        """
        raise NoControlError(
            f"{self.source.name}: an ONNX model does not say how its weights were drawn before training; give untrained=, which "
            "returns the network exported untrained, or untrained_a and untrained_b, or controls='none'"
        )

    def described(self) -> Mapping[str, Any]:
        """Return the model's name, what made it, its opset, number and hash of weights, and what is left out."""
        import onnxruntime

        found: dict[str, Any] = {"model": self.source.name, "onnxruntime": onnxruntime.__version__}
        if self.graph is not None:
            model = self.graph.model
            found |= {
                "producer": f"{model.producer_name} {model.producer_version}".strip(),
                "opset": {each.domain or "ai.onnx": each.version for each in model.opset_import},
                "parameters": self.graph.parameters,
                "weights_sha256": self.graph.weights_sha256,
            }
            if self.graph.draws:
                found["random"] = f"operators that draw at random: {', '.join(self.graph.draws)}"
        found |= self._sessions.described()
        heads = self.heads.described()
        more = {"layers": NO_LAYERS} if self._readable is None else self._readable.left_out
        left_out = {**heads.pop("left_out", {}), **more, **self._sessions.notes}
        return found | heads | ({"left_out": left_out} if left_out else {})

    @cached_property
    def _taken(self) -> tuple[list[GraphInput], str | int | None]:
        plain = self._plain
        return graph_inputs(plain.get_inputs(), None if self.graph is None else self.graph.given)

    @cached_property
    def _plain(self) -> Any:
        return self.source.started() if self.source.session is None else self.source.session

    @cached_property
    def _sessions(self) -> Sessions:
        size = self._taken[1]
        return Sessions(self.source, self._plain, self.inputs, size if isinstance(size, int) else None)

    @cached_property
    def _readable(self) -> Readable | None:
        return None if self.graph is None else Readable(self.source, self.graph, *self._taken, self.heads)
