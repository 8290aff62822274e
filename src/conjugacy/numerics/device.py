"""Where heavy products and factorisations are done: numpy and scipy here, or torch on a device. Arrays go in and come out.

Whoever has such work asks `device_for` how much it is. Without a device, or for little work, it gets None and calls numpy or
scipy, as ever. Functions for a device are written for the array API, in the namespace of torch that array-api-compat gives.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from scipy.linalg import cholesky, eigh, solve

from conjugacy.errors import InputError, MissingExtraError

WORTH = 1e6  # multiplications from which on work is sent: for less, one core is done as soon as it is sent
_chosen: ContextVar[str | None] = ContextVar("device", default=None)


@dataclass(frozen=True)
class Device:
    """A device of torch, by its name, and how arrays get there and back."""

    name: str
    torch: Any
    xp: Any

    def put(self, x: np.ndarray) -> Any:
        """Return an array as a tensor on the device."""
        if not x.flags.writeable or min(x.strides, default=0) < 0:  # torch warns of the one and refuses the other
            x = x.copy()
        rounds = x.dtype == np.float32 and self.torch.get_float32_matmul_precision() != "highest"
        return self.torch.as_tensor(x.astype(np.float64) if rounds else x, device=self.name)

    def take(self, x: Any) -> np.ndarray:
        """Return a tensor as an array."""
        return x.detach().cpu().numpy()

    def call(self, function: Callable[..., Any], *arrays: np.ndarray) -> Any:
        """Return what a function of tensors gives for these arrays: an array, or several in a tuple.

        Raises
        ------
        LinAlgError
            Where a factorisation fails.
        InputError
            Where the device has too little memory.
        """
        with self.failing_in_words(arrays):
            found = function(*(self.put(x) for x in arrays))
            return tuple(map(self.take, found)) if isinstance(found, tuple) else self.take(found)

    @contextmanager
    def failing_in_words(self, arrays: Iterable[np.ndarray]) -> Generator[None]:
        """Raise numpy's error, or one of ours, for torch's: of work on these arrays."""
        try:
            yield
        except self.torch.linalg.LinAlgError as error:
            raise np.linalg.LinAlgError(str(error)) from None
        except self.torch.cuda.OutOfMemoryError:
            sizes = " and ".join(" x ".join(map(str, x.shape)) for x in arrays)
            raise InputError(
                f"device {self.name!r} has too little memory for arrays of {sizes}; give fewer rows or units, or no device="
            ) from None

    def eigen(self, x: Any) -> tuple[Any, Any]:
        """Return eigenvalues and eigenvectors of a symmetric matrix."""
        return tuple(self.xp.linalg.eigh(x))

    def thin_svd(self, x: Any) -> tuple[Any, Any, Any]:
        """Return u, s and vt."""
        return tuple(self.xp.linalg.svd(x, full_matrices=False))

    def orthogonal_triangular(self, x: Any) -> tuple[Any, Any]:
        """Return q and r."""
        return tuple(self.xp.linalg.qr(x))

    def inverse_factor(self, x: Any) -> Any:
        """Return L^-1 of x = L L^T. The standard has no triangular systems, here and below."""
        factor = self.xp.linalg.cholesky(x)
        one = self.torch.eye(len(x), dtype=x.dtype, device=x.device)
        return self.torch.linalg.solve_triangular(factor, one, upper=False)

    def twice(self, factor: Any, right: Any) -> Any:
        """Return L^T L T; what stands above the diagonal of L is no part of it."""
        own = self.xp.tril(factor)
        return own.mT @ (own @ right)

    def whitened(self, rows: Any, factor: Any) -> Any:
        """Return rows L^-T with L a lower factor."""
        return self.torch.linalg.solve_triangular(factor.to(rows.dtype).mT, rows, upper=True, left=False)

    def solved(self, x: Any, right: Any) -> Any:
        """Return x^-1 T of x = L L^T."""
        factor = self.xp.linalg.cholesky(x)
        inner = self.torch.linalg.solve_triangular(factor, right, upper=False)
        return self.torch.linalg.solve_triangular(factor.mT, inner, upper=True)

    @property
    def note(self) -> str:
        """Say what was done here: numbers may differ from numpy's by rounding."""
        kind = self.torch.device(self.name)
        card = f" ({self.torch.cuda.get_device_name(kind)})" if kind.type == "cuda" else ""
        return f"heavy products and factorisations were done on {self.name}{card} by torch {self.torch.__version__}, not by numpy"


def device_named(given: Any) -> Device | None:
    """Return the device that somebody asks for by a name of torch's or a `torch.device`; None for none.

    Raises
    ------
    InputError
        Where this machine has no such device, or it has no double precision.
    MissingExtraError
        Where torch is not installed.

    Examples
    --------
    >>> device_named(None) is None
    True
    """
    return None if given is None else _opened(given if isinstance(given, int) else str(given))


@cache
def _opened(given: str | int) -> Device:
    try:
        import torch
    except ImportError:
        raise MissingExtraError.of(f"device={given!r}", "torch") from None
    import array_api_compat.torch as xp

    try:
        name = str(torch.device(given))
        # what has no double precision, or no numbers at all, fails
        float(torch.ones(2, dtype=torch.float64, device=name).sum())
    except (RuntimeError, AssertionError, TypeError, NotImplementedError) as error:
        raise InputError(
            f"device: {given!r} cannot be used here ({str(error).partition(chr(10))[0].rstrip('.')}); give a device that torch "
            "sees and that has double precision, such as 'cuda', or no device= for numpy"
        ) from None
    return Device(name, torch, xp)


@contextmanager
def on_device(given: Any) -> Generator[Device | None]:
    """Do heavy work on a device until the end of the block; None leaves it where it is.

    Examples
    --------
    >>> with on_device(None):
    ...     device_for(1e12) is None
    True
    """
    found = device_named(given)
    if found is None:
        yield None
        return
    token = _chosen.set(found.name)
    try:
        yield found
    finally:
        _chosen.reset(token)


def device_chosen() -> str | None:
    """Return the name of the device of the block that this stands in.

    Examples
    --------
    >>> device_chosen() is None
    True
    """
    return _chosen.get()


def device_for(work: float) -> Device | None:
    """Return the device for so many multiplications; None where numpy does them."""
    name = _chosen.get()
    return None if name is None or work < WORTH else _opened(name)


def product(x: np.ndarray, y: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
    """Return x @ y, in the memory of `out` where that is given.

    Examples
    --------
    >>> product(np.eye(2), np.ones((2, 1))).tolist()
    [[1.0], [1.0]]
    """
    device = device_for(float(x.size) * y.shape[-1])
    if device is None:
        return np.matmul(x, y, out=out)
    found = device.call(device.xp.matmul, *_of_one_type(x, y))
    if out is None:
        return found
    out[...] = found
    return out


def _of_one_type(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    kind = np.result_type(x, y)
    return x.astype(kind, copy=False), y.astype(kind, copy=False)


def symmetric_eigen(x: np.ndarray, *, in_place: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Return the eigenvalues of a symmetric matrix, rising, and its eigenvectors; `in_place` its memory is reused.

    Examples
    --------
    >>> symmetric_eigen(np.diag([2.0, 1.0]))[0].tolist()
    [1.0, 2.0]
    """
    device = device_for(float(x.size) * len(x))
    if device is not None:
        return device.call(device.eigen, x)
    if in_place:
        return eigh(x, driver="evd", overwrite_a=True, check_finite=False)
    values, vectors = np.linalg.eigh(x)
    return values, vectors


def thin_svd(x: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return u, s and vt, as many of each as the smaller side has.

    Examples
    --------
    >>> thin_svd(np.ones((3, 1)))[0].shape
    (3, 1)
    """
    device = device_for(float(x.size) * min(x.shape))
    if device is not None:
        return device.call(device.thin_svd, x)
    u, s, vt = np.linalg.svd(x, full_matrices=False)
    return u, s, vt


def orthogonal_triangular(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return q and r of tall columns.

    Examples
    --------
    >>> orthogonal_triangular(np.ones((3, 1)))[1].shape
    (1, 1)
    """
    device = device_for(float(x.size) * min(x.shape))
    if device is not None:
        return device.call(device.orthogonal_triangular, x)
    q, r = np.linalg.qr(x)
    return q, r


def lower_factor(x: np.ndarray) -> np.ndarray:
    """Return L of a positive definite x = L L^T; its memory is reused.

    Examples
    --------
    >>> lower_factor(4.0 * np.eye(1)).tolist()
    [[2.0]]
    """
    device = device_for(float(x.size) * len(x))
    if device is not None:
        return device.call(device.xp.linalg.cholesky, x)
    return cholesky(x, lower=True, overwrite_a=True, check_finite=False)


def solve_positive(x: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Return x^-1 T of a positive definite x; the memory of both is reused.

    Examples
    --------
    >>> solve_positive(4.0 * np.eye(1), np.ones((1, 1))).tolist()
    [[0.25]]
    """
    device = device_for(float(x.size) * (len(x) + right.shape[1]))
    if device is not None:
        return device.call(device.solved, x, right)
    return solve(x, right, assume_a="pos", overwrite_a=True, overwrite_b=True, check_finite=False)
