"""Two groups of networks against each other, and one network against many, from a study's distances."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from conjugacy.asked import several_of, shown, whole_number
from conjugacy.errors import InputError
from conjugacy.numerics.grouping.group_means import TERMS, bootstrap_interval, divided, group_means, resampled
from conjugacy.results import STATES, Contrast, Mean, Near
from conjugacy.study.picked import network_in
from conjugacy.study.sorting.distances import distances, the_measure

if TYPE_CHECKING:
    from conjugacy.study.study_table import StudyTable

ONLY_BETWEEN = "the study has no distances within a group: the mean between has its interval, and there is no test"
FEWEST_DRAWS, MOST_DRAWS = 100, 1_000_000
TOO_FEW = "a group of one network has no distance within: there is no test"


def contrast(
    study: StudyTable,
    first: Sequence[str] | None = None,
    second: Sequence[str] | None = None,
    *,
    measure: str | None = None,
    layer_pair: str | None = None,
    draws: int = 2000,
    seed: int = 0,
) -> Contrast:
    """Ask whether networks of two groups differ more than networks of one group do.

    Intervals draw networks, not pairs, with replacement in both groups; the pair of a network with itself never counts. The
    test divides all networks of both groups again into groups of the same sizes; it takes networks as exchangeable where there
    is no difference, so that groups which differ in spread alone count as different.

    Parameters
    ----------
    study : Study
    first, second : sequence of str, optional
        Names; by default the two lists that were given to `pairwise`.
    measure, layer_pair : str, optional
        Needed where there are several.
    draws : int
        Resampled groups, and random divisions.
    seed : int

    Raises
    ------
    InputError
        Where the groups share a network, are not named and the study is square, or stand on one side of a study that compares
        one list with another.
    UnknownNameError
        Where a network is not in the study.

    Examples
    --------
    >>> from conjugacy.study.table import study_of
    >>> x = np.concatenate([np.arange(6.0), 20 + np.arange(6.0)])
    >>> names = [f"a{i}" for i in range(6)] + [f"b{i}" for i in range(6)]
    >>> found = contrast(study_of(names, values=np.abs(x[:, None] - x), measure="procrustes"), names[:6], names[6:])
    >>> found.between.value, round(found.within_first.value, 2), found.p < 0.01
    (20.0, 2.33, True)
    """
    draws, seed = whole_number("draws", draws, FEWEST_DRAWS), whole_number("seed", seed)
    if draws > MOST_DRAWS:
        raise InputError(f"draws: got {shown(draws)}, expected at most {MOST_DRAWS}; more bring nothing new")
    measure = the_measure(study, measure)
    far = distances(study, measure, layer_pair)
    one, other = _named(study, first, second)
    table = _joint(study, far.values, one, other)
    (between, within_first, within_second, difference), p = _tested(table, len(one), draws, seed)
    notes = far.notes
    if not study.is_square:
        notes += (ONLY_BETWEEN,)
    elif min(len(one), len(other)) < 2:
        notes += (TOO_FEW,)
    pair = layer_pair or study.layer_pairs[0]
    return Contrast(measure, pair, one, other, between, within_first, within_second, difference, p, notes)


def _tested(table: np.ndarray, n_first: int, draws: int, seed: int) -> tuple[list[Mean], float | None]:
    """Return the mean between, within the first group, within the second, the difference, and its p.

    The first rows and columns of the table are the first group's.
    """
    groups = np.arange(len(table)) < n_first, np.arange(len(table)) >= n_first
    rng = np.random.default_rng(seed)
    values = group_means(table, *(group[None].astype(float) for group in groups))[0]
    few = min(n_first, len(table) - n_first)  # settles how well the mean between is known
    sizes = np.array([few, n_first, len(table) - n_first, few])
    low, high = bootstrap_interval(values, group_means(table, *resampled(groups, draws, rng)), sizes)
    means = [Mean(*(float(x[i]) for x in (values, low, high))) for i in range(TERMS)]
    return means, _p(table, groups, values[3], draws, rng)


def _p(
    table: np.ndarray, groups: tuple[np.ndarray, np.ndarray], value: float, draws: int, rng: np.random.Generator
) -> float | None:
    """Return the p of a difference among random divisions; None where there is no difference to test."""
    if not np.isfinite(value):
        return None
    null = group_means(table, *divided(groups, draws, rng))[:, 3]
    # divisions that differ by rounding only are equal; one without pairs cannot speak against the null
    at_least = int((~(null < value - 1e-12 * abs(value))).sum())
    return (1 + at_least) / (1 + draws)


def _named(
    study: StudyTable, first: Sequence[str] | None, second: Sequence[str] | None
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    rows, columns = study.networks
    lists: dict[str, list[str]] = study.settings.get("groups", {})
    first, second = (
        lists.get(key) if given is None else several_of(key, given, "networks")
        for key, given in (("first", first), ("second", second))
    )
    if study.is_square and (first is None or second is None):
        raise InputError("contrast: every network was compared with every other; name the networks of both groups")
    one, other = tuple(rows if first is None else first), tuple(columns if second is None else second)
    for name in (*one, *other):
        network_in(study, name)
    for group in (one, other):
        if not group or len(set(group)) < len(group):
            raise InputError(f"contrast: got the group {', '.join(group) or '(empty)'}; expected names, each once")
    if (shared := [name for name in one if name in other]) and study.is_square:
        raise InputError(f"contrast: both groups hold {', '.join(shared)}; expected groups that share no network")
    return one, other


def _joint(study: StudyTable, values: np.ndarray, one: tuple[str, ...], other: tuple[str, ...]) -> np.ndarray:
    """Return the distances of both groups' networks, the first group's first; NaN within where the study has none."""
    rows, columns = ({name: i for i, name in enumerate(side)} for side in study.networks)
    if study.is_square:
        at = [rows[name] for name in (*one, *other)]
        return values[np.ix_(at, at)]
    if not (all(n in rows for n in one) and all(n in columns for n in other)):
        raise InputError(
            "contrast: this study compares one list with another; take the first group of its rows, the second of its columns"
        )
    between = values[np.ix_([rows[name] for name in one], [columns[name] for name in other])]
    between = np.where(
        np.array(one)[:, None] == np.array(other), np.nan, between
    )  # a network is not compared with itself
    table = np.full((len(one) + len(other),) * 2, np.nan)
    table[: len(one), len(one) :] = between
    table[len(one) :, : len(one)] = between.T
    return table


def nearest(
    study: StudyTable, name: str, k: int = 10, *, measure: str | None = None, layer_pair: str | None = None
) -> tuple[Near, ...]:
    """Return the k networks that are nearest to one, the nearest first; those without a distance are left out.

    Raises
    ------
    UnknownNameError
        Where the network is not in the study.

    Examples
    --------
    >>> from conjugacy.study.table import study_of
    >>> x = np.array([0.0, 1, 5])
    >>> study = study_of(["a", "b", "c"], values=np.abs(x[:, None] - x), measure="procrustes")
    >>> [(near.network, near.distance) for near in nearest(study, "b")]
    [('a', 1.0), ('c', 4.0)]
    """
    measure, name, k = the_measure(study, measure), network_in(study, name), whole_number("k", k, 1)
    rows, columns = study.networks
    is_row = name in rows
    pick, others = ((rows.index(name), slice(None)), columns) if is_row else ((slice(None), columns.index(name)), rows)
    far = distances(study, measure, layer_pair).values[pick]
    value, low, high, status = (study.table(v, measure, layer_pair)[pick] for v in ("value", "low", "high", "status"))
    there = [int(i) for i in np.argsort(far, kind="stable") if np.isfinite(far[i]) and others[i] != name]
    return tuple(
        Near(others[i], float(far[i]), float(value[i]), float(low[i]), float(high[i]), STATES[int(status[i])])
        for i in there[:k]
    )
