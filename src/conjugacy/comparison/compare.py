"""Compare two networks: from recordings, arrays or live models to a verdict on each axis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

import numpy as np

from conjugacy.activations import is_live
from conjugacy.activations.options import options_of
from conjugacy.activations.shown import as_shown
from conjugacy.comparison.attributes import require_rows
from conjugacy.comparison.axes import compare_matched
from conjugacy.comparison.comparison import Comparison
from conjugacy.comparison.copies import sources_of
from conjugacy.comparison.fitting import Fitting
from conjugacy.comparison.given import Showing, network_given, with_targets
from conjugacy.comparison.intrinsic import Brought, bring_together, not_brought, with_match
from conjugacy.comparison.made_to_fit import made_to_fit
from conjugacy.comparison.matched_pair import make_pair
from conjugacy.comparison.settings import Settings, versions
from conjugacy.comparison.setup import Progress, Setup
from conjugacy.comparison.stimulus_images import require_images
from conjugacy.data import Layers, Recording
from conjugacy.data.missing import DROPS
from conjugacy.errors import InputError, ShapeError
from conjugacy.numerics.device import on_device
from conjugacy.results import Margins
from conjugacy.told import telling
from conjugacy.transformations.flows import Step

Output = str | int | None


def compare(
    a: Any,
    b: Any,
    *,
    stimuli: Any = None,
    tolerance: float = 0.05,
    seed: int = 0,
    layers: Layers = None,
    output: Output | tuple[Output, Output] = None,
    groups: Any = None,
    rows: str | None = None,
    measures: Any = (),
    controls: str = "auto",
    match: str = "stimuli",
    common: Any = None,
    delays: int | str = "auto",
    missing: str | Sequence[str] = (),
    repeats: str | None = None,
    untrained_a: Any = None,
    untrained_b: Any = None,
    targets: Any = None,
    attributes: Any = None,
    image_shape: Sequence[int] | None = None,
    margins: Margins | Mapping[str, float] | None = None,
    step_a: Step | None = None,
    step_b: Step | None = None,
    device: Any = None,
    progress: Progress | None = None,
    **options: Any,
) -> Comparison:
    """Say whether two networks learned the same task and the same representation, with the evidence.

    Parameters
    ----------
    a, b : Recording, Activations, Trajectories, array (m, n), mapping of arrays, path, or live network
        The two networks. Live networks (torch modules, callables) need `stimuli`.
    stimuli : array, (m, ...), mapping of names to these, or iterable of batches, optional
        The inputs of live networks; best ones that were not used in training.
    tolerance : float
        Largest fraction of variance that a map may leave unexplained while the layers still count as the same.
    seed : int
        Seeds everything random; the same seed gives the same record.
    layers : str or (str, str), optional
        The layer of that name in both, or the layer of A and the layer of B. Default: the deepest hidden layer of each network
        that does not merely repeat the outputs, whatever its name.
    output : str or int, or a pair (of A, of B), optional
        The output to compare if networks have several: `boxes` means `outputs.boxes`, 1 means `outputs[1]`.
    groups : sequence, (m,), optional
        Rows of one group depend on each other; replaces the recordings' groups.
    rows : {"series", "independent"}, optional
        Whether A's rows are a series, or their order means nothing. By default, without groups, neighbouring rows that depend on
        each other and near repeats are detected and held out together.
    measures : str, Measure, callable, or sequence of these
        Further measures to show beside the verdict, on the same pair of layers: ids, configured measures, or functions of two
        arrays (m, n) that return a number.
    controls : {"auto", "none"}
        `auto` makes copies of live torch modules that learned nothing: untrained, and with shuffled weights. Recordings need
        `untrained_a` and `untrained_b`.
    match : {"stimuli", "intrinsic", "none"}
        `none` leaves the trials of trajectories unmatched. `intrinsic` is for networks that saw different stimuli of one world.
        Jacobians or covariances of bursts lay both out in the world's coordinates, and B is then read at A's places.
    common : sequence of ids, (p,), or of pairs of ids, (p, 2), optional
        With `intrinsic`: stimuli that both saw, at least one more than there are coordinates. Default: those with equal ids.
    delays : int or "auto"
        Time points that form one state, if units show only part of it (Takens 1981). `auto` chooses the number for matched
        trials and takes one for unmatched trials.
    missing : str or sequence of str, optional
        What to do about what is missing. `drop-units` leaves units with NaN out. `drop-trials` leaves trials or stimuli with
        NaN out of both networks. `intersect` compares only what both have. `shorten` cuts matched trials to their common length.
        `unpad` cuts zeros at the end of trials.
    repeats : {"average", "cut", "deviations"}, optional
        For repeats of a stimulus, or trials of one condition. `average` compares their means. `cut` compares the first of them,
        as many as both networks have. `deviations` subtracts each network's mean of the stimulus or condition.
    untrained_a, untrained_b : recording or path, or a list of them, or a function, optional
        The control: the same networks before training, on the same stimuli. A function without arguments makes the network again.
        The list may contain recordings of shuffled weights (`conjugacy record --shuffled`).
    targets : array, optional
        The right answers, class numbers or values, for the stimuli of live networks or the rows of A. They replace the targets
        of recordings.
    attributes : mapping of names to sequences (m,), table, or path of a .csv file, optional
        What else is known of the rows of A: `result.shared` says which of them the shared and the private directions carry.
        Text, yes and no, and whole numbers that repeat are classes, other numbers are values; None and NaN: not known.
    image_shape : tuple of int, optional
        (h, w), (h, w, channels) or (channels, h, w), where inputs are images but lie in one row of numbers, or their shape
        leaves it open. The page then shows the stimuli that stand out.
    margins : Margins or mapping, optional
        How much may change if B takes A's place: `churn`, `error`, `class_error`, `tolerance`, `threshold`.
    step_a, step_b : callable, optional
        For trajectories: from (states (m, n), drive (m, j) or None) to the states one time point later, on the layers compared.
        With both, the dynamics are tested on pushed states, which a shared drive cannot explain. Recurrent layers of live torch
        modules recorded with `tokens="time"` are stepped automatically.
    device : str or torch.device, optional
        Do the heavy products and factorisations on this device of torch, such as `cuda`, and run copies of live torch modules
        there. Numbers move by rounding alone. Default: numpy, and modules run where they are.
    progress : callable, optional
        A function that is called with a sentence now and then.
    options
        How to record live networks, as in `RecordOptions`: `tokens`, `mask`, `axes`, `reducer`, `batch_size`, `untrained`,
        `dtype`.

    Returns
    -------
    Comparison

    Raises
    ------
    InputError
        If an argument cannot be used; the message says what to do.

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
    with telling(progress) as tell, on_device(device) as elsewhere:
        settings = Settings.of(
            tolerance=tolerance,
            seed=seed,
            layers=layers,
            groups=groups,
            rows=rows,
            measures=measures,
            controls=controls,
            match=match,
            common=common,
            delays=delays,
            missing=missing,
            repeats=repeats,
            margins=margins,
            output=output,
            attributes=attributes,
            image_shape=image_shape,
        )
        how = options_of({**options, "device": device}, compare)
        seen = None if stimuli is None else as_shown(stimuli)
        dropped = tuple(word for word in settings.missing if word in DROPS)
        shown = Showing(seen, targets, settings.seed, controls != "none", tell, how=how, missing=dropped)
        if isinstance(output, tuple) and len(cast("tuple[Any, ...]", output)) != 2:
            raise InputError(f"output: got {output!r}, expected one name, or a pair: that of A and that of B")
        named, outputs = settings.layers or (None, None), output if isinstance(output, tuple) else (output, output)
        given = (
            network_given(a, "a", replace(shown, output=outputs[0]), untrained_a, named[0]),
            network_given(b, "b", replace(shown, output=outputs[1]), untrained_b, named[1]),
        )
        recordings, made = with_targets(given, (is_live(a), is_live(b)), targets), (given[0].copies, given[1].copies)
        copies = (made[0].recordings, made[1].recordings)
        if recordings[0].is_dynamic:
            settings.refuse_rows()
        else:
            settings.require_rows()
            require_rows(settings.attributes, len(recordings[0].first.values))
        before = Fitting(*recordings, copies, settings.groups, settings.attributes)
        fitted = made_to_fit(before, settings.missing, settings.repeats)
        recordings, copies = (fitted.a, fitted.b), fitted.copies
        groups, labelled = fitted.groups, fitted.attributes
        brought: Brought | None = None
        by_rows = match
        if match == "intrinsic":
            brought = bring_together(
                *recordings,
                copies,
                common=settings.common,
                layers=settings.layers,
                seed=settings.seed,
                progress=tell,
            )
            if brought.reasons:
                record = {**settings.record, "versions": versions()}
                return not_brought(brought, record, settings.tolerance, settings.seed)
            groups = None if groups is None else _of_rows(groups, recordings[0], brought.rows)
            labelled = tuple(one.at(brought.rows) for one in labelled)
            recordings, copies, by_rows = (brought.a, brought.b), brought.controls, "stimuli"
        pair = make_pair(*recordings, match=by_rows, groups=groups)
        require_images(pair.a, settings.image_shape)
        require_images(pair.b, settings.image_shape)
        done_on = () if elsewhere is None else (elsewhere.note,)
        pair = replace(pair, notes=(*fitted.told, *pair.notes, *done_on))
        for recording, layer in zip((pair.a, pair.b), settings.layers or (), strict=False):
            recording.layer(layer)  # a wrong name is told before the work
        setup = Setup(
            pair=pair,
            tolerance=settings.tolerance,
            seed=settings.seed,
            progress=tell,
            layers=settings.layers,
            controls=copies,
            control_sources=sources_of(made),
            no_control=sources_of(made, "missing"),
            heads=(given[0].head, given[1].head),
            steps=(step_a or given[0].step, step_b or given[1].step),
            delays=settings.delays,
            threshold=settings.margins.threshold,
            rows=settings.rows,
            attributes=labelled,
            image_shape=settings.image_shape,
        )
        found = compare_matched(setup, settings)
        return found if brought is None else with_match(found, brought)


def _of_rows(groups: np.ndarray, a: Recording, rows: np.ndarray) -> np.ndarray:
    """Return the groups of the rows of `a` at which the other network was read."""
    count = len(a.first.values)
    if groups.shape != (count,):
        raise ShapeError(
            f"groups: got shape {groups.shape}, expected one for each of the {count} rows of {a.name or 'a'!r}"
        )
    return groups[rows]
