"""What the type of a torch module tells of the axes of what it gives."""

from __future__ import annotations

from typing import Any

from conjugacy.activations.axes import of_channels, of_last_units

CHANNELS = ("Conv", "BatchNorm", "InstanceNorm", "MaxPool", "AvgPool", "AdaptiveMaxPool", "AdaptiveAvgPool", "LPPool",
            "FractionalMaxPool", "Upsample", "PixelShuffle", "GroupNorm", "LocalResponseNorm")  # fmt: skip
ELEMENTWISE = ("torch.nn.modules.activation", "torch.nn.modules.dropout", "torch.nn.modules.normalization",
               "transformers.activations")  # fmt: skip
NORMS = ("LayerNorm", "RMSNorm")
UNITS_LAST = ("Linear", "LayerNorm", "RMSNorm", "Embedding", "Bilinear", "NonDynamicallyQuantizableLinear")


def declared(module: Any) -> str | None:
    """Return the axes that a module has whatever it is given, or that its library declares."""
    declared = str(getattr(module, "output_fmt", "") or "").rpartition(".")[2].upper()
    known = {"NHWC": "byxc", "NCHW": "bcyx", "NLC": "btu", "NCL": "but"}.get(declared)
    return known or next((axes_of(module, ndim) for ndim in (4, 3) if _only(module, ndim)), None)


def _only(module: Any, ndim: int) -> bool:
    name = type(module).__name__
    return (name.startswith("Conv") and name.endswith("2d") and ndim == 4) or _is_recurrent(module)


def axes_of(module: Any, ndim: int) -> str | None:
    """Return the axes of what a module gives, of which it has so many; None where its type does not tell."""
    module = before_export(module)
    declared = str(getattr(module, "output_fmt", "") or "").rpartition(".")[2].upper()
    if ndim == 4 and declared in ("NHWC", "NCHW"):
        return "byxc" if declared == "NHWC" else "bcyx"
    if ndim == 3 and (_is_recurrent(module) or type(module).__name__ == "MultiheadAttention"):
        return "btu" if getattr(module, "batch_first", True) else "tbu"
    order = str(getattr(module, "data_format", "") or "").lower()
    if order in ("channels_first", "channels_last"):
        return of_channels(ndim) if order == "channels_first" else of_last_units(ndim)
    for kind in _torch_kinds(module):
        if kind in NORMS and ndim > 2 and not _normalises_units(module, kind):
            return of_channels(ndim) if type(module).__name__.lower().endswith("2d") else None
        if kind in UNITS_LAST:
            return of_last_units(ndim)
        if kind.startswith(CHANNELS):
            return of_channels(ndim)
    return "bu" if ndim == 2 else None


def _normalises_units(module: Any, kind: str) -> bool:
    """Whether a norm works as torch's own does, over its last axis alone; those of a library may move axes about it."""
    own = next(one for one in type(module).__mro__ if one.__name__ == kind and one.__module__.startswith("torch.nn"))
    return type(module).forward is own.forward and len(getattr(module, "normalized_shape", (1,))) == 1


def _torch_kinds(module: Any) -> list[str]:
    """Return the names of the types of torch's own, or of a known library's, that a module is."""
    found = [kind.__name__ for kind in type(module).__mro__ if kind.__module__.startswith(("torch.nn", "torch.ao"))]
    return [*found, *(["Linear"] if type(module).__module__ == "transformers.pytorch_utils" else [])]


def _is_recurrent(module: Any) -> bool:
    return any(kind.__name__ == "RNNBase" for kind in type(module).__mro__)


def before_export(module: Any) -> Any:
    """Return a stand-in for what a part of an unflattened program was, as its graph says; any other module as it is."""
    if type(module).__name__ != "InterpreterModule":
        return module
    stacks = [
        list((node.meta.get("nn_module_stack") or {}).values())
        for node in module.graph.nodes
        if node.op == "call_function"
    ]
    own = min(filter(None, stacks), key=len, default=None)  # longer ones are of parts inside
    return module if own is None else stand_in(type_name(own[-1][1]))


def type_name(kind: Any) -> str:
    """Return the full name of a type, which an exported program holds as text."""
    return f"{kind.__module__}.{kind.__qualname__}" if isinstance(kind, type) else str(kind)


def stand_in(kind: str, like: Any = None) -> Any:
    """Return an empty module of torch's own type of this name, which tells what axes are; of other types a bare module.

    Examples
    --------
    >>> type(stand_in("torch.nn.modules.conv.Conv2d")).__name__, stand_in("my.Block").kind_told
    ('Conv2d', 'Block')
    """
    import torch

    package, _, name = kind.rpartition(".")
    found: Any = getattr(torch.nn, name, None) if not package or package.startswith("torch.nn") else None
    kind_of_torch: Any = found if isinstance(found, type) and issubclass(found, torch.nn.Module) else torch.nn.Module
    made: Any = kind_of_torch.__new__(kind_of_torch)
    torch.nn.Module.__init__(made)
    made.kind_told = name
    if hasattr(like, "batch_first"):
        made.batch_first = bool(like.batch_first)
    return made
