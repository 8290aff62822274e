"""Outputs of two networks brought to a common form: regression, logits, probabilities or labels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from conjugacy.errors import InputError, ShapeError

_COARSENESS = {"logits": 0, "probabilities": 1, "labels": 2}


@dataclass(frozen=True, eq=False)
class OutputPair:
    """Two networks' outputs ready for the ladder, and their decisions where they have classes.

    Attributes
    ----------
    a, b : array, (m, q)
        Regression values, row-centred logits, probabilities, or one column per class.
    kinds : (str, str)
        What each output is taken for in the comparison.
    classes : (int array, int array) or None
        The chosen class per row, where both networks choose one.
    notes : tuple of str
        What was guessed or converted, as sentences.
    """

    a: np.ndarray
    b: np.ndarray
    kinds: tuple[str, str]
    classes: tuple[np.ndarray, np.ndarray] | None
    notes: tuple[str, ...]


def pair_outputs(
    a: np.ndarray,
    b: np.ndarray,
    kinds: tuple[str | None, str | None],
    targets: tuple[np.ndarray | None, np.ndarray | None] = (None, None),
) -> OutputPair:
    """Bring two outputs to a common form.

    Logits, probabilities and labels are compared in the coarsest of the two forms; logits are centred per row.

    Raises
    ------
    InputError, ShapeError
        Where outputs are not what their kind says.
    """
    notes: list[str] = []
    final: list[str] = []
    for which, values, kind, target in zip("AB", (a, b), kinds, targets, strict=True):
        if kind is None:
            kind, why = guess_kind(values, target)
            notes.append(f"the outputs of {which} are taken for {kind} ({why}); say otherwise with output_kind")
        _require(values, kind, which)
        final.append(kind)
    decisions = None if "regression" in final else (_decide(a, final[0]), _decide(b, final[1]))
    if "regression" not in final and final[0] != final[1]:
        coarse = max(final, key=_COARSENESS.__getitem__)
        notes.append(f"the outputs are {final[0]} and {final[1]}: both are compared as {coarse}")
        a, b = _coarsen(a, final[0], coarse), _coarsen(b, final[1], coarse)
        final = [coarse, coarse]
    return OutputPair(output_form(a, final[0]), output_form(b, final[1]), (final[0], final[1]), decisions, tuple(notes))


def guess_kind(values: np.ndarray, targets: np.ndarray | None) -> tuple[str, str]:
    """Return the likely kind of an output (m, q) and the reason in words."""
    q = values.shape[1]
    whole = bool(np.all(values == np.round(values)))
    if q == 1 and whole and len(np.unique(values)) <= max(2, len(values) // 5):
        return "labels", "one column of few whole numbers"
    if q > 1 and values.min() >= 0 and np.allclose(values.sum(axis=1), 1.0, atol=1e-3):
        return "probabilities", "rows are non-negative and sum to one"
    if (
        q > 1
        and targets is not None
        and targets.ndim == 1
        and targets.dtype.kind in "iu"
        and targets.min() >= 0
        and targets.max() < q
    ):
        return "logits", "the targets are class numbers below the number of outputs"
    if q > 1 and np.allclose(np.exp(np.minimum(values, 50.0)).sum(axis=1), 1.0, atol=1e-3):
        return "logits", "rows are logarithms of probabilities"
    return "regression", "nothing says that they are classes"


def _require(values: np.ndarray, kind: str, which: str) -> None:
    if kind == "labels" and (values.shape[1] != 1 or not np.all(values == np.round(values))):
        raise ShapeError(
            f"outputs of {which}: got shape {values.shape}, expected one column of whole numbers for labels"
        )
    if kind in ("logits", "probabilities") and values.shape[1] < 2:
        raise ShapeError(f"outputs of {which}: got one column, expected one per class for {kind}")
    if kind == "probabilities" and (values.min() < -1e-6 or not np.allclose(values.sum(axis=1), 1.0, atol=1e-2)):
        raise InputError(
            f"outputs of {which}: rows are no probabilities (smallest {values.min():.3g}, row sums "
            f"{values.sum(axis=1).min():.3g} to {values.sum(axis=1).max():.3g}); use output_kind 'logits' or 'regression'"
        )


def _decide(values: np.ndarray, kind: str) -> np.ndarray:
    return values[:, 0].astype(np.int64) if kind == "labels" else values.argmax(axis=1)


def _coarsen(values: np.ndarray, kind: str, to: str) -> np.ndarray:
    if kind == to:
        return values
    if to == "labels":
        return _decide(values, kind)[:, None].astype(np.float64)
    shifted = np.exp(values - values.max(axis=1, keepdims=True))
    return shifted / shifted.sum(axis=1, keepdims=True)


def output_form(values: np.ndarray, kind: str) -> np.ndarray:
    """Return outputs as they are compared: logits centred per row, labels as one column per class."""
    if kind == "logits":
        return values - values.mean(axis=1, keepdims=True)
    if kind == "labels":
        return (values == np.unique(values)[None, :]).astype(np.float64)
    return values
