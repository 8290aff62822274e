"""A study made from tables: answers and values that are already there, labelled."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr

from conjugacy.errors import ShapeError, UnknownNameError
from conjugacy.results import CODES
from conjugacy.study.study import Study


def study_of(
    names: Sequence[str],
    answers: Sequence[Sequence[str]] | np.ndarray | None = None,
    values: np.ndarray | None = None,
    p: np.ndarray | None = None,
    *,
    measure: str = "verdict",
    others: Sequence[str] | None = None,
) -> Study:
    """Label tables that were computed elsewhere.

    Parameters
    ----------
    names : sequence of str
        Networks of the rows.
    answers : (N, M) of str or of codes, optional
        States of `STATES`; by default `ok` where there is a value.
    values, p : array, (N, M), optional
    measure : str
        What the values are.
    others : sequence of str, optional
        Networks of the columns; by default those of the rows.

    Raises
    ------
    ShapeError
        Where a table is not rows x columns.
    UnknownNameError
        Where an answer is none of `STATES`.

    Examples
    --------
    >>> study = study_of(["a", "b"], values=np.array([[0, 0.3], [0.3, 0]]), measure="procrustes")
    >>> study.table("value").tolist()
    [[0.0, 0.3], [0.3, 0.0]]
    """
    columns = list(names if others is None else others)
    shape = len(names), len(columns)
    nothing = np.full(shape, np.nan)
    values = nothing if values is None else np.asarray(values, float)
    codes = np.where(np.isfinite(values), CODES["ok"], CODES["missing"]) if answers is None else _codes(answers)
    tables = {"value": values, "low": nothing, "high": nothing, "p": nothing if p is None else np.asarray(p, float)}
    for name, table in (*tables.items(), ("answers", codes)):
        if table.shape != shape:
            raise ShapeError(f"{name}: got shape {table.shape}, expected rows x columns {shape}")
    tables["status"] = codes.astype(np.uint8)
    dims = ("network_a", "network_b", "measure", "layer_pair")
    labels = {"network_a": list(names), "network_b": columns, "measure": [measure], "layer_pair": ["given"]}
    return Study(xr.Dataset({name: (dims, table[:, :, None, None]) for name, table in tables.items()}, coords=labels))


def _codes(answers: Sequence[Sequence[str]] | np.ndarray) -> np.ndarray:
    table = np.asarray(answers)
    if table.dtype.kind != "U":
        return table
    states, where = np.unique(table, return_inverse=True)
    for state in states:
        if state not in CODES:
            raise UnknownNameError.of("state", str(state), CODES)
    return np.array([CODES[str(state)] for state in states], np.uint8)[where].reshape(table.shape)
