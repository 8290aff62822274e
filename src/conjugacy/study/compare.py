"""Compare two networks: from recordings, arrays or live models to a verdict on each axis."""

from __future__ import annotations

import platform
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np

from conjugacy.activations import as_recording, is_live, record, untrained_copies
from conjugacy.data import Recording, merge_labels
from conjugacy.errors import InputError
from conjugacy.measure import get_measure
from conjugacy.results import AxisVerdict, Comparison, Estimate, Floor, LayerMap, Plane, Score, Verdict
from conjugacy.study.pair import Pair, activations_of, choose_layers, layer_map, make_pair
from conjugacy.transformations import Ladder, Network, Transformation, judge
from conjugacy.transformations.ladder import BOOTSTRAP_DRAWS, FOLDS, NULL_DRAWS
from conjugacy.transformations.smooth import KernelRegression
from conjugacy.verdict import decide_function, decide_representation, gain_over, pair_outputs, untrained_control
from conjugacy.verdict.decide import Context, Identifies
from conjugacy.verdict.evidence import Agreement, agreement, regression_floor, repeat_floor, skipped_units

UNTRAINED_COPIES = 3
CODE_UNITS = 256
PLANE_ROWS = 2000
Progress = Callable[[str], None]


@dataclass(frozen=True, eq=False)
class Job:
    """One comparison under way: the pair and the settings that every step needs."""

    pair: Pair
    tolerance: float
    seed: int
    controls: tuple[tuple[Recording, ...], tuple[Recording, ...]]
    control_source: str
    progress: Progress


def compare(
    a: Any,
    b: Any,
    *,
    stimuli: Any = None,
    tolerance: float = 0.05,
    seed: int = 0,
    layers: Sequence[str] | str | None = None,
    groups: Any = None,
    measures: Sequence[str] = (),
    controls: str = "auto",
    match: str = "stimuli",
    untrained_a: Any = None,
    untrained_b: Any = None,
    targets: Any = None,
    progress: Progress | None = None,
) -> Comparison:
    """Say whether two networks learned the same task and the same representation, with the evidence.

    Parameters
    ----------
    a, b : Recording, Activations, Trajectories, array (m, n), mapping of arrays, path, or live network
        The two networks. Live networks (torch modules, callables) need `stimuli`.
    stimuli : array, (m, ...), optional
        What live networks are shown; not used in training.
    tolerance : float
        Largest fraction of variance that a map may leave unexplained and still count as the same.
    seed : int
        Seeds everything that is drawn at random; the same seed gives the same record.
    layers : str or (str, str), optional
        Layers to compare; without it the deepest hidden layer of the same name.
    groups : sequence, (m,), optional
        Rows of one group depend on each other; replaces the recordings' groups.
    measures : sequence of str
        Ids of further measures to show beside the verdict, on the same pair of layers.
    controls : {"auto", "none"}
        `auto` makes untrained copies of live torch modules; recordings need `untrained_a` and `untrained_b`.
    match : {"stimuli", "none"}
        `none` leaves the trials of trajectories unmatched.
    untrained_a, untrained_b : recording or path, or a list of them, optional
        The same networks before training, on the same stimuli: the control.
    targets : array, optional
        What live networks were to answer: class numbers or values.
    progress : callable, optional
        Called with a sentence as the work goes on.

    Returns
    -------
    Comparison

    Raises
    ------
    InputError
        Where something given cannot be used; the message says what to do.

    Examples
    --------
    >>> import numpy as np, conjugacy as cj
    >>> x = np.random.default_rng(0).normal(size=(200, 3))
    >>> rotation = np.linalg.qr(np.random.default_rng(1).normal(size=(3, 3)))[0]
    >>> result = cj.compare(x, 2 * x @ rotation + 1)
    >>> result.verdict.representation.answer, result.verdict.representation.rung
    ('equivalent', 'rotation')

    References
    ----------
    T. Bertalan, F. Dietrich, I. G. Kevrekidis, Chaos 34 (2024), doi:10.1063/5.0206406.
    """
    if not 0 < tolerance < 1:
        raise InputError(f"tolerance: got {tolerance}, expected a fraction of variance between 0 and 1")
    if controls not in ("auto", "none"):
        raise InputError(f"controls: got {controls!r}, expected 'auto' or 'none'")
    chosen = [get_measure(name) for name in measures]  # unknown names are told before the work
    tell: Progress = progress or (lambda _: None)
    asked = {"layers": layers, "controls": controls, "match": match, "measures": [m.id for m in chosen]}
    recordings, copies, source = _recordings(
        (a, b), stimuli, targets, layers, seed, controls, ((untrained_a, untrained_b)), tell
    )
    pair = make_pair(*recordings, match=match, groups=None if groups is None else np.asarray(groups))
    job = Job(pair, float(tolerance), int(seed), copies, source, tell)
    return _assemble(job, layers, chosen, asked)


def _recordings(
    networks: tuple[Any, Any],
    stimuli: Any,
    targets: Any,
    layers: Sequence[str] | str | None,
    seed: int,
    controls: str,
    untrained: tuple[Any, Any],
    tell: Progress,
) -> tuple[tuple[Recording, Recording], tuple[tuple[Recording, ...], tuple[Recording, ...]], str]:
    found: list[Recording] = []
    copies: list[tuple[Recording, ...]] = []
    source = "given recordings"
    names = (layers, layers) if isinstance(layers, str) or layers is None else tuple(layers)
    for i, (network, name) in enumerate(zip(networks, "ab", strict=True)):
        given = untrained[i]
        many = list(given) if isinstance(given, (list, tuple)) else [] if given is None else [given]
        control = tuple(as_recording(one, name=f"untrained {name}") for one in many)
        if is_live(network):
            if stimuli is None:
                raise InputError("live networks need stimuli: compare(model_a, model_b, stimuli=x)")
            wanted = None if names[i] is None else [names[i]]
            tell(f"recording {name}")
            found.append(record(network, stimuli, wanted, targets=targets, name=name))
            if controls == "auto" and not control and hasattr(network, "state_dict"):
                tell(f"recording {UNTRAINED_COPIES} untrained copies of {name}")
                source = f"{UNTRAINED_COPIES} re-initialised copies of each network"
                made = untrained_copies(network, UNTRAINED_COPIES, seed)
                control = tuple(record(copy, stimuli, wanted, name=f"untrained {name}") for copy in made)
        else:
            found.append(as_recording(network, name=name))
        copies.append(() if controls == "none" else control)
    return (found[0], found[1]), (copies[0], copies[1]), source


def _assemble(job: Job, layers: Sequence[str] | str | None, measures: Sequence[Any], asked: dict[str, Any]) -> Comparison:
    pair = job.pair
    maps: dict[str, dict[str, Transformation]] = {}
    scores: tuple[Score, ...] = ()
    the_map, plane = None, None
    if pair.matching is None:
        unmatched = "the trials are unmatched, and a map needs rows that belong together: give trial ids"
        function = representation = AxisVerdict.not_tested(unmatched)
    else:
        function, maps["function"] = _function_axis(job)
        has_hidden = all(r.hidden_layers for r in (pair.a, pair.b))
        if has_hidden or layers is not None:
            representation, maps["representation"], scores = _representation_axis(job, layers, measures)
            the_map, plane = _layer_map(pair), _plane(job, representation)
        else:
            reason = "a network has no layer besides its output: record hidden layers"
            representation = AxisVerdict.not_tested(reason)
    return Comparison(
        verdict=Verdict(function, representation, _dynamics_axis(pair)),
        tolerance=job.tolerance,
        seed=job.seed,
        networks=(pair.a.name or "a", pair.b.name or "b"),
        n_samples=0 if pair.matching is None else len(pair.matching.rows_a),
        settings=_settings(job, asked),
        notes=pair.notes,
        measures=scores,
        layer_map=the_map,
        plane=plane,
        transformations={axis: found for axis, found in maps.items() if found},
    )


def _dynamics_axis(pair: Pair) -> AxisVerdict:
    if pair.a.is_dynamic or pair.matching is None:
        return AxisVerdict.not_tested("this version compares the geometry of matched trials; it does not test the dynamics itself")
    return AxisVerdict.not_tested("the recordings hold no trajectories")


def _function_axis(job: Job) -> tuple[AxisVerdict, dict[str, Transformation]]:
    pair, matching = job.pair, job.pair.matching
    names = (pair.a.output_name, pair.b.output_name)
    if matching is None or names[0] is None or names[1] is None:
        missing = " and ".join(repr(r.name) for r, n in zip((pair.a, pair.b), names, strict=True) if n is None)
        return AxisVerdict.not_tested(f"{missing} has no output layer: save it as 'outputs', or name it with output_layer"), {}
    job.progress("comparing outputs")
    targets = _targets(pair)
    outputs = pair_outputs(
        pair.values(pair.a, names[0]),
        pair.values(pair.b, names[1]),
        (pair.a.output_kind, pair.b.output_kind),
        (targets, targets),
    )
    constant = [n for n, v in zip((pair.a.name, pair.b.name), (outputs.a, outputs.b), strict=True) if not np.ptp(v, axis=0).any()]
    if constant:
        return AxisVerdict.not_tested(f"the outputs of {' and '.join(map(repr, constant))} are the same for every stimulus"), {}
    a, b = Network(outputs.a, job.seed), Network(outputs.b, job.seed)
    ladder = judge(a, b, matching.clusters, tolerance=job.tolerance, seed=job.seed)
    decisions: Agreement | None = None
    if outputs.classes is not None:
        decisions = agreement(*outputs.classes, targets, matching.clusters, job.seed)
    floor = _function_floor(job, ladder, outputs.kinds, targets)
    context = Context((names[0], names[1]), "the output layers", matching.stimuli, floor, _skipped(pair, ladder, names), outputs.notes)
    axis = decide_function(ladder, context, outputs.kinds, _identifies(job, ladder), decisions)
    return axis, _transformations(ladder)


def _targets(pair: Pair) -> np.ndarray | None:
    """Return the targets of the matched rows: those of `a`, else of `b`; None where they contradict each other."""
    if pair.matching is None:
        return None
    found = [
        recording.targets[rows]
        for recording, rows in ((pair.a, pair.matching.rows_a), (pair.b, pair.matching.rows_b))
        if recording.targets is not None
    ]
    if len(found) == 2 and (found[0].shape != found[1].shape or not np.allclose(found[0], found[1])):
        return None  # different tasks: neither list says what both were to answer
    return found[0] if found else None


def _function_floor(job: Job, ladder: Ladder, kinds: tuple[str, str], targets: np.ndarray | None) -> Floor:
    clusters = ladder.clusters
    if kinds == ("regression", "regression") and targets is not None:
        floor = regression_floor((ladder.a.values, ladder.b.values), targets, clusters, job.seed)
        if floor is not None:
            return floor
    repeats = _repeats(job, ladder)
    if repeats.value is None and targets is not None and "regression" not in kinds:
        return Floor(source="none on this scale: the networks' own errors are shares of rows, beside the agreement")
    return repeats


def _repeats(job: Job, ladder: Ladder) -> Floor:
    matching = job.pair.matching
    if matching is None:
        return Floor()
    return repeat_floor(ladder.a, ladder.b, matching.stimuli, ladder.clusters, job.seed) or Floor()


def _skipped(pair: Pair, ladder: Ladder, names: tuple[str | None, str | None]) -> tuple[Any, ...]:
    found: tuple[Any, ...] = ()
    for network, recording, name in ((ladder.a, pair.a, names[0]), (ladder.b, pair.b, names[1])):
        units = activations_of(recording, name or "").units or ()
        units = units if len(units) == network.n else tuple(str(i) for i in range(network.n))
        found += skipped_units(network, units, recording.name or "", name or "")
    return found


def _identifies(job: Job, ladder: Ladder) -> Identifies | None:
    """Try to reconstruct the inputs from each network's outputs, held out."""
    pair, matching = job.pair, job.pair.matching
    if matching is None or (ladder.rung not in (None, "smooth")):
        return None
    inputs = [
        None if layer.inputs is None else layer.inputs[rows].reshape(len(rows), -1)
        for layer, rows in (
            (activations_of(pair.a, pair.a.output_name or ""), matching.rows_a),
            (activations_of(pair.b, pair.b.output_name or ""), matching.rows_b),
        )
    ]
    codes = [own if own is not None else other for own, other in zip(inputs, reversed(inputs), strict=True)]
    if codes[0] is None or codes[1] is None or any(not np.ptp(code, axis=0).any() for code in codes if code is not None):
        return None
    job.progress("testing whether the outputs determine the inputs")
    found = [_reconstruct(ladder, source, code, job) for source, code in zip((ladder.a, ladder.b), codes, strict=True) if code is not None]
    return Identifies(found[0][0], found[1][0], (found[0][1], found[1][1]))


def _reconstruct(ladder: Ladder, source: Network, inputs: np.ndarray, job: Job) -> tuple[Estimate, str]:
    if inputs.shape[1] > CODE_UNITS:  # a random code of the inputs carries what they carry
        inputs = (inputs - inputs.mean(axis=0)) @ np.random.default_rng(job.seed).standard_normal((inputs.shape[1], CODE_UNITS))
    code = Network(inputs, job.seed)
    one_way = judge(source, code, ladder.clusters, tolerance=job.tolerance, seed=job.seed)
    return one_way.estimate(one_way.a_to_b, "smooth"), one_way.determines(one_way.a_to_b)


def _representation_axis(
    job: Job, layers: Sequence[str] | str | None, measures: Sequence[Any]
) -> tuple[AxisVerdict, dict[str, Transformation], tuple[Score, ...]]:
    pair, matching = job.pair, job.pair.matching
    if matching is None:
        raise InputError("the rows are not matched")
    names, how, used = choose_layers(pair, layers, job.seed)
    keep = np.arange(len(matching.clusters)) if used is None else np.flatnonzero(~np.isin(matching.clusters, used))
    clusters = merge_labels([matching.clusters[keep]], len(keep))
    job.progress(f"comparing layer {names[0]} with layer {names[1]}")
    values = [pair.values(r, n)[keep] for r, n in ((pair.a, names[0]), (pair.b, names[1]))]
    for recording, name, layer in ((pair.a, names[0], values[0]), (pair.b, names[1], values[1])):
        if not np.ptp(layer, axis=0).any():
            raise InputError(f"{recording.name!r}, layer {name!r}: no unit varies over these stimuli; choose another layer or other stimuli")
    ladder = judge(Network(values[0], job.seed), Network(values[1], job.seed), clusters, tolerance=job.tolerance, seed=job.seed)
    copies = _control_values(job, names, keep)
    if any(copies):
        job.progress("comparing with untrained controls")
    control = untrained_control(ladder, copies[0], copies[1], job.control_source)
    floor = repeat_floor(ladder.a, ladder.b, matching.stimuli[keep], clusters, job.seed) or Floor()
    context = Context(names, how, matching.stimuli[keep], floor, _skipped(pair, ladder, names))
    axis = decide_representation(ladder, context, control, gain_over(control, ladder))
    scores = tuple(measure(values[0], values[1]) for measure in measures)
    return axis, _transformations(ladder), scores


def _control_values(job: Job, names: tuple[str, str], keep: np.ndarray) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Return the untrained copies' activations on the rows of the pair."""
    pair = job.pair
    found: tuple[list[np.ndarray], list[np.ndarray]] = ([], [])
    for side, (recording, name) in enumerate(((pair.a, names[0]), (pair.b, names[1]))):
        for copy in job.controls[side]:
            both = make_pair(copy, _unflattened(recording), match="stimuli", groups=None)
            if pair.matching is None or both.matching is None:
                raise InputError("the untrained control was recorded on other trials than the network itself")
            order = np.empty(len(both.matching.rows_b), dtype=np.int64)
            order[both.matching.rows_b] = both.matching.rows_a
            rows = pair.matching.rows_a if side == 0 else pair.matching.rows_b
            values = activations_of(both.a, name).values[order[rows[keep]]]
            if np.ptp(values, axis=0).any():
                found[side].append(values)
    return found


def _unflattened(recording: Recording) -> Recording:
    return recording


def _transformations(ladder: Ladder) -> dict[str, Transformation]:
    """Fit every rung that applies on all rows."""
    return {result.rung: ladder.transformation(result.rung) for result in ladder.results if result.rung in ladder.a_to_b.errors}


def _layer_map(pair: Pair) -> LayerMap:
    """Return the descriptive map over all layers that vary, outputs included."""
    names = [
        [name for name in recording.layers if np.ptp(pair.values(recording, name), axis=0).any()] for recording in (pair.a, pair.b)
    ]
    return layer_map(pair, names[0], names[1])


def _plane(job: Job, axis: AxisVerdict) -> Plane | None:
    """Return both layers in two principal coordinates, the second turned onto the first."""
    pair, matching = job.pair, job.pair.matching
    if axis.layers is None or matching is None:
        return None
    rows = np.arange(len(matching.rows_a))
    if len(rows) > PLANE_ROWS:
        rows = np.sort(np.random.default_rng(job.seed).choice(rows, PLANE_ROWS, replace=False))
    a, b = (
        _two(Network(pair.values(recording, name)[rows], job.seed).points)
        for recording, name in ((pair.a, axis.layers[0]), (pair.b, axis.layers[1]))
    )
    u, _, vt = np.linalg.svd(b.T @ a)
    targets = _targets(pair)
    if targets is not None and targets.ndim == 1:
        colours, source = targets[rows].astype(np.float64), "target of each stimulus"
    else:
        colours, source = a[:, 0], "first principal coordinate of A"
    names = tuple(str(s) for s in matching.stimuli[rows])
    return Plane(a, b @ (u @ vt), colours, source, names)


def _two(points: np.ndarray) -> np.ndarray:
    return np.column_stack([points, np.zeros((len(points), 2))])[:, :2]


def _settings(job: Job, asked: dict[str, Any]) -> dict[str, Any]:
    versions = {"python": platform.python_version()}
    for package in ("conjugacy", "numpy", "scipy", "scikit-learn", "torch"):
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            continue
    matching = job.pair.matching
    return {
        **asked,
        "folds": FOLDS,
        "bootstrap_draws": BOOTSTRAP_DRAWS,
        "permutations": NULL_DRAWS,
        "independent_groups": None if matching is None else matching.n_clusters,
        "versions": versions,
        "provenance": {"a": dict(job.pair.a.provenance), "b": dict(job.pair.b.provenance)},
    }
