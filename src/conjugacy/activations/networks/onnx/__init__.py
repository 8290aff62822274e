"""Networks in ONNX format, run by onnxruntime: intermediate tensors become graph outputs."""

from conjugacy.activations.networks.onnx.network import OnnxNetwork, adapt

__all__ = ["OnnxNetwork", "adapt"]
