#!/usr/bin/env bash
# Expected: a forward hook on a module with weights that a network computes with is called in its forward pass, on the
# reference path at least; and a new version of the library does not change which modules are called.
#
# Seen: in transformers 5.24.0 the hooks of `mixer.conv1d`, `mixer.dt_proj` and `mixer.act` of a Mamba block are never
# called, without the compiled kernels too: the mixer hands their weights to functions. Those of `in_proj`, `x_proj` and
# `out_proj` are. In transformers 4.57.6 all six are called on that path. The modules and their names are there in
# both, and what the outputs are worked out with.
# Public: for the original package, state-spaces/mamba #59 "Registering (forward/backward) hooks on intermediate Mamba
# layers", where the fused kernels were the reason.
#
# Why it matters: a script that collects layers by name into a dict comes back with fewer layers and no error, and the
# state-space step size (dt_proj) and the convolution are what one looks at in Mamba. Count the calls; what is
# not called has to be said to be missing, or read from the weights.
#
# Run:  bash findings/transformers_mamba_hooks_silent.sh [version of transformers, 5.24.0 if left out]
#       PyPI's wheel of torch for Linux brings CUDA; PIP_EXTRA_INDEX_URL=https://download.pytorch.org/whl/cpu takes the small one.
# Seen, Linux x86-64:
#   python 3.11.7, torch 2.13.0+cpu, transformers 5.24.0
#   called     in_proj 1, conv1d 0, act 0, x_proj 1, dt_proj 0, out_proj 1
#   weights of conv1d and dt_proj count in the output: True
#   python 3.11.7, torch 2.13.0+cpu, transformers 4.57.6
#   called     in_proj 1, conv1d 1, act 2, x_proj 1, dt_proj 1, out_proj 1
#   weights of conv1d and dt_proj count in the output: True
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
cat > "$folder/try.py" <<'PYTHON'
import platform
import sys

import torch
import transformers
from transformers.models.mamba import MambaConfig, MambaForCausalLM

versions = f"torch {torch.__version__}, transformers {transformers.__version__}"
print(f"python {platform.python_version()}, {versions}")
torch.manual_seed(0)
config = MambaConfig(vocab_size=40, hidden_size=16, num_hidden_layers=1, state_size=4, use_cache=False)
model = MambaForCausalLM(config).eval()
mixer = model.backbone.layers[0].mixer
calls = dict.fromkeys(("in_proj", "conv1d", "act", "x_proj", "dt_proj", "out_proj"), 0)


def counting(name):
    def hook(module, args, output):
        calls[name] += 1

    return hook


for name in calls:
    getattr(mixer, name).register_forward_hook(counting(name))
tokens = torch.arange(9)[None]
with torch.no_grad():
    before = model(tokens).logits
    print("called     " + ", ".join(f"{name} {count}" for name, count in calls.items()))
    silent = [name for name, count in calls.items() if count == 0]
    counts = []
    for name in ("conv1d", "dt_proj"):
        getattr(mixer, name).weight.mul_(2)
        counts.append(not torch.allclose(before, model(tokens).logits))
        getattr(mixer, name).weight.div_(2)
print(f"weights of conv1d and dt_proj count in the output: {all(counts)}")
expected = sys.argv[1].split(",") if sys.argv[1] else []
raise SystemExit(0 if silent == expected and all(counts) else "no longer what the comment of this script says")
PYTHON
cd "$folder"
venv/bin/pip install --quiet --disable-pip-version-check numpy torch==2.13.0 "transformers==${1:-5.24.0}"
venv/bin/python -W ignore try.py conv1d,act,dt_proj 2> errors.txt || { cat errors.txt; exit 1; }
venv/bin/pip install --quiet --disable-pip-version-check transformers==4.57.6
venv/bin/python -W ignore try.py "" 2> errors.txt || { cat errors.txt; exit 1; }
