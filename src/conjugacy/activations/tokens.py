"""What becomes of tokens, time and places: how a layer with more axes than stimuli and units is made rows of units."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from conjugacy.activations.axes import in_order
from conjugacy.errors import InputError, ShapeError

FLATTEN_UP_TO = 4096
REDUCERS = ("flatten", "mean")
TOKENS = ("mean", "last", "first", "each", "time")
NOT_KNOWN = "which of its axes holds what is not known, shape {}; say so with axes="
OTHER_LENGTH = "holds {} tokens or time points, and the mask {}"


@dataclass(frozen=True, eq=False)
class Reduction:
    """How axes beyond stimuli and units are reduced.

    Attributes
    ----------
    tokens : str or None
        `mean`, `last`, `first`, `each` or `time`; None for the mean where it is known which axis holds tokens.
    reducer : str or None
        `flatten` or `mean`, of places, and of tokens where `tokens` does not say.
    mask : bool array, (m, t), or None
        Which tokens are there.
    """

    tokens: str | None = None
    reducer: str | None = None
    mask: np.ndarray | None = None

    def __post_init__(self) -> None:
        if self.reducer is not None and self.reducer not in REDUCERS:
            raise InputError(f"reducer: got {self.reducer!r}, expected 'flatten' or 'mean'")
        if self.tokens is not None and self.tokens not in TOKENS:
            raise InputError(f"tokens: got {self.tokens!r}, expected one of {', '.join(map(repr, TOKENS))}")

    def of_rows(self, rows: slice) -> Reduction:
        """Return the same for some of the rows."""
        return self if self.mask is None else Reduction(self.tokens, self.reducer, self.mask[rows])

    @property
    def keeps_tokens(self) -> bool:
        """Whether tokens stay apart."""
        return self.tokens in ("each", "time")

    def apply(self, values: np.ndarray, axes: str, layer: str) -> tuple[np.ndarray, str | None]:
        """Return (stimuli, units), or (stimuli, tokens, units) where tokens stay apart, and what was done in words.

        Raises
        ------
        ShapeError
            Where the tokens are not those of the mask, or there are none to be kept apart.
        """
        found, order = in_order(values, axes)
        shape = "x".join(map(str, values.shape[1:]))
        said: list[str] = []
        if set(order) & set("zyx"):
            found, order, note = self._without_places(found, order)
            said.append(note)
        if "u" not in order:
            found, order = found[..., None], f"{order}u"
        if "t" not in order:
            if self.keeps_tokens:
                raise ShapeError(f"layer {layer!r}: has no tokens or time to be kept apart, shape {values.shape}")
            return found, f"{shape} {', '.join(said)}" if said else None
        if self.reducer == "flatten" and self.tokens is None:
            return found.reshape(len(found), -1), f"{shape} flattened"
        if self.keeps_tokens:
            self._require_length(found, layer)
            return found, f"{shape}: every token a row" if self.tokens == "each" else f"{shape}: tokens as time"
        made, note = self._of_tokens(found, layer)
        return made, f"{shape} {', '.join([*said, note])}"

    def _without_places(self, values: np.ndarray, order: str) -> tuple[np.ndarray, str, str]:
        places = [i for i, letter in enumerate(order) if letter in "zyx"]
        kept = [letter for letter in order if letter not in "zyx"]
        size = int(np.prod([values.shape[i] for i in range(len(order)) if order[i] not in "bt"]))
        chosen = self.reducer or ("flatten" if size <= FLATTEN_UP_TO else "mean")
        if chosen == "mean" and "u" in kept:
            return _wide(values).mean(axis=tuple(places)), "".join(kept), "averaged over space"
        lead = tuple(values.shape[i] for i, letter in enumerate(order) if letter in "bt")
        return values.reshape(*lead, -1), "".join([letter for letter in order if letter in "bt"] + ["u"]), "flattened"

    def _require_length(self, values: np.ndarray, layer: str) -> None:
        if self.mask is not None and self.mask.shape[1] != values.shape[1]:
            raise ShapeError(
                f"layer {layer!r}: {OTHER_LENGTH.format(values.shape[1], self.mask.shape[1])}; only layers of the mask's length "
                "can be read with it"
            )

    def _of_tokens(self, values: np.ndarray, layer: str) -> tuple[np.ndarray, str]:
        mask = self.mask
        if mask is not None and mask.shape[1] != values.shape[1]:
            if self.tokens in ("last", "first") or not mask.all():
                self._require_length(values, layer)
            mask = None
        some = "" if mask is None or mask.all() else ", padding left out"
        if self.tokens == "first":
            at = np.zeros(len(values), int) if mask is None else mask.argmax(axis=1)
            return values[np.arange(len(values)), at], f"the first token{some}"
        if self.tokens == "last":
            last = values.shape[1] - 1
            at = np.full(len(values), last) if mask is None else last - mask[:, ::-1].argmax(axis=1)
            return values[np.arange(len(values)), at], f"the last token{some}"
        values = _wide(values)
        if mask is None or mask.all():
            return values.mean(axis=1), "averaged over tokens"
        weights = mask.astype(values.dtype if values.dtype.kind == "f" else np.float64)
        total = np.einsum("mtu,mt->mu", np.where(mask[:, :, None], values, 0), weights)
        return total / weights.sum(axis=1, keepdims=True), f"averaged over tokens{some}"


def _wide(values: Any) -> Any:
    """Return float16 arrays as float32: a mean would be taken, or rounded, in half precision."""
    return values.astype(np.float32) if getattr(values.dtype, "name", None) == "float16" else values


def assumed(name: str, values: Any, said_of_axes: Mapping[str, str], reduction: Reduction, *, probed: bool) -> str:
    """Return the axes of what no kind tells of: two are stimuli and units; of more, what the user says, or asks for, counts."""
    ndim = values.ndim
    if ndim <= 2:
        return ("b", "bu")[ndim - 1] if ndim else _no_rows(name, values)
    said = said_of_axes.get(name, said_of_axes.get(""))
    if said is not None and len(said) == ndim:
        return said
    if ndim == 3 and (reduction.tokens is not None or reduction.reducer is not None):
        return "btu"
    if ndim == 4 and not probed:
        return "bcyx"  # what a callable answers, as in files
    if ndim == 3:
        raise ShapeError(
            f"layer {name!r}: got shape {values.shape} (stimuli, tokens, units?); say what becomes of the tokens: "
            "reducer='mean' averages them, reducer='flatten' keeps every one; or say what its axes are, as axes='btu'"
        )
    raise ShapeError(f"layer {name!r}: {NOT_KNOWN.format(values.shape)}")


def _no_rows(name: str, values: Any) -> str:
    raise ShapeError(f"layer {name!r}: got shape {values.shape}, expected one row of units for each stimulus")
