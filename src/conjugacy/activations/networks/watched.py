"""What is seen of a torch module while it runs: sequences of lengths of their own, and layers that work across tokens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from weakref import ref

from conjugacy.activations.answers import first_tensor
from conjugacy.activations.networks.torch_kinds import ELEMENTWISE, axes_of

NEAR = 1e-5  # sums of the same numbers in another order


@dataclass(frozen=True, eq=False)
class _Given:
    """What a layer gave: sums of each row, of what stands first along either axis of it, and whether it holds tokens last."""

    sums: Any
    turned: bool
    first: float  # of the first row, which tells most others apart
    shape: tuple[int, ...] = ()


@dataclass(eq=False)
class Watched:
    """What is seen of the layers of a torch module, pass by pass.

    A layer with units last that works on what an earlier one gave, its axes changed, works across tokens, as in a mixer: it holds
    units in the middle and tokens last.

    Attributes
    ----------
    ragged : set of str
        Layers that give packed or nested sequences.
    turned : set of str
        Layers of three axes that hold tokens last, though their type says units.
    units_last : dict of str to bool
        Norms of a library's own, and whether they were seen to hold units last; else they hold channels.
    fed_by : dict of str to str
        Layers that work on each number by itself -> the layer whose very answer they were given.
    quantised : dict of str to str
        Layers and outputs that give quantised tensors -> their type.
    """

    ragged: set[str] = field(default_factory=set[str])
    turned: set[str] = field(default_factory=set[str])
    units_last: dict[str, bool] = field(default_factory=dict[str, bool])
    fed_by: dict[str, str] = field(default_factory=dict[str, str])
    quantised: dict[str, str] = field(default_factory=dict[str, str])
    _given: list[_Given] | None = None
    _handed_on: list[tuple[str, Any]] = field(default_factory=list[Any])

    def begin(self, *, looking: bool) -> None:
        """Begin a pass; in a few-row look inputs of layers are compared with what earlier ones gave."""
        self._given = [] if looking else None
        self._handed_on = []

    def see(self, name: str, module: Any, args: Any, output: Any) -> None:
        """See one call of a module."""
        self.see_outputs({name: first_tensor(output)})
        if is_ragged(output):
            self.ragged.add(name)
        elif self._given is not None:
            tensor = first_tensor(output)
            self._hand_on(name, module, args, tensor)
            self._follow(self._given, name, module, args, tensor)
            width = tuple(getattr(module, "normalized_shape", None) or ())
            if tensor is not None and tensor.ndim > 2 and len(width) == 1:
                fits = [tensor.shape[i] == width[0] for i in (1, -1)]
                if fits[0] != fits[1]:
                    self.units_last[name] = fits[1]

    def see_outputs(self, outputs: Mapping[str, Any]) -> None:
        """See which tensors are quantised."""
        for name, tensor in outputs.items():
            if getattr(tensor, "is_quantized", False):
                self.quantised[name] = str(tensor.dtype).removeprefix("torch.")

    def told_of_quantised(self) -> list[str]:
        """Return a sentence for every type of quantised numbers."""
        named: dict[str, list[str]] = {}
        for name, kind in self.quantised.items():
            named.setdefault(kind, []).append(repr(name))
        return [
            f"{', '.join(names)}: quantised ({kind}), recorded as the numbers that they stand for"
            for kind, names in named.items()
        ]

    def _hand_on(self, name: str, module: Any, args: Any, tensor: Any) -> None:
        """Note whose answer, as it was handed on, an elementwise layer works on."""
        given = args[0] if isinstance(args, tuple) and args else None
        if type(module).__module__ in ELEMENTWISE:
            fed = next((earlier for earlier, one in reversed(self._handed_on) if one() is given), None)
            if given is not None and fed is not None:
                self.fed_by[name] = fed
        if tensor is not None:
            self._handed_on.append((name, ref(tensor)))

    def _follow(self, before: list[_Given], name: str, module: Any, args: Any, output: Any) -> None:
        if output is None or output.ndim != 3 or not output.is_floating_point() or not output.numel():
            return
        kind, given = axes_of(module, 3), args[0] if isinstance(args, tuple) and args else None
        if kind == "bct":
            turned = True
        elif kind is None:  # what moves numbers about, or works on each by itself
            moved = _is_turned(before, output)
            turned = (
                moved if moved is not None or type(module).__module__ not in ELEMENTWISE else _is_turned(before, given)
            )
            if turned and type(module).__module__ in ELEMENTWISE:
                self.turned.add(name)
        else:
            turned = kind == "btu" and bool(_is_turned(before, given, by_shape=True))
            if turned:
                self.turned.add(name)
        if turned is not None:
            sums = _sums(output)
            before.append(_Given(sums, turned, float(sums[0, 0]), tuple(output.shape)))


def is_ragged(output: Any) -> bool:
    """Whether a module gives sequences of lengths of their own: packed, or nested."""
    tensor = first_tensor(output)
    return (isinstance(output, tuple) and len(output) > 0 and (is_packed(output) or is_packed(output[0]))) or (
        tensor is not None and tensor.is_nested
    )


def is_packed(value: Any) -> bool:
    """Whether something is torch's packed sequence."""
    return type(value).__name__ == "PackedSequence"


def _is_turned(before: list[_Given], given: Any, *, by_shape: bool = False) -> bool | None:
    """Whether values hold tokens last: they are what an earlier layer gave, as it was or its axes changed; else None.

    By shape: of values that no layer gave, those of the last layer of this shape, where a function stood between.
    """
    import torch

    if not hasattr(given, "detach") or given.is_nested or given.ndim != 3 or not given.is_floating_point():
        return None
    sums = _sums(given)
    first = float(sums[0, 0])
    for one in reversed(before):
        if one.sums.shape != sums.shape or abs(one.first - first) > 2 * NEAR * abs(first):
            continue
        if bool(torch.allclose(one.sums, sums, rtol=NEAR, atol=0)):
            return one.turned
        if bool(torch.allclose(one.sums[[0, 2, 1]], sums, rtol=NEAR, atol=0)):
            return not one.turned
    alike = [one.turned for one in before if one.shape == tuple(given.shape)] if by_shape else []
    return alike[-1] if alike and len(set(alike)) == 1 else None


def _sums(values: Any) -> Any:
    import torch

    sizes = values.detach().double().abs()
    return torch.stack([sizes.sum((1, 2)), sizes[:, 0].sum(1), sizes[:, :, 0].sum(1)])
