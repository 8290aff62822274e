"""Two recordings made ready for each other: rows matched, trajectories flattened, layers chosen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from conjugacy.comparison.layer_path import best_path
from conjugacy.data import Activations, Matching, Recording, Trajectories, match_rows, match_trials
from conjugacy.errors import InputError, StimuliError, UnknownNameError
from conjugacy.measure import get_measure
from conjugacy.results import LayerMap

CHEAP = "cka"
CHEAP_ROWS = 2000


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
        """Return the matched rows of a layer of `a` or `b`."""
        if self.matching is None:
            raise StimuliError("the rows of the two networks are not matched: no layer can be compared row by row")
        rows = self.matching.rows_a if recording is self.a else self.matching.rows_b
        return activations_of(recording, layer).values[rows]


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
        return Pair(a, b, matching, matching.notes)
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


def require_layers(pair: Pair, layers: Sequence[str] | str | None) -> tuple[str, str] | None:
    """Return the pair of layers that was asked for, checked, or None.

    Raises
    ------
    InputError, UnknownNameError
        Where `layers` is no name or pair of names, or a network has no such layer.
    """
    if layers is None:
        return None
    names = (layers, layers) if isinstance(layers, str) else tuple(layers)
    if len(names) != 2:
        raise InputError(f"layers: got {names!r}, expected one name, or a pair (layer of a, layer of b)")
    for recording, name in ((pair.a, names[0]), (pair.b, names[1])):
        recording.layer(name)
    return names[0], names[1]


def choose_layers(
    pair: Pair, layers: Sequence[str] | str | None, seed: int
) -> tuple[tuple[str, str], str, np.ndarray | None]:
    """Return the pair of layers to compare, how it was chosen, and the clusters that the choice has used up.

    Same names: the deepest hidden layer that both have. No shared name: the most alike pair on a third of
    the clusters, which the verdict then does not see.
    """
    asked = require_layers(pair, layers)
    if asked is not None:
        return asked, "as asked", None
    hidden = [_hidden(pair, recording) for recording in (pair.a, pair.b)]
    for recording, names in zip((pair.a, pair.b), hidden, strict=True):
        if not names:
            raise UnknownNameError(f"{recording.name!r} has no layer besides its output")
    shared = [name for name in hidden[0] if name in hidden[1]]
    if shared:
        how = (
            f"the deepest of {len(shared)} layers of the same name" if len(shared) > 1 else "the layer of the same name"
        )
        return (shared[-1], shared[-1]), how, None
    if len(hidden[0]) == len(hidden[1]) == 1:
        return (hidden[0][0], hidden[1][0]), "the only layer of each", None
    return _choose_on_a_third(pair, hidden, seed)


def _hidden(pair: Pair, recording: Recording) -> list[str]:
    """Return the layers that are not the output, nor the same numbers as the output."""
    if recording.outputs is None:
        return list(recording.hidden_layers)
    outputs = pair.values(recording, recording.output_name or "")
    return [name for name in recording.hidden_layers if not np.array_equal(pair.values(recording, name), outputs)]


def _choose_on_a_third(pair: Pair, hidden: list[list[str]], seed: int) -> tuple[tuple[str, str], str, np.ndarray]:
    if pair.matching is None:
        raise StimuliError("the rows are not matched: name the layers to compare")
    clusters = pair.matching.clusters
    third = np.random.default_rng(seed + 7).permutation(pair.matching.n_clusters)[
        : max(1, pair.matching.n_clusters // 3)
    ]
    rows = np.flatnonzero(np.isin(clusters, third))
    found = layer_map(pair, hidden[0], hidden[1], rows)
    table = np.array([[-np.inf if v is None else v for v in row] for row in found.values])
    i, j = np.unravel_index(int(table.argmax()), table.shape)
    how = f"the most alike of {table.size} pairs by {CHEAP} on a third of the rows, which the verdict does not see"
    return (hidden[0][i], hidden[1][j]), how, third


def layer_map(pair: Pair, layers_a: Sequence[str], layers_b: Sequence[str], rows: np.ndarray | None = None) -> LayerMap:
    """Return a cheap measure for every pair of layers, on at most 2000 of the rows; descriptive."""
    measure = get_measure(CHEAP)
    total = 0 if pair.matching is None else len(pair.matching.clusters)
    pick = np.arange(total) if rows is None else rows
    if len(pick) > CHEAP_ROWS:
        pick = np.sort(np.random.default_rng(0).choice(pick, CHEAP_ROWS, replace=False))
    prepared = [
        [measure.prepare(Activations(pair.values(recording, name)[pick])) for name in names]
        for recording, names in ((pair.a, layers_a), (pair.b, layers_b))
    ]
    values = tuple(tuple(_finite(measure.compare(x, y).value) for y in prepared[1]) for x in prepared[0])
    table = np.array([[np.nan if v is None else v for v in row] for row in values], dtype=np.float64)
    return LayerMap(tuple(layers_a), tuple(layers_b), values, measure.id, best_path(table))


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
