"""What a network returns, whatever it is wrapped in: every tensor under its name, and what is no output by its name."""

from __future__ import annotations

import re
from collections.abc import Generator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any, cast

from conjugacy.data import HEAD
from conjugacy.errors import InputError, ShapeError

DEEPEST = 8  # nesting that is followed
NO_OUTPUT = {
    "a cache": r"past|past_key_values|(.*_)?cache(_params)?|mems",
    "hidden states": r"(.*_)?hidden_states?|(last|final)_hidden|hx|cx|h_n|c_n|(.*_)?cell(_states?)?",
    "attention weights": r"(.*_)?attentions?|(.*_)?attn(_weights|_probs)?|(.*_)?attention_(weights|probs)",
}
"""What parts of an answer are no outputs by their names."""
STATES = "hidden states"
WAY_OUT = (
    "give a function that returns one row of numbers for each stimulus, such as counts of detections by class; "
    "or give a part of the network that does, such as its backbone"
)


def is_values(thing: Any) -> bool:
    """Whether something is a tensor, or an array of some library."""
    return hasattr(thing, "detach") or (
        hasattr(thing, "shape") and hasattr(thing, "dtype") and hasattr(thing, "__len__")
    )


def parts_of(value: Any) -> list[tuple[str, Any]] | None:
    """Return the parts of a tuple, list, mapping or record with what stands behind the whole's name; None of anything else.

    Examples
    --------
    >>> parts_of({"boxes": 1, 7: 2}), parts_of((3, 4))
    ([('.boxes', 1), ('.7', 2)], [('[0]', 3), ('[1]', 4)])
    """
    if isinstance(value, Mapping):
        return [(f".{key}", part) for key, part in cast("Mapping[Any, Any]", value).items()]
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return [(f".{key}", part) for key, part in zip(cast("Any", value)._fields, cast("Any", value), strict=True)]
    if isinstance(value, (tuple, list)):
        return [(f"[{i}]", part) for i, part in enumerate(cast("tuple[Any, ...]", value))]
    if is_dataclass(value) and not isinstance(value, type):
        return [(f".{field.name}", getattr(value, field.name)) for field in fields(value)]
    known = {key: part for key, part in getattr(value, "__dict__", {}).items() if not key.startswith("_")}
    return [(f".{key}", part) for key, part in known.items()] if any(map(is_values, known.values())) else None


def named_parts(answer: Any, name: str = HEAD) -> Generator[tuple[str, Any, str | None]]:
    """Yield name, part, and why it is no output by its name or nature (None where it may be one), for all that is returned.

    Examples
    --------
    >>> import numpy as np
    >>> answer = {"scores": np.eye(2), "hidden_states": (np.eye(2),), "note": "x", "more": None}
    >>> [(name, why) for name, part, why in named_parts(answer)]
    [('outputs.scores', None), ('outputs.hidden_states', 'hidden states'), ('outputs.note', 'str, no tensor')]
    """
    yield from _walked(answer, name, DEEPEST)


def _walked(value: Any, name: str, depth: int) -> Generator[tuple[str, Any, str | None]]:
    if value is None:
        return
    last = re.split(r"[.\[\]]+", name.rstrip("]"))[-1].lower()
    why = next((what for what, pattern in NO_OUTPUT.items() if re.fullmatch(pattern, last)), None)
    if is_values(value):
        lone = not getattr(value, "is_nested", False) and not tuple(value.shape)
        yield name, value, "one number, not one for each stimulus" if lone else why
        return
    if why is None and "cache" in type(value).__name__.lower():
        why = "a cache"
    parts = None if why else parts_of(value)
    if parts is None or depth == 0:
        yield name, value, why or f"{type(value).__name__}, no tensor"
        return
    for ending, part in parts:
        yield from _walked(part, name + ending, depth - 1)


def refuse_a_list_of_stimuli(answer: Any, rows: int) -> None:
    """Refuse an answer that is a list with one entry for each stimulus, as detections are, of lengths of their own.

    Raises
    ------
    ShapeError
        With what to give instead.

    Examples
    --------
    >>> import numpy as np
    >>> refuse_a_list_of_stimuli([{"boxes": np.zeros((2, 4))}, {"boxes": np.zeros((5, 4))}], rows=2)
    Traceback (most recent call last):
        ...
    conjugacy.errors.ShapeError: the model returned a list with one entry for each of 2 stimuli, the first of shape (2, 4), ...
    """
    if not isinstance(answer, list) or len(cast("list[Any]", answer)) != rows or rows < 2:
        return
    shapes = [
        [tuple(part.shape) for _, part, _ in named_parts(entry) if is_values(part)]
        for entry in cast("list[Any]", answer)
    ]
    if all(shapes) and any(not shape or shape[0] != rows for entry in shapes for shape in entry):
        raise ShapeError(
            f"the model returned a list with one entry for each of {rows} stimuli, the first of shape {shapes[0][0]}, and "
            f"not one array: {WAY_OUT}"
        )


def part_at(answer: Any, path: str) -> Any:
    """Return the tensor of an answer that has this name; None where there is none."""
    return next((part for name, part, _ in named_parts(answer) if name == path and is_values(part)), None)


def first_tensor(value: Any) -> Any:
    """Return the tensor that a module inside a network hands on: itself, the first of a tuple, or a `logits` field; else None."""
    if hasattr(value, "detach"):
        return value
    if isinstance(value, (tuple, list)) and value and hasattr(value[0], "detach"):
        return value[0]
    logits = getattr(value, "logits", None)
    return logits if hasattr(logits, "detach") else None


def replaced(output: Any, values: Any, layer: str) -> Any:
    """Return what a layer gave with its (first) tensor replaced by values of the same number, in its own shape and type."""
    own = first_tensor(output)
    if own is None or own.numel() != values.numel():
        size = "no tensor" if own is None else f"shape {tuple(own.shape)}"
        raise ShapeError(f"layer {layer!r} gives {size}, and was to be replaced by {tuple(values.shape)} values")
    new = values.reshape(own.shape).to(dtype=own.dtype, device=own.device)
    if output is own:
        return new
    if isinstance(output, (tuple, list)):
        return type(output)([new, *output[1:]])
    raise InputError(
        f"layer {layer!r} gives {type(output).__name__}; expected a tensor, or a tuple that begins with one"
    )
