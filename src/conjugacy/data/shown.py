"""One line for what a network answered: how much there is, under which names, and what can be done next."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conjugacy.data.activations import Activations
    from conjugacy.data.recording import Recording
    from conjugacy.data.trajectories import Trajectories

MOST_LAYERS = 8


def activations_words(x: Activations) -> str:
    """Return what `repr` says of activations."""
    m, n = x.shape
    ids = "with" if x.stimuli is not None else "without"
    return f"<Activations{_of(x)}: {m} stimuli x {n} units, {ids} stimulus ids>"


def trajectories_words(x: Trajectories) -> str:
    """Return what `repr` says of trajectories."""
    return (
        f"<Trajectories{_of(x)}: {_trials(x)} x {x.n_units} units, dt {x.dt:g}{'' if x.drive is None else ', driven'}>"
    )


def recording_words(recording: Recording) -> str:
    """Return what `repr` says of a recording."""
    first = recording.first
    rows = _trials(first) if recording.is_dynamic else f"{len(first.values)} stimuli"
    widths = [f"{name} ({x.values[0].shape[-1]})" for name, x in recording.layers.items()]
    more = len(widths) - MOST_LAYERS
    layers = ", ".join(widths[:MOST_LAYERS]) + (f" and {more} more" if more > 0 else "")
    also = "" if recording.targets is None else ", targets"
    name = "" if recording.name is None else f" {recording.name!r}"
    todo = "next: conjugacy.compare(this, another), .save('network.npz')"
    return f"<Recording{name}: {rows}{also}; layers (units): {layers}; {todo}>"


def _of(x: Activations | Trajectories) -> str:
    parts = [repr(part) for part in (x.name, x.layer) if part is not None]
    return f" {', layer '.join(parts)}" if parts else ""


def _trials(x: Activations | Trajectories) -> str:
    lengths = [len(trial) for trial in x.values]
    least, most = min(lengths), max(lengths)
    return f"{len(x.values)} trials x {least if least == most else f'{least}-{most}'} time points"
