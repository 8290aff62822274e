"""What an ONNX graph computes from what: which tensors follow the stimuli, which are constants, which weights there are."""

from __future__ import annotations

import hashlib
from collections.abc import Generator, Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

SHAPES_ONLY = {"Shape", "Size", "ConstantOfShape", "EyeLike", "RandomNormalLike", "RandomUniformLike"}
"""Operators that look at the shape of what they are given, not at its values."""
FIRST_ONLY = {"Expand", "Tile", "Reshape"}
"""Operators whose answer has the values of their first input."""
HANDS_ON = {
    "Identity", "Cast", "CastLike", "Squeeze", "Unsqueeze", "Reshape", "Flatten", "Transpose", "Dropout",
}  # fmt: skip
"""Operators whose answer holds the values of their first input, all of them."""
DRAWS = {"RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike", "Multinomial", "Bernoulli"}


@dataclass(frozen=True, eq=False)
class OnnxGraph:
    """The graph of a model, read once.

    Attributes
    ----------
    model : onnx.ModelProto
    folder : path or None
        Where weights lie that are not in the model's own file.
    """

    model: Any
    folder: Path | None = None

    @property
    def nodes(self) -> list[Any]:
        """Return the operators of the graph itself, in the order in which they run."""
        return list(self.model.graph.node)

    @cached_property
    def given(self) -> list[str]:
        """Return the inputs that have to be given."""
        weights = {tensor.name for tensor in self.model.graph.initializer}
        return [value.name for value in self.model.graph.input if value.name not in weights]

    @cached_property
    def makers(self) -> dict[str, Any]:
        """Return the operator that gives each tensor."""
        return {name: node for node in self.nodes for name in node.output if name}

    @cached_property
    def weights(self) -> list[tuple[str, Any]]:
        """Return every initialiser and constant of the model by name, those inside branches, loops and functions too."""
        inner = [graph for node in _all_nodes(self.model) for graph in _subgraphs(node)]
        found = [(tensor.name, tensor) for graph in (self.model.graph, *inner) for tensor in graph.initializer]
        for graph in (self.model.graph, *inner):
            for sparse in graph.sparse_initializer:
                found += [(sparse.values.name, sparse.values), (f"{sparse.values.name} indices", sparse.indices)]
        for node in _all_nodes(self.model):
            if node.op_type == "Constant":
                found += [(node.output[0], a.t) for a in node.attribute if a.HasField("t")]
        return found

    @cached_property
    def constants(self) -> dict[str, Any]:
        """Return the stored tensors of the graph itself by name."""
        found = {tensor.name: tensor for tensor in self.model.graph.initializer}
        constant = (node for node in self.nodes if node.op_type == "Constant")
        return found | {node.output[0]: a.t for node in constant for a in node.attribute if a.HasField("t")}

    @cached_property
    def followers(self) -> set[str]:
        """Return the tensors whose values follow from the inputs, and not only from their shapes."""
        scalars = {v.name for v in self.model.graph.input if _is_scalar(v)}
        found = set(self.given) - scalars
        for node in self.nodes:
            if node.op_type in SHAPES_ONLY:
                continue
            looked_at = node.input[:1] if node.op_type in FIRST_ONLY else [*node.input, *captured(node)]
            if found.intersection(looked_at):
                found.update(name for name in node.output if name)
        return found

    def leading_to(self, names: Iterable[str]) -> set[str]:
        """Return the tensors that some others are computed from, and these."""
        found = set(names)
        for node in reversed(self.nodes):
            if found.intersection(node.output):
                found.update((*node.input, *captured(node)))
        return found - {""}

    def number(self, name: str) -> np.ndarray | None:
        """Return a small constant; None of anything else."""
        import onnx

        tensor = self.constants.get(name)
        if tensor is None or int(np.prod(tensor.dims)) > 64 or tensor.data_location == onnx.TensorProto.EXTERNAL:
            return None
        return onnx.numpy_helper.to_array(tensor)

    def computing(self, name: str) -> Any:
        """Return the operator that computed a tensor, which others may have reshaped; None where that is none."""
        while (node := self.makers.get(name)) is not None and node.op_type in HANDS_ON:
            name = node.input[0]
        return node

    def works_on(self, name: str, others: Iterable[str]) -> str | None:
        """Return the operator with weights through which a tensor leads to one of the others; None where there is none."""
        reached: dict[str, str | None] = {name: None}  # tensor -> the operator with weights on the way there
        for node in self.nodes:
            through = [reached[i] for i in (*node.input, *captured(node)) if i in reached]
            if not through:
                continue
            own = node.output[0] if self._has_weights(node) else None
            first = next((maker for maker in through if maker), own)
            for output in node.output:
                reached.setdefault(output, first)
        return next((reached[other] for other in others if reached.get(other)), None)

    def _has_weights(self, node: Any) -> bool:
        """Whether an operator works with stored arrays of more than a single number."""
        tensors = [self.constants[name] for name in node.input if name in self.constants]
        floats = any(
            len(tensor.dims) > 0 and int(np.prod(tensor.dims)) > 1 and _is_weight(tensor) for tensor in tensors
        )
        return floats or any(True for graph in _subgraphs(node) for _ in graph.initializer)

    @cached_property
    def insides(self) -> dict[str, str]:
        """Return the operators that hold graphs of their own -> what is said of the tensors inside."""
        functions = {(f.domain, f.name): f for f in self.model.functions}
        found: dict[str, str] = {}
        for node in self.nodes:
            inner = sum(len(n.output) for graph in _subgraphs(node) for n in graph.node if n.op_type != "Constant")
            function = functions.get((node.domain, node.op_type))
            named = node.name or node.output[0]
            if inner and node.op_type == "If":
                found[f"inside {named}"] = f"{inner} tensors inside the branches of an If, of which one runs"
            elif inner:
                found[f"inside {named}"] = f"{inner} tensors inside a {node.op_type}, which run many times"
            elif function is not None:
                inner = sum(len(n.output) for n in function.node if n.op_type != "Constant")
                found[f"inside {named}"] = f"{inner} tensors inside the function {node.op_type}"
        return found

    @cached_property
    def draws(self) -> list[str]:
        """Return the operators that draw at random."""
        return sorted({node.op_type for node in _all_nodes(self.model) if node.op_type in DRAWS})

    @property
    def parameters(self) -> int:
        """Return how many numbers of a floating or quantised type are stored in the model."""
        return sum(int(np.prod(tensor.dims)) for _, tensor in self.weights if _is_weight(tensor))

    @cached_property
    def weights_sha256(self) -> str:
        """Return the sha256 of all weights and constants, names included."""
        import onnx

        digest = hashlib.sha256()
        for name, tensor in self.weights:
            array = onnx.numpy_helper.to_array(tensor, str(self.folder or ""))
            digest.update(f"{name} {array.dtype} {array.shape}".encode() + np.ascontiguousarray(array).tobytes())
        return digest.hexdigest()


def captured(node: Any) -> set[str]:
    """Return what the graphs inside an operator take from outside without its being listed among the inputs."""
    found: set[str] = set()
    for graph in _subgraphs(node):
        own = {value.name for value in graph.input} | {tensor.name for tensor in graph.initializer}
        for inner in graph.node:
            found |= ({*inner.input} | captured(inner)) - own
            own.update(inner.output)
        found |= {value.name for value in graph.output} - own
    return found - {""}


def _subgraphs(node: Any) -> list[Any]:
    return [graph for a in node.attribute for graph in ([a.g] if a.HasField("g") else a.graphs)]


def _all_nodes(model: Any) -> Generator[Any]:
    """Yield every operator of a model, those inside others and inside functions too."""
    todo = [*model.graph.node, *(node for function in model.functions for node in function.node)]
    while todo:
        node = todo.pop(0)
        yield node
        todo += [inner for graph in _subgraphs(node) for inner in graph.node]


def _is_scalar(value: Any) -> bool:
    kind = value.type.tensor_type
    return kind.HasField("shape") and len(kind.shape.dim) == 0


def _is_weight(tensor: Any) -> bool:
    """Whether a stored array may be weights by its type: floating or quantised, not places, shapes or flags."""
    import onnx

    kinds = onnx.TensorProto
    no_weights = (
        kinds.INT64,
        kinds.INT32,
        kinds.BOOL,
        kinds.STRING,
        kinds.INT16,
        kinds.UINT16,
        kinds.UINT32,
        kinds.UINT64,
    )
    return tensor.data_type not in no_weights
