"""A transformation as a torch module, alone or between two networks. Imports torch; loaded only when asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from conjugacy.activations.answers import first_tensor, replaced
from conjugacy.activations.networks.torch_hooks import collecting
from conjugacy.asked import one_of, shown
from conjugacy.errors import InputError
from conjugacy.transformations.kernel import FREE_INTERCEPT
from conjugacy.transformations.kernel_map import KernelMap
from conjugacy.transformations.linear import LinearMap
from conjugacy.transformations.one_way import OneWay
from conjugacy.transformations.score_map import ScoreMap
from conjugacy.transformations.sum_map import SumMap

FIXED = ("scale2", "knots", "scores")  # what is not trained: a length, and what keeps a map of single units monotone


class TorchTransformation(torch.nn.Module):
    """Linear and kernel maps one after the other, on the last axis of what it is given."""

    def __init__(self, maps: Sequence[OneWay], *, trainable: bool = False) -> None:
        super().__init__()
        self.parts = torch.nn.ModuleList([_part(one, trainable) for one in maps])

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Map (..., n_in) to (..., n_out)."""
        rows = x.reshape(-1, x.shape[-1]).to(torch.float64)
        for part in self.parts:
            rows = part(rows)
        return rows.reshape(*x.shape[:-1], -1).to(x.dtype)


class _Part(torch.nn.Module):
    def __init__(self, one: LinearMap | KernelMap | ScoreMap, trainable: bool) -> None:
        super().__init__()
        for name, value in one.arrays().items():
            tensor = torch.as_tensor(value.copy(), dtype=torch.float64)
            if trainable and name not in FIXED:
                self.register_parameter(name, torch.nn.Parameter(tensor))
            else:
                self.register_buffer(name, tensor)


class _Linear(_Part):
    matrix: torch.Tensor
    shift_in: torch.Tensor
    shift_out: torch.Tensor

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.shift_out + (x - self.shift_in) @ self.matrix


class _Kernel(_Part):
    projection: torch.Tensor
    shift_in: torch.Tensor
    shift_out: torch.Tensor
    centres: torch.Tensor
    coefficients: torch.Tensor
    scale2: torch.Tensor

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        points = (x - self.shift_in) @ self.projection
        squared = (points**2).sum(1)[:, None] + (self.centres**2).sum(1) - 2 * points @ self.centres.T
        # the root has no derivative at 0, the kernel has: its slope there is 0
        r = (squared * (5.0 / self.scale2)).clamp_min(1e-24).sqrt()
        kernel = (1 + r + r**2 / 3) * torch.exp(-r) + FREE_INTERCEPT
        return self.shift_out + kernel @ self.coefficients


class _Scores(_Part):
    knots: torch.Tensor
    scores: torch.Tensor

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        upto = (x[:, None, :] >= self.knots).sum(1)
        last = len(self.knots) - 1
        left, right = (upto - 1).clamp(0, last), upto.clamp(0, last)
        x0, x1, y0, y1 = (of.gather(0, at) for of in (self.knots, self.scores) for at in (left, right))
        apart = torch.where(x1 > x0, x1 - x0, torch.ones_like(x0))  # beyond the outermost knots both scores are one
        return y0 + (y1 - y0) / apart * (x - x0)


class _Sum(torch.nn.Module):
    def __init__(self, one: SumMap, trainable: bool) -> None:
        super().__init__()
        self.chains = torch.nn.ModuleList(
            [torch.nn.ModuleList([_part(part, trainable) for part in chain]) for chain in one.chains]
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        found = list[torch.Tensor]()
        for chain in self.chains:
            rows = x
            for part in chain:  # pyright: ignore[reportGeneralTypeIssues, reportUnknownVariableType]
                rows = part(rows)  # pyright: ignore[reportUnknownVariableType]
            found.append(rows)  # pyright: ignore[reportUnknownArgumentType]
        return torch.stack(found).sum(0)


def _part(one: OneWay, trainable: bool) -> torch.nn.Module:
    if isinstance(one, SumMap):
        return _Sum(one, trainable)
    if isinstance(one, LinearMap):
        return _Linear(one, trainable)
    if isinstance(one, KernelMap):
        return _Kernel(one, trainable)
    if isinstance(one, ScoreMap):
        return _Scores(one, trainable)
    raise InputError(f"{type(one).__name__} has no torch form; expected a linear or a kernel map")


class Stitched(torch.nn.Module):
    """The front of one network up to a layer, a map, and the head of another from a layer on.

    The head's own front is shown zeros of the stimulus' shape, so nothing of the stimulus reaches the head around the map.

    Parameters
    ----------
    front, head : torch.nn.Module
    front_layer, head_layer : str
        Submodules that run once in a pass.
    between : torch.nn.Module
        Maps (m, n_front) to (m, n_head), `transformation.to_torch()` for one; both layers are flattened.
    """

    def __init__(
        self, front: torch.nn.Module, front_layer: str, between: torch.nn.Module, head: torch.nn.Module, head_layer: str
    ) -> None:
        super().__init__()
        for model, layer in ((front, front_layer), (head, head_layer)):
            if not isinstance(model, torch.nn.Module):  # pyright: ignore[reportUnnecessaryIsInstance] - users give anything
                raise InputError(f"stitch: got {shown(model)}, expected a torch module")
            one_of("layer", layer, [n for n, _ in model.named_modules() if n], "in the model")
        self.front, self.between, self.head = front, between, head
        self.front_layer, self.head_layer = front_layer, head_layer

    def forward(self, x: torch.Tensor) -> Any:
        """Run the stitched network on a batch."""
        seen: dict[str, Any] = {}
        with collecting(dict(self.front.named_modules()), [self.front_layer], seen, keep=first_tensor):
            self.front(x)
        states = list(seen.values())
        if len(states) != 1 or states[0] is None:
            raise InputError(
                f"layer {self.front_layer!r} ran {len(states)} times in a pass; expected once, with a tensor"
            )
        mapped = self.between(states[0].flatten(1))
        module = dict(self.head.named_modules())[self.head_layer]
        handle = module.register_forward_hook(lambda _, __, output: replaced(output, mapped, self.head_layer))
        try:
            return first_tensor(self.head(torch.zeros_like(x)))
        finally:
            handle.remove()
