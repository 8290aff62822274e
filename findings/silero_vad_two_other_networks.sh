#!/usr/bin/env bash
# Expected: the files of one release of silero-vad hold one network in several forms; `silero_vad_half.onnx` holds it in float16, and
# `silero_vad_16k.safetensors` its weights, which the package's tinygrad_model.py says to load.
#
# Seen: two files of release 6.2.3 hold other networks.
#   - silero_vad_half.onnx is, byte for byte, that of release 5.1.2. Its weights are float32, and on one input it gives what
#     silero_vad.onnx of 5.1.2 gives, not what silero_vad.onnx of 6.2.3 gives.
#   - of the numbers in silero_vad_16k.safetensors only the Fourier basis, which is not trained, stands in silero_vad_16k_op15.onnx,
#     which gives what silero_vad.onnx gives; they are not those of 6.0.0 and 5.1.2 either.
#
# Why it matters: whoever takes the half file to save memory saves none and runs the older release; whoever runs the bare weights
# runs a third network. Results of the three are then compared as one.
#
# Run:  bash findings/silero_vad_two_other_networks.sh [version of silero-vad, 6.2.3 if left out]
# Seen, Linux x86-64:
#   python 3.11.7, silero-vad 6.2.3, numpy 2.4.6, onnx 1.23.2, onnxruntime 1.32.0, safetensors 0.8.0
#   silero_vad_half.onnx: the file of 5.1.2: True; types of its weights: ['float32']
#   largest difference of its probabilities from silero_vad.onnx: 5.1.2 0, 6.2.3 0.22
#   tensors of silero_vad_16k.safetensors in silero_vad.onnx of 5.1.2: ['stft_conv.weight'] of 15
#   tensors of silero_vad_16k.safetensors in silero_vad_16k_op15.onnx of 6.0.0: ['stft_conv.weight'] of 15
#   tensors of silero_vad_16k.safetensors in silero_vad_16k_op15.onnx of 6.2.3: ['stft_conv.weight'] of 15
#   largest difference of silero_vad_16k_op15.onnx from silero_vad.onnx: 0
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
pip=("$folder/venv/bin/pip" install --quiet --disable-pip-version-check)
"${pip[@]}" numpy==2.4.6 onnx==1.23.2 onnxruntime==1.32.0 safetensors==0.8.0
for version in 5.1.2 6.0.0 "${1:-6.2.3}"; do "${pip[@]}" --no-deps --target "$folder/$version" "silero-vad==$version"; done
cd "$folder"
venv/bin/python - "${1:-6.2.3}" <<'PYTHON'
import hashlib
import platform
import sys
from importlib.metadata import version
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import numpy_helper
from safetensors.numpy import load_file

newest = sys.argv[1]
names = ("numpy", "onnx", "onnxruntime", "safetensors")
print(f"python {platform.python_version()}, silero-vad {newest}, " + ", ".join(f"{one} {version(one)}" for one in names))
data = {one: Path(one, "silero_vad", "data") for one in ("5.1.2", "6.0.0", newest)}


def arrays(graph):
    held = list(graph.initializer)
    for node in graph.node:
        for one in node.attribute:
            held += [one.t] if one.HasField("t") else []
            if one.HasField("g"):
                yield from arrays(one.g)
    yield from (array for array in map(numpy_helper.to_array, held) if array.dtype.kind == "f" and array.size > 1)


def weights(path):
    return list(arrays(onnx.load(path).graph))


options = onnxruntime.SessionOptions()
options.log_severity_level = 3
x = 0.1 * np.random.default_rng(0).standard_normal((64, 576)).astype(np.float32)
x *= 1 + np.sin(2 * np.pi * 150 * np.arange(576, dtype=np.float32) / 16000)


def voice(path):
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    given = {"input": x, "state": np.zeros((2, 64, 128), np.float32), "sr": np.array(16000)}
    return session.run(None, {one.name: given[one.name] for one in session.get_inputs()})[0]


half = [data[one] / "silero_vad_half.onnx" for one in ("5.1.2", newest)]
same_file = len({hashlib.sha256(path.read_bytes()).hexdigest() for path in half}) == 1
types = sorted({str(one.dtype) for one in weights(half[1])})
print(f"silero_vad_half.onnx: the file of 5.1.2: {same_file}; types of its weights: {types}")
answers = voice(half[1])
apart = {one: float(np.abs(answers - voice(data[one] / "silero_vad.onnx")).max()) for one in ("5.1.2", newest)}
print("largest difference of its probabilities from silero_vad.onnx: " + ", ".join(f"{k} {v:.2g}" for k, v in apart.items()))
bare = load_file(data[newest] / "silero_vad_16k.safetensors")
found = {}
for one, file in (("5.1.2", "silero_vad.onnx"), ("6.0.0", "silero_vad_16k_op15.onnx"), (newest, "silero_vad_16k_op15.onnx")):
    known = {np.sort(array.ravel()).tobytes() for array in weights(data[one] / file)}
    found[one] = [name for name, array in bare.items() if np.sort(array.ravel()).tobytes() in known]
    print(f"tensors of silero_vad_16k.safetensors in {file} of {one}: {found[one]} of {len(bare)}")
own = float(np.abs(voice(data[newest] / "silero_vad_16k_op15.onnx") - voice(data[newest] / "silero_vad.onnx")).max())
print(f"largest difference of silero_vad_16k_op15.onnx from silero_vad.onnx: {own:.2g}")
as_said = same_file and types == ["float32"] and apart["5.1.2"] < 1e-4 < 0.01 < apart[newest] and own < 1e-4
as_said &= all(one == ["stft_conv.weight"] for one in found.values())
raise SystemExit(0 if as_said else "no longer what the comment of this script says")
PYTHON
