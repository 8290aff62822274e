"""Recordings of different stimuli brought together: rows of one network, and the other's layers at the same places."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast

import numpy as np
from scipy.sparse import csr_array

from conjugacy.activations.moving import OWN_INPUT
from conjugacy.comparison.comparison import Comparison
from conjugacy.comparison.matched_pair import activations_of
from conjugacy.data import Activations, Recording
from conjugacy.embeddings import (
    Intrinsic,
    LocalLinear,
    LocalMetric,
    RigidMap,
    align_by_points,
    alignments_of_shapes,
    intrinsic_coordinates,
)
from conjugacy.embeddings.intrinsic import CLEAR, RESOLVED
from conjugacy.errors import InputError, StimuliError
from conjugacy.numerics.neighbours.of_states import nearest_states
from conjugacy.results import AxisVerdict, IntrinsicMatch, IntrinsicSide, Status, Verdict
from conjugacy.transformations import RUNGS

NEAR = 2.0  # a place is covered where B has a row within so many times its rows' usual distance to the NTH nearest
NTH = 5
FEWEST_ROWS = 60


@dataclass(frozen=True, eq=False)
class Brought:
    """Both recordings on the same places, controls with them, or the reasons why they cannot be brought together."""

    match: IntrinsicMatch
    a: Recording
    b: Recording
    controls: tuple[tuple[Recording, ...], tuple[Recording, ...]]
    reasons: tuple[str, ...]
    rows: np.ndarray = field(default_factory=lambda: np.empty(0, dtype=np.int64))  # of A, where B was read

    @property
    def notes(self) -> tuple[str, ...]:
        """What to know of how the layers were moved."""
        return _own_input_note(self.a, self.b)


def bring_together(
    a: Recording,
    b: Recording,
    controls: tuple[tuple[Recording, ...], tuple[Recording, ...]],
    *,
    common: Any,
    layers: Sequence[str] | str | None,
    seed: int,
    progress: Callable[[str], None],
) -> Brought:
    """Lay both networks' layers out in the world's coordinates, align them, and give B's layers at A's places.

    The layers hold Jacobians or covariances of bursts. Common stimuli fix the alignment; without them it is the shapes', where
    these leave a single one. B's layers between its rows come from local linear regression on its coordinates; how well that
    does is measured on rows left out.

    Raises
    ------
    InputError, StimuliError
        Where a recording holds neither Jacobians nor covariances, dimensions differ, or `common` does not fit.
    """
    if a.is_dynamic or b.is_dynamic:
        raise InputError("match='intrinsic' is for activations; trajectories are matched by trials")
    names = _layers(a, b, layers)
    metrics = _metrics((a, b), names)
    progress("laying both networks out in the world's coordinates")
    found = [
        intrinsic_coordinates(activations_of(r, name).values, metric, seed=seed)
        for r, name, metric in zip((a, b), names, metrics, strict=True)
    ]
    sides = [_side(*one) for one in zip((a, b), names, metrics, found, strict=True)]
    rows = _common_rows(a, b, common)
    empty = np.empty((0, 0))
    match = IntrinsicMatch(sides[0], sides[1], len(rows), None, 0, False, 0, 0.0, {}, {}, empty, empty)
    reasons = tuple(
        f"the data of {r.name or letter!r} do not resolve the world's coordinates: {_why(one)}"
        for r, letter, one in zip((a, b), "ab", found, strict=True) if not one.resolved
    )  # fmt: skip
    if found[0].values.shape[1] != found[1].values.shape[1]:
        reasons += (
            f"one network shows a world of {found[0].values.shape[1]} coordinates, the other one of {found[1].values.shape[1]}",
        )
    if reasons:
        return Brought(match, a, b, controls, reasons)
    progress("aligning the two layouts")
    try:
        ways = _alignments(found, rows, seed)
    except InputError as error:
        if common is not None:
            raise
        return Brought(match, a, b, controls, (f"the two layouts could not be aligned: {error} (common=)",))
    match = replace(match, symmetries=len(ways), common_error=ways[0].error if len(rows) else None)
    if len(rows) and ways[0].error > RESOLVED:
        said = (
            f"after the best alignment the {len(rows)} common stimuli are still {ways[0].error:.2g} of the world's size apart: "
            "they are not the same stimuli, or the Jacobians or bursts of the two are not by the coordinates of one world"
        )
        return Brought(match, a, b, controls, (said,))
    if len(ways) != 1:
        said = (
            f"without common stimuli {len(ways)} ways to lay one network's world over the other's fit the data as well as chance "
            f"allows, and none is chosen: give {found[0].values.shape[1] + 1} or more stimuli that both saw (common=)"
        )
        return Brought(match, a, b, controls, (said,))
    match = replace(match, place_error=_place_error(found, rows, ways[0]))
    return _at_places(a, b, controls, found, ways[0], match, seed, progress)


def _layers(a: Recording, b: Recording, layers: Sequence[str] | str | None) -> tuple[str, str]:
    asked: list[str | None] = [layers] if isinstance(layers, str) or layers is None else list(layers)
    names: list[str] = []
    for r, name in zip((a, b), (asked[0], asked[-1]), strict=True):
        known = [x for x in r.layers if x in r.jacobians or x in r.covariances]
        hidden = [x for x in known if x != r.output_name]
        if name is not None:
            r.layer(name)
        if not known or (name is not None and name not in known):
            where = f"layer {name!r} of " if name else ""
            raise StimuliError(
                f"match='intrinsic': {where}{r.name or 'a recording'!r} holds neither Jacobians nor covariances of bursts, which "
                "say how a layer moves with the world; record them: conjugacy record --jacobians or --bursts, with --world, or "
                "cj.record(..., world=, jacobians=)"
            )
        names.append(name or (hidden or known)[-1])
    return names[0], names[1]


def _metrics(pair: tuple[Recording, Recording], names: tuple[str, str]) -> list[LocalMetric]:
    """Return the metrics of both layers, of one number of coordinates: the world is the same."""
    metrics = [_metric(r, name) for r, name in zip(pair, names, strict=True)]
    if metrics[0].d == metrics[1].d:
        return metrics
    known = [m.d for m, r, name in zip(metrics, pair, names, strict=True) if name in r.jacobians]
    most = min(len(m.spectrum) for m in metrics)
    d = max(known or range(1, most + 1), key=lambda d: min(m.fall(d) for m in metrics)) if len(known) < 2 else 0
    if not 1 <= d <= most or min(m.fall(d) for m in metrics) < CLEAR:
        raise StimuliError(
            f"layer {names[0]!r} of {pair[0].name or 'a'!r} moves in {metrics[0].d} directions and {names[1]!r} of "
            f"{pair[1].name or 'b'!r} in {metrics[1].d} when the world moves: "
            "give Jacobians or bursts by the coordinates of one common world"
        )
    return [_metric(r, name, d) for r, name in zip(pair, names, strict=True)]


def _metric(recording: Recording, name: str, d: int | None = None) -> LocalMetric:
    if name in recording.jacobians:
        return LocalMetric.from_jacobians(recording.jacobians[name], d)
    return LocalMetric.from_covariances(recording.covariances[name], d)


def _side(recording: Recording, name: str, metric: LocalMetric, one: Intrinsic) -> IntrinsicSide:
    gap, half_gap = (float(x) if np.isfinite(x) else None for x in (metric.gap, one.half_gap))
    return IntrinsicSide(
        layer=name, source=_source(recording) or metric.source, d=metric.d, gap=gap, kind=one.kind,
        periods=tuple(one.periods.tolist()), stress=one.stress, half_gap=half_gap, resolved=one.resolved,
        status=one.status.name.lower(),
    )  # fmt: skip


def _source(recording: Recording) -> str | None:
    """Return in words how the layer was seen to move, where the recording says it."""
    said = recording.provenance.get("metric")
    if not isinstance(said, Mapping):
        return None
    how: Mapping[str, Any] = cast("Mapping[str, Any]", said)
    if how.get("of") == "bursts":
        return f"bursts of {how.get('points')} points in {how.get('by')}, of size {how.get('sd')}"
    return f"derivatives by {how.get('by')}"


def _own_input_note(a: Recording, b: Recording) -> tuple[str, ...]:
    """Return a warning where a network was moved by its own input, which is the world only where both take the same."""
    said = [f"{r.name or letter!r} from {source}" for r, letter in ((a, "a"), (b, "b"))
            if (source := _source(r)) and OWN_INPUT in source]  # fmt: skip
    if not said:
        return ()
    return (
        f"how layers move was recorded of {' and of '.join(said)}: that is right only where both networks take inputs of one "
        "space; else record bursts made in the world, or derivatives by its coordinates",
    )


def _why(one: Intrinsic) -> str:
    if one.status in (Status.UNCLEAR_DIRECTIONS, Status.FOLDED):
        return one.status.value
    more = "" if one.status.is_ok else f" ({one.status.value})"
    if not np.isfinite(one.half_gap):
        return f"half of its rows alone do not hang together, or show another number of coordinates{more}"
    return f"two halves of its rows give coordinates that differ by {one.half_gap:.2g} of their size{more}"


def _common_rows(a: Recording, b: Recording, common: Any) -> np.ndarray:
    """Return rows of A and of B that saw the same stimulus, (p, 2)."""
    ids = [first.stimuli if isinstance(first := r.first, Activations) else None for r in (a, b)]
    if common is None:
        if ids[0] is None or ids[1] is None:
            return np.empty((0, 2), dtype=np.int64)
        once = [np.unique(own.astype(str), return_counts=True) for own in (ids[0], ids[1])]
        shared, other = (names[times == 1] for names, times in once)  # repeats have no single place
        shared = np.intersect1d(shared, other)
        pairs = np.repeat(shared[:, None], 2, axis=1)
    else:
        given = np.asarray(common)
        pairs = np.repeat(given[:, None], 2, axis=1) if given.ndim == 1 else given
        if pairs.ndim != 2 or pairs.shape[1] != 2 or not len(pairs):
            raise InputError(
                f"common: got shape {given.shape}, expected ids that both saw, (p,), or pairs of ids, (p, 2)"
            )
    rows = np.empty((len(pairs), 2), dtype=np.int64)
    for side, (r, own) in enumerate(zip((a, b), ids, strict=True)):
        known = np.arange(len(r.first.values)).astype(str) if own is None else own.astype(str)
        place = {name: i for i, name in enumerate(known.tolist())}
        names, times = np.unique(known[np.isin(known, pairs[:, side].astype(str))], return_counts=True)
        if (times > 1).any():
            raise StimuliError(
                f"common: {r.name or 'ab'[side]!r} has stimulus {names[times > 1][0]!r} {int(times.max())} times; a common "
                "stimulus has one place: give repeats names of their own"
            )
        missing = [x for x in pairs[:, side].astype(str).tolist() if x not in place]
        if missing:
            raise StimuliError(
                f"common: {r.name or 'ab'[side]!r} has no stimulus {missing[0]!r} ({len(missing)} of {len(pairs)} are missing)"
            )
        rows[:, side] = [place[x] for x in pairs[:, side].astype(str).tolist()]
    return rows


def _alignments(found: Sequence[Intrinsic], rows: np.ndarray, seed: int) -> tuple[RigidMap, ...]:
    if len(rows):
        return (align_by_points(found[0].values[rows[:, 0]], found[1].values[rows[:, 1]]),)
    return alignments_of_shapes(found[0].values, found[1].values, seed=seed)


def _place_error(found: Sequence[Intrinsic], rows: np.ndarray, way: RigidMap) -> float:
    """Return by how much A's rows may be misplaced in B's coordinates, a standard deviation along each of them.

    From the common stimuli, less what the alignment was free to fit; without any from what two halves of a network disagree by.
    """
    e = found[1].values.shape[1]
    if not len(rows):
        size = float(np.sqrt(found[1].values.var(axis=0).sum() / e))
        return max(one.half_gap for one in found) * size
    left = way(found[0].values[rows[:, 0]]) - found[1].values[rows[:, 1]]
    return float(np.sqrt((left**2).sum() / (left.size - e * (e + 1) // 2)))


def _at_places(
    a: Recording,
    b: Recording,
    controls: tuple[tuple[Recording, ...], tuple[Recording, ...]],
    found: Sequence[Intrinsic],
    way: RigidMap,
    match: IntrinsicMatch,
    seed: int,
    progress: Callable[[str], None],
) -> Brought:
    """Return A's rows where B has some, and B's layers at the same places."""
    progress("reading the other network at the same places")
    places, own = way(found[0].values), found[1].values
    usual = float(np.median(nearest_states(own, NTH)[0][:, -1]))
    covered = np.flatnonzero(nearest_states(places, NTH, own)[0][:, -1] <= NEAR * usual)
    match = replace(match, n_rows=len(covered), points_a=places, points_b=own)
    if len(covered) < FEWEST_ROWS:
        said = (
            f"only {len(covered)} of {len(places)} rows of {a.name or 'a'!r} lie where {b.name or 'b'!r} has rows: show both "
            "the same range"
        )
        return Brought(match, a, b, controls, (said,))
    one, plane = _chosen(a, covered), LocalLinear.of(own, own)
    there, left_out = plane.weights(places[covered]), plane.weights()
    slips = match.place_error * np.random.default_rng(seed).standard_normal(places[covered].shape)
    beside = plane.weights(places[covered] + slips)
    copies = (
        tuple(_chosen(copy, covered) for copy in controls[0]),
        tuple(_read_at(copy, there, one) for copy in controls[1]),
    )
    known = {name: np.asarray(layer.values) for name, layer in b.layers.items()}
    other = _read_at(b, there, one)
    match = replace(
        match,
        interpolation={name: _share(left_out @ x, x) for name, x in known.items()},
        misplacement={name: _share(beside @ x, there @ x) for name, x in known.items()},
        resolved=True,
    )
    return Brought(match, one, other, copies, (), covered)


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
        layers[name] = Activations(np.asarray(weights @ layer.values), stimuli=ids, name=recording.name, layer=name)
    return Recording(
        layers, name=recording.name, output_layer=recording.output_layer, output_kind=recording.output_kind,
        provenance=recording.provenance,
    )  # fmt: skip


def _share(found: np.ndarray, wanted: np.ndarray) -> float:
    """Return the squared difference over the variance of what is wanted."""
    total = float(((wanted - wanted.mean(axis=0)) ** 2).sum())
    return float(((found - wanted) ** 2).sum()) / total if total > 0 else 0.0


def not_brought(brought: Brought, settings: Mapping[str, Any], tolerance: float, seed: int) -> Comparison:
    """Return a comparison that says why rows could not be matched; nothing is decided."""
    unknown = AxisVerdict("undecided", brought.reasons)
    return Comparison(
        verdict=Verdict(unknown, unknown, AxisVerdict.not_tested("the recordings hold no trajectories")),
        tolerance=tolerance,
        seed=seed,
        networks=(brought.a.name or "a", brought.b.name or "b"),
        n_samples=0,
        settings=settings,
        notes=brought.notes,
        intrinsic=brought.match,
    )


def with_match(found: Comparison, brought: Brought) -> Comparison:
    """Say how rows were matched, and doubt what reading B between its rows could have made."""
    match = brought.match
    worst = max(match.interpolation.values(), default=0.0)
    by = f"by {match.n_common} common stimuli" if match.n_common else "by the shapes alone"
    said = (
        f"the networks saw different stimuli: B was read at the places of {match.n_rows} of A's rows, aligned {by}; between its "
        f"rows B leaves {worst:.2%} of its variance open"
    )
    axes = found.verdict
    if worst > found.tolerance / 2:
        doubt = f"B leaves {worst:.1%} of its variance open between its rows, too much beside the tolerance: record more stimuli"
        axes = replace(
            axes, function=_doubted(axes.function, doubt), representation=_doubted(axes.representation, doubt)
        )
    misplaced = max(match.misplacement.values(), default=0.0)
    function, representation = (
        _against_slips(x, misplaced, found.tolerance) for x in (axes.function, axes.representation)
    )
    axes = replace(axes, function=function, representation=representation)
    return replace(found, verdict=axes, notes=(said, *brought.notes, *found.notes), intrinsic=match)


def _against_slips(axis: AxisVerdict, share: float, tolerance: float) -> AxisVerdict:
    """Leave a difference open that reading B at slightly wrong places may have made, in both networks' rows."""
    if axis.answer not in ("partly_related", "unrelated", "a_determines_b", "b_determines_a"):
        return axis
    last = axis.rung_result(RUNGS[-1])
    lows = [way.low or 0.0 for way in (last.a_to_b, last.b_to_a)]
    if max(lows) > tolerance + 2.0 * share:
        return axis
    return _doubted(
        axis,
        f"the alignment leaves room for places that slip so far that B changes by {share:.1%} of its variance, and what is left "
        "unexplained is no more than that beyond the tolerance: give more common stimuli, or better bursts",
    )


def _doubted(axis: AxisVerdict, doubt: str) -> AxisVerdict:
    """Take back an answer that an error of this size in reading B could have made."""
    if axis.answer in ("not_tested", "undecided"):
        return axis
    return replace(axis, answer="undecided", rung=None, reasons=(doubt, *axis.reasons))
