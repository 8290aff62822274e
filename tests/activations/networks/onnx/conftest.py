"""Small ONNX models, and their tensors taken by hand with onnxruntime itself."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

onnx = pytest.importorskip("onnx")
onnxruntime = pytest.importorskip("onnxruntime")


class Graphs:
    """Builds models: nodes as (operator, inputs, outputs, attributes)."""

    float, int64, int32, float16, bfloat16 = (
        getattr(onnx.TensorProto, kind) for kind in ("FLOAT", "INT64", "INT32", "FLOAT16", "BFLOAT16")
    )

    def model(self, nodes: list[Any], inputs: dict[str, Any], outputs: dict[str, Any], **weights: Any) -> Any:
        made = [onnx.helper.make_node(n[0], n[1], n[2], **(n[3] if len(n) > 3 else {})) for n in nodes]
        values = [onnx.numpy_helper.from_array(np.asarray(array), name) for name, array in weights.items()]
        graph = onnx.helper.make_graph(made, "graph", self.declared(inputs), self.declared(outputs), values)
        opsets = [onnx.helper.make_opsetid("", 17), onnx.helper.make_opsetid("mine", 1)]
        return onnx.helper.make_model(graph, opset_imports=opsets, ir_version=9, producer_name="by hand")

    def declared(self, values: dict[str, Any]) -> list[Any]:
        return [
            onnx.helper.make_tensor_value_info(name, *(shape if isinstance(shape, tuple) else (self.float, shape)))
            for name, shape in values.items()
        ]

    def network(self, seed: int = 0, rows: Any = "N") -> Any:
        """A convolution, its nonlinearity and a linear layer."""
        rng = np.random.default_rng(seed)
        nodes = [
            ("Conv", ["x", "w1", "b1"], ["conv"], {"kernel_shape": [3, 3]}),
            ("Relu", ["conv"], ["relu"]),
            ("Shape", ["x"], ["shape"]),
            ("Add", ["w2", "w2"], ["twice"]),
            ("Flatten", ["relu"], ["flat"]),
            ("Gemm", ["flat", "twice", "b2"], ["gemm"], {"transB": 1}),
            ("ArgMax", ["gemm"], ["best"]),
            ("Softmax", ["gemm"], ["y"]),
        ]
        weights = {
            "w1": rng.normal(size=(4, 2, 3, 3)), "b1": rng.normal(size=4), "w2": rng.normal(size=(3, 64)) / 8,
            "b2": rng.normal(size=3),
        }  # fmt: skip
        inputs, outputs = {"x": [rows, 2, 6, 6]}, {"y": [rows, 3]}
        return self.model(nodes, inputs, outputs, **{k: v.astype(np.float32) for k, v in weights.items()})

    def by_hand(self, model: Any, tensors: list[str], given: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Tensors of a model, made outputs one by one."""
        copy = onnx.ModelProto()
        copy.CopyFrom(model)
        returned = {value.name for value in copy.graph.output}
        kind = onnx.TensorProto.FLOAT
        more = [onnx.helper.make_tensor_value_info(name, kind, None) for name in tensors if name not in returned]
        copy.graph.output.extend(more)
        session = onnxruntime.InferenceSession(copy.SerializeToString(), providers=["CPUExecutionProvider"])
        return dict(zip(tensors, session.run(tensors, given), strict=True))


@pytest.fixture(scope="session")
def graphs() -> Graphs:
    return Graphs()
