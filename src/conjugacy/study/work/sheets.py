"""Which measure is asked of which layers: the sheets of a study's table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from conjugacy.data import Layers, several_layer_pairs
from conjugacy.errors import InputError
from conjugacy.measure import Measure, get_measure, known_by_id, lend, measures_of
from conjugacy.measure.options import of_kind, with_option
from conjugacy.study.work.ledger import Ledger
from conjugacy.study.work.prepared import DEEPEST, OUTPUTS, Subject
from conjugacy.study.work.tiles import Sheet

ON_OUTPUTS = ("outputs", "recording")


def seeded_measures(given: Any, seed: int, *, own: bool = False) -> list[Measure]:
    """Return the measures, with the study's seed where they draw at random and name none.

    Parameters
    ----------
    own : bool
        Whether functions and measures of the caller's own can be asked: nothing is kept, and no other process works.

    Raises
    ------
    InputError
        Where there is none, one twice, or one of the caller's own where it cannot be asked.
    """
    listed = measures_of(given)
    if not listed:
        raise InputError("measures: got none, expected at least one id")
    found = [with_option(measure, name, "seed", seed) for name, measure in listed]
    names = [m.id for m in found]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise InputError(f"measures: {twice!r} is requested twice")
    for measure in (one for one in found if not known_by_id(one)):
        if not own:
            raise InputError(
                f"measures: {measure.id!r} has no id that a store or another process could find it by; leave out store= and "
                "executor=, or give it an id in a package (docs/adding.md)"
            )
        lend(measure)
    return found


def with_rows(ids: Any, rows: str | None) -> Any:
    """Return the ids of measures with what is said of the order of rows, where they ask and do not say it themselves.

    Examples
    --------
    >>> with_rows(["verdict", "cka"], "independent")
    ['verdict:rows=independent', 'cka']
    """
    if rows is None:
        return ids
    found = [with_option(one, name, "rows", rows) for name, one in measures_of(ids)]
    return [one.id if known_by_id(one) else one for one in found]


def pairs_asked(layers: Layers, measures: Sequence[Measure]) -> list[tuple[str, str]]:
    """Return the pairs of layers that measures are asked of: as given, else the deepest hidden one; and the outputs.

    Raises
    ------
    InputError
        Where a layer is neither a name nor a pair of names.
    """
    named = several_layer_pairs(layers)
    on_outputs = [m.traits.data in ON_OUTPUTS for m in measures]
    if named is not None and all(on_outputs):
        raise InputError("layers: names layers, and every measure asked for compares outputs: leave layers out")
    pairs = [] if all(on_outputs) else list(named or [(DEEPEST, DEEPEST)])
    return list(dict.fromkeys([*pairs, *([(OUTPUTS, OUTPUTS)] if any(on_outputs) else [])]))


def sheets_of(ledger: Ledger) -> tuple[Sheet, ...]:
    """Return what is compared: measures on outputs of the outputs, all others of every other pair of layers."""
    sheets: list[Sheet] = []
    for k, name in enumerate(ledger.measures):
        measure = get_measure(name)
        of_outputs = measure.traits.data in ON_OUTPUTS
        if measure.traits.data == "outputs":
            measure = of_kind(measure, name, ledger.kind)
        for p, (a, b) in enumerate(ledger.layer_pairs):
            if of_outputs == ((a, b) == (OUTPUTS, OUTPUTS)):
                sheets.append(_sheet(k, p, measure, a, b, ledger.draws))
    return tuple(sheets)


def _sheet(k: int, p: int, measure: Measure, a: str, b: str, draws: int) -> Sheet:
    # trajectories have no interval that halves of rows could give
    raw = draws > 0 and measure.traits.data in ("activations", "outputs") and not measure.has_own_interval
    subjects = [Subject.of(layer, measure, raw=raw) for layer in (a, b)]
    mirrored = a == b and measure.traits.symmetric
    return Sheet(k, p, measure.id, subjects[0], subjects[1], draws if raw else 0, mirrored)
