#!/usr/bin/env bash
# Expected: a forward hook on a submodule is called when the network runs, or registering it raises.
#
# Seen: torch.export.export(net, ...).module() has the submodules of the network that hold parameters, under the same
# names. register_forward_hook on them returns a handle and no warning, the program runs, and no hook is called: they
# only hold parameters, the operators stand in one flat graph. Submodules without parameters (a ReLU) are not there at
# all. The hook of the whole program is called. torch.export.unflatten(program) has all submodules, and calls all hooks.
# program.module().eval() raises NotImplementedError, also where the network was exported in evaluation mode.
# Public: the documentation of torch.export.unflatten says that it recovers the original module hierarchy; that hooks on
# program.module() stay silent is said nowhere that we found.
#
# Why it matters: whoever collects activations by hooks gets an empty dictionary, or only the outputs, for an exported
# network whose named_modules() look like the original's.
#
# Run:  bash findings/torch_export_module_hooks_silent.sh [version of torch, 2.13.0 if left out]
#       PyPI's wheel for Linux brings CUDA; PIP_EXTRA_INDEX_URL=https://download.pytorch.org/whl/cpu takes the small one.
# Seen, Linux x86-64:
#   python 3.11.7, torch 2.13.0+cpu
#   the network              modules 0, 1, 2  hooks called: 0, 1, 2
#   its program, flat        modules 0, 2     hooks called: none
#   its program, unflattened modules 0, 1, 2  hooks called: 0, 1, 2
#   eval() of the flat one: NotImplementedError
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check numpy "torch==${1:-2.13.0}"
cd "$folder"
venv/bin/python -W ignore - <<'PYTHON'
import copy
import platform

import torch

print(f"python {platform.python_version()}, torch {torch.__version__}")
net = torch.nn.Sequential(torch.nn.Linear(4, 6), torch.nn.ReLU(), torch.nn.Linear(6, 3)).eval()
x = torch.randn(5, 4)
program = torch.export.export(net, (x,))
truth, seen = net(x), {}


def hooked(name, module):
    there = [key for key, _ in module.named_modules() if key and not key.startswith("_guards")]
    called = []
    for key in there:
        module.get_submodule(key).register_forward_hook(lambda *_, key=key: called.append(key))
    assert torch.equal(module(x), truth)
    seen[name] = there, called
    print(f"{name:24} modules {', '.join(there):8} hooks called: {', '.join(called) or 'none'}")


hooked("the network", copy.deepcopy(net))
hooked("its program, flat", program.module())
hooked("its program, unflattened", torch.export.unflatten(program))


def error(action):
    try:
        action()
    except Exception as raised:
        return type(raised).__name__
    return "no error"


raised = error(program.module().eval)
print(f"eval() of the flat one: {raised}")
whole = ["0", "1", "2"], ["0", "1", "2"]
expected = {"the network": whole, "its program, flat": (["0", "2"], []), "its program, unflattened": whole}
same = seen == expected and raised == "NotImplementedError"
raise SystemExit(0 if same else "no longer what the comment of this script says")
PYTHON
