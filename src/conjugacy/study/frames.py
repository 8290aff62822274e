"""A study as labelled tables with words: every cell, one line for every pair, layers against layers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from conjugacy.asked import whole_number
from conjugacy.numerics.grouping.group_means import bootstrap_interval, group_means, resampled
from conjugacy.results.states import STATES, VARIABLES
from conjugacy.study.picked import measure_in, only

if TYPE_CHECKING:
    import pandas
    import xarray

    from conjugacy.study.study_table import StudyTable

BOTH = "network_a", "network_b"
DRAWS = 1000


def layers_of(study: StudyTable) -> list[tuple[str, str]]:
    """Return the layer of A and the layer of B for every pair of layers, the label twice where it is not known."""
    known = dict(zip(study.settings.get("layer_pairs", ()), study.settings.get("layers", ()), strict=False))
    return [tuple(known.get(label, (label, label))) for label in study.layer_pairs]


def with_words(study: StudyTable) -> xarray.Dataset:
    """Return all cells with their status in words, and the layers of a pair beside its label."""
    codes: Any = study.dataset.status
    words = np.array(STATES)[np.minimum(codes.values, len(STATES) - 1)]
    a, b = zip(*layers_of(study), strict=True) if study.layer_pairs else ((), ())
    found = study.dataset.assign(status=(codes.dims, words))
    return found.assign_coords(layer_a=("layer_pair", list(a)), layer_b=("layer_pair", list(b)))


def summary_of(study: StudyTable) -> pandas.DataFrame:
    """Return one line for every pair, measure and pair of layers that was asked for."""
    import pandas as pd

    names, parts = study.networks, list[Any]()
    at = np.triu_indices(len(names[0]), 1) if study.is_square else np.nonzero(np.ones([len(n) for n in names]))
    rows, columns = (np.array(one, dtype=object) for one in names)
    for measure, counted in study.counts().items():
        for pair in counted:
            table = {name: study.table(name, measure, pair)[at] for name in ("status", *VARIABLES)}
            words = np.array(STATES, dtype=object)[table.pop("status")]
            labels = {
                BOTH[0]: rows[at[0]],
                BOTH[1]: columns[at[1]],
                "measure": measure,
                "layers": pair,
                "status": words,
            }
            parts.append(pd.DataFrame({**labels, **table}))
    return (
        pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=[*BOTH, "measure", "layers", "status"])
    )


def by_layers(study: StudyTable, measure: str | None = None, *, seed: int = 0) -> xarray.Dataset:
    """Return layer x layer: the mean over pairs of networks with its 95 % interval over networks, and the number of pairs.

    Raises
    ------
    InputError
        Where there are several measures and none is named.
    """
    import xarray as xr

    asked = study.counts()
    measure, seed = (
        only("measure", tuple(asked)) if measure is None else measure_in(study, measure),
        whole_number("seed", seed),
    )
    both = dict(zip(study.layer_pairs, layers_of(study), strict=True))
    kept = {label: both[label] for label in asked.get(measure, {})}
    a, b = (list(dict.fromkeys(pair[i] for pair in kept.values())) for i in (0, 1))
    found = {name: np.full((len(a), len(b)), np.nan) for name in ("mean", "low", "high", "pairs")}
    for label, (one, other) in kept.items():
        numbers = mean_of_pairs(study.table("value", measure, label), study.is_square, seed)
        for name, number in zip(found, numbers, strict=True):
            found[name][a.index(one), b.index(other)] = number
    dims = ("layer_a", "layer_b")
    return xr.Dataset(
        {name: (dims, table) for name, table in found.items()}, {"layer_a": a, "layer_b": b}, {"measure": measure}
    )


def mean_of_pairs(table: np.ndarray, square: bool, seed: int = 0) -> tuple[float, float, float, int]:
    """Return the mean over pairs of networks, its 95 % interval with networks drawn again, and the number of pairs.

    Of a square table each pair counts once; a network and itself never does.

    Examples
    --------
    >>> x = np.arange(6.0)
    >>> mean, low, high, pairs = mean_of_pairs(np.abs(x[:, None] - x), True)
    >>> round(mean, 2), low < mean < high, pairs
    (2.33, True, 15)
    """
    rng = np.random.default_rng(seed)
    if square:
        mirrored = np.where(np.isfinite(table), table, table.T)
        joint, first = mirrored, np.ones(len(table), dtype=bool)
        groups, term, few = (first, first), 1, len(table)
        pairs = int(np.isfinite(mirrored[np.triu_indices(len(table), 1)]).sum())
    else:
        n, m = table.shape
        joint = np.full((n + m, n + m), np.nan)
        joint[:n, n:], joint[n:, :n] = table, table.T
        first = np.arange(n + m) < n
        groups, term, few = (first, ~first), 0, min(n, m)
        pairs = int(np.isfinite(table).sum())
    value = group_means(joint, *(g[None].astype(float) for g in groups))[0, term : term + 1]
    draws = resampled(groups, DRAWS, rng)
    drawn = group_means(joint, draws[0], draws[0] if square else draws[1])[:, term : term + 1]
    low, high = bootstrap_interval(value, drawn, np.array([few if pairs > 1 else 1]))
    return float(value[0]), float(low[0]), float(high[0]), pairs
