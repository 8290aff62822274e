"""One way of a network over all stimuli: which layers, how their axes are reduced, and what is left out and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from conjugacy.activations.answers import WAY_OUT
from conjugacy.activations.axes import Settled
from conjugacy.activations.kept import Keeper
from conjugacy.activations.networks.protocol import Network
from conjugacy.activations.passes import Passes, Ran
from conjugacy.activations.probe import Probed
from conjugacy.activations.shown import Shown
from conjugacy.activations.tensors import as_array
from conjugacy.activations.tokens import Reduction, assumed, even, same_mask
from conjugacy.data import is_head
from conjugacy.data.foreign import widenings
from conjugacy.errors import InputError, ModelError, ShapeError, UnknownNameError

MAX_LAYERS = 64


class OneRun:
    """One way over the stimuli."""

    def __init__(
        self,
        network: Network,
        passes: Passes,
        probed: Probed,
        shown: Shown,
        size: int,
        named: Sequence[str] | None,
        kept: Keeper,
    ) -> None:
        self.network, self.passes, self.probed = network, passes, probed
        self.shown, self.size, self.named = shown, size, named
        self.batches: dict[str, int] = {}
        self.settled = settled = probed.axes
        self.own_mask = same_mask(shown.mask, passes.reduction.mask)
        self.asked = {name.removesuffix("#1"): name for name in named or ()}  # the first call has the module's own name
        self.ran = Ran(kept, notes=probed.notes)
        self.copies: dict[str, set[str]] = {}
        heads = {name: one.why_not for name, one in settled.items() if is_head(name)}
        bad = {name: why for name, why in heads.items() if why is not None} if None in heads.values() else {}
        self.ran.left_out |= bad  # the only ones are refused
        self.dropped = set(bad)
        self.wanted = self._wanted()

    def all(self) -> Ran:
        """Go over all batches."""
        count, reduction = len(self.shown), self.passes.reduction
        batches = 0
        for start in range(0, count, self.size):
            rows = slice(start, min(start + self.size, count))
            self._batch(rows, reduction.of_rows(rows))
            batches += 1
            progress = self.passes.progress
            if progress and start // self.size % 10 == 9:
                progress(f"recorded {rows.stop} of {count} stimuli")
        self._finish(batches)
        self.ran.notes += tuple(getattr(self.network, "notes", ()))
        return self.ran

    def _wanted(self) -> list[str]:
        """Return the names of the layers to record."""
        network, probed = self.network, self.probed
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
            frames = bool(getattr(self.network, "takes_frames", False))
            found = self.network.run(self.shown.rows(rows, frames=frames), self.wanted)
        except ModelError as error:
            raise ModelError(f"the model raised on {where}: {error}") from error.__cause__
        if self.named is None and not self.wanted and not self.settled:  # a callable shows its layers when it has run
            self.wanted = [name for name in found if not is_head(name)]
        elif not self.settled:
            for layer in self.wanted:
                if layer not in found:
                    raise UnknownNameError.of("layer", layer, found, where="in what the model returned")
        made: dict[str, np.ndarray] = {}
        for name, values in found.items():
            if is_head(name) or name in self.wanted:
                one = self._keep(name, as_array(values), count, reduction)
                if one is not None:
                    made[name] = one
                    self.ran.widened |= widenings({self.asked.get(name, name): values})
        if self.named is None:
            self._note_copies(made)

    def _keep(self, name: str, values: np.ndarray, count: int, reduction: Reduction) -> np.ndarray | None:
        """Keep one layer of a batch as rows of units, and return it; None where it is left out."""
        if name in self.dropped:
            return None
        by_default = self.named is None and not is_head(name)
        try:
            made, note = self._reduced(name, values, count, reduction)
            self.ran.kept.append(self.asked.get(name, name), made, reduction.mask)
        except ShapeError as error:
            if not (by_default or (is_head(name) and reduction.keeps_tokens)):
                raise
            self.ran.left_out[name] = str(error).partition(": ")[2] or str(error)
            self._drop(name)
            return None
        self.batches[name] = self.batches.get(name, 0) + 1
        if note:
            self.ran.reduced[self.asked.get(name, name)] = note
        return made

    def _drop(self, name: str) -> None:
        self.dropped.add(name)
        if self.batches.pop(name, 0):
            self.ran.kept.drop(self.asked.get(name, name))

    def _reduced(
        self, name: str, values: np.ndarray, count: int, reduction: Reduction
    ) -> tuple[np.ndarray, str | None]:
        found, passes = self.settled.get(name, Settled()), self.passes
        if found.why_not is not None and is_head(name):
            raise ShapeError(f"layer {name!r}: {found.why_not}; {WAY_OUT}")
        axes = found.axes
        if axes is None:
            by_default = self.named is None and not is_head(name)
            axes = assumed(name, values, passes.axes, reduction, probed=name in self.settled, by_default=by_default)
        if values.ndim != len(axes) or values.shape[axes.index("b")] != count:
            raise ShapeError(
                f"layer {name!r}: returned shape {values.shape}, expected one row of units for each of {count} stimuli; "
                f"{WAY_OUT if is_head(name) else 'record another layer'}"
            )
        if len(axes) == 1:
            values, axes = values[:, None], "bu"
        if "t" in axes:
            reduction = replace(reduction, mask=self._mask(found, reduction.mask, values.shape[axes.index("t")]))
            if name in getattr(self.network, "ragged", ()):
                values = even(values, axes, name, reduction.mask)
        return reduction.apply(values, axes, name)

    def _mask(self, found: Settled, mask: np.ndarray | None, length: int) -> np.ndarray | None:
        """Return which tokens of a layer are there; None where the mask says nothing of it."""
        if mask is None or (self.own_mask and not found.masked):
            return None
        of_length: Any = getattr(self.network, "token_mask", None)
        other = None if of_length is None or length == mask.shape[1] else of_length(mask, length)
        return mask if other is None else other

    def _note_copies(self, made: Mapping[str, np.ndarray]) -> None:
        """Follow which layers are equal to an output so far."""
        heads = [name for name in made if is_head(name)]
        for name, matrix in made.items():
            if not is_head(name):
                equal = {h for h in heads if matrix.shape == made[h].shape and np.array_equal(matrix, made[h])}
                self.copies[name] = equal if name not in self.copies else self.copies[name] & equal

    def _finish(self, batches: int) -> None:
        """Leave out, or refuse, what did not run in every pass, and leave out what is an output again."""
        for name in self.wanted:
            ran = self.batches.get(name, 0)
            if ran == batches or name in self.dropped:
                continue
            if self.named is not None:
                raise InputError(
                    f"layer {name!r} ran in {ran} of {batches} forward passes and did not run in the others; choose a layer that "
                    "every stimulus goes through"
                )
            self.ran.left_out[name] = f"ran in {ran} of {batches} forward passes"
            self._drop(name)
        for name, ran in self.batches.items():
            if is_head(name) and ran < batches:
                raise InputError(
                    f"the model returned {name} in {ran} of {batches} forward passes; choose an output that it always returns "
                    "(output=)"
                )
        for name, equal in self.copies.items():
            if equal and name in self.batches and (self.settled or len(self.batches) > 1):
                self.ran.left_out[name] = f"equal to {sorted(equal)[0]}"
                self._drop(name)


def _spread(names: list[str]) -> list[str]:
    if len(names) <= MAX_LAYERS:
        return names
    return [names[i] for i in np.unique(np.linspace(0, len(names) - 1, MAX_LAYERS).round().astype(int))]
