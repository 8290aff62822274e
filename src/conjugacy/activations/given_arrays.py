"""Plain arrays, and lists of trials, as a recording, without what misses values where that is asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

import numpy as np

from conjugacy.data import Recording, Trajectories
from conjugacy.data.check import as_numeric
from conjugacy.data.foreign import is_array
from conjugacy.data.missing import TRIALS, Remainder, kept, nan_cells
from conjugacy.errors import ShapeError
from conjugacy.storage.complete import LEFT_OUT_ROWS


def of_arrays(arrays: Mapping[str, Any], name: str, missing: Sequence[str]) -> Recording:
    """Return a recording of arrays (stimuli x units), or of lists of trials (time x units).

    Parameters
    ----------
    arrays : mapping of str to array (m, n), or to a list of arrays (t, n)
    name : str
        The network's name.
    missing : sequence of str
        What is left out for NaN: `drop-units`, `drop-trials`.

    Raises
    ------
    ShapeError, InputError, NotFiniteError
        Where they are no layers of one network.

    Examples
    --------
    >>> of_arrays({"h": [np.zeros((5, 2)), np.zeros((7, 2))]}, "a", ()).layer("h").lengths
    (5, 7)
    """
    moving = {key: _trials(value) for key, value in arrays.items() if is_trials(value)}
    if not moving:
        return _of_matrices(arrays, name, missing)
    if len(moving) < len(arrays):
        still = next(key for key in arrays if key not in moving)
        raise ShapeError(
            f"layer {next(iter(moving))!r} is a list of trials and {still!r} is none; give layers of one kind"
        )
    found = _kept({key: nan_cells(trials) for key, trials in moving.items()}, missing, "trials")
    if found is not None:
        moving = {
            key: [x[:, found.units[key]] for x, left in zip(trials, found.rows, strict=True) if left]
            for key, trials in moving.items()
        }
    ids = _places(found, missing)
    layers: Any = {
        key: Trajectories(cast("Any", trials), trials=ids, name=name, layer=key) for key, trials in moving.items()
    }
    return Recording(layers, name=name, provenance=_provenance(found))


def is_trials(value: Any) -> bool:
    """Whether something is a list of arrays with two axes: trials of one network.

    Examples
    --------
    >>> is_trials([np.zeros((5, 2)), np.zeros((7, 2))]), is_trials([[0.0, 1.0], [2.0, 3.0]])
    (True, False)
    """
    if not isinstance(value, (list, tuple)) or not value:
        return False
    items = cast("list[Any]", value)
    return all(is_array(one) and len(one.shape) == 2 for one in items)


def _trials(value: Any) -> list[np.ndarray]:
    trials = [as_numeric(one, f"trial {i}") for i, one in enumerate(value)]
    widths = {trial.shape[1] for trial in trials}
    if len(widths) > 1:
        shapes = ", ".join(str(trial.shape) for trial in trials[:3])
        raise ShapeError(
            f"a list of {len(trials)} trials of shapes {shapes}, ...: the numbers of units differ; expected (time x units) with "
            "the same units in every trial"
        )
    return trials


def _of_matrices(arrays: Mapping[str, Any], name: str, missing: Sequence[str]) -> Recording:
    if not missing:
        return Recording.from_arrays(arrays, name=name)
    plain = {key: as_numeric(value, f"layer {key!r}") for key, value in arrays.items()}
    if any(value.ndim != 2 for value in plain.values()):
        return Recording.from_arrays(plain, name=name)  # which says what was expected
    found = _kept({key: np.isnan(value) for key, value in plain.items()}, missing, "stimuli")
    if found is None:
        return Recording.from_arrays(plain, name=name)
    left = {key: value[found.rows][:, found.units[key]] for key, value in plain.items()}
    ids = _places(found, missing)
    return Recording.from_arrays(left, name=name, stimuli=ids, provenance=_provenance(found))


def _kept(cells: Mapping[str, np.ndarray], missing: Sequence[str], rows: str) -> Remainder | None:
    """Return what is kept where something goes, or where rows need ids because some may go in the other network."""
    if not missing or len({len(one) for one in cells.values()}) > 1:
        return None
    found = kept(cells, missing, rows)
    return found if found.told or TRIALS in missing else None


def _places(found: Remainder | None, missing: Sequence[str]) -> np.ndarray | None:
    """Return the places that rows had, as ids, where some may go in either network."""
    return np.flatnonzero(found.rows) if found is not None and TRIALS in missing else None


def _provenance(found: Remainder | None) -> dict[str, Any]:
    if found is None or not found.told:
        return {}
    return {"passes": list(found.told), LEFT_OUT_ROWS: np.flatnonzero(~found.rows).tolist()}
