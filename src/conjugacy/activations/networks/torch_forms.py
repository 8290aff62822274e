"""Which form a torch network has: modules that run one by one, TorchScript, or the single graph of an exported program."""

from __future__ import annotations

import sys
from typing import Any

from conjugacy.activations.networks.origin import comes_from


def is_script(thing: Any) -> bool:
    """Whether something is TorchScript, a module or a function; torch is not imported to find out."""
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(thing, torch.jit.ScriptModule | torch.jit.ScriptFunction)


def is_flat(thing: Any) -> bool:
    """Whether something is the module of an exported program, in one graph."""
    torch = sys.modules.get("torch")
    if torch is None or "torch.fx" not in sys.modules or not isinstance(thing, torch.fx.GraphModule):
        return False
    calls = [node for node in thing.graph.nodes if node.op == "call_module"]
    exported = any("nn_module_stack" in node.meta for node in thing.graph.nodes if node.op == "call_function")
    return exported and all(str(node.target).startswith("_guards") for node in calls)


def runs_by_modules(thing: Any) -> bool:
    """Whether something is a torch module whose submodules run one by one, so that hooks see them and may change them.

    Layers of Keras on torch are none: Keras calls them in its own way.
    """
    torch = sys.modules.get("torch")
    if torch is None or not isinstance(thing, torch.nn.Module) or comes_from(thing, "keras", "Layer"):
        return False
    return not is_script(thing) and not is_flat(thing)
