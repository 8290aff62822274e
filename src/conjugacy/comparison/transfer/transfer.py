"""Carry a probe, a head, a feature or a steering direction from one network to another."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from conjugacy.activations.options import options_of
from conjugacy.activations.readout import Readout, readout_of
from conjugacy.comparison.transfer.fidelity import fidelity, state
from conjugacy.comparison.transfer.given import Between, TransferAsked, between
from conjugacy.comparison.transfer.labels import Task, learning_curve
from conjugacy.comparison.transfer.steering import outside, steer
from conjugacy.comparison.transfer.transferred import ReadThere, Transferred
from conjugacy.data import Layers
from conjugacy.errors import InputError
from conjugacy.numerics.columns import any_varies
from conjugacy.numerics.process_wide import one_blas_thread
from conjugacy.results import Estimate
from conjugacy.results.digits import per_cent
from conjugacy.results.transfer import CarriedByCopy, TransferAnswer
from conjugacy.told import telling
from conjugacy.transformations import Layer, Transformation, judge, judge_direction
from conjugacy.transformations.read_through import AFFINE, SMOOTH, ReadThrough

OUTSIDE = 0.1  # of a direction's squared length, from which it is told that so much is not carried


def transfer(
    probe: Any,
    a: Any,
    b: Any,
    *,
    stimuli: Any = None,
    layers: Layers = None,
    targets: Any = None,
    kind: str = "probe",
    map: str = AFFINE,
    tolerance: float = 0.1,
    seed: int = 0,
    groups: Any = None,
    rows: str | None = None,
    controls: str = "auto",
    untrained_b: Any = None,
    progress: Callable[[str], None] | None = None,
    **options: Any,
) -> Transferred:
    """Carry what was trained on a layer of A to a layer of B through the map between them, or refuse where that does not hold.

    Parameters
    ----------
    probe : array, pair, module, function or path
        Weights (n_a,) or (n_a, q); a pair (weight (q, n_a), bias (q,)), as torch has them; a `torch.nn.Linear`; a fitted linear
        model with `coef_`; a function of rows (m, n_a), as a feature of a sparse autoencoder or a head; or a .npz or .safetensors
        file with `weight` and `bias`. For `kind="steering"` a direction (n_a,).
    a, b : Recording, Activations, array (m, n), mapping of arrays, path, or live network
        The two networks, as in `compare`; live ones need `stimuli`.
    stimuli : array, (m, ...), mapping of names to these, or iterable of batches, optional
        What live networks are shown. No labels are needed, and those that the probe was trained on should not be among them.
    layers : str or (str, str), optional
        The layer of A that the probe reads, and that of B; without it the deepest hidden layer of each network.
    targets : array, (m,) or (m, q), optional
        What the probe is to tell. Then its scores are compared with those of probes trained on B with more and more labels.
    kind : {"probe", "classifier", "steering"}
        Whether the numbers that are read count, the class that is chosen by them, or a direction that is added to A's states.
    map : {"affine", "smooth"}
        The widest map that may be taken. A smooth one is taken where it predicts better. It may make a reading again out of what
        was shown, in any network that keeps that; so what a copy of B that learned nothing carries as well is refused.
    tolerance : float
        Largest part of what is read that B's layer may leave untold: of its variance; of a classifier, of the rows on which A
        does not choose its commonest class.
    seed : int
        Seeds everything that is drawn at random.
    groups : sequence, (m,), optional
        Rows of one group depend on each other.
    rows : {"series", "independent"}, optional
        Whether the order of A's rows is that of a series; without it, and without groups, it is looked for.
    controls : {"auto", "none"}
        `auto` carries the probe also to copies of a live B that learned nothing. A direction that these carry too is refused.
    untrained_b : recording or path, or a list of them, or a function, optional
        B before training, on the same stimuli.
    progress : callable, optional
        Called with a sentence as the work goes on.
    options
        How live networks are recorded, those of `RecordOptions` by name: `tokens`, `mask`, `axes`, `reducer`, `batch_size`.

    Returns
    -------
    Transferred
        Prints as a few lines; `.answer`, `.carried`, `.fidelity`, `.curve`, `.summary()`, `.save(path)`.

    Raises
    ------
    InputError
        Where something given cannot be used; the message says what to do.

    Examples
    --------
    >>> import numpy as np, conjugacy as cj
    >>> latents = np.random.default_rng(0).normal(size=(300, 4))
    >>> a, b = latents @ np.random.default_rng(1).normal(size=(2, 4, 4))
    >>> weights = np.array([1.0, -1.0, 0.0, 2.0])
    >>> found = cj.transfer(weights, a, b)
    >>> found.answer, bool(np.allclose(found.carried(b)[:, 0], a @ weights, atol=1e-2))
    ('carried', True)

    References
    ----------
    T. Bertalan, F. Dietrich, I. G. Kevrekidis, Chaos 34 (2024), doi:10.1063/5.0206406.
    """
    with telling(progress) as tell:
        asked = TransferAsked.of(
            kind=kind,
            map=map,
            tolerance=tolerance,
            seed=seed,
            layers=layers,
            groups=groups,
            rows=rows,
            controls=controls,
        )
        asked = replace(asked, how=options_of(options, transfer))
        reading = readout_of(probe)
        return transfer_reading(reading, between((a, b), stimuli, targets, untrained_b, asked, tell), asked)


def transfer_reading(reading: Readout, found: Between, asked: TransferAsked) -> Transferred:
    """Carry what was read as a probe between two layers."""
    start = time.process_time()
    # many small factorisations: several BLAS threads only wait for each other
    with one_blas_thread():
        reading.require_width(found.known.a.values.shape[1], f"layer {found.layers[0]!r} of A")
        made = (_steered if asked.kind == "steering" else _read)(reading, found, asked)
    return replace(made, seconds=time.process_time() - start)


def _frame(reading: Readout, found: Between, asked: TransferAsked) -> Transferred:
    pair, ladder = found.setup.pair, found.ladder
    return Transferred(
        answer="undecided",
        kind=asked.kind,
        map=asked.map,
        probe=reading.name,
        networks=(pair.a.name or "a", pair.b.name or "b"),
        layers=found.layers,
        rows=ladder.a.m,
        groups=ladder.standard.n_clusters,
        tolerance=asked.tolerance,
        seed=asked.seed,
        notes=found.notes,
    )


def _read(reading: Readout, found: Between, asked: TransferAsked) -> Transferred:
    ladder, chooses = found.ladder, asked.kind == "classifier"
    told = reading(ladder.a.values)
    if not any_varies(told):
        raise InputError(f"{reading.name}: says the same for all stimuli; give stimuli on which it differs")
    function = None if reading.weights is not None else reading
    through = ReadThrough(ladder.b_to_a.fits, told, asked.map, function)
    judged = fidelity(through, ladder.standard, chooses=chooses)
    copies = _controls(through, found, chooses)
    answer = state(judged.left, asked.tolerance, ladder.standard)
    # a smooth map may make the reading again, from any network that keeps what was shown
    answer = against_copies(answer, copies) if judged.rung == SMOOTH else answer
    carried: Transformation | ReadThere | None = None
    if answer == "carried":
        fitted = through.map
        carried = ReadThere(fitted, reading) if function else fitted.judged(judged.unexplained, Estimate())
    task = None if found.targets is None else Task.of(found.targets, told)
    curve = None
    if task is not None:
        found.setup.progress("training probes on B with more and more labels")
        curve = learning_curve(task, told, through.predicted, ladder.b.values, ladder.standard)
    notes = (
        ()
        if task is not None or found.targets is None
        else (
            f"the targets are not used: they are neither classes that {reading.name} chooses nor values of as many columns",
        )
    )
    frame = _frame(reading, found, asked)
    return replace(
        frame,
        answer=answer,
        carried=carried,
        fidelity=judged,
        curve=curve,
        controls=copies,
        notes=(*frame.notes, *notes),
    )


def _controls(through: ReadThrough, found: Between, chooses: bool) -> tuple[CarriedByCopy, ...]:
    """Return what is left of the same reading where a copy of B that learned nothing is to tell it."""
    ladder, judged = found.ladder, list[CarriedByCopy]()
    for kind, values in found.copies().items():
        copy = Layer(values, ladder.seed)
        fits = judge_direction(copy, ladder.a, ladder.clusters, seed=ladder.seed, with_nulls=False).fits
        left = fidelity(replace(through, fits=fits), ladder.standard, chooses=chooses).left
        judged.append(CarriedByCopy(kind, left, state(left, ladder.standard.tolerance, ladder.standard)))
    return tuple(judged)


def against_copies(answer: TransferAnswer, copies: tuple[CarriedByCopy, ...]) -> TransferAnswer:
    """Return the answer where copies that learned nothing have to fail."""
    if answer != "carried":
        return answer
    answers = [one.answer for one in copies]
    return "refused" if "carried" in answers else "undecided" if "undecided" in answers else answer


def _steered(reading: Readout, found: Between, asked: TransferAsked) -> Transferred:
    if reading.weights is None or reading.weights.shape[1] != 1:
        raise InputError(
            f"steering: got {reading.name}, expected one direction (n,), as many numbers as A's layer has units"
        )
    direction, ladder = reading.weights[:, 0], found.ladder
    if not direction.any():
        raise InputError("steering: the direction is zero; give the one that is added to A's states")
    moved = steer(direction, ladder, asked.map)
    apart = outside(direction, ladder.a.values)
    notes = (
        ()
        if apart < OUTSIDE
        else (
            f"{per_cent(apart)} of the direction's squared length lies where A's states hardly vary over these stimuli; of "
            "that nothing is carried",
        )
    )
    copies = _steered_copies(direction, found, asked)
    answer = against_copies(moved.answer, copies)
    frame = _frame(reading, found, asked)
    return replace(
        frame,
        answer=answer,
        carried=moved.direction if answer == "carried" else None,
        steered=moved.steered,
        controls=copies,
        notes=(*frame.notes, *notes),
    )


def _steered_copies(direction: np.ndarray, found: Between, asked: TransferAsked) -> tuple[CarriedByCopy, ...]:
    """Return whether the same direction is carried to copies of B that learned nothing."""
    ladder, judged = found.ladder, list[CarriedByCopy]()
    for kind, values in found.copies().items():
        copy = judge(
            ladder.a, Layer(values, ladder.seed), ladder.clusters, tolerance=ladder.tolerance, seed=ladder.seed
        )
        try:
            moved = steer(direction, replace(copy, places=ladder.places), asked.map)
        except InputError:  # the map from A follows the direction to nothing there
            judged.append(CarriedByCopy(kind, Estimate(), "refused"))
        else:
            judged.append(CarriedByCopy(kind, moved.steered.read.left, moved.answer))
    return tuple(judged)
