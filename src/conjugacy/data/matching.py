"""Which row of one network belongs to which row of the other, and which rows depend on each other."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from conjugacy.data import check
from conjugacy.data.activations import Activations
from conjugacy.data.rows import Rows
from conjugacy.data.trajectories import Trajectories
from conjugacy.errors import ShapeError, StimuliError
from conjugacy.numerics.scratch import scratch

AT_ONCE = 4_000_000  # bytes of rows that are compared with their neighbours at a time


@dataclass(frozen=True, eq=False)
class Matching:
    """The rows of two networks that belong together.

    Attributes
    ----------
    rows_a, rows_b : int array, (m,)
        Row `rows_a[i]` of one network and row `rows_b[i]` of the other saw the same stimulus.
    stimuli : array, (m,)
        Their ids, or positions.
    clusters : int array, (m,)
        Rows with the same number depend on each other: folds, bootstrap and permutations move them together.
    notes : tuple of str
        What was done that the user did not ask for, as sentences.
    told : bool
        Whether groups say which rows depend on each other.
    """

    rows_a: np.ndarray
    rows_b: np.ndarray
    stimuli: np.ndarray
    clusters: np.ndarray
    notes: tuple[str, ...]
    told: bool = False

    @property
    def n_clusters(self) -> int:
        """Number of independent groups of rows."""
        return int(self.clusters.max()) + 1


def match_rows(a: Activations | Rows, b: Activations | Rows, *, groups: np.ndarray | None = None) -> Matching:
    """Match the rows of two layers by stimulus id, or by position where ids are missing.

    Repeated ids are matched in order of occurrence. `groups` (one per row of `a`) replaces the groups that the layers carry.

    Raises
    ------
    StimuliError
        Where the two networks saw different stimuli or different numbers of repeats.
    ShapeError
        Where ids are missing and the numbers of rows differ, or `groups` is not one label per row.
    InputError
        Where `groups` holds neither integers nor text.

    Examples
    --------
    >>> import conjugacy as cj
    >>> a = cj.Activations([[1.0], [2.0]], stimuli=["x", "y"])
    >>> b = cj.Activations([[2.1], [1.1]], stimuli=["y", "x"])
    >>> match_rows(a, b).rows_b.tolist()
    [1, 0]
    """
    a, b = a.rows, b.rows
    if a.stimuli is None or b.stimuli is None:
        rows_a, rows_b, notes = _by_position(a, b)
    elif _same_inputs_other_ids(a, b, a.stimuli, b.stimuli):
        rows_a = rows_b = np.arange(a.count)
        notes = (
            "the ids of the two networks share nothing, and their inputs are the same: rows are matched by position",
        )
    else:
        rows_a, rows_b, notes = _by_id(a, b, a.stimuli, b.stimuli)
    groups = check.frozen_labels(groups, a.count, "groups")
    labels: list[np.ndarray] = []
    for layer, rows in ((a, rows_a), (b, rows_b)):
        labels += [] if layer.stimuli is None else [layer.stimuli[rows]]
        labels += [] if layer.groups is None or groups is not None else [layer.groups[rows]]
        labels += [] if layer.inputs is None else [row_labels(layer.inputs[rows])]
    labels += [] if groups is None else [groups[rows_a]]
    stimuli = next((x.stimuli[r] for x, r in ((a, rows_a), (b, rows_b)) if x.stimuli is not None), rows_a)
    told = any(given is not None for given in (groups, a.groups, b.groups))
    return Matching(rows_a, rows_b, stimuli, merge_labels(labels, len(rows_a)), notes, told)


def aligned_rows(a: Activations | Rows, b: Activations | Rows) -> tuple[np.ndarray | slice, np.ndarray | slice]:
    """Return what picks the matched rows out of two layers; ``slice(None)`` twice where they lie in the same order already.

    For comparisons that draw nothing at random and do not ask which rows depend on each other: many pairs of networks that were
    recorded on the same stimuli then cost no sorting and no copies.

    Raises
    ------
    StimuliError, ShapeError
        As in `match_rows`.
    """
    together = slice(None), slice(None)
    if a is b:
        return together
    a, b = a.rows, b.rows
    if a.stimuli is not None and b.stimuli is not None:
        if a.stimuli is b.stimuli or np.array_equal(a.stimuli, b.stimuli):
            return together
    elif a.count == b.count and (a.inputs is None or b.inputs is None or a.inputs is b.inputs):
        return together
    matching = match_rows(a, b)
    return matching.rows_a, matching.rows_b


def match_trials(a: Trajectories, b: Trajectories, *, same_length: bool = True) -> tuple[np.ndarray, np.ndarray] | None:
    """Return the trials that belong together, or None where no trial of one belongs to a trial of the other.

    Trials are unmatched when their ids share nothing, or when counts differ and an id is missing.

    Raises
    ------
    StimuliError
        Where only a part of the ids is shared, or matched trials differ in length.
    """
    count_a, count_b = len(a.values), len(b.values)
    if a.trials is None or b.trials is None:
        if count_a != count_b:
            return None
        pick_a = pick_b = np.arange(count_a)
    else:
        ids_a, ids_b = _same_type(a.trials, b.trials)
        if not np.intersect1d(ids_a, ids_b).size:
            return None
        _require_same_ids(ids_a, ids_b, "trials", a.name, b.name)
        pick_a, pick_b = np.argsort(ids_a, kind="stable"), np.argsort(ids_b, kind="stable")
    if same_length:
        _require_same_lengths(a, b, pick_a, pick_b)
    return pick_a, pick_b


def _require_same_lengths(a: Trajectories, b: Trajectories, pick_a: np.ndarray, pick_b: np.ndarray) -> None:
    own, others = np.asarray(a.lengths)[pick_a], np.asarray(b.lengths)[pick_b]
    unequal = np.flatnonzero(own != others)
    if not unequal.size:
        return
    first = unequal[0]
    trial = int(pick_a[first]) if a.trials is None else a.trials[pick_a[first]].item()
    common = np.minimum(own, others)
    raise StimuliError(
        f"trial {trial!r} has {own[first]} time points in {a.name or 'a'!r} and {others[first]} in {b.name or 'b'!r}; "
        f"{len(unequal)} of {len(own)} trials differ in length, all have {common.min()} at least: missing='shorten' cuts each "
        "to the length that both have; or give their `dt`, or compare without matching (match='none')"
    )


def row_labels(rows: np.ndarray) -> np.ndarray:
    """Return a number per row that equal rows share."""
    given = rows.reshape(len(rows), -1)
    flat = scratch(given.shape, np.result_type(given, 0.0))
    np.add(given, 0.0, out=flat)  # -0.0 and 0.0 are one input
    # as numpy.unique does, but for its three copies of all rows
    order = np.argsort(flat.view(np.dtype((np.void, flat.dtype.itemsize * flat.shape[1]))).ravel())
    bits, labels, new = flat.view(np.uint8), np.empty(len(flat), dtype=np.int64), np.zeros(len(flat), dtype=np.int64)
    step = max(1, AT_ONCE // bits.shape[1])
    for start in range(1, len(order), step):
        part = order[start - 1 : start + step]
        new[start : start + step] = (bits[part[1:]] != bits[part[:-1]]).any(axis=1)
    labels[order] = np.cumsum(new)
    return labels


def merge_labels(labels: Iterable[np.ndarray], count: int) -> np.ndarray:
    """Return cluster numbers of rows that are linked by any of several labellings (connected components)."""
    rows, nodes, offset = [np.arange(count)], [np.arange(count)], count
    for column in labels:
        _, inverse = np.unique(column, return_inverse=True)
        rows.append(np.arange(count))
        nodes.append(inverse.ravel() + offset)
        offset += int(inverse.max()) + 1
    left, right = np.concatenate(rows), np.concatenate(nodes)
    graph = coo_array((np.ones(len(left)), (left, right)), shape=(offset, offset))
    return connected_components(graph, directed=False)[1][:count].astype(np.int64)


def _by_position(a: Rows, b: Rows) -> tuple[np.ndarray, np.ndarray, tuple[str, ...]]:
    m = a.count
    if m != b.count:
        raise ShapeError(
            f"{a.name or 'a'!r} has {m} rows and {b.name or 'b'!r} has {b.count}, and there are no stimulus ids to "
            "match them by; give `stimuli` to both, or the same stimuli in the same order"
        )
    if a.inputs is not None and b.inputs is not None and a.inputs.shape == b.inputs.shape:
        differ = np.flatnonzero(~np.isclose(a.inputs, b.inputs).reshape(m, -1).all(axis=1))
        if differ.size:
            raise StimuliError(
                f"there are no stimulus ids, and the inputs of the two networks differ in {differ.size} of {m} rows "
                f"(the first: row {differ[0]}); give `stimuli` ids to both networks so that rows can be matched"
            )
    which = "neither network has" if a.stimuli is None and b.stimuli is None else "only one network has"
    return np.arange(m), np.arange(m), (f"rows are matched by position: {which} stimulus ids",)


def _same_inputs_other_ids(a: Rows, b: Rows, ids_a: np.ndarray, ids_b: np.ndarray) -> bool:
    """Whether no id is shared and yet every row was shown the same: the ids are of two sources, given and from content, say."""
    if a.count != b.count or a.inputs is None or b.inputs is None or a.inputs.size != b.inputs.size:
        return False
    if np.isin(*_same_type(ids_a[:1], ids_b)).any() or np.isin(*_same_type(ids_b[:1], ids_a)).any():
        return False
    same = a.inputs.reshape(a.count, -1), b.inputs.reshape(b.count, -1)
    return bool(np.allclose(*same)) and not np.isin(*_same_type(ids_a, ids_b)).any()


def _by_id(
    a: Rows, b: Rows, given_a: np.ndarray, given_b: np.ndarray
) -> tuple[np.ndarray, np.ndarray, tuple[str, ...]]:
    ids_a, ids_b = _same_type(given_a, given_b)
    _require_same_ids(ids_a, ids_b, "stimuli", a.name, b.name)
    # sorted, so that the answer does not depend on the order in which the rows were saved
    rows_a, rows_b = np.argsort(ids_a, kind="stable"), np.argsort(ids_b, kind="stable")
    notes = (
        []
        if np.array_equal(ids_a, ids_b)
        else ["the networks list their stimuli in different orders: rows were aligned by id"]
    )
    repeats = len(ids_a) - len(np.unique(ids_a))
    if repeats:
        notes.append(
            f"{repeats} rows repeat a stimulus: repeats are matched in order and count as one in every interval"
        )
    return rows_a, rows_b, tuple(notes)


def _same_type(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return (x, y) if x.dtype.kind == y.dtype.kind else (x.astype(str), y.astype(str))


def _require_same_ids(x: np.ndarray, y: np.ndarray, what: str, name_a: str | None, name_b: str | None) -> None:
    (ux, cx), (uy, cy) = np.unique(x, return_counts=True), np.unique(y, return_counts=True)
    if not np.array_equal(ux, uy):
        only_a, only_b = np.setdiff1d(ux, uy), np.setdiff1d(uy, ux)
        way_out = ""
        if what == "stimuli":
            way_out = (
                ", give both the same ids where only the form differs, or Jacobians or bursts and match='intrinsic'"
            )
        shared = len(np.intersect1d(ux, uy))
        both = f"missing='intersect' compares the {shared} that both have, or " if shared else ""
        raise StimuliError(
            f"the two networks saw different {what}: {shared} shared, "
            f"{_some(only_a, name_a or 'a')}, {_some(only_b, name_b or 'b')}; {both}record both on the same {what}{way_out}"
        )
    if not np.array_equal(cx, cy):
        i = int(np.flatnonzero(cx != cy)[0])
        kind = "trial" if what == "trials" else "stimulus"
        raise StimuliError(
            f"{kind} {ux[i].item()!r} occurs {cx[i]} times in {name_a or 'a'!r} and {cy[i]} times in {name_b or 'b'!r}; "
            "give both networks the same number of repeats, or compare their means (repeats='average') or the first of them "
            "(repeats='cut')"
        )


def _some(ids: np.ndarray, name: str) -> str:
    shown = ", ".join(repr(i) for i in ids[:3].tolist()) + (", ..." if len(ids) > 3 else "")
    return f"{len(ids)} only in {name!r}" + (f" ({shown})" if len(ids) else "")
