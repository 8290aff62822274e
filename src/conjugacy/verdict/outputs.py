"""Outputs of two networks brought to a common form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from conjugacy.verdict.kinds import CLASS_KINDS, Told, between, guess_kind, require_kind
from conjugacy.verdict.masks import Masks, centred, masked_cells

_COARSENESS = {"logits": 0, "probabilities": 1, "labels": 2}
ON_ONE_SCALE = ("logits", "probabilities", "sigmoids")
WEAK = 1e-3  # of the widest spread: a class that is never used, a bin that is never lit
YES = 0.5
SHIFT = 1e-3  # of the spread of what two outputs differ by: equal in all columns


@dataclass(frozen=True, eq=False)
class OutputPair:
    """Two networks' outputs ready for the ladder, and their decisions where they have classes.

    Attributes
    ----------
    a, b : array, (m, q)
        Values, row-centred logits, probabilities, sigmoids, or one column per class; finite. Columns that hardly vary beside the
        others are constant here.
    kinds : (str, str)
        What each output is taken for in the comparison.
    given : (str, str)
        What each output is by itself.
    classes : (int array, int array) or None
        The chosen class per row, where both networks choose one.
    notes : tuple of str
        What was guessed, converted or left out, as sentences.
    """

    a: np.ndarray
    b: np.ndarray
    kinds: tuple[str, str]
    given: tuple[str, str]
    classes: tuple[np.ndarray, np.ndarray] | None
    notes: tuple[str, ...]

    @property
    def are_classes(self) -> bool:
        """Whether both networks choose between classes."""
        return self.classes is not None


def pair_outputs(a: np.ndarray, b: np.ndarray, told_a: Told, told_b: Told, threshold: float = YES) -> OutputPair:
    """Bring two outputs to a common form.

    Logits, probabilities and labels are compared in the coarsest of the two forms; logits are centred per row. Sigmoids beside
    classes are taken for scores of these, and one column says yes from the threshold on. Cells that both mask are left out, and
    columns that hardly vary.

    Raises
    ------
    InputError, ShapeError
        Where outputs are not what their kind says.
    """
    given, notes = kinds_of((a, b), (told_a, told_b))
    masks = Masks.of(a, b)
    notes += masks.notes()
    kinds = [
        "probabilities" if k == "sigmoids" and o in CLASS_KINDS else k for k, o in zip(given, given[::-1], strict=True)
    ]
    both_classes = all(kind in CLASS_KINDS for kind in kinds)
    decisions = (decide(a, kinds[0], threshold), decide(b, kinds[1], threshold)) if both_classes else None
    if threshold != YES and "sigmoids" in given:
        notes.append(f"a sigmoid says yes from {threshold:g} on, as asked")
    if both_classes and kinds[0] != kinds[1]:
        coarse = max(kinds, key=_COARSENESS.__getitem__)
        notes.append(f"the outputs are {given[0]} and {given[1]}: both are compared as {coarse}")
        a, b = (_coarsen(x, kind, coarse, threshold) for x, kind in zip((a, b), kinds, strict=True))
        masks, kinds = Masks.of(a, b), [coarse, coarse]
    if kinds == ["regression", "regression"] and differ_by_row(a, b):
        notes.append(
            "both differ by the same amount in all columns of a row, which is nothing if these are scores of classes: then say "
            "output_kind 'logits'"
        )
    forms = [_formed(x, kind, masks, mask) for x, kind, mask in zip((a, b), kinds, (masks.a, masks.b), strict=True)]
    forms, weak = _without_weak(forms, kinds)
    return OutputPair(forms[0], forms[1], (kinds[0], kinds[1]), given, decisions, (*notes, *weak))


def kinds_of(values: Sequence[np.ndarray], told: Sequence[Told]) -> tuple[tuple[str, str], list[str]]:
    """Return both kinds, said or guessed, and what is to be told of guesses."""
    kinds: list[str] = []
    taken: dict[str, list[str]] = {}
    guessed = [guess_kind(x, t) if t.kind is None else (t.kind, "") for x, t in zip(values, told, strict=True)]
    others = zip(values[::-1], guessed[::-1], strict=True)
    for which, x, known, guess, (y, (other, _)) in zip("AB", values, told, guessed, others, strict=True):
        kind, why = guess
        if known.kind is None:
            if kind == "regression" and _scores_of(x, y, other):
                kind, why = "logits", f"those of the other are {other}, of as many classes"
            elif _as_the_other(x, kind, y, other):
                kind, why = other, f"those of the other are {other}, of as many columns"
            taken.setdefault(f"are taken for {kind} ({why}); set output_kind if that is wrong", []).append(which)
        require_kind(x, kind, which)
        kinds.append(kind)
    return (kinds[0], kinds[1]), [f"the outputs of {' and '.join(of)} {said}" for said, of in taken.items()]


def _scores_of(x: np.ndarray, y: np.ndarray, kind: str) -> bool:
    """Whether values may be scores of the classes that another output of a kind has."""
    if x.shape[1] < 2 or kind not in CLASS_KINDS:
        return False
    return x.shape[1] == y.shape[1] if kind != "labels" else bool(y.min() >= 0 and y.max() < x.shape[1])


def _as_the_other(x: np.ndarray, kind: str, y: np.ndarray, other: str) -> bool:
    """Whether values, whose own say little of their kind, may be of the other's: a dead output has few values, or one."""
    if x.shape != y.shape or kind == other:
        return False
    if kind == "labels" and other == "regression":
        return True
    return kind in ("labels", "regression") and other == "sigmoids" and between(x)


def differ_by_row(a: np.ndarray, b: np.ndarray) -> bool:
    """Whether two outputs differ, and by the same amount in all columns of a row."""
    if a.shape != b.shape or a.shape[1] < 2 or not (np.isfinite(a).all() and np.isfinite(b).all()):
        return False
    apart = b - a
    spread = float(np.std(apart))
    return spread > 0 and float(np.abs(apart - apart.mean(axis=1, keepdims=True)).max()) < SHIFT * spread


def decide(values: np.ndarray, kind: str, threshold: float = YES) -> np.ndarray:
    """Return the class that is chosen on every row, (m,); of one column that says yes or no, 1 or 0."""
    if values.shape[1] == 1 and kind == "probabilities":
        return (values[:, 0] >= threshold).astype(np.int64)
    return values[:, 0].astype(np.int64) if kind == "labels" else values.argmax(axis=1)


def _coarsen(values: np.ndarray, kind: str, to: str, threshold: float) -> np.ndarray:
    if kind == to:
        return values
    if to == "labels":
        return decide(values, kind, threshold)[:, None].astype(np.float64)
    shifted = np.exp(values - values.max(axis=1, keepdims=True))
    return shifted / shifted.sum(axis=1, keepdims=True)


def output_form(values: np.ndarray, kind: str) -> np.ndarray:
    """Return one network's outputs as they are compared where the other's have no masks and no column that hardly varies."""
    mask = masked_cells(values)
    return _without_weak([_formed(values, kind, Masks(mask, mask), mask)], [kind])[0][0]


def _formed(values: np.ndarray, kind: str, masks: Masks, mask: np.ndarray) -> np.ndarray:
    if kind == "labels":
        return (values == np.unique(values)[None, :]).astype(np.float64)
    return masks.filled(centred(values, mask) if kind == "logits" else values, mask)


def _without_weak(forms: list[np.ndarray], kinds: Sequence[str]) -> tuple[list[np.ndarray], tuple[str, ...]]:
    """Make columns on one scale constant that hardly vary beside the others: classes that are never used, bins never lit.

    One that hardly varies in one network alone is constant there and counts in the other: it may have been lost.
    """
    weak = [_weak(x, kind, WEAK) for x, kind in zip(forms, kinds, strict=True)]
    if not any(w.any() for w in weak):
        return forms, ()
    if len(forms) == 1 or weak[0].shape != weak[1].shape:
        return [_constant(x, w) for x, w in zip(forms, weak, strict=True)], _of_weak(weak)
    nearly = [_weak(x, kind, 10 * WEAK) for x, kind in zip(forms, kinds, strict=True)]
    both = (weak[0] & nearly[1]) | (weak[1] & nearly[0])
    kept = [_constant(x, w | both) for x, w in zip(forms, weak, strict=True)]
    return kept, (*_of_weak([both]), *_of_weak([weak[0] & ~both, weak[1] & ~both], alone=True))


def _weak(x: np.ndarray, kind: str, under: float) -> np.ndarray:
    spread = x.std(axis=0)
    if kind not in ON_ONE_SCALE or not spread.max() > 0:
        return np.zeros(x.shape[1], bool)
    return spread < under * spread.max()


def _constant(x: np.ndarray, which: np.ndarray) -> np.ndarray:
    return np.where(which, x.mean(axis=0), x) if which.any() else x


def _of_weak(weak: Sequence[np.ndarray], *, alone: bool = False) -> tuple[str, ...]:
    """Say which columns hardly vary: in both networks, or in each of two."""
    found: list[str] = []
    for which, columns in zip("AB" if len(weak) > 1 else ("both",), weak, strict=True):
        if columns.any():
            verb = "varies" if columns.sum() == 1 else "vary"
            hardly = f"{_named(columns)} hardly {verb} in {which}{' alone' if alone else ''} (under .001 of the widest spread)"
            found.append(f"{hardly}: {'what the other says there counts' if alone else 'left out of the maps'}")
    return tuple(found)


def _named(columns: np.ndarray) -> str:
    which = np.flatnonzero(columns).tolist()
    shown = ", ".join(map(str, which[:8])) + (f" and {len(which) - 8} more" if len(which) > 8 else "")
    return f"column{'s' if len(which) > 1 else ''} {shown}"
