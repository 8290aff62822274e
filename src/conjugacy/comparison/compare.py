"""Compare two networks: from recordings, arrays or live models to a verdict on each axis."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from conjugacy.activations import as_recording, head_outputs, is_live, jacobians, record, untrained_copies
from conjugacy.activations.untrained import UNTRAINED_COPIES, is_torch_module
from conjugacy.comparison.comparison import Comparison
from conjugacy.comparison.dynamics import dynamics_axis
from conjugacy.comparison.function import function_axis
from conjugacy.comparison.intrinsic import Brought, bring_together, not_brought, with_match
from conjugacy.comparison.matched_pair import make_pair, require_layers
from conjugacy.comparison.output_scores import output_scores
from conjugacy.comparison.representation import layer_planes, plane_of, representation_axis, whole_layer_map
from conjugacy.comparison.setup import Head, Job, Progress
from conjugacy.data import Activations, Recording
from conjugacy.errors import InputError, ModelError, ShapeError
from conjugacy.measure import Measure, get_measure
from conjugacy.results import AxisVerdict, Score, Verdict
from conjugacy.transformations import Transformation
from conjugacy.transformations.direction import BOOTSTRAP_DRAWS, FOLDS, NULL_DRAWS
from conjugacy.transformations.flows import Step

ON_ROWS = ("activations", "outputs")  # what measures compare where rows belong together
ONE_THREAD_ROWS = 2000
LARGEST_JACOBIANS, MOST_OUTPUTS = 20_000_000, 64  # numbers, and outputs, for which derivatives are worked out unasked


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
    common: Any = None,
    delays: int = 1,
    untrained_a: Any = None,
    untrained_b: Any = None,
    targets: Any = None,
    step_a: Step | None = None,
    step_b: Step | None = None,
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
    match : {"stimuli", "intrinsic", "none"}
        `none` leaves the trials of trajectories unmatched. `intrinsic` is for networks that saw different stimuli: their layers'
        Jacobians or covariances of bursts, in the coordinates of one world, lay both out in these coordinates; B is then read at
        A's places.
    common : sequence of ids, (p,), or of pairs of ids, (p, 2), optional
        With `intrinsic`, stimuli that both saw, one more than coordinates at least; without it, those whose ids agree.
    delays : int
        With `none`, time points that make one state of either network, where units show only part of it (Takens 1981).
    untrained_a, untrained_b : recording or path, or a list of them, optional
        The same networks before training, on the same stimuli: the control.
    targets : array, optional
        What live networks were to answer: class numbers or values.
    step_a, step_b : callable, optional
        Live recurrent networks, for trajectories: (states (m, n), drive (m, j) or None) to the states one time point later, on
        the layers compared. With both, the dynamics are tested on pushed states, which a shared drive cannot explain.
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
    if seed < 0:
        raise InputError(f"seed: got {seed}, expected a whole number from 0 on")
    if controls not in ("auto", "none"):
        raise InputError(f"controls: got {controls!r}, expected 'auto' or 'none'")
    if delays != int(delays) or delays < 1 or (delays > 1 and match != "none"):
        raise InputError(
            f"delays: got {delays} with match={match!r}, expected a whole number from 1 on, above 1 for trials that are not "
            "matched (match='none')"
        )
    chosen = [get_measure(name) for name in measures]  # unknown names are told before the work
    for measure in chosen:
        if measure.traits.data == "recording":
            raise InputError(f"measure {measure.id!r} is what this comparison says of the outputs anyway; leave it out")
    tell: Progress = progress or (lambda _: None)
    asked = {
        "layers": layers,
        "controls": controls,
        "match": match,
        "delays": int(delays),
        "measures": [m.id for m in chosen],
    }
    recordings, copies, source = _recordings(
        (a, b), stimuli, targets, layers, seed, controls, (untrained_a, untrained_b), tell
    )
    if not recordings[0].is_dynamic:
        wrong = [m.id for m in chosen if m.traits.data not in ON_ROWS]
        if wrong:
            raise InputError(
                f"measure {wrong[0]!r} compares trajectories (trials x time x units), and these are activations"
            )
    brought: Brought | None = None
    groups = None if groups is None else np.asarray(groups)
    if match == "intrinsic":
        brought = bring_together(*recordings, copies, common=common, layers=layers, seed=int(seed), progress=tell)
        if brought.reasons:
            return not_brought(brought, {**asked, "versions": _versions()}, float(tolerance), int(seed))
        groups = None if groups is None else _of_rows(groups, recordings[0], brought.rows)
        recordings, copies, match = (brought.a, brought.b), brought.controls, "stimuli"
    elif common is not None:
        raise InputError(f"common: is for match='intrinsic', got match={match!r}")
    pair = make_pair(*recordings, match=match, groups=groups)
    require_layers(pair, layers)
    heads = _head(a, stimuli), _head(b, stimuli)
    job = Job(pair, float(tolerance), int(seed), copies, source, tell, heads, int(delays))
    rows = 0 if pair.matching is None else len(pair.matching.rows_a)
    # many small factorisations: several BLAS threads only wait for each other, the more so beside other work
    with threadpool_limits(1 if rows <= ONE_THREAD_ROWS else None, user_api="blas"):
        found = _assemble(job, layers, list(zip(measures, chosen, strict=True)), asked, (step_a, step_b))
    return found if brought is None else with_match(found, brought)


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
    names: tuple[str | None, ...] = (layers, layers) if isinstance(layers, str) or layers is None else tuple(layers)
    if len(names) != 2:
        raise InputError(f"layers: got {layers!r}, expected one name, or a pair (layer of a, layer of b)")
    for i, (network, name) in enumerate(zip(networks, "ab", strict=True)):
        given = untrained[i]
        many = list(given) if isinstance(given, (list, tuple)) else [] if given is None else [given]
        control = tuple(as_recording(one, name=f"untrained {name}") for one in many)
        if is_live(network):
            if stimuli is None:
                raise InputError("live networks need stimuli: compare(model_a, model_b, stimuli=x)")
            layer = names[i]
            wanted = None if layer is None else [layer]
            tell(f"recording {name}")
            found.append(_recorded(network, stimuli, wanted, targets, name))
            if controls == "auto" and not control and hasattr(network, "state_dict"):
                tell(f"recording {UNTRAINED_COPIES} untrained copies of {name}")
                source = f"{UNTRAINED_COPIES} re-initialised copies of each network"
                made = untrained_copies(network, UNTRAINED_COPIES, seed)
                control = tuple(record(copy, stimuli, wanted, name=f"untrained {name}") for copy in made)
        else:
            found.append(as_recording(network, name=name))
        copies.append(() if controls == "none" else control)
    return (found[0], found[1]), (copies[0], copies[1]), source


def _of_rows(groups: np.ndarray, a: Recording, rows: np.ndarray) -> np.ndarray:
    """Return the groups of the rows of `a` at which the other network was read."""
    count = len(a.first.values)
    if groups.shape != (count,):
        raise ShapeError(
            f"groups: got shape {groups.shape}, expected one for each of the {count} rows of {a.name or 'a'!r}"
        )
    return groups[rows]


def _recorded(network: Any, stimuli: Any, layers: Sequence[str] | None, targets: Any, name: str) -> Recording:
    """Record a live network, with the derivatives of its outputs where they are small and it has them."""
    recording = record(network, stimuli, layers, targets=targets, name=name)
    outputs = recording.outputs
    if not is_torch_module(network) or not isinstance(outputs, Activations) or outputs.inputs is None:
        return recording
    if outputs.values.size * outputs.inputs[0].size > LARGEST_JACOBIANS or outputs.shape[1] > MOST_OUTPUTS:
        return recording
    try:
        found = jacobians(network, stimuli)
    except (ModelError, InputError) as error:
        return replace(recording, provenance={**recording.provenance, "jacobians": f"none: {error}"})
    return replace(recording, jacobians=found)


def _head(network: Any, stimuli: Any) -> Head | None:
    """Return a live torch module from a layer on."""
    if stimuli is None or not is_torch_module(network):
        return None
    return lambda layer, values: head_outputs(network, stimuli, layer, values)


def _assemble(
    job: Job,
    layers: Sequence[str] | str | None,
    named: Sequence[tuple[str, Measure]],
    asked: dict[str, Any],
    steps: tuple[Step | None, Step | None],
) -> Comparison:
    pair = job.pair
    maps: dict[str, dict[str, Transformation]] = {}
    on_trials = [m for _, m in named if m.traits.data not in ON_ROWS]
    of_outputs = output_scores(pair, [given for given, m in named if m.traits.data == "outputs"])
    measures = [m for _, m in named if m.traits.data == "activations"]
    scores: tuple[Score, ...] = ()
    the_map, plane, planes, curves = None, None, None, None
    if pair.matching is None:
        unmatched = "the trials are unmatched, and a map needs rows that belong together: give trial ids"
        function = representation = AxisVerdict.not_tested(unmatched)
    else:
        function, maps["function"] = function_axis(job)
        has_hidden = all(r.hidden_layers for r in (pair.a, pair.b))
        if has_hidden or layers is not None:
            found = representation_axis(job, layers, measures)
            representation, maps["representation"], scores = found.axis, found.maps, found.scores
            curves = found.few_units
            the_map, plane = whole_layer_map(pair), plane_of(job, representation)
            planes = None if plane is None else layer_planes(job, the_map, plane)
        else:
            reason = "a network has no layer besides its output: record hidden layers"
            representation = AxisVerdict.not_tested(reason)
    dynamics = dynamics_axis(job, layers, steps, on_trials)
    return Comparison(
        verdict=Verdict(function, representation, dynamics.axis),
        tolerance=job.tolerance,
        seed=job.seed,
        networks=(pair.a.name or "a", pair.b.name or "b"),
        n_samples=0 if pair.matching is None else len(pair.matching.rows_a),
        settings=_settings(job, asked),
        notes=pair.notes,
        measures=scores + of_outputs + dynamics.scores,
        layer_map=the_map,
        plane=plane,
        layer_planes=planes,
        few_units=curves,
        sweeps=dynamics.sweeps,
        transformations={axis: found for axis, found in maps.items() if found},
    )


def _versions() -> dict[str, str]:
    versions = {"python": platform.python_version()}
    for package in ("conjugacy", "numpy", "scipy", "scikit-learn", "torch"):
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            continue
    return versions


def _settings(job: Job, asked: dict[str, Any]) -> dict[str, Any]:
    matching = job.pair.matching
    return {
        **asked,
        "folds": FOLDS,
        "bootstrap_draws": BOOTSTRAP_DRAWS,
        "permutations": NULL_DRAWS,
        "independent_groups": None if matching is None else matching.n_clusters,
        "versions": _versions(),
        "provenance": {"a": dict(job.pair.a.provenance), "b": dict(job.pair.b.provenance)},
    }
