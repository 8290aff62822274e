"""The gate: whether one network may take another's place, by the conditions that are set."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from conjugacy.activations.options import options_of
from conjugacy.comparison.axes import ONE_THREAD_ROWS
from conjugacy.comparison.gate.check import check
from conjugacy.comparison.gate.facts import Facts
from conjugacy.comparison.gate.given import Wanted, recordings_of, shown_to, wanted_of
from conjugacy.comparison.gate.many import together
from conjugacy.comparison.gate.result import GateResult
from conjugacy.comparison.gate.subgroups import of_no_subgroup, row_labels_of
from conjugacy.comparison.matched_pair import make_pair
from conjugacy.comparison.setup import Progress, Setup
from conjugacy.comparison.told_of_recording import told_of_recordings
from conjugacy.data import Layers, Recording
from conjugacy.measure import get_measure
from conjugacy.numerics.process_wide import one_blas_thread
from conjugacy.results.drop_in import Margins
from conjugacy.results.gate import Checked, worst_of
from conjugacy.told import teller


def gate(
    a: Any,
    b: Any,
    *,
    require: str | Sequence[str] = (),
    fail_on: str | Sequence[str] = (),
    by: Any = None,
    layers: Layers = None,
    stimuli: Any = None,
    targets: Any = None,
    output: str | int | tuple[str | int, str | int] | None = None,
    groups: Any = None,
    rows: str | None = None,
    margins: Margins | Mapping[str, float] | None = None,
    tolerance: float = 0.05,
    seed: int = 0,
    progress: Progress | None = None,
    **options: Any,
) -> GateResult:
    """Say whether B may take A's place under the given conditions, and why.

    Only what the conditions ask for is computed: drop-in and decisions fit no maps.

    Parameters
    ----------
    a, b : Recording, array, mapping of arrays, path, or live network; or a list of these
        The network in use and the one that is to replace it. In a list they are seeds; every B is then compared with every A.
    require, fail_on : str or sequence of str
        What must hold and what must not: `drop-in=yes`, `same-task=yes`, `churn<0.02`, `rung<=affine`, `cka>0.98`. Default:
        `drop-in=yes`; if layers are named, `representation=equivalent` too.
    by : sequence, (m,), optional
        A label for each row of A, to judge drop-in in every subgroup too. Rows without a label (None, NaN, empty) count in the
        total only.
    layers : str, (str, str), or a list of these, optional
        Layers for conditions about layers. Default: the deepest hidden one of each network.
    stimuli : array, (m, ...), mapping of names to these, or iterable of batches, optional
        The inputs of live networks.
    targets : array, (m,) or (m, q), optional
        The right answers, for the rows of A or the stimuli of live networks; they replace those of recordings.
    output : str, int, or a pair of these, optional
        The output that counts if there are several: `boxes` means `outputs.boxes`, 1 means `outputs[1]`.
    groups : sequence, (m,), optional
        Rows of one group depend on each other.
    rows : {"series", "independent"}, optional
        Whether A's rows are a series, or their order means nothing. Default, without groups: detect it.
    margins : Margins or mapping, optional
        How much may change for drop-in: `{"churn": 0.02, "error": 0.005}`.
    tolerance : float
        Largest fraction of variance that a map may leave unexplained.
    seed : int
        Seeds everything random.
    progress : callable, optional
        A function that is called with a sentence now and then.
    options
        How to record live networks, as in `RecordOptions`: `tokens`, `mask`, `axes`, `reducer`, `batch_size`.

    Returns
    -------
    GateResult
        Prints as one screen; `.passed`, `.exit_code`, `.junit()`, `.markdown()`, `.to_json()`.

    Raises
    ------
    InputError
        If an argument cannot be used; the message says what to do.

    Examples
    --------
    >>> import numpy as np, conjugacy as cj
    >>> labels = np.random.default_rng(0).integers(0, 5, size=(500, 1))
    >>> a, b = {"outputs": labels}, {"outputs": (labels + 1) % 5}
    >>> cj.gate(a, a).outcome, cj.gate(a, b).outcome
    ('passed', 'failed')
    """
    tell: Progress = teller(progress)
    given: dict[str, Any] = {"by": by, "groups": groups, "rows": rows, "tolerance": tolerance, "seed": seed}
    wanted = wanted_of(require, fail_on, layers, margins, **given)
    shown = shown_to(b, stimuli, targets, output, options_of(options, gate))
    ends = recordings_of(a, "a", shown[0], tell), recordings_of(b, "b", shown[1], tell)
    return gate_recordings(ends[0], ends[1], wanted, tell)


def gate_recordings(a: Sequence[Recording], b: Sequence[Recording], wanted: Wanted, tell: Progress) -> GateResult:
    """Hold every B against every A."""
    found = [_gate_pair(one, other, wanted, tell) for one in a for other in b]
    return found[0] if len(found) == 1 else together(found, a, wanted)


def _gate_pair(a: Recording, b: Recording, wanted: Wanted, tell: Progress) -> GateResult:
    start = time.process_time()
    pair = make_pair(a, b, match="stimuli", groups=wanted.groups)
    rows = 0 if pair.matching is None else len(pair.matching.rows_a)
    measures = [get_measure(one.name) for one in wanted.conditions if one.subject == "measure"]
    facts = Facts(
        Setup(pair, wanted.tolerance, wanted.seed, tell, threshold=wanted.margins.threshold, rows=wanted.rows),
        wanted.margins,
        wanted.layers,
        None if wanted.by is None else row_labels_of(wanted.by, pair.matched.rows_a, len(a.first.values)),
        tuple(m for m in measures if m.traits.data not in ("activations", "outputs")),
    )
    # many small factorisations: several BLAS threads only wait for each other
    with one_blas_thread(rows <= ONE_THREAD_ROWS):
        checked = tuple(one for condition in wanted.conditions for one in check(condition, facts))
    asked = {one.subject for one in wanted.conditions}
    by = facts.by_subgroup if "drop-in" in asked else None
    return GateResult(
        outcome=worst_of(tuple(one.outcome for one in checked)),
        networks=(pair.a.name or "a", pair.b.name or "b"),
        rows=rows,
        conditions=checked,
        drop_in=facts.drop_in if asked & {"drop-in", "number"} else None,
        subgroups=() if by is None else by.subgroups,
        first_that_differs=_first_that_differs(checked),
        margins=wanted.margins,
        tolerance=wanted.tolerance,
        seed=wanted.seed,
        notes=(
            *(of_no_subgroup(facts.labels) if by is not None else ()),
            *facts.notes,
            *pair.notes,
            *told_of_recordings(pair.a, pair.b, None),
        ),
        seconds=time.process_time() - start,
    )


def _first_that_differs(checked: Sequence[Checked]) -> tuple[str, str] | None:
    """Return the first layers at which a condition fails, else at which one is open; conditions list layers in A's order."""
    order = list(dict.fromkeys(one.layers for one in checked if one.layers is not None))
    for outcome in ("failed", "undecided"):
        there = {one.layers for one in checked if one.outcome == outcome}
        for layers in order:
            if layers in there:
                return layers
    return None
