"""From how few units of each network everything of the other, and of itself, can be reconstructed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from conjugacy.comparison.setup import Setup, input_codes, unit_names
from conjugacy.numerics.columns import any_varies
from conjugacy.results import Dimension, Estimate, FewUnits, Reconstruction
from conjugacy.transformations import Ladder, Layer, Reconstructor, choose_units
from conjugacy.transformations.few_units import conditioning, distance_shares

ROWS = 300  # fitted, and judged, at most
MOST, BEYOND = 12, 2  # units on the curve: two more than 2d + 1, at most twelve
RANDOM = 3  # draws of units at random
FEWEST_ROWS, FEWEST_CLUSTERS = 60, 20


def few_units(
    setup: Setup, ladder: Ladder, names: tuple[str, str], dimensions: Sequence[Dimension]
) -> tuple[Reconstruction, Reconstruction] | None:
    """Return the curves over the number of units, from each network; None where there are too few rows to hold a third out."""
    if not dimensions or ladder.a.m < FEWEST_ROWS or ladder.standard.n_clusters < FEWEST_CLUSTERS:
        return None
    named = unit_names(setup.pair, ladder, names)
    own = [_beside(setup, side) for side in (0, 1)]
    return (
        _from(ladder, ladder.a, ladder.b, own[0], named[0], dimensions[0], setup),
        _from(ladder, ladder.b, ladder.a, own[1], named[1], dimensions[1], setup),
    )


def _from(
    ladder: Ladder,
    source: Layer,
    other: Layer,
    own: dict[str, np.ndarray],
    units: tuple[str, ...],
    dimension: Dimension,
    setup: Setup,
) -> Reconstruction:
    d, shares = dimension.value, distance_shares(source.z, source.seed)
    order = choose_units(source, MOST if d is None else min(MOST, 2 * d + 1 + BEYOND), shares)
    targets = {"other": other.z[:, other.judged], "own": source.z[:, source.judged]} | own
    judge = Reconstructor.split(source, targets, ladder.clusters, rows=ROWS, seed=setup.seed)
    live, judged = np.flatnonzero(source.live), np.flatnonzero(source.judged)
    rng = np.random.default_rng(setup.seed)
    curve: list[FewUnits] = []
    for m in range(1, len(order) + 1):
        drawn = [rng.choice(judged, m, replace=False) for _ in range(RANDOM)]
        curve.append(
            FewUnits(
                m=m,
                units=tuple(units[live[i]] for i in order[:m]),
                conditioning=conditioning(shares, order[:m]),
                random=_left(judge, drawn),
                **judge.unexplained(order[:m]),
            )
        )
    fewest = {name: _fewest(curve, name, setup.tolerance) for name in targets}
    return Reconstruction(dimension, tuple(curve), fewest, len(judge.train), len(judge.test))


def _left(judge: Reconstructor, drawn: Sequence[np.ndarray]) -> tuple[Estimate, ...]:
    """Return what is left of the other layer by units drawn at random, without intervals: the spread is over the draws.

    All are fitted as is best for the first of them, which is as good as any.
    """
    total, of = judge.totals["other"].sum(), ("other",)
    choices = next((found for units in drawn if (found := judge.choices(units, of=of)) is not None), None)
    return tuple(Estimate(float(judge.errors(units, of=of, choices=choices)["other"].sum() / total)) for units in drawn)


def _fewest(curve: list[FewUnits], name: str, tolerance: float) -> int | None:
    return next((point.m for point in curve if (getattr(point, name).high or 1.0) < tolerance), None)


def _beside(setup: Setup, side: int) -> dict[str, np.ndarray]:
    """Return the inputs and outputs of one network on the rows of the ladder, where they are there and vary."""
    recording = (setup.pair.a, setup.pair.b)[side]
    found: dict[str, np.ndarray] = {}
    inputs = input_codes(setup.pair, setup.seed)[side]
    if inputs is not None:
        found["inputs"] = inputs
    if recording.output_name is not None:
        found["outputs"] = setup.pair.values(recording, recording.output_name)
    return {name: values for name, values in found.items() if any_varies(values)}
