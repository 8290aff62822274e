"""Runs of an ONNX model: one session that gives layers too, one of the model as it stands."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from conjugacy.activations.networks.onnx.feeds import GraphInput
from conjugacy.activations.networks.onnx.passes import OnnxPass
from conjugacy.activations.networks.onnx.readable import Readable
from conjugacy.activations.networks.onnx.source import READABLE, OnnxSource
from conjugacy.errors import ModelError
from conjugacy.results.digits import digits

OTHERWISE = 1e-5  # of the largest output: beyond this, outputs are taken from the model as it stands
KEPT = 2  # sessions, since each holds the weights again


class Sessions:
    """The sessions of one model.

    To give a tensor back keeps onnxruntime from fusing the operators around it. Where the outputs are others then, as in
    quantised models, they are taken from a pass of the model as it stands; this is tried on the first batch.
    """

    def __init__(self, source: OnnxSource, plain: Any, inputs: Sequence[GraphInput], size: int | None) -> None:
        self.source, self.plain, self.inputs, self.size = source, plain, inputs, size
        self.notes: dict[str, str] = {}  # tensors that did not come out as they should -> why
        self.apart: dict[
            tuple[str, ...], float
        ] = {}  # tensors read together -> how far the outputs are from the plain ones
        self._kept: dict[tuple[str, ...], Any] = {}
        self._lock = threading.Lock()

    def run(
        self, arrays: Mapping[str, np.ndarray], rows: int, readable: Readable | None, tensors: Sequence[str],
        outputs: Sequence[str],
    ) -> dict[str, np.ndarray]:  # fmt: skip
        """Return tensors and outputs on a batch.

        Raises
        ------
        ModelError
            Where onnxruntime raises.
        """
        if readable is None or not tensors:
            return self._pass(self.plain, arrays, rows, {name: name for name in outputs}, {}, ())
        read = tuple(tensors)
        cast = readable.cast(read)
        names = {name: f"{name}{READABLE}" if name in cast else name for name in (*read, *outputs)}
        places = {name: axes.index("b") for name in names if "b" in (axes := readable.axes.get(name, ""))}
        found = self._pass(self._reading(read, cast), arrays, rows, names, places, read)
        if self.apart.get(read, np.inf) > OTHERWISE:
            plain = self._pass(self.plain, arrays, rows, {name: name for name in outputs}, places, ())
            far = max((_apart(plain.get(name), found.get(name)) for name in outputs), default=0.0)
            if self.apart.setdefault(read, far) > OTHERWISE:
                found |= plain
        return found

    def described(self) -> dict[str, Any]:
        """Return what is to be told of how it was run."""
        found: dict[str, Any] = {}
        if self.size is not None:
            found["batch"] = (
                f"the model takes {self.size} {'row' if self.size == 1 else 'rows'} at once, and was given as many"
            )
        far = max(self.apart.values(), default=0.0)
        if far > OTHERWISE:
            found["outputs_from"] = (
                "a pass of the model as it stands: where layers are read operators are not fused, and the outputs move by up to "
                f"{digits(far)} of the largest"
            )
        providers = self.plain.get_providers()
        if providers[:1] != ["CPUExecutionProvider"]:
            found["providers"] = (
                f"outputs may be of {providers[0]}, as in the session that was given; layers are of the CPU"
            )
        return found

    def _reading(self, tensors: tuple[str, ...], cast: Sequence[str]) -> Any:
        with self._lock:
            if tensors not in self._kept:
                returned = {value.name for value in self.plain.get_outputs()}
                added = [name for name in tensors if name not in returned and name not in cast]
                latest = list(self._kept.items())[1 - KEPT :]
                self._kept = {**dict(latest), tensors: self.source.started(added, cast)}
            return self._kept[tensors]

    def _pass(
        self, session: Any, arrays: Mapping[str, np.ndarray], rows: int, names: Mapping[str, str], places: Mapping[str, int],
        layers: Sequence[str],
    ) -> dict[str, np.ndarray]:  # fmt: skip
        try:
            found, notes = OnnxPass(session, self.inputs, self.size, names, places).over(arrays, rows)
        except ModelError as error:
            raise ModelError(f"{self.source.name}: {error}") from error.__cause__
        self.notes |= {name: why for name, why in notes.items() if name in layers}
        return found


def _apart(x: Any, y: Any) -> float:
    """Return how far two arrays are apart, as a share of the largest number."""
    if x is None or y is None or x.shape != y.shape:
        return float((x is None) != (y is None))
    with np.errstate(invalid="ignore"):
        gap = np.abs(np.asarray(x, dtype=np.float64) - np.asarray(y, dtype=np.float64))
        whole = np.abs(np.asarray(x, dtype=np.float64))
    gap, whole = gap[np.isfinite(gap)], whole[np.isfinite(whole)]
    return float(gap.max(initial=0.0) / (whole.max(initial=0.0) or 1.0))
