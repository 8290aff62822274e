"""Measures on outputs, beside the verdict: both networks' output layers in a common form."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from conjugacy.comparison.matched_pair import Pair
from conjugacy.comparison.setup import own_targets
from conjugacy.errors import InputError
from conjugacy.measure import Measure
from conjugacy.measure.options import of_kind
from conjugacy.results import Score
from conjugacy.verdict import pair_outputs
from conjugacy.verdict.kinds import Told
from conjugacy.verdict.outputs import YES


def output_scores(pair: Pair, measures: Sequence[tuple[str, Measure]], threshold: float = YES) -> tuple[Score, ...]:
    """Return the scores of measures on outputs, by id as given; their `kind` is that of the outputs unless the id names one.

    Raises
    ------
    InputError
        Where a network has no output layer, rows are not matched, or outputs are not of a kind that a measure compares.
    """
    if not measures:
        return ()
    names = pair.a.output_name, pair.b.output_name
    if pair.matching is None or names[0] is None or names[1] is None:
        raise InputError(
            f"measure {measures[0][0]!r} compares outputs on matched rows: save both networks' outputs as 'outputs', or name "
            "them with output_layer, and match the rows"
        )
    outputs = pair_outputs(
        pair.outputs(pair.a, names[0]),
        pair.outputs(pair.b, names[1]),
        *(
            Told(r.kind_of(r.output_name), wanted, r.output_name)
            for r, wanted in zip((pair.a, pair.b), own_targets(pair), strict=True)
        ),
        threshold=threshold,
    )
    if outputs.classes is None:
        raise InputError(
            f"measure {measures[0][0]!r} compares classes, and the outputs are taken for {' and '.join(outputs.kinds)}; say "
            "otherwise with output_kind"
        )
    kind = outputs.kinds[0]
    as_labels = tuple(c[:, None].astype(np.float64) for c in outputs.classes)
    found: list[Score] = []
    for given, one in measures:
        measure = of_kind(one, given, kind)
        labels = getattr(measure, "kind", kind) == "labels"
        found.append(measure(*(as_labels if labels else (outputs.a, outputs.b))))
    return tuple(found)
