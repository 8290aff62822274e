"""What is read off a layer: a linear probe, a head, a feature, or any function of the layer's rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np

from conjugacy.activations.untrained import is_torch_module
from conjugacy.asked import shown
from conjugacy.data.foreign import is_array, plain_array
from conjugacy.errors import InputError, NotFiniteError, ShapeError
from conjugacy.storage import read_arrays

EXPECTED = "weights, (weight, bias), a torch module, a fitted linear model, a function of rows, or a file with `weight`"


@dataclass(frozen=True, eq=False)
class Readout:
    """What is read off the n units of a layer, q numbers a row.

    Attributes
    ----------
    name : str
    weights : array, (n, q), or None
        None where it is no linear function.
    bias : array, (q,), or None
    function : callable or None
        Rows (m, n) to (m,) or (m, q), where it is no linear function.
    """

    name: str
    weights: np.ndarray | None = None
    bias: np.ndarray | None = None
    function: Callable[[np.ndarray], Any] | None = None

    def __call__(self, rows: np.ndarray) -> np.ndarray:
        """Return what is read off rows (m, n), (m, q)."""
        if self.weights is not None:
            told = rows @ self.weights
            return told if self.bias is None else told + self.bias
        assert self.function is not None
        told = plain_array(self.function(rows.copy()), f"what {self.name} gives")
        if told.dtype.kind not in "biuf" or told.ndim not in (1, 2) or len(told) != len(rows):
            raise ShapeError(
                f"{self.name}: gave {shown(told)} for {len(rows)} rows, expected numbers, ({len(rows)},) or ({len(rows)}, q)"
            )
        return _finite(told.reshape(len(rows), -1), f"what {self.name} gives")

    def require_width(self, n: int, where: str) -> None:
        """Refuse weights of another number of units than the layer has.

        Raises
        ------
        ShapeError
            Naming both numbers.
        """
        if self.weights is None or len(self.weights) == n:
            return
        turned = "; an array is (n, q), the transpose of a torch weight" if self.weights.shape[1] == n else ""
        raise ShapeError(
            f"{self.name}: got weights of {len(self.weights)} units, and {where} has {n}; "
            f"give the probe of this layer, or name its layer{turned}"
        )


def readout_of(given: Any) -> Readout:
    """Return what was given as a probe.

    Raises
    ------
    InputError
        Where it is nothing that can be read with; the message says what can.

    Examples
    --------
    >>> readout_of((np.array([[1.0, -1.0]]), np.array([0.5])))(np.array([[3.0, 1.0]]))
    array([[2.5]])
    """
    if isinstance(given, (str, Path)):
        return _of_file(Path(given))
    if isinstance(given, tuple):
        parts = cast("tuple[Any, ...]", given)
        if len(parts) != 2:
            raise InputError(f"probe: got {len(parts)} things in a tuple, expected (weight, bias)")
        return _linear(*parts, "probe")
    if isinstance(given, Mapping):
        return _of_mapping(cast("Mapping[Any, Any]", given), "probe")
    if is_torch_module(given):
        return _of_module(given)
    if hasattr(given, "coef_"):
        return _linear(given.coef_, getattr(given, "intercept_", None), type(given).__name__)
    if is_array(given) or isinstance(given, list):
        weights = _numbers(given, "probe")
        if weights.ndim not in (1, 2):
            raise ShapeError(f"probe: got an array of shape {weights.shape}, expected (n,) or (n, q)")
        return Readout("probe", weights.reshape(len(weights), -1))
    if callable(given):
        return Readout(str(getattr(given, "__name__", type(given).__name__)), function=given)
    raise InputError(f"probe: got {shown(given)}, expected {EXPECTED}")


def _of_file(path: Path) -> Readout:
    found = read_arrays(path)
    return _of_mapping(found.arrays, str(path))


def _of_mapping(arrays: Mapping[Any, Any], name: str) -> Readout:
    if "weight" not in arrays:
        held = ", ".join(sorted(map(str, arrays))) or "nothing"
        raise InputError(f"{name}: holds {held}; expected `weight`, (q, n) or (n,), and perhaps `bias`, (q,)")
    return _linear(arrays["weight"], arrays.get("bias"), name)


def _linear(weight: Any, bias: Any, name: str) -> Readout:
    """Return a linear reading with the weight as torch has it, (q, n)."""
    weights = _numbers(weight, f"{name}, weight")
    if weights.ndim not in (1, 2):
        raise ShapeError(f"{name}: got a weight of shape {weights.shape}, expected (q, n), or (n,)")
    weights = np.atleast_2d(weights).T
    if bias is None:
        return Readout(name, weights)
    shift = np.atleast_1d(_numbers(bias, f"{name}, bias").squeeze())
    if shift.shape not in ((weights.shape[1],), (1,)):
        raise ShapeError(f"{name}: got a bias of shape {shift.shape} beside a weight (q, n) of shape {weights.T.shape}")
    return Readout(name, weights, np.broadcast_to(shift, (weights.shape[1],)))


def _of_module(module: Any) -> Readout:
    name, weight = type(module).__name__, getattr(module, "weight", None)
    if name == "Linear" and weight is not None:
        return _linear(weight, getattr(module, "bias", None), name)

    def run(rows: np.ndarray) -> Any:
        import torch

        like = next(module.parameters(), torch.zeros(1))
        with torch.no_grad():
            return module(torch.as_tensor(rows, dtype=like.dtype, device=like.device)).double().cpu()

    return Readout(name, function=run)


def _numbers(given: Any, what: str) -> np.ndarray:
    found = plain_array(given, what)
    if found.dtype.kind not in "biuf" or not found.size:
        raise InputError(f"{what}: got {shown(given)}, expected numbers")
    return _finite(found, what)


def _finite(found: np.ndarray, what: str) -> np.ndarray:
    wide = found.astype(np.float64)
    if not np.isfinite(wide).all():
        raise NotFiniteError(f"{what}: holds NaN or infinity; expected finite numbers")
    return wide
