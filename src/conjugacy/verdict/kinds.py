"""What outputs are: values, scores of classes, probabilities, labels, or yes and no column by column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from conjugacy.data import OUTPUT_KINDS
from conjugacy.errors import InputError, ShapeError
from conjugacy.results.digits import digits
from conjugacy.verdict.targets import class_targets

CLASS_KINDS = ("logits", "probabilities", "labels")
NEAR_SURE, MOSTLY = 0.1, 0.6  # sigmoids are near 0 or 1 on most cells; values that only happen to lie in [0, 1] are not


@dataclass(frozen=True, eq=False)
class Told:
    """What is known of a network's outputs besides their values.

    Attributes
    ----------
    kind : str or None
        What they are said to be.
    targets : array or None
        What they were to be.
    name : str or None
        The layer's name.
    hint : (str, str) or None
        What the module that made them suggests, and why.
    """

    kind: str | None = None
    targets: np.ndarray | None = None
    name: str | None = None
    hint: tuple[str, str] | None = None


def guess_kind(values: np.ndarray, told: Told) -> tuple[str, str]:
    """Return the likely kind of an output (m, q) and the reason in words.

    Examples
    --------
    >>> guess_kind(np.array([[0.2, 0.8], [0.5, 0.5]]), Told())
    ('probabilities', 'rows are non-negative and sum to one')
    """
    q, finite = values.shape[1], values[np.isfinite(values)]
    whole = bool(np.all(finite == np.round(finite)))
    if q == 1 and whole and _few(finite, len(values)) and not _fits(values, "sigmoids", told):
        return "labels", "one column of few whole numbers"
    if q > 1 and _sums_to_one(values):
        return "probabilities", "rows are non-negative and sum to one"
    if told.hint is not None and _fits(values, told.hint[0], told):
        return told.hint
    if q > 1 and _class_numbers(told.targets, q) and not (between(values) and _zeros_and_ones(told.targets, q)):
        return "logits", "the targets are classes of as many columns"
    if q > 1 and _sums_to_one(np.exp(np.minimum(values, 50.0))):
        return "logits", "rows are logarithms of probabilities"
    if q > 1 and told.name is not None and "logits" in told.name.lower():
        return "logits", f"the layer is called {told.name!r}"
    if between(values) and (_zeros_and_ones(told.targets, q) or _mostly_sure(finite)):
        why = "the targets are zeros and ones" if _zeros_and_ones(told.targets, q) else "most are near 0 or 1"
        return "sigmoids", f"values lie between 0 and 1, and {why}"
    return "regression", "nothing says that they are classes"


def hint_of(provenance: Mapping[str, Any], head: str) -> tuple[str, str] | None:
    """Return what a recording's provenance suggests of an output, and why: ``output_hint: {head: [kind, why]}``."""
    hints = provenance.get("output_hint")
    found: Any = cast("Mapping[str, Any]", hints).get(head) if isinstance(hints, Mapping) else None
    if not isinstance(found, (list, tuple)):
        return None
    parts = cast("Sequence[Any]", found)
    if len(parts) != 2 or parts[0] not in OUTPUT_KINDS:
        return None
    return str(parts[0]), str(parts[1])


def require_kind(values: np.ndarray, kind: str, which: str) -> None:
    """Refuse outputs that are not what their kind says.

    Raises
    ------
    InputError, ShapeError
        Naming what was found and what to do.
    """
    if kind == "labels" and (values.shape[1] != 1 or not np.all(values == np.round(values))):
        raise ShapeError(
            f"outputs of {which}: got shape {values.shape}, expected one column of whole numbers for labels"
        )
    if kind in ("logits", "probabilities") and values.shape[1] < 2:
        raise ShapeError(f"outputs of {which}: got one column, expected one per class for {kind}; of one column that says yes or "
                         "no, say output_kind 'sigmoids'")  # fmt: skip
    if kind == "probabilities" and (values.min() < -1e-6 or not np.allclose(values.sum(axis=1), 1.0, atol=1e-2)):
        raise InputError(
            f"outputs of {which}: rows are no probabilities (smallest {digits(values.min())}, row sums "
            f"{digits(values.sum(axis=1).min())} to {digits(values.sum(axis=1).max())}); use output_kind 'logits' or 'regression'"
        )
    if kind == "sigmoids" and not between(values):
        raise InputError(
            f"outputs of {which}: got values from {digits(values.min())} to {digits(values.max())}, expected 0 to 1 for "
            "sigmoids; give the values after the sigmoid, or use output_kind 'regression'"
        )


def _few(values: np.ndarray, m: int) -> bool:
    return len(np.unique(values)) <= max(2, m // 5)


def _sums_to_one(values: np.ndarray) -> bool:
    return bool(values.min() >= 0) and bool(np.allclose(values.sum(axis=1), 1.0, atol=1e-3))


def between(values: np.ndarray) -> bool:
    """Whether all values lie between 0 and 1."""
    return bool(values.min() >= -1e-6) and bool(values.max() <= 1.0 + 1e-6)


def _mostly_sure(values: np.ndarray) -> bool:
    sure = np.minimum(values, 1.0 - values) < NEAR_SURE
    return bool(sure.mean() > MOSTLY) and bool(values.min() < 0.5 <= values.max())


def _class_numbers(targets: np.ndarray | None, q: int) -> bool:
    return targets is not None and class_targets(targets, len(targets), q)[0] is not None


def _zeros_and_ones(targets: np.ndarray | None, q: int) -> bool:
    if targets is None or targets.size != len(targets) * q:
        return False
    return bool(np.isin(targets, (0, 1)).all())


def _fits(values: np.ndarray, kind: str, told: Told) -> bool:
    """Whether values may be of a kind that something else suggests."""
    if kind == "sigmoids":
        suggested = (told.hint is not None and told.hint[0] == "sigmoids") or _zeros_and_ones(
            told.targets, values.shape[1]
        )
        return suggested and between(values)
    if kind == "probabilities":
        return values.shape[1] > 1 and _sums_to_one(values)
    return kind == "logits" and values.shape[1] > 1
