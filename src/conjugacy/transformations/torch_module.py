"""A transformation as a torch module, for stitching and for training through it. Imports torch; loaded only when asked for."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from conjugacy.errors import InputError
from conjugacy.transformations.linear import LinearMap
from conjugacy.transformations.network import FREE_INTERCEPT
from conjugacy.transformations.smooth import KernelMap
from conjugacy.transformations.transformation import OneWay


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
    def __init__(self, one: LinearMap | KernelMap, trainable: bool) -> None:
        super().__init__()
        for name, value in one.arrays().items():
            tensor = torch.as_tensor(value.copy(), dtype=torch.float64)
            if trainable and name != "scale2":
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


def _part(one: OneWay, trainable: bool) -> _Part:
    if isinstance(one, LinearMap):
        return _Linear(one, trainable)
    if isinstance(one, KernelMap):
        return _Kernel(one, trainable)
    raise InputError(f"{type(one).__name__} has no torch form; expected a linear or a kernel map")
