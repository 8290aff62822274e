"""Two recordings made ready for each other: rows matched, trajectories flattened, layers chosen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np

from conjugacy.activations.heads import HIDDEN
from conjugacy.data import (
    HEAD,
    Activations,
    Matching,
    Recording,
    Trajectories,
    how_chosen,
    is_head,
    match_rows,
    match_trials,
    require_deepest,
)
from conjugacy.data.content_ids import BY_CONTENT
from conjugacy.errors import InputError, StimuliError
from conjugacy.verdict import Side
from conjugacy.verdict.kinds import hint_of


@dataclass(frozen=True, eq=False)
class Pair:
    """Two recordings of activations with matched rows.

    Attributes
    ----------
    a, b : Recording
        Layers are Activations; trajectories were flattened, a trial is a group.
    matching : Matching or None
        None where the trials are unmatched.
    notes : tuple of str
        What was done that the user did not ask for.
    trials : (Recording, Recording) or None
        Recordings of trajectories before they were flattened; where they are matched, in the same order and at one step.
    """

    a: Recording
    b: Recording
    matching: Matching | None
    notes: tuple[str, ...]
    trials: tuple[Recording, Recording] | None = None

    def values(self, recording: Recording, layer: str) -> np.ndarray:
        """Return the matched rows of a layer of `a` or `b`; of masked outputs `Activations.finite`."""
        rows, values = self._rows(recording), activations_of(recording, layer).finite
        return values if len(rows) == len(values) and np.array_equal(rows, np.arange(len(rows))) else values[rows]

    def outputs(self, recording: Recording, head: str) -> np.ndarray:
        """Return the matched rows of an output of `a` or `b` as it is: -inf where a class is masked."""
        return activations_of(recording, head).values[self._rows(recording)]

    def targets(self, recording: Recording, head: str | None = None) -> np.ndarray | None:
        """Return what `a` or `b` was to answer on the matched rows, by its first output where none is named."""
        targets = recording.targets_of(recording.output_name if head is None else head)
        targets = recording.targets if recording.output_name is None else targets
        return None if targets is None else targets[self._rows(recording)]

    def inputs(self, recording: Recording) -> np.ndarray | None:
        """Return what `a` or `b` was shown on the matched rows."""
        shown = _first(recording).inputs
        return None if shown is None else shown[self._rows(recording)]

    def side(self, recording: Recording, layer: str, *, as_output: bool = False) -> Side:
        """Return what `a` or `b` brings to a comparison of one of its layers; `as_output` leaves masks in it."""
        return Side(
            self.outputs(recording, layer) if as_output else self.values(recording, layer),
            recording.kind_of(layer),
            self.targets(recording, layer if as_output else None),
            _first(recording).inputs,
            self._rows(recording),
            name=layer,
            hint=hint_of(recording.provenance, layer),
        )

    @property
    def matched(self) -> Matching:
        """The matched rows.

        Raises
        ------
        StimuliError
            Where the rows are not matched.
        """
        if self.matching is None:
            raise StimuliError("the rows of the two networks are not matched: no layer can be compared row by row")
        return self.matching

    def _rows(self, recording: Recording) -> np.ndarray:
        return self.matched.rows_a if recording is self.a else self.matched.rows_b


def activations_of(recording: Recording, layer: str) -> Activations:
    """Return one layer of a recording of activations."""
    found = recording.layer(layer)
    return found if isinstance(found, Activations) else found.flatten()


def make_pair(a: Recording, b: Recording, *, match: str, groups: np.ndarray | None) -> Pair:
    """Match the rows of two recordings.

    Raises
    ------
    InputError
        Where one holds trajectories and the other activations, or `match` is not known or does not apply.
    StimuliError, ShapeError
        Where the rows cannot be matched.
    """
    if match not in ("stimuli", "none"):
        raise InputError(f"match: got {match!r}, expected 'stimuli', or 'none' for unmatched trajectories")
    if a.is_dynamic != b.is_dynamic:
        which = ("trajectories", "activations") if a.is_dynamic else ("activations", "trajectories")
        raise InputError(f"{a.name!r} holds {which[0]} and {b.name!r} holds {which[1]}; compare like with like")
    if not a.is_dynamic:
        if match == "none":
            raise InputError("match='none' is for trajectories; activations are matched by stimulus")
        matching = match_rows(_first(a), _first(b), groups=groups)
        notes = (*matching.notes, *_returned_hidden(a), *_returned_hidden(b))
        return Pair(a, b, _told_by_place(matching, a), notes)
    if groups is not None:
        raise InputError("groups are for activations; the trials of trajectories are their groups")
    notes: tuple[str, ...] = ()
    if match != "none":
        a, b, notes = _at_one_step(a, b)
    trials = None if match == "none" else match_trials(_path(a), _path(b))
    if trials is None:
        why = "as asked" if match == "none" else "their ids share nothing, or counts differ without ids"
        return Pair(a, b, None, (f"the trials are compared as unmatched: {why}",), (a, b))
    by_position = _path(a).trials is None or _path(b).trials is None
    notes = (*notes, "trials are matched by position: a trial id is missing") if by_position else notes
    ordered = _layers_changed(a, lambda x: x.take(trials[0])), _layers_changed(b, lambda x: x.take(trials[1]))
    flat_a, flat_b = _flatten(ordered[0], None), _flatten(ordered[1], _path(ordered[0]))
    return Pair(flat_a, flat_b, match_rows(_first(flat_a), _first(flat_b)), notes, ordered)


def _told_by_place(matching: Matching, a: Recording) -> Matching:
    """Name rows by their places in A's recording where ids come from content, which say little; repeats share the first one's."""
    if a.provenance.get("ids") != BY_CONTENT:
        return matching
    _, inverse = np.unique(matching.stimuli, return_inverse=True)
    first = np.full(inverse.max() + 1, len(inverse))
    np.minimum.at(first, inverse, matching.rows_a)
    return replace(matching, stimuli=first[inverse])


def _returned_hidden(recording: Recording) -> list[str]:
    """Say what a network returns and was taken for a hidden layer: whoever thinks otherwise has to know."""
    left_out = recording.provenance.get("left_out")
    said = cast("Mapping[Any, Any]", left_out).items() if isinstance(left_out, Mapping) else ()
    return [
        f"{name} of {recording.name!r} is no output: {why}; output={str(name).removeprefix(HEAD).strip('.[]')!r} takes it for one"
        for name, why in said
        if is_head(str(name)) and str(why).startswith(HIDDEN)
    ]


def _at_one_step(a: Recording, b: Recording) -> tuple[Recording, Recording, tuple[str, ...]]:
    """Bring both recordings of trajectories to the coarser of their two steps, and matched trials to one length."""
    steps = _path(a).dt, _path(b).dt
    if steps[0] == steps[1]:
        return a, b, ()
    dt = max(steps)
    a, b = (_layers_changed(r, lambda x: x.resampled(dt)) for r in (a, b))
    trials = match_trials(_path(a), _path(b), same_length=False)
    if trials is not None:
        common = np.minimum(*(np.asarray(_path(r).lengths)[chosen] for r, chosen in zip((a, b), trials, strict=True)))
        a, b = (_cut(r, chosen, common) for r, chosen in zip((a, b), trials, strict=True))
    return (
        a,
        b,
        (f"trajectories were brought to one step of {dt:g} (from {steps[0]:g} and {steps[1]:g}) by interpolation",),
    )


def _cut(recording: Recording, chosen: np.ndarray, lengths: np.ndarray) -> Recording:
    """Cut trial chosen[i] to lengths[i]."""
    own = lengths[np.argsort(chosen)].tolist()
    return _layers_changed(recording, lambda x: x.cut(own))


def _layers_changed(recording: Recording, change: Callable[[Trajectories], Trajectories]) -> Recording:
    layers = {k: change(x) if isinstance(x, Trajectories) else x for k, x in recording.layers.items()}
    # targets of trajectories belong to trials, whose choice may change
    return replace(recording, layers=layers, targets=None)


def _first(recording: Recording) -> Activations:
    first = recording.first
    return first if isinstance(first, Activations) else first.flatten()


def _path(recording: Recording) -> Trajectories:
    first = recording.first
    if not isinstance(first, Trajectories):
        raise InputError(f"{recording.name!r} holds no trajectories")
    return first


def _flatten(recording: Recording, names_from: Trajectories | None) -> Recording:
    """Return the trials as activations; the names of the trials may come from the other network."""
    layers: dict[str, Activations | Trajectories] = {}
    for name, layer in recording.layers.items():
        if isinstance(layer, Trajectories):
            layers[name] = (layer if names_from is None else replace(layer, trials=names_from.trials)).flatten()
    return replace(recording, layers=layers)


def choose_layers(pair: Pair, asked: tuple[str, str] | None) -> tuple[tuple[str, str], str]:
    """Return the pair of layers to compare, and how it was chosen: as asked, else the deepest hidden layer of each network.

    Raises
    ------
    UnknownNameError
        Where a network has no layer of the name that was asked for.
    InputError
        Where a network has no hidden layer.
    """
    if asked is not None:
        for recording, name in zip((pair.a, pair.b), asked, strict=True):
            recording.layer(name)
        return asked, "as asked"
    found = [require_deepest(recording) for recording in (pair.a, pair.b)]
    return (found[0].name, found[1].name), how_chosen(found)
