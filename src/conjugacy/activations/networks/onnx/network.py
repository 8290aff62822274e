"""An ONNX model as a network whose layers can be read."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, Never

import numpy as np

from conjugacy.activations.networks.onnx.axes import as_told, tensor_axes
from conjugacy.activations.networks.onnx.feeds import fed, graph_inputs
from conjugacy.activations.networks.onnx.graph import OnnxGraph
from conjugacy.activations.networks.onnx.passes import OnnxPass
from conjugacy.activations.networks.onnx.returned import by_head, heads_of_graph
from conjugacy.activations.networks.onnx.source import READABLE, OnnxSource, comes_from
from conjugacy.activations.networks.protocol import Batch, LayerInfo, NoControl
from conjugacy.data import is_head
from conjugacy.errors import ModelError, UnknownNameError

FLOATS = ("float", "float16", "double")
CAST = ("bfloat16", "float8e4m3fn", "float8e4m3fnuz", "float8e5m2", "float8e5m2fnuz")  # which numpy does not know
OTHERWISE = 1e-5  # of the largest output: beyond this, outputs are taken from the model as it stands
NO_LAYERS = "the session does not say which model it was made from: give the path of its .onnx file to record layers"


def adapt(thing: Any) -> OnnxNetwork | None:
    """Return a network for the path of an .onnx file, a ModelProto, an ONNXProgram of torch or an InferenceSession; else None.

    Nothing is imported to find out.

    Examples
    --------
    >>> adapt("network.pt") is None
    True
    """
    if isinstance(thing, (str, os.PathLike)):
        return OnnxNetwork.of(thing) if os.fspath(thing).lower().endswith(".onnx") else None
    known = (("onnx", "ModelProto"), ("onnxruntime", "InferenceSession"), ("torch", "ONNXProgram"))
    return OnnxNetwork.of(thing) if any(comes_from(thing, *each) for each in known) else None


class OnnxNetwork:
    """An ONNX model, run by onnxruntime on the CPU; every float tensor that follows the stimuli is a layer.

    Examples
    --------
    >>> import numpy as np, onnx
    >>> kind, weights = onnx.TensorProto.FLOAT, onnx.numpy_helper.from_array(np.ones((2, 3), np.float32), "w")
    >>> nodes = [onnx.helper.make_node("MatMul", ["x", "w"], ["h"]), onnx.helper.make_node("Relu", ["h"], ["y"])]
    >>> x, y = (onnx.helper.make_tensor_value_info(n, kind, ["N", k]) for n, k in (("x", 2), ("y", 3)))
    >>> opset = onnx.helper.make_opsetid("", 17)
    >>> graph = onnx.helper.make_graph(nodes, "small", [x], [y], [weights])
    >>> network = OnnxNetwork.of(onnx.helper.make_model(graph, opset_imports=[opset], ir_version=9))
    >>> network.layers()
    {'h': LayerInfo(kind='MatMul', axes='bu', calls=1)}
    >>> {name: array.shape for name, array in network.run(np.zeros((5, 2)), ["h"]).items()}
    {'h': (5, 3), 'outputs': (5, 3)}
    """

    def __init__(self, source: OnnxSource) -> None:
        self.source = source
        self.graph = None if source.model is None else OnnxGraph(source.model, source.folder)
        self._lock = threading.Lock()
        self._sessions: dict[tuple[str, ...], Any] = {}
        self._notes: dict[str, str] = {}  # layers that did not come out as they should -> why
        self._apart: dict[
            tuple[str, ...], float
        ] = {}  # layers read together -> how far the outputs are from the plain ones
        plain = self._plain
        self.inputs, self.batch = graph_inputs(plain.get_inputs(), None if self.graph is None else self.graph.given)
        self.heads = heads_of_graph(self.graph, plain.get_outputs(), self.inputs)

    @staticmethod
    def of(thing: Any) -> OnnxNetwork:
        """Return the network in a path, model or session.

        Raises
        ------
        MissingExtraError
            Where onnx or onnxruntime are not installed.
        FormatError, InputError
            Where it is no ONNX model, or onnxruntime cannot load it.
        """
        return OnnxNetwork(OnnxSource.of(thing))

    def layers(self) -> Mapping[str, LayerInfo]:
        """Return every tensor that can be read, in the order in which they are computed."""
        makers = {} if self.graph is None else self.graph.makers
        return {
            layer: LayerInfo(makers[tensor].op_type, as_told(self._axes.get(tensor)), 1)
            for layer, tensor in self._tensors.items()
        }

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
        wanted = tuple(dict.fromkeys(layer for layer in layers if layer not in self.heads.paths))
        for layer in wanted:
            if layer not in self._tensors:
                raise UnknownNameError.of("layer", layer, self._tensors, where=f"in {self.source.name}")
        arrays, rows = fed(batch, self.inputs)
        tensors = [self._tensors[layer] for layer in wanted]
        outputs = list(self.heads.paths.values())
        read = self._run(self._session(wanted), arrays, rows, tensors, outputs)
        found = {layer: read[tensor] for layer, tensor in zip(wanted, tensors, strict=True) if tensor in read}
        return found | by_head(self.heads, self._outputs(wanted, read, arrays, rows))

    def untrained(self, seed: int) -> Never:
        """Raise: an ONNX model says nothing of how its weights were drawn.

        Raises
        ------
        NoControl
        """
        raise NoControl(
            f"{self.source.name}: an ONNX model does not say how its weights were drawn before training; give untrained=, which "
            "returns the model exported untrained, or controls='none'"
        )

    def described(self) -> Mapping[str, Any]:
        """Return the model's name, what made it, its opset, number and hash of weights, and what is left out."""
        import onnxruntime

        found: dict[str, Any] = {"model": self.source.name, "onnxruntime": onnxruntime.__version__}
        left_out = dict(self.heads.left_out)
        if self.graph is None:
            left_out["layers"] = NO_LAYERS
        else:
            model = self.graph.model
            found |= {
                "producer": f"{model.producer_name} {model.producer_version}".strip(),
                "opset": {each.domain or "ai.onnx": each.version for each in model.opset_import},
                "parameters": self.graph.parameters,
                "weights_sha256": self._weights_sha256,
            }
            if self.graph.draws:
                found["random"] = f"operators that draw at random: {', '.join(self.graph.draws)}"
            left_out |= self._not_layers | self.graph.insides | self._notes
        if isinstance(self.batch, int):
            found["batch"] = (
                f"the model takes {self.batch} {'row' if self.batch == 1 else 'rows'} at once, and was given so many"
            )
        if (apart := max(self._apart.values(), default=0.0)) > OTHERWISE:
            found["outputs_from"] = (
                f"the model as it stands; where layers are read, operators are not fused, and its outputs differ by {apart:.1g} "
                "of the largest"
            )
        found |= {key: value for key, value in self.heads.described().items() if key != "left_out"}
        return found | ({"left_out": left_out} if left_out else {})

    @cached_property
    def _plain(self) -> Any:
        """The model as it stands: the user's own session where one was given."""
        return self.source.started() if self.source.session is None else self.source.session

    @cached_property
    def _weights_sha256(self) -> str:
        return "" if self.graph is None else self.graph.weights_sha256()

    @cached_property
    def _inferred(self) -> dict[str, tuple[str, list[Any]]]:
        """Type and sizes of every tensor that follows the stimuli, as onnxruntime infers them."""
        if self.graph is None:
            return {}
        returned = {value.name for value in self.graph.model.graph.output}
        named = [name for name in self.graph.makers if name in self.graph.followers and name not in returned]
        session = self.source.started(named, plain=True)
        return {v.name: (v.type.removeprefix("tensor(").removesuffix(")"), v.shape) for v in session.get_outputs()}

    @cached_property
    def _tensors(self) -> dict[str, str]:
        """Layer -> tensor. What has the name of an output, and is none, is called otherwise."""
        outputs, makers = set(self.heads.paths.values()), {} if self.graph is None else self.graph.makers
        followers = set[str]() if self.graph is None else self.graph.followers
        names = [
            name for name in makers
            if name in followers and name not in outputs and self._inferred[name][0] in FLOATS + CAST
            and self._inferred[name][1] != [] and not self._is_state(name)
        ]  # fmt: skip
        return {f"tensor:{name}" if is_head(name) else name: name for name in names}

    def _is_state(self, name: str) -> bool:
        return name in self.heads.left_out and not self.heads.left_out[name].startswith("a hidden layer")

    @cached_property
    def _not_layers(self) -> dict[str, str]:
        """Tensors that follow the stimuli and are no layers -> why."""
        known = {*self._tensors.values(), *self.heads.paths.values(), *self.heads.left_out}
        why = {
            name: f"values of type {kind}" if shape else "one number" for name, (kind, shape) in self._inferred.items()
        }
        return {name: said for name, said in why.items() if name not in known}

    @cached_property
    def _axes(self) -> dict[str, str]:
        """What is known of the axes of tensors."""
        if self.graph is None:
            return {}
        inputs = {
            each.name: "".join("b" if i == each.rows else "?" for i in range(len(each.shape))) for each in self.inputs
        }
        shapes = {name: shape for name, (_, shape) in self._inferred.items()}
        return tensor_axes(self.graph, inputs, shapes, self.batch if isinstance(self.batch, str) else None)

    def _session(self, layers: tuple[str, ...]) -> Any:
        """Return a session that gives these layers too; the last two are kept."""
        if not layers:
            return self._plain
        with self._lock:
            if layers not in self._sessions:
                tensors = [self._tensors[layer] for layer in layers]
                cast = [tensor for tensor in tensors if self._inferred[tensor][0] in CAST]
                returned = {value.name for value in self._plain.get_outputs()}
                added = [tensor for tensor in tensors if tensor not in returned and tensor not in cast]
                kept = list(self._sessions.items())[-1:]
                self._sessions = {**dict(kept), layers: self.source.started(added, cast)}
            return self._sessions[layers]

    def _run(
        self, session: Any, arrays: Mapping[str, np.ndarray], rows: int, layers: list[str], outputs: list[str]
    ) -> Any:
        cast = {name for name in layers if self._inferred[name][0] in CAST}
        names = {name: f"{name}{READABLE}" if name in cast else name for name in (*layers, *outputs)}
        places = {name: axes.find("b") for name in names if "b" in (axes := self._axes.get(name, ""))}
        passed = OnnxPass(session, self.inputs, self.batch if isinstance(self.batch, int) else None, names, places)
        try:
            found, notes = passed.over(arrays, rows)
        except ModelError as error:
            raise ModelError(f"{self.source.name}: {error}") from error
        self._notes |= {name: why for name, why in notes.items() if name in layers}
        return found

    def _outputs(self, layers: tuple[str, ...], read: Mapping[str, Any], arrays: Any, rows: int) -> Mapping[str, Any]:
        """Return the outputs of the model as it stands: what is read may keep operators from being fused, as in int8."""
        outputs = list(self.heads.paths.values())
        if not layers or (layers in self._apart and self._apart[layers] <= OTHERWISE):
            return read
        plain = self._run(self._plain, arrays, rows, [], outputs)
        if layers not in self._apart:
            self._apart |= {layers: max((_apart(plain.get(name), read.get(name)) for name in outputs), default=0.0)}
        return plain if self._apart[layers] > OTHERWISE else read


def _apart(x: Any, y: Any) -> float:
    """Return how far two arrays are apart, as a share of the largest number."""
    if x is None or y is None or x.shape != y.shape:
        return float((x is None) != (y is None))
    with np.errstate(invalid="ignore"):
        gap = np.abs(np.asarray(x, dtype=np.float64) - np.asarray(y, dtype=np.float64))
        return float(np.nanmax(gap, initial=0.0) / (np.nanmax(np.abs(x), initial=0.0) or 1.0))
