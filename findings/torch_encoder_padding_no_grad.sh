#!/usr/bin/env bash
# Expected: a network in evaluation mode returns the same numbers whether gradients are recorded or not.
#
# Seen: torch.nn.TransformerEncoder with `src_key_padding_mask`, as it is built by default (enable_nested_tensor=True),
# turns its input into a nested tensor where gradients are off, and fills padding with exact zeros on its way out. With
# gradients on (and in training mode) padding holds what the layers computed there. Tokens that are there agree to
# rounding. So a network that goes on with all columns (a mean over tokens, a maximum, a flatten into a linear layer),
# careless as that is, was trained on one kind of number and is recorded on another: its answer to the same batch
# differs by more than its spread. Without gradients, and only there, modules inside hand nested tensors to forward
# hooks, and the hook of `self_attn.out_proj` is not called in either case.
# Public: pytorch/pytorch #86120 "TransformerEncoder src_key_padding_mask does not work in eval()" and #128209
# "nn.Transformer gives different output in torch.no_grad() context" report outputs that differ. The docstring of
# enable_nested_tensor speaks of performance alone.
#
# Why it matters: activations are recorded without gradients, and derivatives of the same network with them; a
# comparison of the two, or of a recording with the outputs seen in training, finds two networks where there is one.
# Pass enable_nested_tensor=False, or average over tokens that are there.
#
# Run:  bash findings/torch_encoder_padding_no_grad.sh [version of torch, 2.13.0 if left out]
#       PyPI's wheel for Linux brings CUDA; PIP_EXTRA_INDEX_URL=https://download.pytorch.org/whl/cpu takes the small one.
# Seen, Linux x86-64:
#   python 3.11.7, torch 2.13.0+cpu
#   tokens that are there      largest difference below 1e-5
#   padding, gradients on      all zero: False
#   padding, gradients off     all zero: True
#   mean over all columns      differs by 1.31 of its spread
#   enable_nested_tensor=False differs by less than 1e-5 of its spread
#   hooks without gradients    linear1 nested: True, out_proj called: 0
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check numpy "torch==${1:-2.13.0}"
cd "$folder"
venv/bin/python -W ignore - <<'PYTHON'
import platform

import torch

print(f"python {platform.python_version()}, torch {torch.__version__}")


def encoder(nested):
    torch.manual_seed(0)
    layer = torch.nn.TransformerEncoderLayer(8, nhead=2, dim_feedforward=16, batch_first=True)
    return torch.nn.TransformerEncoder(layer, 2, enable_nested_tensor=nested).eval()


def both(model):
    with_gradients = model(x, src_key_padding_mask=padding).detach()
    with torch.no_grad():
        return with_gradients, model(x, src_key_padding_mask=padding)


def apart(one, two):
    return ((one - two).abs().max() / one.std()).item()


torch.manual_seed(1)
x = torch.randn(4, 6, 8)
padding = torch.arange(6)[None] >= torch.tensor([6, 4, 3, 2])[:, None]  # True where there is padding

on, off = both(encoder(nested=True))
largest = (on - off)[~padding].abs().max().item()
assert largest < 1e-5
print("tokens that are there      largest difference below 1e-5")
zero = [bool((values[padding] == 0).all()) for values in (on, off)]
print(f"padding, gradients on      all zero: {zero[0]}\npadding, gradients off     all zero: {zero[1]}")
mean = apart(on.mean(dim=1), off.mean(dim=1))
print(f"mean over all columns      differs by {mean:.2f} of its spread")
plain = apart(*(values.mean(dim=1) for values in both(encoder(nested=False))))
assert plain < 1e-5
print("enable_nested_tensor=False differs by less than 1e-5 of its spread")

model, seen = encoder(nested=True), {"linear1": [], "out_proj": []}
model.layers[0].linear1.register_forward_hook(lambda m, args, out: seen["linear1"].append(out.is_nested))
model.layers[0].self_attn.out_proj.register_forward_hook(lambda m, args, out: seen["out_proj"].append(0))
both(model)
print(f"hooks without gradients    linear1 nested: {seen['linear1'][1]}, out_proj called: {len(seen['out_proj'])}")
as_said = zero == [False, True] and mean > 0.1 and seen == {"linear1": [False, True], "out_proj": []}
raise SystemExit(0 if as_said else "no longer what the comment of this script says")
PYTHON
