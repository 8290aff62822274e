#!/usr/bin/env bash
# Expected: a weight of an exported network that has the name of a weight of the module holds the same numbers; and
# torch.onnx.export writes a network of a few hundred bytes as one file.
#
# Seen: with torch 2.13.0 and its default exporter (dynamo=True, optimize=True), a batch norm behind a convolution is
# folded into the convolution in evaluation mode, and the folded weights keep the names "0.weight" and "0.bias": other
# numbers under the names of the state dict. The names of the batch norm's own weights are gone, and the tensor that
# the convolution gives is called "getitem", which was the batch norm's output. With optimize=False nothing is folded.
# The legacy exporter (dynamo=False) folds too, and gives folded weights names of its own (onnx::Conv_12).
# All weights, 432 bytes, go into a second file network.onnx.data: network.onnx alone cannot be loaded
# (external_data=True is the default and documented; nothing is said of small networks).
# Public: the documentation of torch.onnx.export says that optimize=True optimizes the graph; that names are kept for
# other numbers we found nowhere.
#
# Why it matters: who looks up by name whether an exported network holds the trained weights, or prunes, hashes or
# quantises "0.weight" of both, compares different things without a word; and who compares the layer named after the
# convolution with the module's convolution finds a difference that is the batch norm's. Compare what was computed, or
# export with optimize=False.
#
# Run:  bash findings/torch_onnx_weight_name_kept.sh [version of torch, 2.13.0 if left out]   (torch is a large install)
# Seen, Linux x86-64:
#   python 3.11.7, torch 2.13.0+cpu, onnx 1.23.2
#   {'dynamo': True, 'verbose': False}
#       tensors ['getitem', 'relu']
#       same name, same numbers {'0.weight': False, '0.bias': False}
#       network.onnx.data has 432 bytes; network.onnx alone: ValidationError
#   {'dynamo': True, 'verbose': False, 'optimize': False}
#       tensors ['conv2d', 'getitem', 'relu']
#       same name, same numbers {'0.weight': True, '0.bias': True, '1.weight': True, '1.bias': True,
#                                '1.running_mean': True, '1.running_var': True}
#   {'dynamo': False}
#       tensors ['/0/Conv_output_0', '10']
#       same name, same numbers {}
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check "torch==${1:-2.13.0}" numpy==2.4.6 onnx==1.23.2 onnxscript==0.7.2
cd "$folder"
venv/bin/python -W ignore - 2> log <<'PYTHON' || { cat log; exit 1; }
import platform
import shutil
from pathlib import Path

import numpy as np
import onnx
import torch

print(f"python {platform.python_version()}, torch {torch.__version__}, onnx {onnx.__version__}")
torch.manual_seed(0)
network = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.BatchNorm2d(4), torch.nn.ReLU())
for _ in range(5):
    network(2 * torch.randn(16, 3, 8, 8) + 1)
network.eval()
state = {name: value.numpy() for name, value in network.state_dict().items()}


def exported(**how):
    torch.onnx.export(network, (torch.randn(2, 3, 8, 8),), "network.onnx", **how)
    model = onnx.load("network.onnx")
    weights = {tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    shared = {name: bool(np.allclose(value, state[name], atol=1e-6)) for name, value in weights.items() if name in state}
    tensors = [name for node in model.graph.node for name in node.output]
    print(f"{how}\n    tensors {tensors}\n    same name, same numbers {shared}")
    return tensors, shared


default = exported(dynamo=True, verbose=False)
beside = Path("network.onnx.data").stat().st_size
Path("moved").mkdir()
shutil.move("network.onnx", "moved/network.onnx")
try:
    onnx.load("moved/network.onnx")
    alone = True
except Exception as error:
    alone = False
    print(f"    network.onnx.data has {beside} bytes; network.onnx alone: {type(error).__name__}")
plain = exported(dynamo=True, verbose=False, optimize=False)
legacy = exported(dynamo=False)
as_told = (
    default == (["getitem", "relu"], {"0.weight": False, "0.bias": False})
    and not alone
    and plain[0] == ["conv2d", "getitem", "relu"]
    and all(plain[1].values())
    and len(plain[1]) == 6
    and legacy[1] == {}
)
raise SystemExit(0 if as_told else "no longer what the comment of this script says")
PYTHON
