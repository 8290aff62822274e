"""A network over all stimuli, batch by batch: which layers, how their axes are reduced, and what is left out and why."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from conjugacy.activations.networks.protocol import Network
from conjugacy.activations.probe import Probed, probe
from conjugacy.activations.shown import Shown
from conjugacy.activations.tensors import as_array
from conjugacy.activations.tokens import Reduction, assumed
from conjugacy.data import is_head
from conjugacy.data.foreign import widenings
from conjugacy.errors import InputError, ModelError, ShapeError, UnknownNameError

MAX_LAYERS = 64
AT_ONCE = 256


@dataclass(frozen=True, eq=False)
class Passes:
    """How a network is run over stimuli.

    Attributes
    ----------
    batch_size : int or None
    reduction : Reduction
    axes : mapping of str to str
        What the user says of axes, by layer; of all under the empty name.
    progress : callable, optional
    seed : int
        Draws, together with the network's own weights, what the network draws at random: no two share a random state.
    """

    batch_size: int | None = None
    reduction: Reduction = field(default_factory=Reduction)
    axes: Mapping[str, str] = field(default_factory=dict[str, str])
    progress: Callable[[str], None] | None = None
    seed: int = 0


@dataclass(eq=False)
class Ran:
    """What a network gave.

    Attributes
    ----------
    parts : mapping of str to list of array
        Layers and outputs, batch by batch: (rows, units), or (rows, tokens, units) where tokens stay apart.
    reduced : mapping of str to str
        How further axes were reduced.
    left_out : mapping of str to str
        What was not recorded, and why.
    notes : tuple of str
        What a few rows showed of the network.
    more : str or None
        How many of the layers were taken.
    widened : mapping of str to str
        Layers whose type numpy does not have: `bfloat16 as float32`.
    """

    parts: dict[str, list[np.ndarray]] = field(default_factory=dict[str, list[np.ndarray]])
    reduced: dict[str, str] = field(default_factory=dict[str, str])
    left_out: dict[str, str] = field(default_factory=dict[str, str])
    notes: tuple[str, ...] = ()
    more: str | None = None
    widened: dict[str, str] = field(default_factory=dict[str, str])

    @property
    def arrays(self) -> dict[str, np.ndarray]:
        """Layers and outputs, whole."""
        return {name: np.concatenate(parts) for name, parts in self.parts.items()}


@dataclass(eq=False)
class Recorder:
    """One network, ready to be run over stimuli; what a few rows show of it is found out once."""

    network: Network
    passes: Passes
    _probed: Probed | None = None

    def run(self, shown: Shown, layers: Sequence[str] | None) -> Ran:
        """Run the network over the stimuli; without names, every layer that runs in each pass and is not merely passing on.

        Raises
        ------
        UnknownNameError, InputError, ShapeError
            Where a named layer does not exist, or cannot be recorded.
        ModelError
            Where the network raises.
        """
        session: Any = getattr(self.network, "session", nullcontext)
        with session():
            size = self.passes.batch_size or (len(shown) if getattr(self.network, "at_once", False) else AT_ONCE)
            if getattr(self.network, "at_once", False):
                self._begin()
                return _Run(self, shown, size, layers, {}).all()
            self._require(layers or ())
            if self._probed is None:
                self._probed = probe(self.network, shown, list(self.network.layers()), self.passes.axes, size)
            self._begin()
            return _Run(self, shown, size, layers, {name: one.axes for name, one in self._probed.axes.items()}).all()

    def _begin(self) -> None:
        """Let what the network draws come from a random state of its own."""
        begin: Any = getattr(self.network, "begin", None)
        if begin is not None:
            begin(self.passes.seed)

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

    def _require(self, layers: Iterable[str]) -> None:
        known = self.network.layers()
        for layer in layers:
            if is_head(layer):
                raise InputError(f"layer {layer!r}: that name is kept for what the network returns; rename the module")
            if layer.partition("#")[0] not in known:
                raise UnknownNameError.of("layer", layer, known, where="in the model")


class _Run:
    """One way over the stimuli."""

    def __init__(
        self, recorder: Recorder, shown: Shown, size: int, named: Sequence[str] | None, axes: Mapping[str, str | None]
    ) -> None:
        self.recorder, self.shown, self.size, self.named = recorder, shown, size, named
        self.axes = axes
        self.asked = {name.removesuffix("#1"): name for name in named or ()}  # the first call has the module's own name
        self.ran = Ran(notes=recorder.probed.notes)
        self.copies: dict[str, set[str]] = {}
        self.dropped: set[str] = set()
        self.wanted = self._wanted()

    def all(self) -> Ran:
        """Go over all batches."""
        count, reduction = len(self.shown), self.recorder.passes.reduction
        batches = 0
        for start in range(0, count, self.size):
            rows = slice(start, min(start + self.size, count))
            self._batch(rows, reduction.of_rows(rows))
            batches += 1
            progress = self.recorder.passes.progress
            if progress and start // self.size % 10 == 9:
                progress(f"recorded {rows.stop} of {count} stimuli")
        self._finish(batches)
        self.ran.notes += tuple(getattr(self.recorder.network, "notes", ()))
        return self.ran

    def _wanted(self) -> list[str]:
        """Return the names of the layers to record."""
        network, probed = self.recorder.network, self.recorder.probed
        ran = [name for name in probed.axes if not is_head(name)]
        if self.named is not None:
            self._require_single(ran)
            return list(self.asked)
        choose: Any = getattr(network, "default_layers", None)
        chosen, why = choose(ran) if choose is not None else (ran, {})
        self.ran.left_out |= why
        kept: list[str] = []
        for name in chosen:
            why_not = probed.axes[name].why_not
            if why_not is not None:
                self.ran.left_out[name] = why_not
            else:
                kept.append(name)
        few = _spread(kept)
        if len(few) < len(kept):
            self.ran.more = f"{len(few)} of {len(kept)} layers, evenly spread; name layers to choose others"
        return few

    def _require_single(self, ran: Sequence[str]) -> None:
        for layer in self.named or ():
            calls = [name for name in ran if name.startswith(f"{layer}#")]
            if calls and "#" not in layer:
                raise InputError(
                    f"layer {layer!r} runs {len(calls) + 1} times in one forward pass; name one of its calls, {layer}#1 to "
                    f"{calls[-1]}, or a layer that runs once"
                )

    def _batch(self, rows: slice, reduction: Reduction) -> None:
        where, count = f"rows {rows.start} to {rows.stop - 1}", rows.stop - rows.start
        try:
            found = self.recorder.network.run(self.shown.rows(rows), self.wanted)
        except ModelError as error:
            raise ModelError(f"the model raised on {where}: {error}") from error.__cause__
        if self.named is None and not self.wanted and not self.axes:  # a callable shows its layers when it has run
            self.wanted = [name for name in found if not is_head(name)]
        elif not self.axes:
            for layer in self.wanted:
                if layer not in found:
                    raise UnknownNameError.of("layer", layer, found, where="in what the model returned")
        made: dict[str, np.ndarray] = {}
        for name, values in found.items():
            if is_head(name) or name in self.wanted:
                one = self._matrix(name, as_array(values), count, reduction)
                if one is not None:
                    made[name] = one
                    self.ran.widened |= widenings({self.asked.get(name, name): values})
        for name, matrix in made.items():
            self.ran.parts.setdefault(name, []).append(matrix)
        if self.named is None:
            self._note_copies(made)

    def _matrix(self, name: str, values: np.ndarray, count: int, reduction: Reduction) -> np.ndarray | None:
        """Return one layer of a batch as rows of units; None where it is left out."""
        if name in self.dropped:
            return None
        by_default = self.named is None and not is_head(name)
        try:
            made, note = self._reduced(name, values, count, reduction)
        except ShapeError as error:
            if not (by_default or (is_head(name) and reduction.keeps_tokens)):
                raise
            self.ran.left_out[name] = str(error).partition(": ")[2] or str(error)
            self.ran.parts.pop(name, None)
            self.dropped.add(name)
            return None
        if note:
            self.ran.reduced[name] = note
        return made

    def _reduced(
        self, name: str, values: np.ndarray, count: int, reduction: Reduction
    ) -> tuple[np.ndarray, str | None]:
        axes = self.axes.get(name)
        if axes is None:
            axes = assumed(name, values, self.recorder.passes.axes, reduction, probed=name in self.axes)
        if values.ndim != len(axes) or values.shape[axes.index("b")] != count:
            raise ShapeError(
                f"layer {name!r}: returned shape {values.shape}, expected one row of units for each of {count} stimuli; record "
                "another layer"
            )
        if len(axes) == 1:
            values, axes = values[:, None], "bu"
        return reduction.apply(values, axes, name)

    def _note_copies(self, made: Mapping[str, np.ndarray]) -> None:
        """Follow which layers are equal to an output so far."""
        heads = [name for name in made if is_head(name)]
        for name, matrix in made.items():
            if not is_head(name):
                equal = {h for h in heads if matrix.shape == made[h].shape and np.array_equal(matrix, made[h])}
                self.copies[name] = equal if name not in self.copies else self.copies[name] & equal

    def _finish(self, batches: int) -> None:
        """Leave out, or refuse, what did not run in every pass, and leave out what is an output once more."""
        for name in self.wanted:
            ran = len(self.ran.parts.get(name, ()))
            if ran == batches or name in self.dropped:
                continue
            if self.named is not None:
                raise InputError(
                    f"layer {name!r} ran in {ran} of {batches} forward passes and did not run in the others; choose a layer that "
                    "every stimulus goes through"
                )
            self.ran.left_out[name] = f"ran in {ran} of {batches} forward passes"
            self.ran.parts.pop(name, None)
        heads = {name: len(parts) for name, parts in self.ran.parts.items() if is_head(name)}
        for name, ran in heads.items():
            if ran < batches:
                raise InputError(
                    f"the model returned {name} in {ran} of {batches} forward passes; choose an output that it always returns "
                    "(output=)"
                )
        for name, equal in self.copies.items():
            if equal and name in self.ran.parts and (self.axes or len(self.ran.parts) > 1):
                self.ran.left_out[name] = f"equal to {sorted(equal)[0]}"
                self.ran.parts.pop(name)
        self.ran.parts = {self.asked.get(name, name): parts for name, parts in self.ran.parts.items()}
        self.ran.reduced = {self.asked.get(name, name): note for name, note in self.ran.reduced.items()}


def _spread(names: list[str]) -> list[str]:
    if len(names) <= MAX_LAYERS:
        return names
    return [names[i] for i in np.unique(np.linspace(0, len(names) - 1, MAX_LAYERS).round().astype(int))]
