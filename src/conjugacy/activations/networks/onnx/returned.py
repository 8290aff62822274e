"""Which of the tensors that an ONNX graph returns are its outputs, by their names, types and what else works on them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from conjugacy.activations.answers import NO_OUTPUT
from conjugacy.activations.heads import HIDDEN, Heads
from conjugacy.activations.kind_hints import MAKERS
from conjugacy.activations.networks.onnx.feeds import TYPES, GraphInput
from conjugacy.activations.networks.onnx.graph import OnnxGraph
from conjugacy.data import HEAD, head_named

STATE = re.compile(r"(h|c|hidden|cell|state)_?(n|t|next|out|new)|states?|(new|next|present|updated?)_?(h|c|hidden|cell|states?)",
                   re.IGNORECASE)  # fmt: skip
CACHE = re.compile(r"(present|past)([._].*)?|(.*_)?present(_key_values?)?([._]\d.*)?", re.IGNORECASE)
FRESH = re.compile(r"present|past|new|next|prev(ious)?|initial|updated?|out(put)?|in(put)?|[nt0]$|[\W_]", re.IGNORECASE)


def heads_of_graph(
    graph: OnnxGraph | None, returned: Sequence[Any], inputs: Sequence[GraphInput], output: str | int | None = None
) -> Heads:
    """Find out which of the returned tensors are outputs: the only one is called `outputs`, several `outputs.NAME`.

    No outputs are states and caches (by their names, or as large as an input of nearly the same name), attention weights, what
    is no tensor of numbers, and tensors that another operator with weights works on before another output is reached.

    Parameters
    ----------
    graph : OnnxGraph or None
        None where only a session is known.
    returned : sequence
        What onnxruntime says of each output: name, type, shape.
    inputs : sequence of GraphInput
    output : str or int, optional
        The only output that is wanted.

    Raises
    ------
    UnknownNameError
        Where there is no output of that name.
    """
    names = [value.name for value in returned]
    if isinstance(output, int) and 0 <= output < len(names):
        output = names[output]
    asked = None if output is None else head_named(output, [f"{HEAD}.{name}" for name in names], "in the model")
    whys = {value.name: _by_nature(value) or _by_name(value, inputs) for value in returned}
    if asked is not None:
        chosen = asked.removeprefix(f"{HEAD}.")
        others = {name: why or "another output was asked for" for name, why in whys.items() if name != chosen}
        return Heads({asked: chosen}, others, {}, _hints(graph, {asked: chosen}))
    kept = [name for name in names if whys[name] is None]
    for name in kept if graph is not None and len(kept) > 1 else ():
        maker = (
            graph.works_on(name, [other for other in kept if other != name and whys[other] is None]) if graph else None
        )
        if maker is not None:
            whys[name] = f"{HIDDEN}, which the operator of {maker!r} works on"
    kept = [name for name in names if whys[name] is None]
    if not kept:
        states = [value.name for value in returned if _by_nature(value) is None]
        kept = (states or names)[:1]
    paths = {HEAD: kept[0]} if len(kept) == 1 else {f"{HEAD}.{name}": name for name in kept}
    left_out = {name: why for name, why in whys.items() if why is not None and name not in kept}
    return Heads(paths, left_out, {}, _hints(graph, paths))


def _by_nature(value: Any) -> str | None:
    kind = re.sub(r"^tensor\((.*)\)$", r"\1", value.type)
    if "map(" in kind:
        return f"a {kind}; convert the model with options={{'zipmap': False}}"
    if kind not in TYPES or kind == "string":
        return f"values of type {kind}"
    return "one number, not one for each stimulus" if value.shape == [] else None


def _by_name(value: Any, inputs: Sequence[GraphInput]) -> str | None:
    last = re.split(r"[./:]", re.sub(r":\d+$", "", value.name))[-1].lower()
    for what, pattern in NO_OUTPUT.items():
        if re.fullmatch(pattern, last):
            return what
    if CACHE.fullmatch(value.name):
        return "a cache"
    if STATE.fullmatch(last):
        return "a state"
    shape = [size if isinstance(size, int) else None for size in value.shape]
    for each in inputs if len(inputs) > 1 else ():
        alike = len(shape) == len(each.shape) and all(
            None in (size, own) or not isinstance(own, int) or size == own
            for size, own in zip(shape, each.shape, strict=True)
        )
        if alike and each.shape and _stem(value.name) == _stem(each.name):
            return f"a state, which the input {each.name!r} takes again"
    return None


def _stem(name: str) -> str:
    return FRESH.sub("", name).lower() or name.lower()


def _hints(graph: OnnxGraph | None, paths: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    return {head: hint for head, name in paths.items() if (hint := _hint(graph, name))}


def _hint(graph: OnnxGraph | None, name: str) -> tuple[str, str] | None:
    """Return the kind that an output's operator or name suggests, and why."""
    node = None if graph is None else graph.computing(name)
    if node is not None and node.op_type in MAKERS:
        return MAKERS[node.op_type], f"its last operator is a {node.op_type}"
    return ("logits", f"it is called {name!r}") if "logit" in name.lower() else None
