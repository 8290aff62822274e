"""An exported program of torch as a network: what each module handed on is told by calls put into a copy of its graph."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from copy import deepcopy
from typing import Any, cast

from conjugacy.activations.networks.torch_calls import gave
from conjugacy.activations.networks.torch_forms import is_flat
from conjugacy.activations.networks.torch_kinds import stand_in, type_name
from conjugacy.activations.networks.torch_program import OLD_TREES, ProgramNetwork, TorchProgram
from conjugacy.numerics.process_wide import no_warnings

FORM = "an exported program"
ROUNDING = ("quantize_per_tensor", "dequantize_per_tensor", "quantize_per_channel", "dequantize_per_channel")


def adapt(thing: Any, output: str | int | None = None) -> ProgramNetwork | None:
    """Return an ExportedProgram, or the flat module of one, as a network; None of anything else.

    An unflattened one is a module like others, whose hooks run.
    """
    torch = sys.modules.get("torch")
    if torch is None:
        return None
    exported: Any = getattr(getattr(torch, "export", None), "ExportedProgram", None)
    whole = exported is not None and isinstance(thing, exported)
    if not whole and not is_flat(thing):
        return None
    with no_warnings(OLD_TREES):
        return ProgramNetwork(_program(thing.module() if whole else thing), output)


def _program(flat: Any) -> TorchProgram:
    import torch

    graph = deepcopy(flat.graph)
    handed_on, kinds = _handed_on(graph)
    for name, node in handed_on:
        with graph.inserting_after(node):
            graph.call_function(gave, (name, node))
    copy = torch.fx.GraphModule(flat, graph)
    rows = _rows(graph)
    notes = () if rows is None else (f"the program was exported for {rows} rows, and is run on so many at a time",)
    whole = [said[0] for said in _stacks(graph) if said and said[0][0] == ""]
    kind = whole[0][1].rpartition(".")[2] if whole else "ExportedProgram"
    # torch.export takes one row for something special: a program for any number of rows begins at two
    return TorchProgram(copy, FORM, kind, kinds, rows, 1 if rows is not None else 2, notes)


def _handed_on(graph: Any) -> tuple[list[tuple[str, Any]], dict[str, Any]]:
    """Return names of modules with the node that holds what each call handed on, in order, and the modules' types."""
    calls: dict[str, list[Any]] = {}
    names: dict[str, tuple[str, str]] = {}
    for node in graph.nodes:
        for key, said in _stack(node).items():
            calls.setdefault(key, []).append(node)
            names[key] = said
    found: list[tuple[int, int, str, Any]] = []
    order = {node: i for i, node in enumerate(graph.nodes)}
    for key, nodes in calls.items():
        name, inside = names[key][0], set(nodes)
        given = next((node for node in nodes if any(user not in inside for user in node.users)), None)
        if name and given is not None:
            given = _rounded(given)
            found.append((order[given], -name.count("."), name, given))
    found.sort(key=lambda one: one[:2])
    kinds = {name: stand_in(kind) for name, kind in names.values()}
    return [(name, node) for _, _, name, node in found], {name: kinds[name] for _, _, name, _ in found}


def _rounded(node: Any) -> Any:
    """Return the node that holds a quantised network's numbers as they are handed on: rounded, and as floats again."""
    users: list[Any] = list(node.users)
    if len(users) != 1 or not str(getattr(users[0].target, "__name__", "")).startswith(ROUNDING):
        return node
    return _rounded(users[0])


def _stack(node: Any) -> dict[str, tuple[str, str]]:
    """Return the calls of modules that a node is part of: key of the call -> name and type of the module."""
    if node.op != "call_function":
        return {}
    stack = cast("Mapping[str, Any]", node.meta.get("nn_module_stack") or {})
    return {key: (str(said[0]), type_name(said[1])) for key, said in stack.items()}


def _stacks(graph: Any) -> Iterable[list[tuple[str, str]]]:
    return (list(_stack(node).values()) for node in graph.nodes)


def _rows(graph: Any) -> int | None:
    """Return how many rows the program was exported for; None where it takes any number."""
    values: list[Any] = [node.meta.get("val") for node in graph.nodes if node.op == "placeholder"]
    first: list[Any] = [value.shape[0] for value in values if getattr(value, "shape", ())]
    return first[0] if first and all(isinstance(size, int) for size in first) else None
