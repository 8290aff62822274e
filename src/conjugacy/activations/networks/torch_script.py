"""TorchScript, traced or scripted, as a network: calls that tell what modules give are put into the graphs of a copy."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any

from conjugacy.activations.networks.torch_calls import OPERATORS, operators
from conjugacy.activations.networks.torch_forms import is_script
from conjugacy.activations.networks.torch_kinds import stand_in
from conjugacy.activations.networks.torch_program import ProgramNetwork, TorchProgram
from conjugacy.numerics.process_wide import no_warnings

FORM = "TorchScript"
CALL = re.compile(r"forward(__)?\d*")  # each call that is traced, and each type of input, has a method of its own
NO_MODULES = "this TorchScript network holds no modules (a function, or frozen): its outputs alone are recorded"
NO_COPY = "no layers of this TorchScript network can be read, its outputs alone are recorded: {}"


def adapt(thing: Any, output: str | int | None = None) -> ProgramNetwork | None:
    """Return a traced or scripted module or function as a network; None of anything else. torch is not imported to find out."""
    return ProgramNetwork(_program(thing), output) if is_script(thing) else None


def _program(script: Any) -> TorchProgram:
    """Return a copy of the network whose modules tell what they give; the network itself where there is none to be had."""
    import torch

    if isinstance(script, torch.jit.ScriptFunction):
        whole: Any = torch.nn.Module()
        whole.forward = script
        return TorchProgram(whole, FORM, str(script.name), notes=(NO_MODULES,))
    kind = str(script.original_name)
    if not any(True for _ in script.children()):
        told = () if kind in vars(torch.nn) else (NO_MODULES,)  # one layer alone has no parts
        return TorchProgram(script, FORM, kind, notes=told)
    try:
        with no_warnings("`torch.jit"):
            copy: Any = torch.jit.load(io.BytesIO(script.save_to_buffer()))
            _tell(copy)
    except Exception as error:  # code of its own in Python, or a graph of another form
        first = (str(error).strip().splitlines() or [type(error).__name__])[0]
        return TorchProgram(script, FORM, kind, notes=(NO_COPY.format(first[:160]),))
    return TorchProgram(copy, FORM, kind, _kinds(copy))


def _kinds(script: Any) -> dict[str, Any]:
    """Return stand-ins for the modules that have a way to run."""
    return {
        name: stand_in(str(module.original_name), module)
        for name, module in script.named_modules()
        if name and any(CALL.fullmatch(method) for method in module._c._method_names())
    }


def _tell(script: Any) -> None:
    """Put a call before and behind every call of a submodule, in the graph of every type of module."""
    operators()
    seen: set[str] = set()
    for module in script.modules():
        kind = str(module._c._type())
        if kind in seen:
            continue
        seen.add(kind)
        for method in module._c._method_names():
            _tell_in(module._c._get_method(method).graph)


def _tell_in(graph: Any) -> None:
    own = next(iter(graph.inputs())).debugName()
    for node in list(_nodes(graph)):
        if node.kind() != "prim::CallMethod" or not CALL.fullmatch(node.s("name")):
            continue
        name = _path(next(iter(node.inputs())), own)
        if name is None:
            continue
        graph.setInsertPoint(node)
        graph.create(f"{OPERATORS}::enter", [graph.insertConstant(name)], 0).insertBefore(node)
        given, behind = _tensor_of(graph, node)
        graph.create(f"{OPERATORS}::leave", [given], 0).insertAfter(behind)


def _tensor_of(graph: Any, node: Any) -> tuple[Any, Any]:
    """Return the tensor that a call gives, the first of several, or nothing; and the node behind which it is there."""
    value = node.output()
    kind = value.type().kind()
    if kind == "TensorType":
        return value, node
    parts = list(value.type().elements()) if kind == "TupleType" else []
    if not parts or parts[0].kind() != "TensorType":
        return graph.insertConstant(None), node
    unpacked = graph.create("prim::TupleUnpack", [value], len(parts))
    unpacked.insertAfter(node)
    for one, part in zip(unpacked.outputs(), parts, strict=True):
        one.setType(part)
    return next(iter(unpacked.outputs())), unpacked


def _nodes(block: Any) -> Iterator[Any]:
    for node in block.nodes():
        yield node
        for inner in node.blocks():
            yield from _nodes(inner)


def _path(value: Any, own: str) -> str | None:
    """Return the name under which a graph's own module holds another one; None of what comes from elsewhere."""
    node = value.node()
    if node.kind() != "prim::GetAttr":
        return None
    inner = next(iter(node.inputs()))
    if inner.debugName() == own:
        return node.s("name")
    outer = _path(inner, own)
    return None if outer is None else f"{outer}.{node.s('name')}"
