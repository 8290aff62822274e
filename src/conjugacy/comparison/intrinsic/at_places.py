"""One network's layers at the other's places, as local linear regression between its own rows gives them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import numpy as np
from scipy.sparse import csr_array

from conjugacy.comparison.intrinsic.brought import Apart, Brought
from conjugacy.data import Activations, Recording, Trajectories
from conjugacy.embeddings import LocalLinear
from conjugacy.errors import InputError
from conjugacy.numerics.neighbours.of_states import nearest_states
from conjugacy.results import IntrinsicMatch

NEAR = 2.0  # a place is covered where B has a row within so many times its rows' usual distance to the NTH nearest
NTH = 5
FEWEST_ROWS = 60


def read_at_places(apart: Apart, match: IntrinsicMatch, places: np.ndarray, own: np.ndarray) -> Brought:
    """Return A's rows where B has some, and B's layers at the same places.

    Parameters
    ----------
    apart : Apart
    match : IntrinsicMatch
        With the error of places.
    places : array, (m, e)
        Of A's rows, in B's coordinates.
    own : array, (p, e)
        Of B's rows.
    """
    covered = _covered(places, own)
    match = replace(match, n_rows=len(covered), points_a=places, points_b=own)
    if len(covered) < FEWEST_ROWS:
        return apart.left(
            match,
            f"only {len(covered)} of {len(places)} rows of {apart.a.name or 'a'!r} lie where {apart.b.name or 'b'!r} has rows: "
            "show both the same range",
        )
    one, plane = _chosen(apart.a, covered), LocalLinear.of(own, own)
    there, left_out = plane.weights(places[covered]), plane.weights()
    slips = match.place_error * np.random.default_rng(apart.seed).standard_normal(places[covered].shape)
    beside = plane.weights(places[covered] + slips)
    copies = (
        tuple(_chosen(copy, covered) for copy in apart.controls[0]),
        tuple(_read_at(copy, there, one) for copy in apart.controls[1]),
    )
    known = {name: _numbers(layer) for name, layer in apart.b.layers.items()}
    other = _read_at(apart.b, there, one)
    match = replace(
        match,
        interpolation={name: _share(left_out @ x, x) for name, x in known.items()},
        misplacement={name: _share(beside @ x, there @ x) for name, x in known.items()},
        resolved=True,
    )
    return Brought(match, one, other, copies, (), covered)


def _covered(places: np.ndarray, own: np.ndarray) -> np.ndarray:
    """Return the rows whose places lie where the other network has rows of its own."""
    usual = float(np.median(nearest_states(own, NTH)[0][:, -1]))
    return np.flatnonzero(nearest_states(places, NTH, own)[0][:, -1] <= NEAR * usual)


def _chosen(recording: Recording, rows: np.ndarray) -> Recording:
    layers: dict[str, Any] = {k: x.take(rows) if isinstance(x, Activations) else x for k, x in recording.layers.items()}
    return replace(
        recording, layers=layers, targets=None if recording.targets is None else recording.targets[rows],
        covariances={k: v[rows] for k, v in recording.covariances.items()},
        jacobians={k: v[rows] for k, v in recording.jacobians.items()},
    )  # fmt: skip


def _read_at(recording: Recording, weights: csr_array, like: Recording) -> Recording:
    """Return the layers at other places, as the weights of rows give them, with the ids of `like`."""
    ids = like.first.stimuli if isinstance(like.first, Activations) else None
    layers: dict[str, Any] = {}
    rows = cast("tuple[int, int]", weights.shape)[1]
    for name, layer in recording.layers.items():
        if not isinstance(layer, Activations) or len(layer.values) != rows:
            raise InputError(
                f"layer {name!r} of {recording.name!r} has other rows than the coordinates; record the same stimuli"
            )
        layers[name] = Activations(np.asarray(weights @ layer.finite), stimuli=ids, name=recording.name, layer=name)
    return Recording(
        layers, name=recording.name, output_layer=recording.output_layer, output_kind=recording.output_kind,
        provenance=recording.provenance,
    )  # fmt: skip


def _numbers(layer: Activations | Trajectories) -> np.ndarray:
    return layer.finite if isinstance(layer, Activations) else np.asarray(layer.values)


def _share(found: np.ndarray, wanted: np.ndarray) -> float:
    """Return the squared difference over the variance of what is wanted."""
    total = float(((wanted - wanted.mean(axis=0)) ** 2).sum())
    return float(((found - wanted) ** 2).sum()) / total if total > 0 else 0.0
