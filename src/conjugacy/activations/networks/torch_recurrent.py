"""Recurrent modules of torch as systems: all that they carry from one time point to the next, and how it is set."""

from __future__ import annotations

from collections.abc import Collection, Generator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np

from conjugacy.errors import InputError

CLOSE = 1e-4  # of what torch gives and what is computed from its weights


def kinds(module: Any) -> tuple[bool, bool] | None:
    """Return whether a module is a cell, and has a second state; None where it is no recurrent one of torch itself."""
    import torch

    if isinstance(module, torch.nn.RNNCellBase):
        return True, isinstance(module, torch.nn.LSTMCell)
    return (False, isinstance(module, torch.nn.LSTM)) if isinstance(module, torch.nn.RNNBase) else None


def whole_state(module: Any, args: Any, output: Any) -> Any:
    """Return what a module gives, and of an LSTM its second state beside it: what it carries on is both, (..., 2 n).

    c_t = f_t c_(t - 1) + i_t g_t, from the gates that its input and its own answers set (Hochreiter and Schmidhuber 1997).
    """
    import torch

    found = kinds(module)
    if found is None or not found[1]:
        return output
    if found[0]:
        return torch.cat([part.detach() for part in output], dim=-1)
    if _more(module) is not None:
        return output
    time = 1 if module.batch_first else 0
    given, answers = (_even(part, time) for part in (args[0], output[0]))
    if given.ndim != 3:
        return output
    n, (last_h, last_c) = module.hidden_size, output[1]
    zeros = torch.zeros_like(last_h[0])
    h0, c = (part[0].detach() for part in args[1]) if len(args) > 1 and args[1] is not None else (zeros, zeros)
    before = torch.cat([h0.unsqueeze(time), answers.narrow(time, 0, answers.shape[time] - 1)], dim=time)
    gates = torch.nn.functional.linear(given, module.weight_ih_l0, module.bias_ih_l0 if module.bias else None)
    gates = gates + torch.nn.functional.linear(before, module.weight_hh_l0, module.bias_hh_l0 if module.bias else None)
    i, f, g, _ = gates.split(n, dim=-1)
    course: list[Any] = []
    for t in range(gates.shape[time]):
        i_t, f_t, g_t = (part.select(time, t) for part in (i, f, g))
        c = f_t.sigmoid() * c + i_t.sigmoid() * g_t.tanh()
        course.append(c)
    whole = torch.cat([answers, torch.stack(course, dim=time)], dim=-1)
    ragged = isinstance(output[0], torch.nn.utils.rnn.PackedSequence)
    agrees = ragged or bool((course[-1] - last_c[0]).abs().max() <= CLOSE * (1 + last_c[0].abs().max()))
    return whole.detach() if agrees else output  # another hx than its second argument, say


def _even(part: Any, time: int) -> Any:
    import torch

    if isinstance(part, torch.nn.utils.rnn.PackedSequence):
        return torch.nn.utils.rnn.pad_packed_sequence(part, batch_first=time == 1)[0].detach()
    return part.detach()


def lengths_of(data: Any) -> set[int]:
    """Return how many time points what is shown may have: the second axis of each of its tensors."""
    parts = data.values() if isinstance(data, Mapping) else [data]
    return {int(part.shape[1]) for part in parts if getattr(part, "ndim", 0) > 1}


def in_sequence(found: Mapping[str, Any], lengths: Collection[int]) -> tuple[dict[str, Any], set[str]]:
    """Return layers with those that ran once for every time point put together, (m, t, n), and which these are.

    What is looked at is a pair of a shape and values; both are put together.
    """
    calls: dict[str, list[str]] = {}
    for name in found:
        calls.setdefault(name.partition("#")[0], []).append(name)
    together: dict[str, Any] = {}
    stacked: set[str] = set()
    for plain, names in calls.items():
        parts = [found[name] for name in names]
        shapes = {tuple(part[0]) if isinstance(part, tuple) else tuple(part.shape) for part in parts}
        if len(names) > 1 and len(names) in lengths and len(shapes) == 1 and len(shape := next(iter(shapes))) == 2:
            stacked.add(plain)
            together[plain] = _stacked(parts, (shape[0], len(names), shape[1]))
        else:
            together |= {name: found[name] for name in names}
    return together, stacked


def _stacked(parts: list[Any], shape: tuple[int, ...]) -> Any:
    import torch

    if isinstance(parts[0], tuple):
        return shape, torch.stack([torch.as_tensor(part[1]) for part in parts], dim=1)
    return torch.stack(parts, dim=1)


@contextmanager
def beginning_at(module: Any, layer: str, states: np.ndarray) -> Generator[None]:
    """Let a recurrent module begin at given states, (m, n), whatever it is handed.

    Raises
    ------
    InputError
        Where these are not all that it carries on.
    """
    import torch

    found = kinds(module)
    if found is None:
        raise InputError(
            f"layer {layer!r} is a {type(module).__name__}, not a recurrent module of torch, whose state can be set"
        )
    cell, second = found
    more = None if cell else _more(module)
    if more is not None:
        raise InputError(f"layer {layer!r} carries on more than it gives: {more}")
    weights = next(module.parameters())
    whole = torch.tensor(states, dtype=weights.dtype, device=weights.device)
    parts = tuple(part if cell else part[None].contiguous() for part in whole.split(module.hidden_size, dim=1))
    if len(parts) != 1 + second:
        raise InputError(
            f"layer {layer!r} has {module.hidden_size * (1 + second)} numbers of state, got {states.shape[1]}"
        )

    def set_state(_: Any, args: Any, kwargs: Any) -> Any:
        return (args[0] if args else kwargs["input"], parts if second else parts[0]), {}

    handle = module.register_forward_pre_hook(set_state, with_kwargs=True)
    try:
        yield
    finally:
        handle.remove()


def _more(module: Any) -> str | None:
    """Say what a recurrent module, which is no cell, carries on beside what it gives; None where that is all."""
    if module.bidirectional:
        return "it reads in both directions"
    if module.num_layers > 1:
        return f"it has {module.num_layers} layers, and gives the last"
    return "it gives a projection" if module.proj_size else None
