"""One network, looked at on a few rows and then run over all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from typing import Any

from conjugacy.activations.kept import InMemory, Keeper
from conjugacy.activations.networks.protocol import Network
from conjugacy.activations.one_run import OneRun
from conjugacy.activations.passes import Passes, Ran
from conjugacy.activations.probe import Probed, probe
from conjugacy.activations.shown import Shown
from conjugacy.activations.tokens import assumed
from conjugacy.data import is_head
from conjugacy.errors import InputError, UnknownNameError

AT_ONCE = 256


@dataclass(eq=False)
class Recorder:
    """One network, ready to be run over stimuli; what a few rows show of it is found out once."""

    network: Network
    passes: Passes
    _probed: Probed | None = None

    def run(self, shown: Shown, layers: Sequence[str] | None, kept: Keeper | None = None) -> Ran:
        """Run the network over the stimuli; without names, every layer that runs in each pass and is not merely passing on.

        What the layers give goes into memory, or where `kept` puts it.

        Raises
        ------
        UnknownNameError, InputError, ShapeError
            Where a named layer does not exist, or cannot be recorded.
        ModelError
            Where the network raises.
        """
        session: Any = getattr(self.network, "session", nullcontext)
        at_once = bool(getattr(self.network, "at_once", False))
        with session():
            size = self.passes.batch_size or (len(shown) if at_once else AT_ONCE)
            if not at_once:
                self._meet(shown.rows(slice(0, min(size, len(shown)))))
                self._require(layers or ())
                if self._probed is None:
                    self._probed = probe(self.network, shown, list(self.network.layers()), self.passes.axes, size)
            begin: Any = getattr(self.network, "begin", None)
            if begin is not None:  # what it draws comes from a random state of its own
                begin(self.passes.seed)
            run = OneRun(self.network, self.passes, self.probed, shown, size, layers, kept or InMemory())
            return run.all()

    def as_rows(self, values: Any, layer: str) -> Any:
        """Return what a layer gives, an array or a tensor, as rows of units; padding is not known here."""
        found = self.probed.axes.get(layer.removesuffix("#1"))
        axes = None if found is None else found.axes
        if axes is None:
            axes = assumed(layer, values, self.passes.axes, self.passes.reduction, probed=found is not None)
        if len(axes) == 1:
            values, axes = values[:, None], "bu"
        return replace(self.passes.reduction, mask=None).apply(values, axes, layer)[0]

    @property
    def probed(self) -> Probed:
        """What a few rows have shown."""
        return self._probed or Probed()

    def _meet(self, batch: Any) -> None:
        """Show a batch to a network whose layers are known only when it runs."""
        meet: Any = getattr(self.network, "meet", None)
        if meet is not None:
            meet(batch)

    def _require(self, layers: Iterable[str]) -> None:
        known = self.network.layers()
        for layer in layers:
            if is_head(layer):
                raise InputError(f"layer {layer!r}: that name is kept for what the network returns; rename the module")
            if layer.partition("#")[0] not in known:
                raise UnknownNameError.of("layer", layer, known, where="in the model")
